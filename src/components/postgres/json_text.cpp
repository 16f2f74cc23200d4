// A recursive descent over the JSON grammar that keeps nothing.

#include "components/postgres/json_text.h"

#include <charconv>
#include <cstdint>

#include "base/ascii.h"

namespace batchout::postgres {
namespace {

constexpr int kDepthMax = 1'000;

class Reader {
 public:
  Reader(std::string_view text, bool as_jsonb) : at_(text.data()), end_(at_ + text.size()), as_jsonb_(as_jsonb) {}

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
    if (at_ == end_ || depth > kDepthMax) return false;
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

  bool escape() {
    if (at_ == end_) return false;
    const char c = *at_++;
    if (c != 'u') return std::string_view("\"\\/bfnrt").contains(c);
    std::uint16_t unit = 0;
    if (!hex_digits(unit)) return false;
    if (!as_jsonb_) return true;
    if (unit >= 0xD800 && unit < 0xDC00) {
      std::uint16_t low = 0;
      return word("\\u") && hex_digits(low) && low >= 0xDC00 && low < 0xE000;
    }
    return unit != 0 && !(unit >= 0xDC00 && unit < 0xE000);
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
  bool as_jsonb_;
};

}  // namespace

bool valid_json(std::string_view text, bool as_jsonb) {
  return Reader(text, as_jsonb).document();
}

}  // namespace batchout::postgres
