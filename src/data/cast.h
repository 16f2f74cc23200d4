// Casts: what a column's type makes of a value found in a payload.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time_zone.h"
#include "batchout/block.h"
#include "batchout/component.h"

namespace batchout {

enum class TimeParser : std::uint8_t {
  /// ISO 8601 as Python 3.11's fromisoformat reads it (0.3.0).
  iso,
  /// Seconds since 1970, number or numeric text.
  unix,
  /// A strptime format.
  custom,
  /// As the library of version 0.0.1 (arrow) reads it: ISO in many forms, naive is UTC, epochs by size.
  lenient,
};

/// What becomes of a value that does not fit its column.
enum class OnError : std::uint8_t {
  /// The cell is null; failures are counted.
  null,
  /// Rows that would show the value are left out; the value is a reject.
  reject_row,
  /// All rows of the payload are left out; the payload is a reject.
  reject_payload,
  /// The run ends before the batch is stored.
  stop,
};

/// What becomes of NUL characters, which databases do not take in texts.
enum class NulPolicy : std::uint8_t {
  /// They stay; a target that cannot hold them refuses the row.
  reject,
  /// They are left out.
  strip,
  /// U+FFFD stands in their place.
  replace,
};

/// A column's type, compiled.
/// Immutable once compiled, shared by lanes. Members that a kind does not use have no meaning for it.
struct Cast {
  /// Of the cells produced; `dynamic` leaves values as they were found.
  Kind kind = Kind::text;
  /// datetime and date only.
  TimeParser parser = TimeParser::iso;
  /// With parser `custom`.
  std::string format;
  /// datetime and date; null: naive values stay naive, others become UTC.
  const TimeZone* zone = nullptr;
  /// boolean: the original's truth value instead of words (see cast.cpp).
  bool truthy = false;
  /// What is not `null` is left to the engine, which finds marked cells.
  OnError on_error = OnError::null;
  /// text only.
  NulPolicy nul = NulPolicy::reject;
  /// dynamic only: real numbers come as the digits that were written.
  bool keeps_digits = false;
};

/// Failed casts of one column in one batch: how many, and the first one as a sample.
/// Added up by whoever makes batches of extractions.
struct CastFailures {
  std::uint64_t count = 0;
  /// At most 64 bytes of the value.
  std::string sample;
  void clear() {
    count = 0;
    sample.clear();
  }
};

/// Appends what `cast` makes of `value` to `out`: always exactly one cell. Absent and null stay what they are. A value
/// that does not fit becomes null and is counted; so do times outside the years 1 to 9999. With any other policy than
/// OnError::null it is marked instead (Column::append_failed), and not counted.
///
/// Numbers come as integer, real, or decimal (an integer beyond 64 bits as its digits; any other number is `real`,
/// whose text are the digits as written, if they are known); objects and lists come as json.
void append_cast(const Cast& cast, const Cell& value, Column& out, CastFailures& failures);

/// Values that `cast` may take, by what they are; those of any other tag never fit.
Tags castable(const Cast& cast);

/// The beginning of a value for messages, at most `size_max` bytes, cut before a character that would not be whole.
std::string excerpt_of(const Cell& value, std::size_t size_max);

}  // namespace batchout
