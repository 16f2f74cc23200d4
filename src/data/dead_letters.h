// Dead letters as the table has them, whichever store keeps it.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/letter_book.h"

namespace batchout {

/// A row of the table. Views are those of the letter.
struct DeadLetterRecord {
  std::string source, unit;  ///< Valid UTF-8 without NUL, as all texts here.
  std::int64_t position = 0;
  std::optional<std::int64_t> next;
  std::string_view stage;         ///< read, extract, cast, select or write.
  std::string_view place, input;  ///< Who refused: "inputs.orders", "outputs.warehouse"; and whose payload it is.
  std::int64_t number = 0;        ///< From 0, among those of one payload, stage and place.
  /// It is kept only if no letter that is new says the same, which the payload and the row tell.
  bool once = false;
  std::string_view error_class, code, column;
  std::string error, excerpt;
  std::int64_t row = kWholePayload, rows = 0;
  std::string_view writer;  ///< Whose row; empty if the output gets its rows from one only.
  std::string target;       ///< What the output writes to; empty: not known.
  std::string_view values;  ///< Of the row, as JSON; empty: not known.
  std::uint64_t batch = 0;
  std::string_view version, config_hash;
  std::string mark;            ///< As in NewLetter.
  std::string_view payload;    ///< Its first bytes; with the first record of a payload only.
  std::string_view metadata;   ///< JSON; with the payload.
  std::size_t size = 0;        ///< Of the whole payload, in bytes.
  std::string payload_sha256;  ///< Of the whole payload; empty if it has no bytes.
};

/// Bytes of a payload that are kept; the source still has those of larger ones.
inline constexpr std::size_t kDeadPayloadMax = 1 << 20;

/// In the order of `letters`, from which the records borrow.
std::vector<DeadLetterRecord> records_of(std::span<const NewLetter> letters);

/// What no table can show is a question mark.
std::string shown_text(std::string_view text);

/// The first bytes of a text, whole characters of it; the end says that more has been there.
std::string cut_text(std::string text, std::size_t bytes_max);

/// What can be shown of what is said of an error, of which no more than kErrorTextMax bytes are kept.
std::string error_text(std::string_view text);
inline constexpr std::size_t kErrorTextMax = 4096;

/// What kind of error a code of a reject stands for: limit, syntax, type, range, encoding, constraint, trigger,
/// corrupt, missing, gap or other.
std::string_view error_class(std::string_view code);

}  // namespace batchout
