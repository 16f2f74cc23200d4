// Which hash gives all keys places of their own is found by trying.

#include "components/json/key_table.h"

#include <algorithm>

namespace batchout::json {
namespace {

constexpr int kTriesMax = 64;

}  // namespace

bool KeyTable::make(std::deque<KnownKey>& keys) {
  count_ = 0;
  short_ = true;
  if (keys.size() > kKeysMax) return false;
  std::uint64_t bits = 0;
  for (KnownKey& known : keys) {
    if (known.size < kSizeMin || (known.bit & bits) != 0) return false;
    bits |= known.bit;
    short_ = short_ && known.size <= kHalfStep;
    Key& key = keys_[count_++];
    std::copy_n(known.bytes.data(), kHalfStep, key.first.data());
    key.first_mask = known.first_mask;
    key.target = known.target;
    key.known = &known;
    key.value = nullptr;
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
      const std::uint32_t size = key.known->size;
      std::uint8_t& there = places_[place(short_ ? ends(bytes, size) : quarters(bytes, size))];
      const bool free = there == kNone;
      there = static_cast<std::uint8_t>(number(key));
      return free;
    });
    std::ranges::replace(places_, kNone, std::uint8_t{0});
    if (alone) return true;
    factor_ = factor_ * 0x5851'F42D'4C95'7F2D + 2;  // Odd again.
  }
  return false;
}

KeyTable::Key* KeyTable::find_long(const char* at, std::uint32_t size) {
  Key& key = keys_[places_[place(quarters(at, size))]];
  return key.known != nullptr && key.known->is(at) ? &key : nullptr;
}

}  // namespace batchout::json
