// The most frequent form of a time, `2019-11-01T01:02:03`, read eight bytes at a time.

#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/calendar.h"

namespace batchout::json {

inline constexpr std::size_t kFixedTimeSize = 19;  ///< Bytes.

/// The day of 1970-01-01 plus so many days. The year is one of 1000 to 8999 and begins with the digits `century`; false
/// if there is no such date.
inline bool read_fixed_date(std::uint32_t century, std::uint32_t year_of_century, std::uint32_t month,
                            std::uint32_t day, std::int64_t& days) {
  // Days of the year before each month, in other years and in leap years.
  static constexpr std::uint16_t kBefore[2][13] = {{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365},
                                                   {0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366}};
  if (century - 10 >= 80 || month - 1 >= 12) return false;
  const bool leap = year_of_century % 4 == 0 && (year_of_century != 0 || century % 4 == 0);
  const std::uint32_t before = kBefore[leap ? 1 : 0][month - 1];
  if (day - 1 >= kBefore[leap ? 1 : 0][month] - before) return false;
  const std::uint32_t past = century * 100 + year_of_century - 1;  // Years.
  days = std::int64_t{past * 365 + past / 4 - past / 100 + past / 400 + before + day - 1} + kFirstDay;
  return true;
}

/// Reads a time of exactly that form in the years 1000 to 8999: microseconds since 1970 of the clock shown. False if it
/// is anything else, which may still be a time in another form. The machine's words must begin with their low byte.
inline bool read_fixed_time(std::string_view text, std::int64_t& us) {
  if (text.size() != kFixedTimeSize) return false;
  // Three words: `2019-11-`, `01T01:02` and, overlapping, `01:02:03`; digits become their values, marks zeros.
  std::uint64_t date, middle, clock;
  std::memcpy(&date, text.data(), 8);
  std::memcpy(&middle, text.data() + 8, 8);
  std::memcpy(&clock, text.data() + 11, 8);
  date ^= 0x2D30'302D'3030'3030;
  middle ^= 0x3030'3A30'3054'3030;
  clock ^= 0x3030'3A30'303A'3030;
  // A byte that is too large has a high bit, in itself or once 6 (digits) or 15 (marks) is added.
  const std::uint64_t high = (date | (date + 0x0F06'060F'0606'0606)) | (middle | (middle + 0x0606'0F06'060F'0606)) |
                             (clock | (clock + 0x0606'0F06'060F'0606));
  if ((high & 0xF0F0'F0F0'F0F0'F0F0) != 0) return false;
  // Every byte becomes the number of two digits that begins there.
  date = date * 10 + (date >> 8);
  middle = middle * 10 + (middle >> 8);
  clock = clock * 10 + (clock >> 8);
  const auto number = [](std::uint64_t word, int byte) {
    return static_cast<std::uint32_t>(word >> (8 * byte) & 0xFF);
  };
  const std::uint32_t hour = number(clock, 0), minute = number(clock, 3), second = number(clock, 6);
  std::int64_t days = 0;
  if (hour >= 24 || minute >= 60 || second >= 60 ||
      !read_fixed_date(number(date, 0), number(date, 2), number(date, 5), number(middle, 0), days))
    return false;
  us = days * kDay + std::int64_t{(hour * 60 + minute) * 60 + second} * kSecond;
  return true;
}

}  // namespace batchout::json
