// Decimal text to `numeric`, rounding and range checks included.

#include "components/postgres/decimal.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/ascii.h"
#include "base/calendar.h"
#include "components/postgres/wire.h"

namespace batchout::postgres {
namespace {

// The server's limits: 131,072 digits before the point, 16,383 after it.
constexpr std::int64_t kPointMax = 131'072;
constexpr std::int64_t kScaleMax = 16'383;

// Without a sign, which has been taken off.
bool read_special(std::string_view text, Decimal& out) {
  if (equal_ignoring_case(text, "nan"))
    out.special = Decimal::Special::nan;
  else if (equal_ignoring_case(text, "infinity") || equal_ignoring_case(text, "inf"))
    out.special = Decimal::Special::infinity;
  else
    return false;
  return true;
}

// Takes the exponent off the end of `text`: 0 if there is none, nothing if it is malformed or absurd.
std::optional<std::int64_t> take_exponent(std::string_view& text) {
  const std::size_t mark = text.find_first_of("eE");
  if (mark == std::string_view::npos) return 0;
  std::string_view digits = text.substr(mark + 1);
  text = text.substr(0, mark);
  if (digits.starts_with('+') && !digits.starts_with("+-")) digits.remove_prefix(1);
  std::int32_t exponent = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return exponent;
}

// Digits before and after the point into `out.digits`; false if there is anything else, or no digit at all.
bool take_digits(std::string_view text, Decimal& out, std::int64_t& before, std::int64_t& after) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (whole.empty() && fraction.empty()) return false;
  if (!std::ranges::all_of(whole, is_digit) || !std::ranges::all_of(fraction, is_digit)) return false;
  out.digits.append(whole).append(fraction);
  before = static_cast<std::int64_t>(whole.size());
  after = static_cast<std::int64_t>(fraction.size());
  return true;
}

// The digit at 10^-1, 10^-2, … for index 0, 1, …, counted from the first digit of the value. Zeros on both sides of the
// digits are not stored.
char digit_at(const Decimal& value, std::int64_t index) {
  return index >= 0 && index < static_cast<std::int64_t>(value.digits.size())
             ? value.digits[static_cast<std::size_t>(index)]
             : '0';
}

}  // namespace

bool read_decimal(std::string_view text, Decimal& out) {
  text = trimmed(text);
  out.special = Decimal::Special::none;
  out.negative = text.starts_with('-');
  out.digits.clear();
  out.point = out.scale = 0;
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (read_special(text, out)) return true;
  const auto exponent = take_exponent(text);
  std::int64_t before = 0, after = 0;
  if (!exponent || !take_digits(text, out, before, after)) return false;
  const std::size_t zeros = std::min(out.digits.find_first_not_of('0'), out.digits.size());
  out.digits.erase(0, zeros);
  const std::int64_t point = out.digits.empty() ? 0 : before - static_cast<std::int64_t>(zeros) + *exponent;
  const std::int64_t scale = std::max<std::int64_t>(0, after - *exponent);
  if (point > kPointMax || scale > kScaleMax) return false;
  out.point = static_cast<std::int32_t>(point);
  out.scale = static_cast<std::int32_t>(scale);
  if (out.digits.empty()) out.negative = false;
  return true;
}

// 19 digits fit into an unsigned word, one more need not.
std::optional<std::int64_t> to_integer(const Decimal& value) {
  constexpr std::int32_t kDigitsMax = 19;
  if (value.special != Decimal::Special::none || value.point > kDigitsMax) return std::nullopt;
  std::uint64_t magnitude = 0;
  for (std::int32_t i = 0; i < value.point; ++i)
    magnitude = magnitude * 10 + static_cast<std::uint64_t>(digit_at(value, i) - '0');
  if (value.point >= 0 && digit_at(value, value.point) >= '5') ++magnitude;
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (magnitude > kMost + (value.negative ? 1 : 0)) return std::nullopt;
  return static_cast<std::int64_t>(value.negative ? 0 - magnitude : magnitude);
}

// A NaN fits every numeric, infinity only one without precision, as on the server.
bool fits(const Decimal& value, std::int32_t precision, std::int32_t scale) {
  if (value.special == Decimal::Special::nan) return true;
  if (value.special == Decimal::Special::infinity) return false;
  const std::int32_t room = precision - scale;
  if (value.digits.empty() || value.point < room) return true;
  if (value.point > room) return false;
  // As many digits as there is room for: only rounding a row of nines up adds one more.
  const std::int64_t kept = std::int64_t{value.point} + scale;
  for (std::int64_t i = 0; i < kept; ++i)
    if (digit_at(value, i) != '9') return true;
  return digit_at(value, kept) < '5';
}

// Words: number of digit groups, weight, sign, digits to show behind the point. Source: numeric_send in the server's
// numeric.c. Zero groups at the end are left out.
void append_numeric(const Decimal& value, std::string& out) {
  constexpr std::uint16_t kNegative = 0x4000, kNan = 0xC000, kInfinity = 0xD000, kMinusInfinity = 0xF000;
  if (value.special != Decimal::Special::none) {
    const std::uint16_t infinity = value.negative ? kMinusInfinity : kInfinity;
    append_int32(0, out);
    append_int16(value.special == Decimal::Special::nan ? kNan : infinity, out);
    append_int16(0, out);
    return;
  }
  // Groups of four digits, aligned at the decimal point. The weight is the power of 10,000 of the first group.
  const std::int64_t weight = value.digits.empty() ? 0 : floor_divide(value.point + 3, 4) - 1;
  const std::size_t header = out.size();
  append_int16(0, out);
  append_int16(static_cast<std::uint16_t>(weight), out);
  append_int16(value.negative ? kNegative : 0, out);
  append_int16(static_cast<std::uint16_t>(value.scale), out);
  const auto size = static_cast<std::int64_t>(value.digits.size());
  std::size_t last = out.size();  // End of the last group that is not zero.
  for (std::int64_t index = value.point - 4 * (weight + 1); index < size; index += 4) {
    std::uint16_t group = 0;
    for (std::int64_t i = index; i < index + 4; ++i)
      group = static_cast<std::uint16_t>(group * 10 + (digit_at(value, i) - '0'));
    append_int16(group, out);
    if (group != 0) last = out.size();
  }
  out.resize(last);
  set_int16(static_cast<std::uint16_t>((last - header - 8) / 2), out, header);
}

}  // namespace batchout::postgres
