// Times as version 0.0.1 read them (through the arrow library): many forms of ISO 8601, and epochs by their size.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/calendar.h"

namespace batchout {

// Dates: YYYY-MM-DD, also with one digit for month or day, or with '/' or '.'; YYYYMMDD; YYYY-DDD; YYYYDDD; YYYY-MM;
// YYYY; YYYY-Www[-D]; YYYYWww[D]. Behind them, after one 'T' or blank, HH[[:]MM[[:]SS]] with a fraction (rounded to
// microseconds), 24:00 for the next midnight; then Z, +HH, +HHMM or +HH:MM. One mark of punctuation may stand before
// and after. A naive result is meant as UTC.
std::optional<WrittenTime> read_lenient_time(std::string_view text);

// Microseconds since 1970 of a number of seconds; one that is too large for seconds up to the year 9999 counts
// milliseconds, and one too large for those microseconds.
std::optional<std::int64_t> lenient_epoch(double number);

}  // namespace batchout
