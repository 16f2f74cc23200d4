// The front door: a configuration in, rows stored.
//
//   auto pipeline = batchout::Pipeline::from_file("batch.yml");
//   if (!pipeline) { for (const auto& problem : pipeline.error()) report(problem.text()); return 3; }
//   auto summary = pipeline->run_once();

#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/component.h"
#include "batchout/log.h"
#include "batchout/node.h"
#include "batchout/result.h"

namespace batchout {

/// Version of the library, for example "0.1.0".
std::string_view version();

/// What a run has done so far. Counters only grow.
struct Summary {
  std::uint64_t rounds = 0;
  std::uint64_t batches = 0;                          ///< Committed ones.
  std::uint64_t payloads = 0;                         ///< Of committed batches, refused ones included.
  std::uint64_t bytes = 0;                            ///< Of those payloads.
  std::uint64_t rows = 0;                             ///< Made by maps and kept.
  std::uint64_t rows_dropped = 0;                     ///< Without any value.
  std::uint64_t rows_refused = 0;                     ///< Left out for a value that did not fit (on_error).
  std::map<std::string, std::uint64_t> rows_written;  ///< By output.
  std::map<std::string, std::uint64_t> rejects;       ///< By code.
  std::map<std::string, std::uint64_t> failed_casts;  ///< By column.
  std::uint64_t payloads_skipped = 0;                 ///< Delivered by the source although taken before.
  std::uint64_t retries = 0;                          ///< After errors of the environment.
  std::chrono::nanoseconds time{};                    ///< Spent in rounds.
};

struct RunOptions {
  LogSink log;
  /// Called from the running thread after every batch and at least once a second; may be empty.
  std::function<void(const Summary&)> progress;
  std::int64_t rounds_max = -1;  ///< Of run_forever; negative: no limit.
  /// Pause between rounds of run_forever: at least `wait_min`, plus a random part of `wait_extra`; at least a second if
  /// all inputs are finite.
  std::chrono::milliseconds wait_min{0};
  std::chrono::milliseconds wait_extra{0};
  std::chrono::milliseconds idle_max{0};  ///< run_forever ends after so long without a payload; zero: it does not.
  /// Threads that extract, each on payloads of its own; 0: one per processor, at most 8. Rows keep their order.
  std::size_t lanes = 0;
  /// How long errors of the environment are retried in one round before it fails; zero: for ever.
  std::chrono::milliseconds retry_max{300'000};
  /// Finite inputs begin at their start, wherever the last run has ended.
  bool from_start = false;
};

class Pipeline {
 public:
  /// `registry` adds component types of the caller to the built-in ones.
  static std::expected<Pipeline, Problems> from_file(const std::filesystem::path& file, Registry registry = builtin());
  /// `folder`: where relative paths of the configuration resolve; empty: the working directory.
  static std::expected<Pipeline, Problems> from_text(std::string_view yaml_or_json, std::string_view folder = {},
                                                     Registry registry = builtin());
  static std::expected<Pipeline, Problems> from_config(Node config, std::string_view folder = {},
                                                       Registry registry = builtin());

  /// Everything that is wrong with a configuration, warnings too, without touching the outside world.
  static Problems check(const std::filesystem::path& file, Registry registry = builtin());
  /// A configuration of an old dialect as dialect 1 has it, with the same rows: YAML, whose relative paths begin where
  /// those of the original do, and what was left out or differs beside the rows, a sentence each.
  struct Converted {
    std::string text;
    std::vector<std::string> notes;
  };
  static std::expected<Converted, Problems> convert(const std::filesystem::path& file, Registry registry = builtin());
  /// The component types that come with the library.
  static Registry builtin();

  /// Every type that a configuration may declare, in the order of the sections, with all its keys.
  static std::vector<SpecInfo> reference(const Registry& registry = builtin());
  /// What a configuration may hold, as JSON Schema 2020-12, for editors: looser than `check`, never stricter.
  static std::string schema(const Registry& registry = builtin());

  Pipeline(Pipeline&&) noexcept;
  Pipeline& operator=(Pipeline&&) noexcept;
  ~Pipeline();

  /// Name under which positions are stored.
  const std::string& name() const;
  const Problems& warnings() const;  ///< Found when the configuration was read.
  /// The plan as lines of text: how each path is evaluated and why, which columns are picked, what shares a
  /// transaction.
  std::string explain() const;

  /// Processes exactly one round: every finite input to its end, every endless one until its limits.
  Result<> run_once(std::stop_token stop = {});

  /// Shows what one round would write, without writing or committing anything: `sink` gets the blocks of each writer in
  /// order. Inputs are read from where they stand; nothing is acknowledged.
  struct Preview {
    std::optional<std::string> payload;  ///< Instead of what the inputs have.
    std::size_t payloads_max = 100;      ///< Of each input.
  };
  using PreviewSink = std::function<void(std::string_view writer, const Block& block)>;
  Result<> preview(const Preview& preview, const PreviewSink& sink, std::stop_token stop = {});

  /// Rounds until `stop`, an error, or the limits in the options.
  Result<> run_forever(std::stop_token stop = {});

  /// To be set before the first run.
  void set_options(RunOptions options);

  const Summary& summary() const;

 private:
  struct Implementation;
  explicit Pipeline(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

/// A value found by a path: where it is and what it is, as JSON.
struct Match {
  std::string path;
  std::string value;
};

/// All values in `payload` that a path finds, in document order. `kind` is the name of an extractor type. The problem
/// says what is wrong with the path (its column counts inside the path) or with the payload.
std::expected<std::vector<Match>, Problem> find_values(std::string_view kind, std::string_view path,
                                                       std::string_view payload);

}  // namespace batchout
