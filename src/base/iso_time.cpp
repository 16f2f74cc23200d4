// The usual form, YYYY-MM-DD and maybe one of T HH:MM:SS and a Z, has a way of its own.

#include "base/iso_time.h"

#include "base/ascii.h"
#include "base/unicode.h"

namespace batchout {
namespace {

// Both are digits.
int two_digits(const char* p) {
  return (p[0] - '0') * 10 + (p[1] - '0');
}

// Looks at all of them, which is faster than to stop at the first that is none. `p` has a character at each of the
// positions.
template <std::size_t... positions>
bool are_digits(const char* p) {
  return (... & static_cast<int>(is_digit(p[positions]))) != 0;
}

// "dddd-dd-dd", what follows is not looked at.
bool has_common_date(std::string_view text) {
  return text.size() >= 10 && text[4] == '-' && text[7] == '-' && are_digits<0, 1, 2, 3, 5, 6, 8, 9>(text.data());
}

// "dd:dd:dd" behind a date and a separator.
bool has_common_time(std::string_view text) {
  return text.size() >= 19 && text[13] == ':' && text[16] == ':' && are_digits<11, 12, 14, 15, 17, 18>(text.data());
}

// `p` points to ten characters that has_common_date has looked at.
std::optional<std::int64_t> common_date(const char* p) {
  return checked_day(two_digits(p) * 100 + two_digits(p + 2), two_digits(p + 5), two_digits(p + 8));
}

// Within no bounds yet, except that each part has two digits.
struct Clock {
  int hour = 0, minute = 0, second = 0, microsecond = 0;
  std::size_t fraction_size = 0;  // Digits, those cut off included.
  std::int64_t total() const { return hour * kHour + minute * kMinute + second * kSecond + microsecond; }
};

// HH[[:]MM[[:]SS]] and maybe a fraction of the last part. Only the first ':' decides whether ':' separates. Without it,
// two digits and more behind the seconds are a fraction without its point; with it, one more ':' is a point. Follows
// _parse_hh_mm_ss_ff of CPython 3.11, its oddities included.
std::optional<Clock> read_clock(std::string_view text) {
  Clock clock;
  std::size_t at = 0;
  bool separated = false, pointed = false;
  int* const parts[] = {&clock.hour, &clock.minute, &clock.second};
  for (int i = 0; i < 3; ++i) {
    if (!read_digits(text, at, 2, *parts[i])) return std::nullopt;
    if (at == text.size()) return clock;
    if (i == 0) separated = text[at] == ':';
    if (text[at] == '.' || text[at] == ',') {
      ++at;
      pointed = true;
      break;
    }
    if (separated && text[at++] != ':') return std::nullopt;
    pointed = separated && i == 2;
  }
  clock.fraction_size = text.size() - at;
  if (clock.fraction_size < (pointed ? 1 : 2)) return std::nullopt;
  // Digits beyond the sixth add nothing: the unit is 0 then.
  for (int unit = 100'000; at < text.size(); ++at, unit /= 10) {
    if (!is_digit(text[at])) return std::nullopt;
    clock.microsecond += (text[at] - '0') * unit;
  }
  return clock;
}

// Without leap seconds and without 24:00, which Python refuses as well.
bool is_time_of_day(const Clock& clock) {
  return clock.hour < 24 && clock.minute < 60 && clock.second < 60;
}

// `text` has passed is_common_iso_time; what is left to check are the numbers.
std::optional<WrittenTime> read_common_time(std::string_view text) {
  const char* const p = text.data();
  const auto day = common_date(p);
  const Clock clock{two_digits(p + 11), two_digits(p + 14), two_digits(p + 17)};
  if (!day || !is_time_of_day(clock)) return std::nullopt;
  WrittenTime time{*day * kDay + clock.total()};
  if (text.size() == 20) time.offset_us = 0;
  return time;
}

// A clock, then nothing, Z, or a sign and a clock. One blank may stand before Z and the sign, but not behind a fraction
// of fewer than six digits.
bool add_time(std::string_view text, WrittenTime& time) {
  const std::size_t zone = std::min(text.find_first_of("+-Z"), text.size());
  const bool blank = zone < text.size() && zone > 0 && text[zone - 1] == ' ';
  const auto clock = read_clock(text.substr(0, blank ? zone - 1 : zone));
  if (!clock || !is_time_of_day(*clock)) return false;
  if (blank && clock->fraction_size > 0 && clock->fraction_size < 6) return false;
  time.local_us += clock->total();
  if (zone == text.size()) return true;
  if (text[zone] == 'Z') {
    time.offset_us = 0;
    return zone + 1 == text.size();
  }
  const auto offset = read_clock(text.substr(zone + 1));
  if (!offset || offset->total() >= kDay) return false;
  time.offset_us = text[zone] == '-' ? -offset->total() : offset->total();
  return true;
}

// Where the date ends. A week date without a day may be followed by a digit as separator or by '-': then the rest
// decides, as the parity of its digits or as two digits behind the '-'. Follows _find_isoformat_datetime_separator of
// CPython 3.11; `text` has at least seven characters.
std::size_t date_size(std::string_view text) {
  if (text[4] == '-') {
    if (text[5] != 'W') return 10;
    if (text.size() <= 8 || text[8] != '-') return 8;
    return text.size() > 10 && is_digit(text[10]) ? 8 : 10;
  }
  if (text[4] != 'W') return 8;
  std::size_t digits_end = 7;
  while (digits_end < text.size() && is_digit(text[digits_end])) ++digits_end;
  if (digits_end < 9) return digits_end;
  return digits_end % 2 == 0 ? 7 : 8;
}

// A week date without a day means its Monday.
std::optional<std::int64_t> read_date(std::string_view text) {
  std::size_t at = 0;
  int year = 0, first = 0, second = 1;
  if (!read_digits(text, at, 4, year) || at == text.size()) return std::nullopt;
  const bool separated = text[at] == '-';
  if (separated) ++at;
  const bool week = at < text.size() && text[at] == 'W';
  if (week) ++at;
  if (!read_digits(text, at, 2, first)) return std::nullopt;
  if (!week || at < text.size()) {
    if (separated) {
      if (at == text.size() || text[at] != '-') return std::nullopt;
      ++at;
    }
    if (!read_digits(text, at, week ? 1 : 2, second)) return std::nullopt;
  }
  if (at != text.size()) return std::nullopt;
  return week ? day_of_week_date(year, first, second) : checked_day(year, first, second);
}

}  // namespace

// Decides by form alone, so the date may still not exist.
bool is_common_iso_time(std::string_view text) {
  if (text.size() != 19 && (text.size() != 20 || text[19] != 'Z')) return false;
  return (text[10] == 'T' || text[10] == ' ') && has_common_date(text) && has_common_time(text);
}

// Seven characters are the least that a date has (2019W01). Any one character separates date and time.
std::optional<WrittenTime> read_iso_time(std::string_view text) {
  if (is_common_iso_time(text)) return read_common_time(text);
  if (text.size() < 7) return std::nullopt;
  const std::size_t end = std::min(date_size(text), text.size());
  const auto day = read_date(text.substr(0, end));
  if (!day) return std::nullopt;
  WrittenTime time{*day * kDay};
  if (end == text.size()) return time;
  std::size_t at = end;
  next_character(text, at);
  return add_time(text.substr(at), time) ? std::optional(time) : std::nullopt;
}

std::optional<std::int64_t> read_iso_date(std::string_view text) {
  if (text.size() == 10 && has_common_date(text)) return common_date(text.data());
  if (text.size() != 7 && text.size() != 8 && text.size() != 10) return std::nullopt;
  return read_date(text);
}

}  // namespace batchout
