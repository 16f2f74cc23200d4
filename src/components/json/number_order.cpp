// Doubles decide where they differ, since rounding keeps the order; where they are equal, the digits do.

#include "components/json/number_order.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "components/json/scalar.h"

namespace batchout::json {
namespace {

// A number as 0.DIGITS times ten to the power of `exponent`; zero has no digits. Neither end of the digits is a zero.
struct Digits {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;
};

Digits digits_of(std::string_view number) {
  Digits result;
  result.negative = number.starts_with('-');
  if (result.negative) number.remove_prefix(1);
  const std::size_t mark = std::min(number.find_first_of("eE"), number.size());
  const std::string_view mantissa = number.substr(0, mark);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  for (const char c : mantissa)
    if (c != '.') result.digits += c;
  result.exponent = static_cast<std::int64_t>(point) + exponent_of(number.substr(mark));
  const std::size_t zeros = std::min(result.digits.find_first_not_of('0'), result.digits.size());
  result.digits.erase(0, zeros);
  result.exponent -= static_cast<std::int64_t>(zeros);
  result.digits.erase(result.digits.find_last_not_of('0') + 1);
  return result;
}

std::strong_ordering compare_digits(const Digits& a, const Digits& b) {
  if (a.digits.empty() || b.digits.empty()) {
    const auto sign = [](const Digits& n) { return n.digits.empty() ? 0 : n.negative ? -1 : 1; };
    return sign(a) <=> sign(b);
  }
  if (a.negative != b.negative) return a.negative ? std::strong_ordering::less : std::strong_ordering::greater;
  auto order = a.exponent <=> b.exponent;
  if (order == std::strong_ordering::equal) order = a.digits.compare(b.digits) <=> 0;
  return a.negative ? 0 <=> order : order;
}

double real_of(const Cell& number) {
  if (number.tag == Tag::integer) return static_cast<double>(number.integer);
  return number.tag == Tag::real ? number.real : number_cell(number.text, false).real;
}

std::string text_of(const Cell& number) {
  return number.tag == Tag::integer ? std::to_string(number.integer) : std::string(number.text);
}

}  // namespace

std::partial_ordering compare_numbers(const Cell& a, const Cell& b) {
  if (a.tag == Tag::integer && b.tag == Tag::integer) return a.integer <=> b.integer;
  const double left = real_of(a);
  const double right = real_of(b);
  const auto order = left <=> right;
  if (order != std::partial_ordering::equivalent) return order;
  const std::string left_text = text_of(a);
  const std::string right_text = text_of(b);
  if (left_text.empty() && right_text.empty()) return order;
  // Infinity by name, which is beyond whatever has digits.
  if (left_text.empty() || right_text.empty())
    return left_text.empty() == (left > 0) ? std::partial_ordering::greater : std::partial_ordering::less;
  return compare_digits(digits_of(left_text), digits_of(right_text));
}

}  // namespace batchout::json
