// Reads TZ texts. Offsets count west of UTC there, as POSIX has it.

#include "base/zone_rule.h"

#include <algorithm>
#include <charconv>

#include "base/calendar.h"

namespace batchout {
namespace {

// Every read_ moves behind what it takes, and answers no where the text is not of that form.
class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : rest_(text) {}

  // Summer is an hour ahead of standard time where the text does not say. A rule with summer but without its moments is
  // refused, though POSIX leaves a default to the system.
  std::optional<ZoneRule> read() {
    ZoneRule rule;
    if (!skip_name() || !read_clock(rule.standard_offset)) return std::nullopt;
    rule.standard_offset = -rule.standard_offset;
    if (rest_.empty()) return rule;
    rule.has_summer = true;
    rule.summer_offset = rule.standard_offset + 3600;
    if (!skip_name()) return std::nullopt;
    if (!rest_.empty() && rest_.front() != ',') {
      if (!read_clock(rule.summer_offset)) return std::nullopt;
      rule.summer_offset = -rule.summer_offset;
    }
    if (!read_moment(rule.summer_begins) || !read_moment(rule.summer_ends) || !rest_.empty()) return std::nullopt;
    return rule;
  }

 private:
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Letters, or anything in angle brackets.
  bool skip_name() {
    const bool quoted = take('<');
    std::size_t size = 0;
    while (size < rest_.size() && (quoted ? rest_[size] != '>' : is_letter(rest_[size]))) ++size;
    rest_.remove_prefix(size);
    return size > 0 && (!quoted || take('>'));
  }

  static bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

  // From 0 to `most`; from_chars would take a minus.
  bool read_number(int& value, int most) {
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc{} || value < 0 || value > most) return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return true;
  }

  // [+-]hh[:mm[:ss]] as seconds. Up to 167 hours, the extension of RFC 8536 for moments on other days.
  bool read_clock(std::int32_t& seconds) {
    const bool negative = take('-');
    if (!negative) take('+');
    int hours = 0, minutes = 0, rest = 0;
    if (!read_number(hours, 167)) return false;
    if (take(':') && (!read_number(minutes, 59) || (take(':') && !read_number(rest, 59)))) return false;
    seconds = (hours * 60 + minutes) * 60 + rest;
    if (negative) seconds = -seconds;
    return true;
  }

  // ,Mm.n.d or ,Jn or ,n and maybe /time. Only the form with M can name a weekday.
  bool read_moment(ZoneRule::Moment& moment) {
    if (!take(',')) return false;
    if (take('M')) {
      moment.day = ZoneRule::Moment::Day::nth_weekday;
      if (!read_number(moment.month, 12) || !take('.') || !read_number(moment.number, 5) || !take('.') ||
          !read_number(moment.weekday, 6) || moment.month == 0 || moment.number == 0)
        return false;
    } else {
      moment.day = take('J') ? ZoneRule::Moment::Day::julian : ZoneRule::Moment::Day::zero_based;
      if (!read_number(moment.number, 365)) return false;
    }
    return !take('/') || read_clock(moment.seconds);
  }

  std::string_view rest_;
};

// The fifth week is the last one, whether or not the month has five. Day 60 of the Julian count is March 1 in every
// year.
std::int64_t day_in(const ZoneRule::Moment& moment, std::int64_t year) {
  const std::int64_t new_year = day_of({year, 1, 1});
  if (moment.day == ZoneRule::Moment::Day::zero_based) return new_year + moment.number;
  if (moment.day == ZoneRule::Moment::Day::julian)
    return new_year + moment.number - 1 + (is_leap_year(year) && moment.number >= 60 ? 1 : 0);
  const std::int64_t first = day_of({year, moment.month, 1});
  const int weekday = (moment.weekday + 6) % 7;  // 0 is Monday in our calendar.
  int day = (weekday - weekday_of(first) + 7) % 7 + (moment.number - 1) * 7;
  if (day >= days_of_month(year, moment.month)) day -= 7;
  return first + day;
}

}  // namespace

std::int64_t ZoneRule::local_seconds(const Moment& moment, std::int64_t year) {
  return day_in(moment, year) * 86'400 + moment.seconds;
}

std::optional<ZoneRule> parse_zone_rule(std::string_view text) {
  return RuleReader(text).read();
}

}  // namespace batchout
