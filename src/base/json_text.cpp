// A recursive descent over the JSON grammar that keeps nothing.

#include "base/json_text.h"

#include <charconv>
#include <cstdint>

#include "base/ascii.h"
#include "base/unicode.h"

namespace batchout {
namespace {

// Recursion is as deep as the text is nested, at most `depth_max`. What fails leaves the place anywhere, since the
// answer is no then.
class Reader {
 public:
  Reader(std::string_view text, JsonEscapes escapes, int depth_max)
      : at_(text.data()), end_(at_ + text.size()), escapes_(escapes), depth_max_(depth_max) {}

  bool document() {
    if (!value(0)) return false;
    blanks();
    return at_ == end_;
  }

 private:
  void blanks() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
  }

  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  bool take_after_blanks(char c) {
    blanks();
    return take(c);
  }

  bool word(std::string_view wanted) {
    if (!std::string_view(at_, end_).starts_with(wanted)) return false;
    at_ += wanted.size();
    return true;
  }

  bool value(int depth) {
    blanks();
    if (at_ == end_ || depth > depth_max_) return false;
    switch (*at_) {
      case '{':
        return object(depth);
      case '[':
        return list(depth);
      case '"':
        return string();
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return number();
    }
  }

  bool object(int depth) {
    ++at_;
    if (take_after_blanks('}')) return true;
    do {
      blanks();
      if (!string() || !take_after_blanks(':') || !value(depth + 1)) return false;
    } while (take_after_blanks(','));
    return take('}');
  }

  bool list(int depth) {
    ++at_;
    if (take_after_blanks(']')) return true;
    do {
      if (!value(depth + 1)) return false;
    } while (take_after_blanks(','));
    return take(']');
  }

  bool digits() {
    const char* begin = at_;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return at_ != begin;
  }

  // The grammar of RFC 8259, section 6. A digit behind a leading zero is left over and fails in the caller.
  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (!take('e') && !take('E')) return true;
    if (!take('+')) take('-');
    return digits();
  }

  bool string() {
    if (!take('"')) return false;
    while (at_ != end_) {
      const char c = *at_++;
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c == '\\' && !escape()) return false;
    }
    return false;
  }

  // Behind the backslash. A low surrogate alone is a half, as is a high one without its other.
  bool escape() {
    if (at_ == end_) return false;
    const char c = *at_++;
    if (c != 'u') return std::string_view("\"\\/bfnrt").contains(c);
    std::uint16_t unit = 0;
    if (!hex_digits(unit)) return false;
    if (escapes_ == JsonEscapes::any) return true;
    if (unit >= 0xD800 && unit < 0xDC00) {
      std::uint16_t low = 0;
      return word("\\u") && hex_digits(low) && low >= 0xDC00 && low < 0xE000;
    }
    if (unit == 0) return escapes_ != JsonEscapes::storable;
    return unit < 0xDC00 || unit >= 0xE000;
  }

  bool hex_digits(std::uint16_t& unit) {
    if (end_ - at_ < 4) return false;
    const auto [end, error] = std::from_chars(at_, at_ + 4, unit, 16);
    if (error != std::errc{} || end != at_ + 4) return false;
    at_ += 4;
    return true;
  }

  const char* at_;
  const char* end_;
  JsonEscapes escapes_;
  int depth_max_;
};

// The four digits behind `\u` at `at`.
char32_t unit_at(std::string_view text, std::size_t at) {
  std::uint16_t unit = 0;
  std::from_chars(text.data() + at, text.data() + at + 4, unit, 16);
  return unit;
}

}  // namespace

bool is_json(std::string_view text, JsonEscapes escapes, int depth_max) {
  return Reader(text, escapes, depth_max).document();
}

// Without checks: is_json has made them.
void append_unescaped(std::string_view quoted, std::string& out) {
  constexpr std::string_view kNames = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
  std::string_view rest = quoted.substr(1, quoted.size() - 2);
  for (std::size_t at = rest.find('\\'); at != std::string_view::npos; at = rest.find('\\')) {
    out.append(rest.substr(0, at));
    const char name = rest[at + 1];
    std::size_t size = 2;
    if (name == 'u') {
      char32_t c = unit_at(rest, at + 2);
      size = 6;
      if (c >= 0xD800 && c < 0xDC00) {
        c = 0x10000 + ((c - 0xD800) << 10) + (unit_at(rest, at + 8) - 0xDC00);
        size = 12;
      }
      append_character(c, out);
    } else {
      out += kMeanings[kNames.find(name)];
    }
    rest.remove_prefix(at + size);
  }
  out.append(rest);
}

}  // namespace batchout
