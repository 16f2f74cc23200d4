// Dead letters as stores keep them, show them and mark them.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/component.h"

namespace batchout {

/// In place of the number of a row: no row of the payload was stored.
inline constexpr std::int64_t kWholePayload = -1;
/// In place of the number of a row: other rows of the payload were stored, and which one was not is not known.
inline constexpr std::int64_t kUnknownRow = -2;

/// Tries of a letter that are counted; one that has had so many is not replayed unless it is asked for.
inline constexpr std::int64_t kAttemptsMax = 5;

/// A dead letter on its way into a store, with what a later replay needs.
struct NewLetter : DeadLetter {
  /// Name of the input that gave the payload; empty for a row that was computed.
  std::string input;
  /// What is known of the payload beside its bytes, as a JSON object; empty: nothing.
  std::string metadata;
  /// Which row of the payload it is in the table of `place`, from 0, and how many there are; or one of the above.
  std::int64_t row = kWholePayload;
  std::int64_t rows = 0;
  /// Whose row it is, where several writers give the output theirs; else empty.
  std::string_view writer;
  /// What the output of `place` writes to; empty: no output has refused it, or it does not say.
  std::string_view target;
  /// Cells of the row by column, as a JSON object; empty: not known.
  std::string_view values;
  /// Of the message that the payload was.
  std::optional<std::string_view> key;
  /// What tells payloads apart that have been at one position of sources of one name, such as files that came in each
  /// other's place; empty: not known.
  std::string mark;
  /// Position after the payload, if the payload is known.
  std::optional<std::int64_t> next;
  /// Number of the batch within its run; 0: not known.
  std::uint64_t batch = 0;
  /// As in Plan.
  std::string_view config_hash;
};

/// A dead letter as a store has it.
struct Letter {
  std::int64_t id = 0;
  std::string pipeline;
  std::string status;  ///< new, replayed or discarded.
  /// UTC, such as 2026-11-27T01:02:03Z; empty: not known, or still new.
  std::string created_at, resolved_at;
  std::int64_t attempts = 1;
  std::string source, unit;
  std::int64_t position = 0;
  std::optional<std::int64_t> next;  ///< Position after the payload, where it is known.
  std::string stage, place, input;
  std::int64_t number = 0;
  std::string error_class;  ///< Empty in letters of earlier versions, as what follows `rows`.
  std::string code, column, error, excerpt;
  std::int64_t row = kUnknownRow;
  std::int64_t rows = 0;
  std::string writer, target, values;  ///< As in NewLetter.
  /// When it was refused first: the number of the batch within its run, the version of the program, the SHA-256 of the
  /// configuration's text.
  std::int64_t batch = 0;
  std::string version, config_hash;
  std::string payload_sha256;  ///< Of the whole payload, in hexadecimal digits.
  std::string metadata;        ///< As in NewLetter, of the letter that has the payload.
  std::uint64_t size = 0;      ///< Of the whole payload, in bytes.
  std::uint64_t kept = 0;      ///< Of its bytes, with this very letter.
  /// The letter that has the payload: the first one of it in a batch. 0: none has.
  std::int64_t carrier = 0;
  std::string payload;  ///< What is kept with this letter, if it was asked for.
};

/// Letters that have all that is given here.
struct LetterFilter {
  /// Empty: any.
  std::string stage, code, place, source, unit, status;
  /// Microseconds since 1970: not made before. Letters whose time is not known were.
  std::optional<std::int64_t> since;
  /// In ascending order; empty: any.
  std::vector<std::int64_t> ids, carriers;
  std::optional<std::size_t> limit;
};

/// Called for letters in the order in which they came; false ends the reading.
using LetterSink = std::function<Result<bool>(Letter&& letter)>;

/// A store that keeps dead letters and can be asked for them. Those of other pipelines are none of its business.
class LetterBook {
 public:
  virtual ~LetterBook() = default;

  /// Keeps letters in the open transaction of the store.
  virtual Result<> keep(std::span<const NewLetter> letters) = 0;

  /// Reads letters, outside of a transaction. A store that has none, or is not there yet, gives none.
  virtual Result<> each(const LetterFilter& filter, bool payloads, const LetterSink& sink) = 0;

  /// Ends letters with a status other than new, in the open transaction. BO509 with the verdict `fenced` if one of them
  /// is not new any more.
  virtual Result<> resolve(std::span<const std::int64_t> ids, std::string_view status) = 0;

  /// Another try has failed with this reject; in the open transaction.
  virtual Result<> note_failure(std::span<const std::int64_t> ids, const Reject& reject) = 0;

  /// Deletes letters that were replayed or discarded before `until` (microseconds since 1970), but for payloads that
  /// letters which are new need; in the open transaction. Returns how many. BO508 where that cannot be done.
  virtual Result<std::size_t> prune(std::int64_t until);

  /// It is to be part of every batch, also of those without rows for it; `keep` then comes before any store commits.
  virtual bool wants_every_batch() const { return false; }
};

/// Without what only the engine knows.
std::vector<NewLetter> plain_letters(std::span<const DeadLetter> letters);

/// The error of `resolve`.
std::unexpected<Error> not_new_any_more(std::string_view where);

/// True if the letter has what the filter asks for, whatever its limit is.
bool matches(const LetterFilter& filter, const Letter& letter);

/// Appends the letter as a JSON object. Keys are the columns of the tables in databases; a payload that is no text is
/// there as `payload_base64`.
void append_json(const Letter& letter, bool payload, std::string& out);

/// "2026-11-27T01:02:03Z" of microseconds since 1970, and back; none if it is no time.
std::string utc_text(std::int64_t us);
std::optional<std::int64_t> utc_instant(std::string_view text);

}  // namespace batchout
