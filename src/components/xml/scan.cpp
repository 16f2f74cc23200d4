// Blocks of plain ASCII are passed at once; only what lies between them is looked at byte by byte.

#include "components/xml/scan.h"

#include <cstdint>

namespace batchout::xml {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

// False at the end.
bool continues(std::string_view text, std::size_t at) {
  return at < text.size() && (byte_at(text, at) & 0xC0) == 0x80;
}

// Bytes of the character that begins at `at`, which is not ASCII; 0 if it is none.
std::size_t character_size(std::string_view text, std::size_t at) {
  const std::uint8_t first = byte_at(text, at);
  if (first < 0xC2 || first > 0xF4 || !continues(text, at + 1)) return 0;
  if (first < 0xE0) return 2;
  const std::uint8_t second = byte_at(text, at + 1);
  if (!continues(text, at + 2)) return 0;
  if (first < 0xF0) {
    const bool overlong = first == 0xE0 && second < 0xA0;
    const bool surrogate = first == 0xED && second >= 0xA0;
    return overlong || surrogate ? 0 : 3;
  }
  const bool overlong = first == 0xF0 && second < 0x90;
  const bool beyond = first == 0xF4 && second >= 0x90;
  return overlong || beyond || !continues(text, at + 3) ? 0 : 4;
}

// U+FFFE and U+FFFF.
bool is_no_character(std::string_view text, std::size_t at) {
  return byte_at(text, at) == 0xEF && byte_at(text, at + 1) == 0xBF && byte_at(text, at + 2) >= 0xBE;
}

// True for sixteen bytes that are ASCII and no control characters but tab and line feed.
#ifdef __SSE2__
// Reads sixteen bytes, all of the text. A carriage return makes a block not plain, since it has to be noted.
bool is_plain_block(const char* at) {
  const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const int large = _mm_movemask_epi8(block);
  const int controls = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1F)), block));
  return (large | (controls & ~(equal_bytes(block, '\n') | equal_bytes(block, '\t')))) == 0;
}
#else
bool is_plain_block(const char* at) {
  for (int i = 0; i < 16; ++i) {
    const auto c = static_cast<std::uint8_t>(at[i]);
    if (c >= 0x80 || (c < 0x20 && c != '\n' && c != '\t')) return false;
  }
  return true;
}
#endif

}  // namespace

// Stops at the first byte that is not UTF-8; what is known then holds for the bytes before it.
Scanned scan(std::string_view text) {
  Scanned result;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text.size() - at >= 16 && is_plain_block(text.data() + at)) {
      at += 16;
      continue;
    }
    const std::size_t end = text.size() - at < 16 ? text.size() : at + 16;
    while (at < end) {
      const std::uint8_t c = byte_at(text, at);
      if (c < 0x80) {
        result.has_carriage_returns |= c == '\r';
        result.has_controls |= c < 0x20 && c != '\n' && c != '\t' && c != '\r';
        ++at;
        continue;
      }
      const std::size_t size = character_size(text, at);
      if (size == 0) {
        result.is_utf8 = false;
        result.fault = at;
        return result;
      }
      result.has_controls |= size == 3 && is_no_character(text, at);
      at += size;
    }
  }
  result.fault = at;
  return result;
}

}  // namespace batchout::xml
