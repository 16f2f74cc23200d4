// A key that a walk has met, with all bytes from its opening quote to its value, `"id": `, so that one comparison takes
// quotes, colon and blanks along.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "components/json/automaton.h"
#include "components/json/bytes.h"

namespace batchout::json {

/// What is known of a key.
struct alignas(64) KnownKey {
  static constexpr std::size_t kSizeMax = 64;
  static constexpr std::uint32_t kNoInner = 0xFFFFFFFF;  ///< A remembered key has no such memory yet.

  std::array<char, kSizeMax> bytes{};  ///< From the opening quote to the value; none that a key begins with if unknown.
  std::uint32_t first_mask = 1 << 16;  ///< Which of the first kHalfStep bytes count; at first one that none equals.
  std::uint32_t size = 0;              ///< Of `bytes`.
  KnownKey* next = nullptr;            ///< The key that came behind this one last time, or the memory's start.
  std::uint64_t bit = 0;               ///< Of the edge among those seen; 0: no edge.
  StateId target = kSkipped;           ///< Of the value.
  std::uint32_t key_size = 0;          ///< Without the quotes.
  std::uint32_t inner = 0;             ///< Number of the memory for objects in a value that is skipped.
  bool escaped = false;                ///< The key has escapes.

  /// True if the bytes at `at` are this key. Reads kSizeMax bytes at most.
  bool is(const char* at) const {
    if ((equal_half(at, bytes.data()) & first_mask) != first_mask) return false;
    return size <= kHalfStep || rest_is(at, size);
  }
  /// The same for the bytes behind the first kHalfStep, up to `end`.
  bool rest_is(const char* at, std::size_t end) const {
    for (std::size_t begin = kHalfStep; begin < end; begin += kHalfStep) {
      const std::size_t count = end - begin;
      const std::uint32_t others = ~equal_half(at + begin, bytes.data() + begin);
      if ((count < kHalfStep ? others << (32 - count) : others << kHalfStep) != 0) return false;
    }
    return true;
  }
  /// Takes over the bytes, at most kSizeMax.
  void remember(std::string_view written);
};

}  // namespace batchout::json
