// Writes digits straight into the caller's memory.

#include "base/time_text.h"

#include <cmath>
#include <cstdlib>

#include "base/calendar.h"
#include "base/number_text.h"

namespace batchout {
namespace {

// The last `count` digits of `value`, which is not negative.
char* write_digits(char* out, std::int64_t value, int count) {
  for (int i = count - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + count;
}

// `seconds` of one day, also of an offset.
char* write_clock(char* out, std::int64_t seconds) {
  out = write_digits(out, seconds / 3600, 2);
  *out++ = ':';
  out = write_digits(out, seconds / 60 % 60, 2);
  *out++ = ':';
  return write_digits(out, seconds % 60, 2);
}

}  // namespace

// Four digits for the years that users may have; others, which only a program can make, as they are.
char* write_date(char* out, std::int64_t day) {
  const CivilDate date = civil_date(day);
  out = date.year >= 0 && date.year <= 9999 ? write_digits(out, date.year, 4) : write_integer(out, date.year);
  *out++ = '-';
  out = write_digits(out, date.month, 2);
  *out++ = '-';
  return write_digits(out, date.day, 2);
}

// Six digits of a fraction or none; the offset to the minute, unless the zone has seconds. A fraction is counted
// forward from the second before, also for times before 1970.
char* write_time(char* out, std::int64_t us, const TimeZone* zone) {
  const std::int64_t utc_seconds = floor_divide(us, kSecond);
  const std::int64_t fraction = us % kSecond + (us % kSecond < 0 ? kSecond : 0);
  const std::int32_t offset = zone != nullptr ? zone->offset_at(us) : 0;
  const std::int64_t seconds = utc_seconds + offset;
  const std::int64_t day = floor_divide(seconds, 86'400);
  out = write_date(out, day);
  *out++ = 'T';
  out = write_clock(out, seconds - day * 86'400);
  if (fraction != 0) {
    *out++ = '.';
    out = write_digits(out, fraction, 6);
  }
  if (zone == nullptr) return out;
  *out++ = offset < 0 ? '-' : '+';
  char* const end = write_clock(out, std::abs(offset));
  return offset % 60 != 0 ? end : end - 3;  // Without ":00".
}

// The comparison is written so that NaN fails it, too.
std::optional<std::int64_t> epoch(double seconds) {
  if (!(seconds >= static_cast<double>(kFirstDay * 86'400) && seconds < static_cast<double>((kLastDay + 1) * 86'400)))
    return std::nullopt;
  // The whole part apart: together with six more digits a double could not hold it exactly.
  const double whole = std::trunc(seconds);
  const double fraction = std::nearbyint((seconds - whole) * 1e6);
  const std::int64_t us = static_cast<std::int64_t>(whole) * kSecond + static_cast<std::int64_t>(fraction);
  return is_common_time(us) ? std::optional(us) : std::nullopt;
}

}  // namespace batchout
