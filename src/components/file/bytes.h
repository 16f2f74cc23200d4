// Looks at 32 bytes at a time: where one of a few characters stands.
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

namespace batchout::file {

/// Bit i of a mask stands for byte i.
class Bytes {
 public:
  static constexpr std::size_t kSize = 32;

#ifdef __SSE2__
  /// Loads kSize bytes.
  explicit Bytes(const char* at)
      : first_(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at))),
        second_(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 16))) {}

  std::uint32_t equal(char c) const {
    const __m128i wanted = _mm_set1_epi8(c);
    return joined(_mm_cmpeq_epi8(first_, wanted), _mm_cmpeq_epi8(second_, wanted));
  }
  /// Bytes that are `c` once the bit 0x20 is set: `{` finds [ and {.
  std::uint32_t equal_folded(char c) const {
    const __m128i wanted = _mm_set1_epi8(c), bit = _mm_set1_epi8(0x20);
    return joined(_mm_cmpeq_epi8(_mm_or_si128(first_, bit), wanted),
                  _mm_cmpeq_epi8(_mm_or_si128(second_, bit), wanted));
  }

 private:
  static std::uint32_t joined(__m128i first, __m128i second) {
    return static_cast<std::uint32_t>(_mm_movemask_epi8(first)) | static_cast<std::uint32_t>(_mm_movemask_epi8(second))
                                                                      << 16;
  }

  __m128i first_;
  __m128i second_;
#else
  explicit Bytes(const char* at) { std::memcpy(bytes_, at, kSize); }

  std::uint32_t equal(char c) const {
    return mask([c](char byte) { return byte == c; });
  }
  std::uint32_t equal_folded(char c) const {
    return mask([c](char byte) { return (byte | 0x20) == c; });
  }

 private:
  template <class Test>
  std::uint32_t mask(Test test) const {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < kSize; ++i) bits |= std::uint32_t{test(bytes_[i])} << i;
    return bits;
  }

  char bytes_[kSize];
#endif
};

/// The first byte that is one of `marks`, or `end`.
template <class... Marks>
const char* find_any(const char* at, const char* end, Marks... marks) {
  for (; static_cast<std::size_t>(end - at) >= Bytes::kSize; at += Bytes::kSize) {
    const Bytes bytes(at);
    const std::uint32_t found = (bytes.equal(marks) | ...);
    if (found != 0) return at + std::countr_zero(found);
  }
  while (at < end && !((*at == marks) || ...)) ++at;
  return at;
}

/// Blanks as JSON and XML have them.
inline bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

inline const char* skip_blanks(const char* at, const char* end) {
  while (at < end && is_blank(*at)) ++at;
  return at;
}

}  // namespace batchout::file
