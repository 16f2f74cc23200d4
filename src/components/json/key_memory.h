// The keys that a walk has met in the objects of one kind, and which of them follows which.
//
// Objects of one kind mostly have the same keys in the same order. A key is remembered with all bytes from its opening
// quote to its value, `"id": `, so that one comparison takes quotes, colon and blanks along. A key that is not the
// expected one is found by its first bytes.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "components/json/automaton.h"
#include "components/json/bytes.h"

namespace batchout::json {

/// What is known of a key.
struct KnownKey {
  static constexpr std::size_t kSizeMax = 2 * kStep;

  std::array<char, kSizeMax> bytes{};  ///< From the opening quote to the value; none that a key begins with if unknown.
  std::uint32_t first_mask = 1;        ///< Which of the first kStep bytes count.
  std::uint32_t second_mask = 0;
  std::uint32_t size = 0;      ///< Of `bytes`.
  std::uint32_t key_size = 0;  ///< Without the quotes.
  StateId target = kSkipped;   ///< Of the value.
  std::uint32_t next = 0;      ///< Number of the key that came behind this one last time.
  std::uint64_t bit = 0;       ///< Of the edge among those seen; 0: no edge.
  bool escaped = false;        ///< The key has escapes.

  /// True if the bytes at `at` are this key. Reads kSizeMax bytes at most.
  bool is(const char* at) const {
    if ((Bytes(at).equal(Bytes(bytes.data())) & first_mask) != first_mask) return false;
    return second_mask == 0 || (Bytes(at + kStep).equal(Bytes(bytes.data() + kStep)) & second_mask) == second_mask;
  }
  /// Takes over the bytes, at most kSizeMax.
  void remember(std::string_view written);
};

/// The known keys of one state by number. Number 0 is none: what comes next to it is the first key of an object.
class KeyMemory {
 public:
  static constexpr std::uint32_t kKeysMax = 255;

  KnownKey& operator[](std::uint32_t number) { return keys_[number]; }

  /// Number of the key at `at`, or 0. `at` is behind the opening quote.
  std::uint32_t find(const char* at) const {
    if (buckets_.empty()) return 0;
    const std::size_t first = bucket(at);
    for (std::size_t probe = 0; probe < kProbes; ++probe)
      if (const std::uint32_t number = buckets_[first + probe]; keys_[number].is(at - 1)) return number;
    return 0;
  }
  /// Keeps the key and gives it a number, or 0 if it is too long or there are too many.
  std::uint32_t add(const KnownKey& key);

 private:
  static constexpr std::uint32_t kBucketBits = 8;
  static constexpr std::size_t kProbes = 4;  // Buckets that a key may lie in.

  // Of the first eight bytes of the key at `at`, without what is behind its end.
  static std::size_t bucket(const char* at) {
    std::uint64_t word = load_word(at);
    const std::uint64_t quotes = word ^ 0x2222'2222'2222'2222;
    // The lowest bit set is exact: it is in the first byte that is a quote.
    const std::uint64_t ends = (quotes - 0x0101'0101'0101'0101) & ~quotes & 0x8080'8080'8080'8080;
    if (ends != 0) word &= (ends & -ends) - 1;
    return word * 0x9E37'79B9'7F4A'7C15 >> (64 - kBucketBits);
  }

  std::vector<KnownKey> keys_ = std::vector<KnownKey>(1);
  std::vector<std::uint8_t> buckets_;  // Numbers of keys, 0 for none; empty before the first one.
};

}  // namespace batchout::json
