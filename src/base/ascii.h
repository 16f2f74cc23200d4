// Characters of ASCII, independent of any locale.

#pragma once

#include <cstddef>
#include <string_view>

namespace batchout {

// One comparison: characters below '0' wrap around to large numbers.
constexpr bool is_digit(char c) {
  return static_cast<unsigned char>(c - '0') <= 9;
}

// The six blanks of the C locale: space, tab, line feed, vertical tab, form feed, carriage return.
constexpr bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

// Bytes of characters beyond ASCII stay what they are, so UTF-8 survives.
constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// Equal up to the case of ASCII letters.
constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

// Without the blanks around it; a view of the same text.
constexpr std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Reads exactly `count` digits at `at` into `value`, false if they are not there. `at` is moved behind them. `value`
// stays as it is where it fails. At most nine digits, so that an int holds them.
constexpr bool read_digits(std::string_view text, std::size_t& at, std::size_t count, int& value) {
  if (text.size() - at < count || at > text.size()) return false;
  int number = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(text[at + i])) return false;
    number = number * 10 + (text[at + i] - '0');
  }
  value = number;
  at += count;
  return true;
}

}  // namespace batchout
