// The keys of a memory, laid out so that one is found without a guess: for objects whose keys come in any order.
//
// Whoever asks knows where the colon is, and so the size of the key. A key's place is a hash of its size and of
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

class KeyMemory;

class KeyTable {
 public:
  static constexpr std::size_t kKeysMax = 64;

  /// A key of the memory, as far as it is needed often.
  struct alignas(64) Key {
    std::array<char, kHalfStep> first{};  ///< Bytes.
    std::uint32_t others = 1u << 16;      ///< Which of them do not count; at first one too many, so that none equals.
    std::uint32_t size = 0;               ///< Up to the colon, with it.
    StateId target = kSkipped;
    KnownKey* known = nullptr;
    const std::uint32_t* value = nullptr;  ///< The walk notes here where the value is; null between objects.
    KeyMemory* objects = nullptr;          ///< Of objects in the value; null: not looked up yet, or none.
  };

  /// False if there are too many keys for a table, if they are too much alike, or if two of them stand for one member.
  bool make(std::deque<KnownKey>& keys);

  std::span<Key> keys() { return {keys_.data(), count_}; }
  std::size_t number(const Key& key) const { return static_cast<std::size_t>(&key - keys_.data()); }

  /// True if no key has more bytes than are compared at once, and if their ends tell them apart.
  bool is_short() const { return short_; }

  /// The key from its opening quote at `at` to its colon, or null if it is none of the table. kShort: the table is. The
  /// three bytes before the colon must be readable, whatever they are.
  template <bool kShort>
  Key* find(const char* at, const char* colon) {
    if constexpr (!kShort) return find_long(at, colon);
    Key& key = key_at(places_[place(ends(at, colon))]);
    return (equal_half(at, key.first.data()) | key.others) == kAll ? &key : nullptr;
  }

 private:
  static constexpr std::uint32_t kPlaceBits = 10;
  static constexpr std::uint32_t kSizeMin = 4;  // Of a key of one byte, with quotes and colon.
  static constexpr std::uint16_t kNone = 0xFFFF;
  static constexpr std::uint32_t kAll = 0xFFFF;

  // Places hold how far away from the table its keys are, so that nothing has to be multiplied.
  Key& key_at(std::uint16_t bytes) { return *reinterpret_cast<Key*>(reinterpret_cast<char*>(keys_.data()) + bytes); }
  bool place_all();
  Key* find_long(const char* at, const char* colon);
  std::size_t place(std::uint64_t bytes) const { return bytes * factor_ >> (64 - kPlaceBits); }
  static std::uint64_t four(const char* at) {
    std::uint32_t bytes;
    std::memcpy(&bytes, at, sizeof bytes);
    return bytes;
  }
  // The first and the last four bytes, and the size.
  static std::uint64_t ends(const char* at, const char* colon) {
    return four(at) + (four(colon - 3) << 32) + static_cast<std::uint64_t>(colon - at);
  }
  // Where that is not enough, eight bytes from the beginning of each quarter: all of a key of at most 32.
  static std::uint64_t quarters(const char* at, const char* colon) {
    const auto size = static_cast<std::uint32_t>(colon - at) + 1;
    const std::uint32_t last = size > 8 ? size - 8 : 0, lacking = size < 8 ? 8 - size : 0;
    std::uint64_t mixed = size;
    for (std::uint32_t i = 0; i < 4; ++i) {
      const std::uint64_t word = load_word(at + std::min(i * (size >> 2), last)) << 8 * lacking;
      mixed = (mixed ^ word) * 0xD6E8'FEB8'6659'FD93;
    }
    return mixed ^ mixed >> 32;
  }

  std::array<Key, kKeysMax> keys_{};
  std::array<std::uint16_t, std::size_t{1} << kPlaceBits> places_{};
  std::uint64_t factor_ = 0;
  std::size_t count_ = 0;
  bool short_ = true;
};

}  // namespace batchout::json
