// The most frequent form of a time, `2019-11-01T01:02:03`, read eight bytes at a time.

#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/calendar.h"

namespace batchout::json {

/// Reads a time of exactly that form in the years 1000 to 8999: microseconds since 1970 of the clock shown. False if it
/// is anything else, which may still be a time in another form. The machine's words must begin with their low byte.
inline bool read_fixed_time(std::string_view text, std::int64_t& us) {
  if (text.size() != 19) return false;
  // Three words: `2019-11-`, `01T01:02` and, overlapping, `01:02:03`. Marks become zeros, so that all must be digits.
  std::uint64_t date, middle, clock;
  std::memcpy(&date, text.data(), 8);
  std::memcpy(&middle, text.data() + 8, 8);
  std::memcpy(&clock, text.data() + 11, 8);
  constexpr std::uint64_t kDateMarks = 0x2D00'002D'0000'0000;   // `-` at 4 and 7.
  constexpr std::uint64_t kClockMarks = 0x0000'3A00'003A'0000;  // `:` at 2 and 5.
  date ^= kDateMarks ^ 0x0030'3000'3030'3030;
  clock ^= kClockMarks ^ 0x3030'0030'3000'3030;
  const auto digit = [](std::uint64_t word, int i) { return static_cast<int>(word >> (8 * i) & 0xFF); };
  const std::uint64_t day_of_month = (middle & 0xFFFFFF) ^ 0x54'3030;  // `T` at 2.
  const std::uint64_t all[] = {date, clock, day_of_month};
  for (const std::uint64_t word : all)
    // A byte beyond 9 has a high bit, in itself or once 6 is added.
    if (((word | (word + 0x0606'0606'0606'0606)) & 0xF0F0'F0F0'F0F0'F0F0) != 0) return false;
  const std::uint64_t marks =
      (date & 0xFF00'00FF'0000'0000) | (clock & 0x0000'FF00'00FF'0000) | (day_of_month & 0xFF'0000);
  const int year = digit(date, 0) * 1000 + digit(date, 1) * 100 + digit(date, 2) * 10 + digit(date, 3);
  const int month = digit(date, 5) * 10 + digit(date, 6);
  const int day = digit(day_of_month, 0) * 10 + digit(day_of_month, 1);
  const int hour = digit(clock, 0) * 10 + digit(clock, 1);
  const int minute = digit(clock, 3) * 10 + digit(clock, 4);
  const int second = digit(clock, 6) * 10 + digit(clock, 7);
  if (marks != 0 || year < 1000 || year > 8999 || month < 1 || month > 12 || day < 1) return false;
  if (hour > 23 || minute > 59 || second > 59 || (day > 28 && day > days_of_month(year, month))) return false;
  us = day_of({year, month, day}) * kDay + hour * kHour + minute * kMinute + second * kSecond;
  return true;
}

}  // namespace batchout::json
