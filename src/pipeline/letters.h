// Dead letters of a configuration: listing and discarding them.

#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "batchout/pipeline.h"
#include "batchout/result.h"
#include "engine/letters.h"
#include "pipeline/replay.h"

namespace batchout {

/// The plan of a configuration with the place of its dead letters. Nothing connects before it is asked.
class LetterOffice {
 public:
  /// `warnings` gets what was found besides.
  static std::expected<LetterOffice, Problems> from_file(const std::filesystem::path& file, Problems& warnings,
                                                         const Registry& registry = Pipeline::builtin());
  LetterOffice(LetterOffice&&) noexcept;
  LetterOffice& operator=(LetterOffice&&) noexcept;
  ~LetterOffice();

  /// To be called once, before what follows. BO508 if no output keeps letters.
  Result<> open(const LogSink& log);

  /// As LetterBook::each.
  Result<> each(const LetterFilter& filter, bool payloads, const LetterSink& sink);
  /// The letter with its payload, if there is one: also where another letter of the same payload has it. None: there is
  /// no letter with that id.
  Result<std::optional<Letter>> find(std::int64_t id);
  /// Marks all new letters that the filter chooses as discarded, and returns how many; `dry`: only counts them.
  Result<std::size_t> discard(LetterFilter filter, bool dry);

  /// Deletes letters that were replayed or discarded before `until` (microseconds since 1970), and returns how many;
  /// `dry`: only counts them. A letter stays as long as one that is new is about the same payload.
  Result<std::size_t> prune(std::int64_t until, bool dry);

  struct Replay {
    /// Nothing is stored: what would become of the letters is told.
    bool dry = false;
    /// Takes what replay_risks says, and letters that were refused kAttemptsMax times.
    bool force = false;
    LogSink log;
  };
  /// Replays all new letters that the filter chooses, together with the other new letters of their payloads, through
  /// the configuration as it is; `sink` hears of each letter once it is decided. BO507 if that might do harm.
  Result<> replay(LetterFilter filter, const Replay& replay, const ReplaySink& sink, std::stop_token stop);

 private:
  struct Implementation;
  explicit LetterOffice(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace batchout
