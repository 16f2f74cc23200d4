// Numbers and texts of JSON.

#include "components/json/scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "base/unicode.h"

namespace batchout::json {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

const char* skip_digits(const char* at) {
  while (is_digit(*at)) ++at;
  return at;
}

// Decides between infinity and zero for a number that is no double: the power of ten of its first digit.
bool is_huge(std::string_view number) {
  if (number.starts_with('-')) number.remove_prefix(1);
  const std::size_t mark = std::min(number.find_first_of("eE"), number.size());
  const std::string_view digits = number.substr(0, mark);
  const std::int64_t exponent = exponent_of(number.substr(mark));
  const auto first = digits.find_first_of("123456789");
  if (first == std::string_view::npos) return false;
  const auto point = std::min(digits.find('.'), digits.size());
  return exponent + static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first) > 0;
}

double real_of(std::string_view number) {
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error == std::errc::result_out_of_range) {
    value = is_huge(number) ? std::numeric_limits<double>::infinity() : 0.0;
    if (number.starts_with('-')) value = -value;
  }
  return value;
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The four digits behind `\u`, or -1.
int hex4(std::string_view text) {
  if (text.size() < 4) return -1;
  int code = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const int digit = hex_digit(text[i]);
    if (digit < 0) return -1;
    code = code << 4 | digit;
  }
  return code;
}

bool is_high_surrogate(int code) {
  return code >= 0xD800 && code <= 0xDBFF;
}

bool is_low_surrogate(int code) {
  return code >= 0xDC00 && code <= 0xDFFF;
}

char* put_utf8(int code, char* out) {
  const auto put = [&out](int byte) { *out++ = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
  return out;
}

// A one-character escape, or 0.
char simple_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

// The character behind `\u` at the start of `text`, -1 if it is bad; `size` is how much of `text` it takes.
int unicode_escape(std::string_view text, std::size_t& size) {
  const int code = hex4(text);
  size = 4;
  if (code < 0 || is_low_surrogate(code)) return -1;
  if (!is_high_surrogate(code)) return code;
  if (text.size() < 10 || text[4] != '\\' || text[5] != 'u') return -1;
  const int low = hex4(text.substr(6));
  size = 10;
  return is_low_surrogate(low) ? 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) : -1;
}

// Bytes of the UTF-8 character at the start of `text`, 0 if it is bad.
std::size_t utf8_size(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if (!continues_character(text[i])) return 0;
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool outside = (first == 0xED && byte(1) > 0x9F) || (first == 0xF4 && byte(1) > 0x8F);
  return overlong || outside ? 0 : size;
}

}  // namespace

std::int64_t exponent_of(std::string_view mark) {
  constexpr std::int64_t kExponentMax = 1'000'000'000;
  if (mark.empty()) return 0;
  mark.remove_prefix(1);
  const bool negative = mark.starts_with('-');
  if (negative || mark.starts_with('+')) mark.remove_prefix(1);
  std::int64_t exponent = 0;
  for (const char c : mark)
    if (exponent < kExponentMax) exponent = exponent * 10 + (c - '0');
  return negative ? -exponent : exponent;
}

std::size_t number_size(const char* at, bool& integer) {
  const char* p = at;
  integer = true;
  if (*p == '-') ++p;
  if (!is_digit(*p)) return 0;
  p = *p == '0' ? p + 1 : skip_digits(p);
  if (*p == '.') {
    integer = false;
    if (!is_digit(*++p)) return 0;
    p = skip_digits(p);
  }
  if (*p == 'e' || *p == 'E') {
    integer = false;
    ++p;
    if (*p == '+' || *p == '-') ++p;
    if (!is_digit(*p)) return 0;
    p = skip_digits(p);
  }
  return ends_scalar(*p) ? static_cast<std::size_t>(p - at) : 0;
}

std::size_t special_number_size(const char* at, double& value) {
  const bool negative = *at == '-';
  const char* const name = negative ? at + 1 : at;
  value = std::numeric_limits<double>::infinity();
  if (negative) value = -value;
  std::size_t size = 0;
  if (std::strncmp(name, "Infinity", 8) == 0) {
    size = 8;
  } else if (!negative && std::strncmp(name, "NaN", 3) == 0) {
    value = std::numeric_limits<double>::quiet_NaN();
    size = 3;
  }
  return size > 0 && ends_scalar(name[size]) ? size + (negative ? 1 : 0) : 0;
}

Cell number_cell(std::string_view number, bool integer) {
  Cell cell{Tag::real, 0, 0, number};
  if (!integer) {
    cell.real = real_of(number);
    return cell;
  }
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), cell.integer);
  cell.tag = error == std::errc{} ? Tag::integer : Tag::decimal;
  return cell;
}

std::size_t unescape(std::string_view raw, char* out) {
  const char* const start = out;
  while (!raw.empty()) {
    const std::size_t plain = std::min(raw.find('\\'), raw.size());
    std::memcpy(out, raw.data(), plain);
    out += plain;
    raw.remove_prefix(plain);
    if (raw.empty()) break;
    if (raw.size() < 2) return kBadEscape;
    if (raw[1] == 'u') {
      std::size_t size = 0;
      const int code = unicode_escape(raw.substr(2), size);
      if (code < 0) return kBadEscape;
      out = put_utf8(code, out);
      raw.remove_prefix(2 + size);
    } else {
      const char c = simple_escape(raw[1]);
      if (c == 0) return kBadEscape;
      *out++ = c;
      raw.remove_prefix(2);
    }
  }
  return static_cast<std::size_t>(out - start);
}

bool escapes_are_good(std::string_view raw) {
  for (std::size_t at = raw.find('\\'); at != std::string_view::npos; at = raw.find('\\', at)) {
    if (at + 1 == raw.size()) return false;
    std::size_t size = 0;
    if (raw[at + 1] == 'u') {
      if (unicode_escape(raw.substr(at + 2), size) < 0) return false;
    } else if (simple_escape(raw[at + 1]) == 0) {
      return false;
    }
    at += 2 + size;
  }
  return true;
}

std::size_t utf8_fault(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t size = utf8_size(text.substr(at));
    if (size == 0) return at;
    at += size;
  }
  return at;
}

std::int64_t character_count(std::string_view text) {
  return static_cast<std::int64_t>(count_characters(text));
}

std::string_view character_at(std::string_view text, std::int64_t position) {
  const std::int64_t count = character_count(text);
  if (position < 0) position += count;
  if (position < 0 || position >= count) return {};
  std::size_t at = 0;
  for (; position > 0; --position) at += utf8_size(text.substr(at));
  return text.substr(at, utf8_size(text.substr(at)));
}

}  // namespace batchout::json
