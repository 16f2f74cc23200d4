// Plain ASCII is read in place; everything else is first brought to plain ASCII in a buffer of its own.

#include "base/number_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/ascii.h"
#include "base/unicode.h"

namespace batchout {
namespace {

// Digits of other scripts as ASCII digits, white space as blanks. Whatever else is there becomes '?'. Source:
// _PyUnicode_TransformDecimalAndSpaceToASCII, through which Python's int and float read. No number has a '?'.
std::string to_ascii(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_character(text, at);
    if (c < 0x80) {
      plain += static_cast<char>(c);
    } else if (const auto digit = decimal_digit(c)) {
      plain += static_cast<char>('0' + *digit);
    } else {
      plain += is_white_space(c) ? ' ' : '?';
    }
  }
  return plain;
}

// Looks for a set high bit; nearly all texts have none.
bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return (c & 0x80) != 0; });
}

// Takes single '_' out from between digits; false where one stands elsewhere.
bool remove_underscores(std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '_' && (i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1])))
      return false;
  std::erase(text, '_');
  return true;
}

// Calls `read` with `text` trimmed, in ASCII and without '_'. Copies only what is not plain ASCII already.
template <class Value>
std::optional<Value> read_plain(std::string_view text, std::optional<Value> (*read)(std::string_view)) {
  if (is_ascii(text)) {
    text = trimmed(text);
    if (!text.contains('_')) return read(text);
  }
  std::string plain = to_ascii(text);
  plain = std::string(trimmed(plain));
  if (!remove_underscores(plain)) return std::nullopt;
  return read(plain);
}

// A sign and digits. Leading zeros are allowed and not kept, as Python's int does it.
std::optional<ReadInteger> read_ascii_integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  text.remove_prefix(std::min(text.find_first_not_of('0'), text.size() - 1));
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  // The magnitude of the least integer is one more than that of the greatest.
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (error == std::errc{} && size <= kMost + (negative ? 1 : 0))
    return ReadInteger{static_cast<std::int64_t>(negative ? 0 - size : size), {}};
  return ReadInteger{std::nullopt, (negative ? "-" : "") + std::string(text)};
}

// Decides what from_chars calls out of range: the power of ten of the first digit that counts says on which side.
// `number` is well formed, without a sign, and not zero.
double out_of_range(std::string_view number) {
  const std::size_t mark = number.find_first_of("eE");
  const std::string_view mantissa = number.substr(0, mark);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::size_t first = mantissa.find_first_of("123456789");
  std::int64_t exponent = 0;
  if (mark != std::string_view::npos) {
    std::string_view digits = number.substr(mark + 1);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (read.ec != std::errc{}) exponent = digits.starts_with('-') ? -1'000'000'000 : 1'000'000'000;
  }
  return exponent + static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first) > 0
             ? std::numeric_limits<double>::infinity()
             : 0.0;
}

// Python's float: also inf, infinity and nan in any case, with a sign.
std::optional<double> read_ascii_real(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  if (equal_ignoring_case(text, "inf") || equal_ignoring_case(text, "infinity")) {
    value = std::numeric_limits<double>::infinity();
  } else if (equal_ignoring_case(text, "nan")) {
    value = std::numeric_limits<double>::quiet_NaN();
  } else {
    if (text.empty() || (!is_digit(text.front()) && text.front() != '.')) return std::nullopt;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ptr != end || read.ec == std::errc::invalid_argument) return std::nullopt;
    if (read.ec == std::errc::result_out_of_range) value = out_of_range(text);
  }
  return negative ? -value : value;
}

// Digits and sign as they are written, in the form of JSON. ".5" gets its zero, "5." loses its point; the exponent
// stays as it is.
std::optional<std::string> read_ascii_decimal(std::string_view text) {
  const auto value = read_ascii_real(text);
  if (!value || text.find_first_of("0123456789") == std::string_view::npos) return std::nullopt;
  std::string number = text.starts_with('-') ? "-" : "";
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t mark = std::min(text.find_first_of("eE"), text.size());
  const std::string_view mantissa = text.substr(0, mark);
  std::string_view whole = mantissa.substr(0, mantissa.find('.'));
  const std::string_view fraction = mantissa.substr(std::min(whole.size() + 1, mantissa.size()));
  while (whole.size() > 1 && whole.starts_with('0')) whole.remove_prefix(1);
  number.append(whole.empty() ? "0" : whole);
  if (!fraction.empty()) number.append(".").append(fraction);
  return number.append(text.substr(mark));
}

// The common case: a sign at most, and so few digits that any value fits. 18 digits are below 2^63. Leading zeros are
// fine, a plus is left to the other way.
std::optional<std::int64_t> read_short_integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > 18) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

}  // namespace

// Notation as Python's repr: shortest digits that read back to the same double. Python shows exponents from -4 to 15
// without e, as fmt does.
char* write_real(char* out, double value) {
  if (std::isnan(value)) return std::copy_n("nan", 3, out);
  char* const end = fmt::format_to(out, "{}", value);
  // fmt chooses digits and notation as wanted, but leaves the fraction out where there is none.
  const bool whole = std::all_of(out, end, [](char c) { return is_digit(c) || c == '-'; });
  return whole ? std::copy_n(".0", 2, end) : end;
}

void append_real(std::string& out, double value) {
  char text[kRealSizeMax];
  out.append(text, write_real(text, value));
}

// kIntegerSizeMax bytes are always enough.
char* write_integer(char* out, std::int64_t value) {
  return std::to_chars(out, out + kIntegerSizeMax, value).ptr;
}

std::optional<ReadInteger> read_integer(std::string_view text, std::size_t digits_max) {
  if (const auto value = read_short_integer(text)) return ReadInteger{value, {}};
  auto number = read_plain(text, read_ascii_integer);
  if (number && number->digits.size() > digits_max) return std::nullopt;
  return number;
}

std::optional<double> read_real(std::string_view text) {
  if (!text.empty() && is_digit(text.front())) {  // Nearly always plain already.
    if (const auto value = read_ascii_real(text)) return value;
  }
  return read_plain(text, read_ascii_real);
}

// The grammar of RFC 8259, in one pass.
bool is_json_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto take_digits = [&text] {
    const std::size_t size = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(size);
    return size;
  };
  const bool zero = text.starts_with('0');
  const std::size_t whole = take_digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (take_digits() == 0) return false;
  }
  if (!text.starts_with('e') && !text.starts_with('E')) return text.empty();
  text.remove_prefix(1);
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return take_digits() > 0 && text.empty();
}

std::optional<std::string> read_decimal(std::string_view text) {
  if (text.size() > kDecimalSizeMax) return std::nullopt;
  return read_plain(text, read_ascii_decimal);
}

// All digits of the double's exact value; `value` is finite.
std::string integer_digits(double value) {
  return fmt::format("{:.0f}", std::trunc(value));
}

}  // namespace batchout
