// Tables of decimal digits and white space (Unicode 14).

#include "base/unicode.h"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace batchout {
namespace {

// The zero of every script with decimal digits; one to nine follow it.
constexpr char32_t kZeros[] = {
    0x30,    0x660,   0x6F0,   0x7C0,   0x966,   0x9E6,   0xA66,   0xAE6,   0xB66,   0xBE6,   0xC66,
    0xCE6,   0xD66,   0xDE6,   0xE50,   0xED0,   0xF20,   0x1040,  0x1090,  0x17E0,  0x1810,  0x1946,
    0x19D0,  0x1A80,  0x1A90,  0x1B50,  0x1BB0,  0x1C40,  0x1C50,  0xA620,  0xA8D0,  0xA900,  0xA9D0,
    0xA9F0,  0xAA50,  0xABF0,  0xFF10,  0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0,
    0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x16A60,
    0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0,
};

// The smallest character that a sequence of 1 to 4 bytes may mean.
constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};

}  // namespace

// Overlong forms, surrogates and what lies beyond U+10FFFF are broken as well. One byte is passed over, so that a
// character behind a stray byte is still found.
char32_t next_character(std::string_view text, std::size_t& at) {
  const auto first = static_cast<std::uint8_t>(text[at]);
  const std::size_t size = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  char32_t c = size == 1 ? first : first & (0x7F >> size);
  if ((first >= 0x80 && first < 0xC0) || first >= 0xF8 || text.size() - at < size) return ++at, kNoCharacter;
  for (std::size_t i = 1; i < size; ++i) {
    const auto byte = static_cast<std::uint8_t>(text[at + i]);
    if ((byte & 0xC0) != 0x80) return ++at, kNoCharacter;
    c = c << 6 | (byte & 0x3F);
  }
  if (c < kLeast[size] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return ++at, kNoCharacter;
  at += size;
  return c;
}

std::size_t find_broken_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::uint64_t eight = 0;
    if (text.size() - at >= sizeof eight) {
      std::memcpy(&eight, text.data() + at, sizeof eight);
      if ((eight & 0x8080'8080'8080'8080) == 0) {
        at += sizeof eight;
        continue;
      }
    }
    const std::size_t begin = at;
    if (next_character(text, at) == kNoCharacter) return begin;
  }
  return std::string_view::npos;
}

std::size_t count_characters(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, continues_character));
}

// A character has three bytes behind its first one at most.
std::size_t cut_size(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text.size();
  for (std::size_t back = 0; back <= std::min<std::size_t>(bytes_max, 3); ++back)
    if (!continues_character(text[bytes_max - back])) return bytes_max - back;
  return bytes_max;
}

void append_character(char32_t c, std::string& out) {
  const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0 | c >> 6);
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
  }
  put(0x80 | (c & 0x3F));
}

// The tables are sorted: the zero at or before `c` decides.
std::optional<int> decimal_digit(char32_t c) {
  const auto* after = std::ranges::upper_bound(kZeros, c);
  if (after == std::begin(kZeros) || c - after[-1] > 9) return std::nullopt;
  return static_cast<int>(c - after[-1]);
}

// The list of Python's str.isspace: 0x1C to 0x1F are among them, the zero width space is not.
bool is_white_space(char32_t c) {
  switch (c) {
    case 0x85:
    case 0xA0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202F:
    case 0x205F:
    case 0x3000:
      return true;
    default:
      return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || (c >= 0x2000 && c <= 0x200A);
  }
}

}  // namespace batchout
