// The keys of a memory, laid out so that one is found without a guess: for objects whose keys come in any order.
//
// Whoever asks knows where the value begins, and so the size of the key. A key's place is a hash of its size and of
// some of its bytes; no two keys of the table share a place, so that a single comparison tells whether the key is
// known, and it mostly is.

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <span>

#include "components/json/known_key.h"

namespace batchout::json {

class KeyTable {
 public:
  static constexpr std::size_t kKeysMax = 64;

  /// A key of the memory, as far as it is needed often.
  struct alignas(64) Key {
    std::array<char, kHalfStep> first{};  ///< Bytes.
    std::uint32_t first_mask = 0;         ///< Which of them count.
    StateId target = kSkipped;
    KnownKey* known = nullptr;
    const std::uint32_t* value = nullptr;  ///< The walk notes here where the value is; null between objects.
  };

  /// False if there are too many keys for a table, if they are too much alike, or if two of them stand for one member.
  bool make(std::deque<KnownKey>& keys);

  std::span<Key> keys() { return {keys_.data(), count_}; }
  std::size_t number(const Key& key) const { return static_cast<std::size_t>(&key - keys_.data()); }

  /// The key of `size` bytes at `at`, from its opening quote to its value, or null if it is none of the table. The
  /// three bytes before `at` must be readable.
  Key* find(const char* at, std::uint32_t size) {
    if (!short_) return find_long(at, size);
    Key& key = keys_[places_[place(ends(at, size))]];
    return (equal_half(at, key.first.data()) & key.first_mask) == key.first_mask ? &key : nullptr;
  }

 private:
  static constexpr std::uint32_t kPlaceBits = 10;
  static constexpr std::uint32_t kSizeMin = 4;  // Of a key of one byte.
  static constexpr std::uint8_t kNone = 0xFF;

  bool place_all();
  Key* find_long(const char* at, std::uint32_t size);
  std::size_t place(std::uint64_t bytes) const { return bytes * factor_ >> (64 - kPlaceBits); }
  static std::uint64_t four(const char* at) {
    std::uint32_t bytes;
    std::memcpy(&bytes, at, sizeof bytes);
    return bytes;
  }
  // The first and the last four bytes, and the size.
  static std::uint64_t ends(const char* at, std::uint32_t size) {
    return four(at) + (four(at + size - 4) << 32) + size;
  }
  // Where that is not enough, eight bytes from the beginning of each quarter: all of a key of at most 32.
  static std::uint64_t quarters(const char* at, std::uint32_t size) {
    const std::uint32_t last = size > 8 ? size - 8 : 0, lacking = size < 8 ? 8 - size : 0;
    std::uint64_t mixed = size;
    for (std::uint32_t i = 0; i < 4; ++i) {
      const std::uint64_t word = load_word(at + std::min(i * (size >> 2), last)) << 8 * lacking;
      mixed = (mixed ^ word) * 0xD6E8'FEB8'6659'FD93;
    }
    return mixed ^ mixed >> 32;
  }

  std::array<Key, kKeysMax> keys_{};
  std::array<std::uint8_t, std::size_t{1} << kPlaceBits> places_{};
  std::uint64_t factor_ = 0;
  std::size_t count_ = 0;
  bool short_ = true;  // No key has more bytes than are compared at once, and their ends tell them apart.
};

}  // namespace batchout::json
