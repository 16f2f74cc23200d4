// Which hash gives all keys places of their own is found by trying.

#include "components/json/key_table.h"

#include <algorithm>

namespace batchout::json {
namespace {

constexpr int kTriesMax = 64;

// Without the blanks between colon and value.
std::uint32_t size_to_colon(const KnownKey& known) {
  std::uint32_t size = known.size;
  while (size > 0 && known.bytes[size - 1] != ':') --size;
  return size;
}

}  // namespace

bool KeyTable::make(std::deque<KnownKey>& keys) {
  count_ = 0;
  short_ = true;
  if (keys.size() > kKeysMax) return false;
  std::uint64_t bits = 0;
  for (KnownKey& known : keys) {
    const std::uint32_t size = size_to_colon(known);
    if (size < kSizeMin || (known.bit & bits) != 0) return false;
    bits |= known.bit;
    short_ = short_ && size <= kHalfStep;
    Key& key = keys_[count_++] = Key{};
    std::copy_n(known.bytes.data(), kHalfStep, key.first.data());
    key.others = size >= kHalfStep ? 0 : kAll << size & kAll;
    key.size = size;
    key.target = known.target;
    key.known = &known;
  }
  if (short_ && place_all()) return true;
  short_ = false;
  return place_all();
}

bool KeyTable::place_all() {
  factor_ = 0x9E37'79B9'7F4A'7C15;
  for (int tries = 0; tries < kTriesMax; ++tries) {
    places_.fill(kNone);
    const bool alone = std::ranges::all_of(keys(), [&](const Key& key) {
      const char* const bytes = key.known->bytes.data();
      const char* const colon = bytes + key.size - 1;
      std::uint16_t& there = places_[place(short_ ? ends(bytes, colon) : quarters(bytes, colon))];
      const bool free = there == kNone;
      there = static_cast<std::uint16_t>(number(key) * sizeof(Key));
      return free;
    });
    std::ranges::replace(places_, kNone, std::uint16_t{0});
    if (alone) return true;
    factor_ = factor_ * 0x5851'F42D'4C95'7F2D + 2;  // Odd again.
  }
  return false;
}

KeyTable::Key* KeyTable::find_long(const char* at, const char* colon) {
  Key& key = key_at(places_[place(quarters(at, colon))]);
  const bool is_key = (equal_half(at, key.first.data()) | key.others) == kAll && key.known->rest_is(at, key.size);
  return is_key ? &key : nullptr;
}

}  // namespace batchout::json
