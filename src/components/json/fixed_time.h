// The most frequent form of a time, `2019-11-01T01:02:03`, read eight bytes at a time.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/calendar.h"

namespace batchout::json {

inline constexpr std::size_t kFixedTimeSize = 19;  ///< Bytes.

/// Days from 1970 to the first day of each month of the years from kFixedYearMin on.
inline constexpr int kFixedYearMin = 1900, kFixedYearEnd = 2100;
inline constexpr auto kMonthBegins = [] {
  std::array<std::int32_t, (kFixedYearEnd - kFixedYearMin) * 12 + 1> days{};
  for (int month = 0; month < static_cast<int>(days.size()); ++month)
    days[static_cast<std::size_t>(month)] =
        static_cast<std::int32_t>(day_of({kFixedYearMin + month / 12, month % 12 + 1, 1}));
  return days;
}();

/// Reads a time of exactly that form in the years 1900 to 2099: microseconds since 1970 of the clock shown. False if it
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
  const std::uint32_t year = number(date, 0) * 100 + number(date, 2) - kFixedYearMin;
  const std::uint32_t month = number(date, 5) - 1, day = number(middle, 0) - 1;
  if (year >= kFixedYearEnd - kFixedYearMin || month >= 12 || hour >= 24 || minute >= 60 || second >= 60) return false;
  const std::int32_t* const begin = &kMonthBegins[year * 12 + month];
  if (day >= static_cast<std::uint32_t>(begin[1] - begin[0])) return false;
  const std::int64_t days = begin[0] + static_cast<std::int32_t>(day);
  us = days * kDay + std::int64_t{(hour * 60 + minute) * 60 + second} * kSecond;
  return true;
}

}  // namespace batchout::json
