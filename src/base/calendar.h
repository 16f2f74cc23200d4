// The proleptic Gregorian calendar as whole numbers: days, microseconds, ISO weeks.
//
// A day is counted from 1970-01-01; a time is microseconds from its midnight. Years 1 to 9999 are what users may have.

#pragma once

#include <cstdint>
#include <optional>

namespace batchout {

// Microseconds, as all below.
inline constexpr std::int64_t kSecond = 1'000'000;
inline constexpr std::int64_t kMinute = 60 * kSecond;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr std::int64_t kDay = 24 * kHour;

// 0001-01-01
inline constexpr std::int64_t kFirstDay = -719'162;
// 9999-12-31
inline constexpr std::int64_t kLastDay = 2'932'896;

// A date as people write it. Functions that take one expect it to exist.
struct CivilDate {
  std::int64_t year = 1970;
  // From 1.
  int month = 1;
  // From 1.
  int day = 1;
};

// Rounds towards the past, so that times before 1970 fall into the right day.
constexpr std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

// Any year, also before 1: the rule is taken to hold for ever.
constexpr bool is_leap_year(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

// Any year; month and day have to exist. The arithmetic is that of Howard Hinnant, "chrono-Compatible Low-Level Date
// Algorithms": eras of 400 years have 146,097 days each.
constexpr std::int64_t day_of(const CivilDate& date) {
  // Years begin in March here: the leap day comes last, and the lengths of months follow one line (153 days in 5).
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = floor_divide(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t month = (date.month + 9) % 12;
  const std::int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
}

// The other way round, for any day. Same source.
constexpr CivilDate civil_date(std::int64_t day) {
  const std::int64_t era = floor_divide(day + 719'468, 146'097);
  const std::int64_t day_of_era = day + 719'468 - era * 146'097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month = (5 * day_of_year + 2) / 153;
  const int civil_month = static_cast<int>(month < 10 ? month + 3 : month - 9);
  return {year_of_era + era * 400 + (civil_month <= 2 ? 1 : 0), civil_month,
          static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1)};
}

// 0 is Monday.
constexpr int weekday_of(std::int64_t day) {
  const std::int64_t weekday = (day + 3) % 7;
  return static_cast<int>(weekday < 0 ? weekday + 7 : weekday);
}

// `month` from 1 to 12.
constexpr int days_of_month(std::int64_t year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap_year(year) ? 29 : kDays[month - 1];
}

// The day, or nothing if there is no such date in the years 1 to 9999.
constexpr std::optional<std::int64_t> checked_day(int year, int month, int day) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month))
    return std::nullopt;
  return day_of({year, month, day});
}

// `weekday` counts from 1, Monday. Nothing if that year has no such week. Weeks of ISO 8601: the first one has January
// 4. Days of it may lie in the year before or behind.
constexpr std::optional<std::int64_t> day_of_week_date(int year, int week, int weekday) {
  if (year < 1 || year > 9999 || week < 1 || week > 53 || weekday < 1 || weekday > 7) return std::nullopt;
  // Always in week 1.
  const std::int64_t fourth = day_of({year, 1, 4});
  const std::int64_t monday = fourth - weekday_of(fourth) + (week - 1) * 7;
  if (week == 53 && monday + 3 >= day_of({year + 1, 1, 1})) return std::nullopt;
  const std::int64_t day = monday + weekday - 1;
  return day < kFirstDay || day > kLastDay ? std::nullopt : std::optional(day);
}

// True if the local time `us` shows a year that users may have.
constexpr bool is_common_time(std::int64_t us) {
  return us >= kFirstDay * kDay && us < (kLastDay + 1) * kDay;
}

// A date and time as someone wrote it. Every consumer decides itself in which zone a naive time is meant.
struct WrittenTime {
  // What the clock shows, from 1970-01-01T00:00:00.
  std::int64_t local_us = 0;
  // What has to be taken off to get UTC; none: not written (naive).
  std::optional<std::int64_t> offset_us{};
};

}  // namespace batchout
