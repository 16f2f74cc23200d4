// Runs a map of several extractors: payload by payload, first what each extractor does by itself, then look-ups.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "data/extraction.h"
#include "data/mixed.h"
#include "data/mixed_work.h"
#include "data/sharing_program.h"

namespace batchout {

/// Paths without slots, compiled, and what they found in the payload that was read last.
struct CompiledPaths {
  Projection projection;
  /// Per column of `projection`: which of the columns that are looked up together it is.
  std::vector<std::size_t> columns;
  /// Null if there is nothing to find.
  std::unique_ptr<Program> program;
  /// The same, if it shares what it makes of payloads.
  SharingProgram* sharing = nullptr;
  std::optional<Extraction> found;
  /// The payload that `found` is of, by a number that grows.
  std::uint64_t read = 0;
  /// When it was asked for last.
  std::uint64_t used = 0;
};

/// Paths as they were filled in, each compiled once as long as it is among the last kKnownMax ones.
class FilledPaths {
 public:
  static constexpr std::size_t kKnownMax = 256;

  /// All are borrowed and must outlive the object. `extractor` reads paths that name none of their own; `own` is its
  /// program of the same payloads, null if that shares nothing.
  FilledPaths(const LookUp& look_up, const Projection& whole, const Extractor& extractor, SharingProgram* own);

  const LookUp& look_up() const { return look_up_; }

  /// The paths with these values, by level, in their slots. Borrowed until the next call.
  CompiledPaths& at(std::span<const Cell> values);

  /// Forgets all paths: programs keep memory for the largest payload that they have read.
  void clear() { known_.clear(); }

 private:
  struct Asked {
    const Template* path = nullptr;
    const Extractor* reader = nullptr;
    std::unique_ptr<PathFiller> filler;  // Null: the reader has none.
  };

  const Extractor& reader_of(const std::shared_ptr<const Extractor>& named) const {
    return named != nullptr ? *named : extractor_;
  }
  void add(const Template& path, const std::shared_ptr<const Extractor>& named);
  void fill_in(const Asked& asked, std::span<const Cell> values);
  void compile(CompiledPaths& paths) const;
  void drop_oldest();

  const LookUp& look_up_;
  const Projection& whole_;
  const Extractor& extractor_;
  SharingProgram* own_;
  std::vector<Asked> asked_for_;  // That of the level, or those of the columns.
  std::string text_;
  std::vector<std::optional<Template>> filled_;  // None: no path can be made of the values.
  std::string key_;                              // All of `filled_` as one text.
  std::unordered_map<std::string, CompiledPaths> known_;
  std::uint64_t asked_ = 0;
};

class MixedProgram final : public Program {
 public:
  /// Bytes read by look-ups in one payload, by those that read it once for each.
  static constexpr std::size_t kBytesMax = std::size_t{1} << 30;
  /// Steps of all look-ups in one payload, of those that share what they have read: about the same time.
  static constexpr std::uint64_t kStepsMax = 100'000'000;
  /// After a payload larger than this, programs of filled-in paths are dropped.
  static constexpr std::size_t kSmallPayload = 256 * 1024;

  /// `whole` must outlive the program.
  MixedProgram(const std::vector<MixedExtractor::Part>& parts, const Projection& whole,
               const MixedExtractor::Readers& readers);

  void run(const Payloads& payloads, Extraction& out) override;

 private:
  struct Own {
    std::unique_ptr<Program> program;
    SharingProgram* sharing = nullptr;  // The same, if it shares anything.
    Extraction found;
  };

  void add_own(const Extractor& extractor, const Projection& projection);
  bool read_own(Rejects& rejects);
  void take_own();
  bool look_up(FilledPaths& paths, Rejects& rejects);
  bool look_up_level(FilledPaths& paths, Rejects& rejects);
  bool look_up_columns(FilledPaths& paths, Rejects& rejects);
  bool read(CompiledPaths& paths, Rejects& rejects);
  void set_values(LevelId level, std::uint32_t entry);
  void add_owners(LevelId level);
  void refuse(std::string_view code, std::string message, Rejects& rejects) const;
  void append(const Payloads& payloads, std::size_t payload, Extraction& out) const;

  const Projection& whole_;
  MixedWork work_;
  std::vector<std::shared_ptr<const Extractor>> extractors_;
  std::vector<Own> own_;                            // By part.
  std::vector<FilledPaths> look_ups_;               // In the order of those of `work_`.
  Payloads one_;                                    // The payload at hand, alone.
  Extraction found_;                                // All that was found in it.
  std::vector<std::vector<std::uint32_t>> owners_;  // By level, per entry: its entry of the parent level.
  std::vector<Cell> values_;                        // By level: what stands for its index at the entry at hand.
  std::uint64_t payloads_read_ = 0;
  std::size_t bytes_read_ = 0;  // By look-ups in the payload at hand,
  std::uint64_t steps_ = 0;     // and the steps of those that share it.
};

}  // namespace batchout
