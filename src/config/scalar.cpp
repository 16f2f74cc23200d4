// Scalars of YAML 1.1, typed as the loader of the original does it.
//
// Its patterns are narrower than the YAML 1.1 pages: an exponent needs a dot before and a sign behind the e, y and n
// are text, and what only looks like a number (08, 0x_, 1:99) is text.

#include "config/scalar.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <system_error>

namespace batchout {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kDecimal = "0123456789_";

// Takes matching characters off the front of a text, as a pattern would.
class Scanner {
 public:
  explicit Scanner(std::string_view rest) : rest_(rest) {}

  bool done() const { return rest_.empty(); }
  bool at(std::string_view set) const { return !rest_.empty() && set.contains(rest_.front()); }
  // Takes one character if it is in `set`.
  bool one(std::string_view set) {
    if (!at(set)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Takes as many as there are, perhaps none.
  std::size_t run(std::string_view set) {
    const std::size_t count = std::min(rest_.find_first_not_of(set), rest_.size());
    rest_.remove_prefix(count);
    return count;
  }
  // Takes all of `word` or nothing.
  bool word(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  // (:[0-5]?[0-9])+
  bool sixties() {
    std::size_t count = 0;
    for (; word(":"); ++count) {
      const bool tens = at("012345");
      if (!one(kDigits)) return false;
      if (tens) one(kDigits);
    }
    return count > 0;
  }

 private:
  std::string_view rest_;
};

// Underscores group digits and mean nothing.
std::string without_underscores(std::string_view text) {
  std::string out(text);
  std::erase(out, '_');
  return out;
}

// [1-9][0-9_]*(:[0-5]?[0-9])+, as in hours:minutes:seconds.
bool is_sexagesimal(std::string_view body) {
  Scanner scan(body);
  return scan.one("123456789") && (scan.run(kDecimal), scan.sixties()) && scan.done();
}

// The base of an unsigned integer and its digits; base 0 if it is none.
struct Digits {
  unsigned base = 0;
  std::string text;
};

// 0b[01_]+, 0x[0-9a-fA-F_]+, 0[0-7_]* and [1-9][0-9_]*, each with at least one digit. A leading zero makes octal, as in
// YAML 1.1: 010 is 8. The o of YAML 1.2 (0o10) is text.
Digits integer_digits(std::string_view body) {
  const auto all_of = [](std::string_view text, std::string_view set) {
    return text.find_first_not_of(set) == std::string_view::npos;
  };
  Digits digits;
  if (body.starts_with("0b") && all_of(body.substr(2), "01_"))
    digits = {2, without_underscores(body.substr(2))};
  else if (body.starts_with("0x") && all_of(body.substr(2), "0123456789abcdefABCDEF_"))
    digits = {16, without_underscores(body.substr(2))};
  else if (body.starts_with("0") && all_of(body, "01234567_"))
    digits = {8, without_underscores(body)};
  else if (!body.empty() && body.front() != '_' && body.front() != '0' && all_of(body, kDecimal))
    digits = {10, without_underscores(body)};
  if (digits.text.empty()) digits.base = 0;
  return digits;
}

// Groups of a form that has been checked; the last one may have a fraction. Seconds, if the groups are hours, minutes
// and seconds: 1:30 is 90.
double sixties_value(const std::string& body) {
  double value = 0;
  std::size_t begin = 0;
  while (begin <= body.size()) {
    const std::size_t end = std::min(body.find(':', begin), body.size());
    value = value * 60 + nearest_real(std::string_view(body).substr(begin, end - begin));
    begin = end + 1;
  }
  return value;
}

// An integer that fits, else the nearest real: what was written still has all digits.
Node integer_or_real(bool negative, const Digits& digits) {
  const std::string text = (negative ? "-" : "") + digits.text;
  std::int64_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, static_cast<int>(digits.base));
  if (error == std::errc{}) return value;
  double real = 0;
  for (const char digit : digits.text) {
    const int number = digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
    real = real * digits.base + number;
  }
  return negative ? -real : real;
}

// `body` comes without its sign. None if it is no integer.
std::optional<Node> integer_scalar(bool negative, std::string_view body) {
  if (is_sexagesimal(body)) {
    const double value = sixties_value(without_underscores(body));
    constexpr double kExactMax = 9'007'199'254'740'992.0;
    if (value > kExactMax) return Node(negative ? -value : value);
    return Node(static_cast<std::int64_t>(negative ? -value : value));
  }
  const Digits digits = integer_digits(body);
  if (digits.base == 0) return std::nullopt;
  return integer_or_real(negative, digits);
}

// ([eE][-+][0-9]+)?
bool is_exponent_or_nothing(Scanner scan) {
  if (scan.done()) return true;
  return scan.one("eE") && scan.one("+-") && scan.run(kDigits) > 0 && scan.done();
}

// [0-9][0-9_]*\.[0-9_]*(e[-+][0-9]+)?, or without a sign before it \.[0-9][0-9_]*(e[-+][0-9]+)? Source: the resolver of
// PyYAML 6, whose pattern takes a sign only before a digit.
bool is_decimal_real(std::string_view body, bool is_signed) {
  Scanner scan(body);
  if (scan.one(kDigits)) {
    scan.run(kDecimal);
    if (!scan.word(".")) return false;
  } else if (is_signed || !scan.word(".") || !scan.at(kDigits)) {
    return false;
  }
  scan.run(kDecimal);
  return is_exponent_or_nothing(scan);
}

// [0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*
bool is_sexagesimal_real(std::string_view body) {
  Scanner scan(body);
  if (!scan.one(kDigits)) return false;
  scan.run(kDecimal);
  return scan.sixties() && scan.word(".") && (scan.run(kDecimal), scan.done());
}

// NaN takes no sign, infinity does; both have their dot. None if it is no real.
std::optional<Node> real_scalar(bool is_signed, bool negative, std::string_view body) {
  const double sign = negative ? -1 : 1;
  if (body == ".inf" || body == ".Inf" || body == ".INF") return Node(sign * std::numeric_limits<double>::infinity());
  if (!is_signed && (body == ".nan" || body == ".NaN" || body == ".NAN"))
    return Node(std::numeric_limits<double>::quiet_NaN());
  if (is_decimal_real(body, is_signed)) return Node(sign * nearest_real(without_underscores(body)));
  if (is_sexagesimal_real(body)) return Node(sign * sixties_value(without_underscores(body)));
  return std::nullopt;
}

// No text is both: a real has a dot, an integer has none.
std::optional<Node> number_scalar(std::string_view text) {
  const bool is_signed = text.starts_with('+') || text.starts_with('-');
  const bool negative = text.starts_with('-');
  const std::string_view body = text.substr(is_signed ? 1 : 0);
  if (auto node = integer_scalar(negative, body)) return node;
  return real_scalar(is_signed, negative, body);
}

// Blanks, tabs and line ends: the value of a variable often carries one from the file it was read from.
std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  const std::size_t end = text.find_last_not_of(kBlanks);
  return begin == text.size() ? std::string_view() : text.substr(begin, end + 1 - begin);
}

// As the original's host language reads numbers from text: blanks around, one sign, nothing behind. from_chars takes a
// minus by itself, but no plus.
template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

// The words of PyYAML, which leaves out the y and n of YAML 1.1.
std::optional<bool> boolean_word(std::string_view text) {
  for (const std::string_view word : {"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})
    if (text == word) return true;
  for (const std::string_view word : {"no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})
    if (text == word) return false;
  return std::nullopt;
}

std::optional<std::int64_t> decimal_integer(std::string_view text) {
  return whole_number<std::int64_t>(text);
}

std::optional<double> decimal_real(std::string_view text) {
  const auto value = whole_number<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

// from_chars tells only that a number is out of range, not on which side: the sign of the exponent does, or without one
// the place of the first digit that counts.
double nearest_real(std::string_view digits) {
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc::result_out_of_range) return value;
  const bool grows = digits.contains("e+") || digits.contains("E+");
  const bool small = digits.contains("e-") || digits.contains("E-") ||
                     (!grows && digits.find_first_of("123456789") > digits.find('.'));
  if (small) return 0;
  const double infinite = std::numeric_limits<double>::infinity();
  return digits.starts_with('-') ? -infinite : infinite;
}

Node plain_scalar(std::string_view text) {
  Node node{std::string(text)};
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
    node = Node();
  else if (const auto boolean = boolean_word(text))
    node = Node(*boolean);
  else if (auto number = number_scalar(text))
    node = *std::move(number);
  if (!node.is_text()) node.set_written(std::string(text));
  return node;
}

}  // namespace batchout
