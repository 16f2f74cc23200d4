// The keys that a walk has met in the objects of one kind, and which of them follows which.
//
// Objects of one kind mostly have the same keys in the same order. A key that is not the expected one is found by its
// first bytes or, if some begin alike, by its first and last bytes.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "components/json/bytes.h"
#include "components/json/key_table.h"
#include "components/json/known_key.h"

namespace batchout::json {

/// The known keys of one state. They stay where they are, and so must their memory.
class KeyMemory {
 public:
  static constexpr std::uint32_t kKeysMax = 255;

  KeyMemory() { start_.next = &start_; }
  KeyMemory(const KeyMemory&) = delete;
  KeyMemory& operator=(const KeyMemory&) = delete;

  /// No key: what comes next to it is the first key of an object.
  KnownKey& start() { return start_; }

  /// The key at `at`, or null. `at` is behind the opening quote.
  KnownKey* find(const char* at) {
    if (buckets_.empty()) return nullptr;
    KnownKey* const* const first = &buckets_[bucket(at)];
    for (std::size_t probe = 0; probe < kProbes; ++probe) {
      if (first[probe] == nullptr) return nullptr;
      if (first[probe]->is(at - 1)) return first[probe];
    }
    return nullptr;
  }
  /// Keeps the key; null if it is too long or there are too many.
  KnownKey* add(const KnownKey& key);

  /// All keys as a table, made anew if there are new ones; null if there can be none.
  KeyTable* table() {
    if (table_keys_ != added_) make_table();
    return table_.get();
  }

  /// True if so many keys were added that those to come will hardly be met again.
  bool is_tired() const { return added_ > kAddedMax; }

 private:
  static constexpr std::uint32_t kBucketBits = 9;
  static constexpr std::size_t kProbes = 4;  // Buckets that a key may lie in.
  static constexpr std::uint32_t kAddedMax = 16 * kKeysMax;

  KnownKey** place_of(const KnownKey& key);
  bool has_beginning_of(const KnownKey& key) const;
  void make_table();

  std::size_t bucket(const char* at) const {
    return (by_beginning_ ? beginning(at) : beginning_and_end(at)) * 0x9E37'79B9'7F4A'7C15 >> (64 - kBucketBits);
  }
  // The first eight bytes of the key at `at`, without what is behind its end.
  static std::uint64_t beginning(const char* at) {
    const std::uint64_t word = load_word(at);
    const std::uint64_t quotes = word ^ 0x2222'2222'2222'2222;
    // The lowest bit set is exact: it is in the first byte that is a quote. Without any, all bytes count.
    const std::uint64_t ends = (quotes - 0x0101'0101'0101'0101) & ~quotes & 0x8080'8080'8080'8080;
    return word & ((ends & -ends) - 1);
  }
  // Of the first and the last eight bytes and the size, as far as kStep bytes tell.
  static std::uint64_t beginning_and_end(const char* at) {
    const std::uint32_t marks = Bytes(at).text_marks();
    const std::size_t size = marks != 0 ? static_cast<std::size_t>(std::countr_zero(marks)) : kStep;
    if (size < 8) return beginning(at);
    const std::uint64_t mixed = load_word(at) ^ std::rotl(load_word(at + size - 8), 29) ^ size;
    return mixed * 0xD6E8'FEB8'6659'FD93 ^ mixed >> 32;
  }

  KnownKey start_;
  std::deque<KnownKey> keys_;
  std::vector<KnownKey*> buckets_;  // Null for none; empty before the first one.
  bool by_beginning_ = true;        // No two keys begin alike, so that their ends need not be found.
  std::uint32_t added_ = 0;
  std::unique_ptr<KeyTable> table_;
  std::uint32_t table_keys_ = 0;  // `added_` when the table was made.
};

}  // namespace batchout::json
