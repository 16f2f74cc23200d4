// The rule that ends a compiled time zone: how offsets change in all years after the last listed change.
//
// Format: the TZ text of POSIX with the extensions of RFC 8536, for example "EST5EDT,M3.2.0,M11.1.0" or "<+03>-3".

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace batchout {

struct ZoneRule {
  // A day and a time of every year.
  struct Moment {
    enum class Day : std::uint8_t {
      julian,       // `number` from 1, February 29 is not counted.
      zero_based,   // `number` from 0, February 29 is counted.
      nth_weekday,  // `weekday` (0 is Sunday) of week `number` (5: the last) of `month`.
    };
    Day day = Day::nth_weekday;
    int month = 1;
    int number = 1;
    int weekday = 0;
    // Of the local clock before the change; may be negative or over a day.
    std::int32_t seconds = 7200;
  };

  // Seconds since 1970 of the local clock, in that year. Which offset the clock shows then, the caller knows: the one
  // before the change.
  static std::int64_t local_seconds(const Moment& moment, std::int64_t year);

  // Seconds east of UTC.
  std::int32_t standard_offset = 0;
  std::int32_t summer_offset = 0;
  // False: the standard offset holds all year and what follows has no meaning.
  bool has_summer = false;
  Moment summer_begins;
  Moment summer_ends;
};

// Nothing if the text is not of that format, or has more behind it. The names of zones are skipped.
std::optional<ZoneRule> parse_zone_rule(std::string_view text);

}  // namespace batchout
