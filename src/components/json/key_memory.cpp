// Keys are added when they are met first; where too many share their buckets, the newest one stays.

#include "components/json/key_memory.h"

#include <algorithm>

namespace batchout::json {

void KnownKey::remember(std::string_view written) {
  size = static_cast<std::uint32_t>(written.size());
  written.copy(bytes.data(), written.size());
  first_mask = size >= kHalfStep ? 0xFFFF : (std::uint32_t{1} << size) - 1;
}

KnownKey* KeyMemory::add(const KnownKey& key) {
  if (key.size > KnownKey::kSizeMax) return nullptr;
  if (buckets_.empty()) buckets_.resize((std::size_t{1} << kBucketBits) + kProbes);
  ++added_;
  if (by_beginning_ && has_beginning_of(key)) {
    by_beginning_ = false;
    std::ranges::fill(buckets_, nullptr);
    for (KnownKey& known : keys_) *place_of(known) = &known;
  }
  KnownKey** const place = place_of(key);
  if (*place != nullptr) {
    // What came behind the one that gives way may come behind this one.
    KnownKey* const next = (*place)->next;
    **place = key;
    (*place)->next = next;
  } else if (keys_.size() < kKeysMax) {
    *place = &keys_.emplace_back(key);
    (*place)->next = &start_;
  } else {
    return nullptr;
  }
  (*place)->inner = KnownKey::kNoInner;
  return *place;
}

KnownKey** KeyMemory::place_of(const KnownKey& key) {
  KnownKey** place = &buckets_[bucket(key.bytes.data() + 1)];
  for (std::size_t probe = 1; probe < kProbes && *place != nullptr; ++probe) ++place;
  return place;
}

bool KeyMemory::has_beginning_of(const KnownKey& key) const {
  const std::uint64_t begin = beginning(key.bytes.data() + 1);
  return std::ranges::any_of(keys_, [&](const KnownKey& known) { return beginning(known.bytes.data() + 1) == begin; });
}

void KeyMemory::make_table() {
  table_keys_ = added_;
  if (!table_) table_ = std::make_unique<KeyTable>();
  if (!table_->make(keys_)) table_.reset();
}

}  // namespace batchout::json
