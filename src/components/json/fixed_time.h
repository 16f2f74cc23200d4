// The most frequent form of a time, `2019-11-01T01:02:03` with or without fraction and offset, read eight bytes at a
// time.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/calendar.h"
#include "components/json/number_scan.h"

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

/// Behind a time: `Z`, or an offset of hours and minutes, which is taken off `us`; null if it is anything else.
inline const char* read_fixed_offset(const char* at, std::int64_t& us) {
  if (*at == 'Z') return at + 1;
  if ((*at != '+' && *at != '-') || digit_run(load_word(at + 1)) != 2 || at[3] != ':') return nullptr;
  if (digit_run(load_word(at + 4)) < 2) return nullptr;
  const int hours = (at[1] - '0') * 10 + (at[2] - '0'), minutes = (at[4] - '0') * 10 + (at[5] - '0');
  if (hours >= 24 || minutes >= 60) return nullptr;
  const std::int64_t offset = hours * kHour + minutes * kMinute;
  us -= *at == '-' ? -offset : offset;
  return at + 6;
}

/// Behind the seconds of a time: at most six digits of a fraction, then at most an offset. The quote behind them, or
/// null. Kept out of the loops, in which most times have neither.
[[gnu::noinline]] inline const char* read_fixed_tail(const char* at, std::int64_t& us) {
  if (*at == '.') {
    constexpr std::int64_t kParts[] = {0, 100'000, 10'000, 1'000, 100, 10, 1};
    const std::uint64_t fraction = load_word(at + 1);
    const std::uint32_t count = digit_run(fraction);
    if (count == 0 || count > 6) return nullptr;
    us += static_cast<std::int64_t>(value_of_run(fraction, count)) * kParts[count];
    at += 1 + count;
  }
  if (*at != '"') at = read_fixed_offset(at, us);
  return at != nullptr && *at == '"' ? at : nullptr;
}

/// Reads the time of a text that begins at `at` and ends with a quote, which is returned; null if it is none in these
/// forms. With an offset `us` is UTC. 64 bytes must be readable.
inline const char* read_quoted_time(const char* at, std::int64_t& us) {
  if (!read_fixed_time({at, kFixedTimeSize}, us)) return nullptr;
  return at[kFixedTimeSize] == '"' ? at + kFixedTimeSize : read_fixed_tail(at + kFixedTimeSize, us);
}

}  // namespace batchout::json
