// Dates and times as text: ISO 8601, as every output writes them; and seconds since 1970 as times.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/time_zone.h"

namespace batchout {

// Room that write_date needs, for any day.
inline constexpr std::size_t kDateSizeMax = 24;
// Room that write_time needs.
inline constexpr std::size_t kTimeSizeMax = 64;

// "2019-11-01". Returns the end.
char* write_date(char* out, std::int64_t day);

// "2019-11-01T01:02:03+00:00": what the clock of `zone` shows at the instant `us`, with six digits of a fraction only
// if it is not zero, and seconds of the offset only if it has some. Without a zone `us` is local and no offset follows.
char* write_time(char* out, std::int64_t us, const TimeZone* zone);

// Microseconds since 1970, half to even; nothing outside the years 1 to 9999.
std::optional<std::int64_t> epoch(double seconds);

}  // namespace batchout
