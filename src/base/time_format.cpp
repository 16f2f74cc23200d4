// Matches directive by directive, longest reading first, and goes back where the rest does not fit: "%d%m%Y" reads
// "112019" as day 1, month 1. A found reading is then turned into a date from whichever parts it has.

#include "base/time_format.h"

#include <fmt/format.h>

#include <array>

#include "base/ascii.h"
#include "base/unicode.h"

namespace batchout {
namespace {

// Bounds the work of going back; an honest format needs a few steps a directive.
constexpr int kStepsMax = 4096;

constexpr std::array<std::string_view, 12> kMonths = {"january",   "february", "march",    "april",
                                                      "may",       "june",     "july",     "august",
                                                      "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> kWeekdays = {"monday", "tuesday",  "wednesday", "thursday",
                                                       "friday", "saturday", "sunday"};

// A directive that reads a number of so many digits between two values.
struct NumberDirective {
  char name;
  int digits_min, digits_max;
  int least, most;
};

// Bounds are those of the regular expressions in CPython's _strptime: seconds go up to 61, weeks up to 53.
constexpr NumberDirective kNumbers[] = {
    {'d', 1, 2, 1, 31}, {'G', 4, 4, 0, 9999}, {'H', 1, 2, 0, 23}, {'I', 1, 2, 1, 12},   {'j', 1, 3, 1, 366},
    {'m', 1, 2, 1, 12}, {'M', 1, 2, 0, 59},   {'S', 1, 2, 0, 61}, {'U', 1, 2, 0, 53},   {'u', 1, 1, 1, 7},
    {'V', 1, 2, 0, 53}, {'W', 1, 2, 0, 53},   {'w', 1, 1, 0, 6},  {'Y', 4, 4, 0, 9999}, {'y', 2, 2, 0, 99},
};
// Directives that read something else than one number.
constexpr std::string_view kOtherDirectives = "aAbBcfpxXzZ%";

const NumberDirective* find_number(char name) {
  for (const auto& number : kNumbers)
    if (number.name == name) return &number;
  return nullptr;
}

// What a composed directive stands for in the C locale; empty for others.
std::string_view composition(char directive) {
  switch (directive) {
    case 'c':
      return "%a %b %d %H:%M:%S %Y";
    case 'x':
      return "%m/%d/%y";
    case 'X':
      return "%H:%M:%S";
    default:
      return {};
  }
}

// The format with composed directives resolved; `resolved` is used if there are any. Borrows from `format` or from
// `resolved`.
std::string_view decomposed(std::string_view format, std::string& resolved) {
  std::size_t done = 0;
  for (std::size_t i = 0; i + 1 < format.size(); ++i) {
    if (format[i] != '%') continue;
    const std::string_view parts = composition(format[++i]);
    if (parts.empty()) continue;
    resolved.append(format.substr(done, i - 1 - done)).append(parts);
    done = i + 1;
  }
  if (done == 0) return format;
  resolved.append(format.substr(done));
  return resolved;
}

// What was read, in the order of the format: where two directives tell the same, the later one counts.
// Numbers are within the bounds of their directives, but need not make a date.
struct Parts {
  std::optional<int> year, month, day, day_of_year;
  std::optional<int> weekday;  // 0 is Monday.
  std::optional<int> week;
  bool weeks_begin_sunday = false;
  std::optional<int> iso_year, iso_week;
  int hour = 0, minute = 0, second = 0, microsecond = 0;
  bool hour_of_12 = false, afternoon = false;
  std::optional<std::int64_t> offset_us;
};

// %y splits the century at 69, as POSIX does. %w counts from Sunday, %u from Monday as 1.
void store(char directive, int value, Parts& parts) {
  switch (directive) {
    case 'Y':
      parts.year = value;
      break;
    case 'y':
      parts.year = value < 69 ? 2000 + value : 1900 + value;
      break;
    case 'm':
      parts.month = value;
      break;
    case 'd':
      parts.day = value;
      break;
    case 'j':
      parts.day_of_year = value;
      break;
    case 'H':
    case 'I':
      parts.hour = value;
      parts.hour_of_12 = directive == 'I';
      break;
    case 'M':
      parts.minute = value;
      break;
    case 'S':
      parts.second = value;
      break;
    case 'u':
      parts.weekday = value - 1;
      break;
    case 'w':
      parts.weekday = (value + 6) % 7;
      break;
    case 'U':
    case 'W':
      parts.week = value;
      parts.weeks_begin_sunday = directive == 'U';
      break;
    case 'G':
      parts.iso_year = value;
      break;
    default:
      parts.iso_week = value;
  }
}

// One text against one format. Recursion is as deep as the format is long; steps are counted, since going back could
// take longer with every directive.
class Matcher {
 public:
  explicit Matcher(std::string_view text) : text_(text) {}

  // Matches a format at `at`. True: `parts` are set, and the match ends at `end`.
  bool match(std::string_view format, std::size_t at) {
    if (--steps_ < 0) return false;
    if (format.empty()) {
      end_ = at;
      return true;
    }
    if (is_blank(format.front())) return match_blanks(format, at);
    if (format.front() == '%') return format.size() > 1 && match_directive(format[1], format.substr(2), at);
    return at < text_.size() && lower(text_[at]) == lower(format.front()) && match(format.substr(1), at + 1);
  }

  std::size_t end() const { return end_; }
  const Parts& parts() const { return parts_; }

 private:
  // Any run of blanks in the format takes at least one of the text, and as many as it can.
  bool match_blanks(std::string_view format, std::size_t at) {
    while (!format.empty() && is_blank(format.front())) format.remove_prefix(1);
    std::size_t end = at;
    for (std::size_t next = at; next < text_.size() && is_white_space(next_character(text_, next));) end = next;
    for (; end > at; --end)
      if (match(format, end)) return true;
    return false;
  }

  // `rest` is the format behind the directive.
  bool match_directive(char directive, std::string_view rest, std::size_t at) {
    switch (directive) {
      case '%':
        return starts(at, "%") && match(rest, at + 1);
      case 'a':
      case 'A':
        return match_name(kWeekdays, directive == 'a', 0, parts_.weekday, rest, at);
      case 'b':
      case 'B':
        return match_name(kMonths, directive == 'b', 1, parts_.month, rest, at);
      case 'f':
        return match_fraction(rest, at, [this](int fraction) { parts_.microsecond = fraction; });
      case 'p':
        parts_.afternoon = starts(at, "pm");
        return (parts_.afternoon || starts(at, "am")) && match(rest, at + 2);
      case 'z':
        return match_offset(rest, at);
      case 'Z':
        return (starts(at, "utc") || starts(at, "gmt")) && match(rest, at + 3);
      default:
        const NumberDirective* const number = find_number(directive);
        return number != nullptr && match_number(*number, rest, at);
    }
  }

  // Letters of the text may be large or small.
  bool starts(std::size_t at, std::string_view name) const {
    return at < text_.size() && equal_ignoring_case(text_.substr(at, name.size()), name);
  }

  // No name of a list begins another, so the first that fits is the only one.
  template <std::size_t count>
  bool match_name(const std::array<std::string_view, count>& names, bool abbreviated, int first,
                  std::optional<int>& part, std::string_view rest, std::size_t at) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::string_view name = abbreviated ? names[i].substr(0, 3) : names[i];
      if (!starts(at, name)) continue;
      part = first + static_cast<int>(i);
      return match(rest, at + name.size());
    }
    return false;
  }

  // The longest reading first, as the greedy expressions of Python do.
  bool match_number(const NumberDirective& number, std::string_view rest, std::size_t at) {
    for (int digits = number.digits_max; digits >= number.digits_min; --digits) {
      std::size_t end = at;
      int value = 0;
      if (!read_digits(text_, end, static_cast<std::size_t>(digits), value)) continue;
      if (value < number.least || value > number.most) continue;
      if (number.name == 'V' && digits == 2 && value == 0) continue;  // Only a single zero is read.
      store(number.name, value, parts_);
      if (match(rest, end)) return true;
    }
    // The day may have a blank instead of a leading zero.
    if (number.name != 'd' || !starts(at, " ")) return false;
    const NumberDirective digit{'d', 1, 1, 1, 9};
    return at + 1 < text_.size() && is_digit(text_[at + 1]) && match_number(digit, rest, at + 1);
  }

  // Up to six digits; fewer count as if zeros followed.
  template <class Store>
  bool match_fraction(std::string_view rest, std::size_t at, Store store_fraction) {
    for (std::size_t digits = 6; digits > 0; --digits) {
      std::size_t end = at;
      int value = 0;
      if (!read_digits(text_, end, digits, value)) continue;
      for (std::size_t i = digits; i < 6; ++i) value *= 10;
      store_fraction(value);
      if (match(rest, end)) return true;
    }
    return false;
  }

  // Z, or a sign and hh[:]mm[[:]ss[.ffffff]], with ':' everywhere or nowhere. The longest reading first, as everywhere.
  // Parts that do not fit their form are left to `rest`.
  bool match_offset(std::string_view rest, std::size_t at) {
    if (at >= text_.size()) return false;
    if (text_[at] == 'Z') {
      parts_.offset_us = 0;
      return match(rest, at + 1);
    }
    if (text_[at] != '-' && text_[at] != '+') return false;
    const std::int64_t sign = text_[at] == '-' ? -1 : 1;
    int hours = 0, minutes = 0, seconds = 0;
    std::size_t end = at + 1;
    if (!read_digits(text_, end, 2, hours)) return false;
    const bool colons = starts(end, ":");
    if (colons) ++end;
    if (!read_digits(text_, end, 2, minutes) || minutes > 59) return false;
    const std::int64_t offset = hours * kHour + minutes * kMinute;
    std::size_t longer = end + (colons && starts(end, ":") ? 1 : 0);
    if ((longer > end || !colons) && read_digits(text_, longer, 2, seconds) && seconds <= 59) {
      const std::int64_t precise = offset + seconds * kSecond;
      if (starts(longer, ".") &&
          match_fraction(rest, longer + 1, [&](int fraction) { parts_.offset_us = sign * (precise + fraction); }))
        return true;
      parts_.offset_us = sign * precise;
      if (match(rest, longer)) return true;
    }
    parts_.offset_us = sign * offset;
    return match(rest, end);
  }

  std::string_view text_;
  Parts parts_;
  std::size_t end_ = 0;
  int steps_ = kStepsMax;
};

// The day of a week of a year: week 1 begins with the first Monday (or Sunday), the days before it are in week 0. May
// lie outside of the year: week 0 has days of the year before.
std::int64_t day_in_week(int year, int week, int weekday, bool weeks_begin_sunday) {
  const std::int64_t new_year = day_of({year, 1, 1});
  const int shift = weeks_begin_sunday ? 1 : 0;
  const int first = (weekday_of(new_year) + shift) % 7;
  const int wanted = (weekday + shift) % 7;
  if (week == 0) return new_year + wanted - first;
  return new_year + (7 - first) % 7 + 7 * (week - 1) + wanted;
}

// The day of an ISO week. Not checked against the year, as in Python: week 53 may be the next year's first.
std::optional<std::int64_t> day_in_iso_week(int year, int week, int weekday) {
  if (year == 0) return std::nullopt;
  const std::int64_t fourth = day_of({year, 1, 4});  // Always in week 1.
  return fourth - weekday_of(fourth) + 7 * (week - 1) + weekday;
}

// Which parts decide is Python's order: day of the year, then weeks, then month and day. Missing ones are those of
// 1900-01-01.
std::optional<std::int64_t> day_of_parts(const Parts& parts) {
  const bool iso_only = !parts.year && parts.iso_year;
  if (iso_only && (!parts.iso_week || !parts.weekday || parts.day_of_year)) return std::nullopt;
  if (!iso_only && !parts.week && parts.iso_week) return std::nullopt;
  const int year = parts.year.value_or(1900);
  if (year == 0) return std::nullopt;
  // Not checked against the year either: day 366 may be the next New Year's Day.
  if (parts.day_of_year) return day_of({year, 1, 1}) + *parts.day_of_year - 1;
  if (parts.week && parts.weekday) return day_in_week(year, *parts.week, *parts.weekday, parts.weeks_begin_sunday);
  if (parts.iso_year && parts.iso_week && parts.weekday)
    return day_in_iso_week(*parts.iso_year, *parts.iso_week, *parts.weekday);
  return checked_day(year, parts.month.value_or(1), parts.day.value_or(1));
}

}  // namespace

// The am or pm of %p counts only beside %I, as in Python.
std::optional<WrittenTime> read_formatted_time(std::string_view text, std::string_view format) {
  std::string resolved;
  Matcher matcher(text);
  if (!matcher.match(decomposed(format, resolved), 0) || matcher.end() != text.size()) return std::nullopt;
  const Parts& parts = matcher.parts();
  const auto day = day_of_parts(parts);
  // 60 and 61 match, but there are no leap seconds in a time.
  if (!day || parts.second > 59) return std::nullopt;
  if (parts.offset_us && (*parts.offset_us <= -kDay || *parts.offset_us >= kDay)) return std::nullopt;
  int hour = parts.hour;
  if (parts.hour_of_12) hour = hour % 12 + (parts.afternoon ? 12 : 0);
  const WrittenTime time{
      *day * kDay + hour * kHour + parts.minute * kMinute + parts.second * kSecond + parts.microsecond,
      parts.offset_us};
  return is_common_time(time.local_us) ? std::optional(time) : std::nullopt;
}

// A directive twice is refused because Python's strptime does.
std::optional<std::string> time_format_problem(std::string_view format) {
  std::string resolved, seen;
  format = decomposed(format, resolved);
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    if (++i == format.size()) return "the format ends with a single %";
    const char directive = format[i];
    if (find_number(directive) == nullptr && !kOtherDirectives.contains(directive))
      return fmt::format("the format has an unknown directive: %{}", directive);
    if (directive != '%' && seen.contains(directive))
      return fmt::format("the format has a directive twice: %{}", directive);
    seen += directive;
  }
  return std::nullopt;
}

}  // namespace batchout
