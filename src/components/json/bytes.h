// Looks at 32 bytes of JSON text at a time, without knowing where the text ends: whoever calls knows that so many bytes
// can be read.
//
// SSE2 is part of every 64-bit x86, so nothing has to be chosen at run time; elsewhere the compiler sees plain loops.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace batchout::json {

inline constexpr std::size_t kStep = 32;  ///< Bytes looked at, at a time.

/// kStep bytes, loaded. In all masks bit i stands for byte i.
class Bytes {
 public:
#ifdef __SSE2__
  explicit Bytes(const char* at)
      : first_(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at))),
        second_(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 16))) {}

  /// Where a text ends or needs a closer look: quotes, backslashes, control characters, bytes beyond ASCII.
  std::uint32_t text_marks() const {
    return joined(_mm_or_si128(low_marks(first_), first_), _mm_or_si128(low_marks(second_), second_));
  }
  /// The same without the bytes beyond ASCII.
  std::uint32_t ascii_text_marks() const {
    return joined(_mm_andnot_si128(first_, low_marks(first_)), _mm_andnot_si128(second_, low_marks(second_)));
  }
  /// Number of the first such byte; kStep or more if there is none.
  std::uint32_t first(char byte) const { return static_cast<std::uint32_t>(std::countr_zero(equal_to(byte))); }
  std::uint32_t equal_to(char byte) const {
    const __m128i wanted = _mm_set1_epi8(byte);
    return joined(_mm_cmpeq_epi8(first_, wanted), _mm_cmpeq_epi8(second_, wanted));
  }
  /// Brackets, commas and colons.
  std::uint32_t marks() const { return joined(marks(first_), marks(second_)); }
  std::uint32_t controls() const { return joined(controls(first_), controls(second_)); }
  std::uint32_t non_ascii() const { return joined(first_, second_); }
  std::uint32_t equal(const Bytes& other) const {
    return joined(_mm_cmpeq_epi8(first_, other.first_), _mm_cmpeq_epi8(second_, other.second_));
  }
  void store(char* to) const {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), first_);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 16), second_);
  }

 private:
  static std::uint32_t joined(__m128i first, __m128i second) {
    return static_cast<std::uint32_t>(_mm_movemask_epi8(first)) | static_cast<std::uint32_t>(_mm_movemask_epi8(second))
                                                                      << 16;
  }
  // High bits at quotes, backslashes and control characters; bytes beyond ASCII have any.
  static __m128i low_marks(__m128i bytes) {
    const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i escapes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    return _mm_or_si128(_mm_or_si128(quotes, escapes), _mm_sub_epi8(bytes, _mm_set1_epi8(' ')));
  }
  static __m128i marks(__m128i bytes) {
    const __m128i curly = _mm_or_si128(bytes, _mm_set1_epi8(0x20));  // Brackets differ from braces in one bit.
    const __m128i braces =
        _mm_or_si128(_mm_cmpeq_epi8(curly, _mm_set1_epi8('{')), _mm_cmpeq_epi8(curly, _mm_set1_epi8('}')));
    const __m128i others =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(',')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8(':')));
    return _mm_or_si128(braces, others);
  }
  static __m128i controls(__m128i bytes) { return _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes); }

  __m128i first_;
  __m128i second_;
#else
  explicit Bytes(const char* at) { std::memcpy(bytes_, at, kStep); }

  std::uint32_t text_marks() const {
    return mask([](std::uint8_t byte, std::size_t) { return is_mark(byte) || byte >= 0x80; });
  }
  std::uint32_t ascii_text_marks() const {
    return mask([](std::uint8_t byte, std::size_t) { return is_mark(byte); });
  }
  std::uint32_t first(char wanted) const { return static_cast<std::uint32_t>(std::countr_zero(equal_to(wanted))); }
  std::uint32_t equal_to(char wanted) const {
    return mask([wanted](std::uint8_t byte, std::size_t) { return byte == static_cast<std::uint8_t>(wanted); });
  }
  std::uint32_t marks() const {
    return mask([](std::uint8_t byte, std::size_t) {
      return (byte | 0x20) == '{' || (byte | 0x20) == '}' || byte == ',' || byte == ':';
    });
  }
  std::uint32_t controls() const {
    return mask([](std::uint8_t byte, std::size_t) { return byte < 0x20; });
  }
  std::uint32_t non_ascii() const {
    return mask([](std::uint8_t byte, std::size_t) { return byte >= 0x80; });
  }
  std::uint32_t equal(const Bytes& other) const {
    return mask([&other](std::uint8_t byte, std::size_t i) { return byte == other.bytes_[i]; });
  }
  void store(char* to) const { std::memcpy(to, bytes_, kStep); }

 private:
  static bool is_mark(std::uint8_t byte) { return byte == '"' || byte == '\\' || byte < 0x20; }
  template <class Test>
  std::uint32_t mask(Test test) const {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < kStep; ++i) bits |= std::uint32_t{test(bytes_[i], i)} << i;
    return bits;
  }

  std::uint8_t bytes_[kStep];
#endif
};

inline constexpr std::size_t kHalfStep = 16;

/// Which of the first kHalfStep bytes at both places are equal.
inline std::uint32_t equal_half(const char* one, const char* other) {
#ifdef __SSE2__
  const __m128i equal = _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(one)),
                                       _mm_loadu_si128(reinterpret_cast<const __m128i*>(other)));
  return static_cast<std::uint32_t>(_mm_movemask_epi8(equal));
#else
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < kHalfStep; ++i) bits |= std::uint32_t{one[i] == other[i]} << i;
  return bits;
#endif
}

/// Copies kStep bytes at a time: reads and writes up to kStep bytes more than `size`.
inline void copy_steps(char* to, const char* from, std::size_t size) {
  Bytes(from).store(to);
  for (std::size_t at = kStep; at < size; at += kStep) Bytes(from + at).store(to + at);
}

/// The first byte at or behind `at` that is no blank. They are rare in messages of machines: mostly it is the first
/// one.
inline const char* skip_blanks(const char* at) {
  if (static_cast<unsigned char>(*at) > ' ') [[likely]]
    return at;
  while (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t') ++at;
  return at;
}

/// Eight bytes, the first one lowest.
inline std::uint64_t load_word(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

}  // namespace batchout::json
