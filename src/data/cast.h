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
  iso,      ///< ISO 8601 as Python 3.11's fromisoformat reads it (0.3.0).
  unix,     ///< Seconds since 1970, number or numeric text.
  custom,   ///< A strptime format.
  lenient,  ///< As the library of version 0.0.1 (arrow) reads it: ISO in many forms, naive is UTC, epochs by size.
};

/// A column's type, compiled.
struct Cast {
  Kind kind = Kind::text;               ///< Of the cells produced; `dynamic` leaves values as they were found.
  TimeParser parser = TimeParser::iso;  ///< datetime and date only.
  std::string format;                   ///< With parser `custom`.
  const TimeZone* zone = nullptr;       ///< datetime and date; null: naive values stay naive, others become UTC.
  bool truthy = false;                  ///< boolean: the original's truth value instead of words (see cast.cpp).
};

/// Failed casts of one column in one batch: how many, and the first one as a sample.
struct CastFailures {
  std::uint64_t count = 0;
  std::string sample;  ///< At most 64 bytes of the value.
  void clear() {
    count = 0;
    sample.clear();
  }
};

/// Appends what `cast` makes of `value` to `out`: always exactly one cell. Absent and null stay what they are. A value
/// that does not fit becomes null and is counted; so do times outside the years 1 to 9999.
///
/// Numbers come as integer, real, or decimal (an integer beyond 64 bits as its digits; digits of any other number keep
/// `real`); objects and lists come as json.
void append_cast(const Cast& cast, const Cell& value, Column& out, CastFailures& failures);

}  // namespace batchout
