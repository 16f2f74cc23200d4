// A text is tried against date forms in a fixed order; the first that fits decides, even if its date does not exist.

#include "base/lenient_time.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/iso_time.h"
#include "base/time_text.h"

namespace batchout {
namespace {

// A longer text is no time; keeps hostile text from being tried at each of its bytes.
constexpr std::size_t kTextSizeMax = 1024;

constexpr std::string_view kPunctuation = ",.;:?!\"'`[]{}()<>";

// 'Y' is four digits of the year, 'M' and 'D' two digits, 'm' and 'd' one or two, 'O' three of the day of the year, 'W'
// a week date behind its year; others stand for themselves. In the order in which arrow 1.2 tries its formats; a text
// that fits two of them means what the first one says.
constexpr std::array<std::string_view, 17> kDateForms = {"Y-M-D", "Y-m-D", "Y-m-d", "Y/M/D", "Y/m/D", "Y/m/d",
                                                         "Y.M.D", "Y.m.D", "Y.m.d", "YMD",   "Y-O",   "YO",
                                                         "Y-M",   "Y/M",   "Y.M",   "Y",     "YW"};

// What the part behind the date looks like; it is the same for all date forms. Found before any date is read, as arrow
// does: it chooses one format for the time from the look of the text.
struct TimeForm {
  char separator = '\0';  // None: no time.
  int parts = 0;          // 1: hour, 2: and minute, 3: and second.
  bool colons = false;
  char point = '\0';  // Before a fraction.
  bool offset = false;
  bool offset_colon = false;
};

// Parts as read, not yet checked against the calendar.
struct Reading {
  int year = 0, month = 1, day = 1;
  std::optional<int> day_of_year;
  std::optional<int> week;
  int weekday = 1;
  int hour = 0, minute = 0, second = 0;
  int microsecond = 0;
  std::optional<std::int64_t> offset_us;
};

// A place in the text; what fails leaves it where it was, except for read_offset and read_time, whose callers give up.
struct Cursor {
  std::string_view text;
  std::size_t at = 0;

  char peek() const { return at < text.size() ? text[at] : '\0'; }
  bool take(char c) {
    if (at >= text.size() || lower(text[at]) != lower(c)) return false;
    ++at;
    return true;
  }
  bool digits(std::size_t count, int& value) { return read_digits(text, at, count, value); }
};

// Before a fraction, a comma is as good as a point.
bool is_point(char c) {
  return c == '.' || c == ',';
}

// Reads the forms of time that `form` allows from text such as "0102", "01:02:03.5"; false if it is none.
bool find_clock_form(std::string_view text, TimeForm& form) {
  Cursor cursor{text};
  int ignored = 0;
  if (!cursor.digits(2, ignored)) return false;
  form.parts = 1;
  while (form.parts < 3 && cursor.at < text.size() && !is_point(cursor.peek())) {
    cursor.take(':');
    if (!cursor.digits(2, ignored)) return false;
    ++form.parts;
  }
  form.colons = text.contains(':');
  if (cursor.at == text.size()) return true;
  if (!is_point(cursor.peek())) return false;
  form.point = cursor.peek();
  form.parts = 3;
  const std::string_view fraction = text.substr(cursor.at + 1);
  return !fraction.empty() && std::ranges::all_of(fraction, is_digit);
}

// None for texts that arrow refuses outright: more blanks than one, or a blank beside a T.
std::optional<TimeForm> find_time_form(std::string_view text) {
  std::size_t blanks = 0;
  for (const char c : text) blanks += c == ' ' ? 1 : 0;
  const bool has_t = text.contains('T');
  if (blanks > 1 || (has_t && blanks > 0)) return std::nullopt;
  TimeForm form;
  if (blanks == 0 && !has_t) return form;
  form.separator = has_t ? 'T' : ' ';
  const std::string_view time = text.substr(text.find(form.separator) + 1);
  const std::size_t zone = time.find_first_of("+-Zz");
  if (!find_clock_form(time.substr(0, zone), form)) return std::nullopt;
  form.offset = zone != std::string_view::npos;
  form.offset_colon = form.offset && time.substr(zone + 1).contains(':');
  return form;
}

// The day may be missing; it is Monday then.
bool read_week(Cursor& cursor, Reading& reading) {
  cursor.take('-');
  if (!cursor.take('W') || !cursor.digits(2, reading.week.emplace())) return false;
  cursor.take('-');
  cursor.digits(1, reading.weekday);
  return true;
}

// Digits are taken greedily: `m` and `d` prefer two.
bool read_date(std::string_view form, Cursor& cursor, Reading& reading) {
  for (const char c : form) {
    int& part = c == 'Y' ? reading.year : c == 'M' || c == 'm' ? reading.month : reading.day;
    switch (c) {
      case 'Y':
        if (!cursor.digits(4, part)) return false;
        break;
      case 'M':
      case 'D':
        if (!cursor.digits(2, part)) return false;
        break;
      case 'm':
      case 'd':
        if (!cursor.digits(2, part) && !cursor.digits(1, part)) return false;
        break;
      case 'O':
        if (!cursor.digits(3, reading.day_of_year.emplace())) return false;
        break;
      case 'W':
        if (!read_week(cursor, reading)) return false;
        break;
      default:
        if (!cursor.take(c)) return false;
    }
  }
  return true;
}

// Any number of digits, rounded at the seventh: 5 goes to the even neighbour.
bool read_fraction(Cursor& cursor, Reading& reading) {
  if (!is_digit(cursor.peek())) return false;
  int digits = 0, next = 0;
  for (; is_digit(cursor.peek()); ++cursor.at, ++digits) {
    if (digits < 6) reading.microsecond = reading.microsecond * 10 + (cursor.peek() - '0');
    if (digits == 6) next = cursor.peek() - '0';
  }
  for (; digits < 6; ++digits) reading.microsecond *= 10;
  if (next > 5 || (next == 5 && reading.microsecond % 2 == 1)) ++reading.microsecond;
  return true;
}

// Behind the hours the minutes are taken if they are there and look as `form` says; what is left must then end the
// text.
bool read_offset(const TimeForm& form, Cursor& cursor, Reading& reading) {
  if (cursor.take('Z')) {
    reading.offset_us = 0;
    return cursor.text[cursor.at - 1] == 'Z';
  }
  const bool negative = cursor.peek() == '-';
  if (!negative && cursor.peek() != '+') return false;
  ++cursor.at;
  int hours = 0, minutes = 0;
  if (!cursor.digits(2, hours)) return false;
  const std::size_t before = cursor.at;
  if ((form.offset_colon && !cursor.take(':')) || !cursor.digits(2, minutes)) cursor.at = before;
  const std::int64_t offset = hours * kHour + minutes * kMinute;
  reading.offset_us = negative ? -offset : offset;
  return true;
}

// As the form says and in no other way: which form a text has was decided before, for all dates alike.
bool read_time(const TimeForm& form, Cursor& cursor, Reading& reading) {
  if (form.separator == '\0') return true;
  if (!cursor.take(form.separator)) return false;
  int* const parts[] = {&reading.hour, &reading.minute, &reading.second};
  for (int i = 0; i < form.parts; ++i) {
    if (i > 0 && form.colons && !cursor.take(':')) return false;
    if (!cursor.digits(2, *parts[i])) return false;
  }
  if (form.point != '\0' && (!cursor.take(form.point) || !read_fraction(cursor, reading))) return false;
  return !form.offset || read_offset(form, cursor, reading);
}

bool is_space_at(std::string_view text, std::size_t at) {
  return at >= text.size() || is_blank(text[at]);
}

// At the beginning, or behind white space or one mark of punctuation that itself follows white space.
bool may_begin(std::string_view text, std::size_t at) {
  if (at == 0 || is_blank(text[at - 1])) return true;
  return kPunctuation.contains(text[at - 1]) && (at == 1 || is_blank(text[at - 2]));
}

// The end, white space, or one mark of punctuation that stands before either.
bool may_end(std::string_view text, std::size_t at) {
  return is_space_at(text, at) || (kPunctuation.contains(text[at]) && is_space_at(text, at + 1));
}

// Day 366 of a common year is the next New Year's Day, as for strptime, through which arrow reads such days.
std::optional<std::int64_t> day_of_reading(const Reading& reading) {
  if (reading.week) return day_of_week_date(reading.year, *reading.week, reading.weekday);
  if (!reading.day_of_year) return checked_day(reading.year, reading.month, reading.day);
  const auto new_year = checked_day(reading.year, 1, 1);
  if (!new_year || *reading.day_of_year < 1 || *reading.day_of_year > 366) return std::nullopt;
  return *new_year + *reading.day_of_year - 1;
}

// Hour 24 is midnight at the end of the day, and only that.
std::optional<WrittenTime> to_time(const Reading& reading) {
  const auto day = day_of_reading(reading);
  if (!day || reading.minute > 59 || reading.second > 59 || reading.hour > 24) return std::nullopt;
  const std::int64_t in_hour = reading.minute * kMinute + reading.second * kSecond + reading.microsecond;
  if (reading.hour == 24 && in_hour != 0) return std::nullopt;
  if (reading.offset_us && (*reading.offset_us >= kDay || *reading.offset_us <= -kDay)) return std::nullopt;
  const WrittenTime time{*day * kDay + reading.hour * kHour + in_hour, reading.offset_us};
  return is_common_time(time.local_us) ? std::optional(time) : std::nullopt;
}

}  // namespace

// arrow searches its formats anywhere in the text, between blanks or punctuation, so each place is tried. A common ISO
// form is tried at once: it means the same, and nearly all texts have it.
std::optional<WrittenTime> read_lenient_time(std::string_view text) {
  if (is_common_iso_time(text)) {
    if (const auto time = read_iso_time(text)) return time;
  }
  if (text.size() > kTextSizeMax) return std::nullopt;
  const auto form = find_time_form(text);
  if (!form) return std::nullopt;
  for (const std::string_view date : kDateForms) {
    for (std::size_t begin = 0; begin < text.size(); ++begin) {
      if (!is_digit(text[begin]) || !may_begin(text, begin)) continue;
      Cursor cursor{text, begin};
      Reading reading;
      if (read_date(date, cursor, reading) && read_time(*form, cursor, reading) && may_end(text, cursor.at))
        return to_time(reading);
    }
  }
  return std::nullopt;
}

// Seconds, unless that would be after the year 9999: then milliseconds, and then microseconds.
std::optional<std::int64_t> lenient_epoch(double number) {
  // 10000-01-01
  constexpr double kSecondsMax = 253'402'300'800.0;
  if (number > kSecondsMax) {
    if (number >= kSecondsMax * 1e6) return std::nullopt;
    number /= number < kSecondsMax * 1e3 ? 1e3 : 1e6;
  }
  return epoch(number);
}

}  // namespace batchout
