// ISO 8601 as Python 3.11's fromisoformat reads it: basic, extended and week dates, any separator, any precision.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/calendar.h"

namespace batchout {

// A date, or a date, one separating character and a time with or without an offset; nothing around. Digits of a
// fraction beyond the sixth are cut off.
std::optional<WrittenTime> read_iso_time(std::string_view text);

// True for YYYY-MM-DD, 'T' or a blank, HH:MM:SS and maybe a Z, whatever its numbers are.
bool is_common_iso_time(std::string_view text);

// A date only: YYYY-MM-DD, YYYYMMDD, YYYY-Www, YYYY-Www-D, YYYYWww, YYYYWwwD. The day since 1970.
std::optional<std::int64_t> read_iso_date(std::string_view text);

}  // namespace batchout
