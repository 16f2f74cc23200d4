// Keys are added when they are met first; where too many share their buckets, the newest one stays.

#include "components/json/key_memory.h"

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
  std::uint8_t* place = &buckets_[bucket(key.bytes.data() + 1)];
  for (std::size_t probe = 1; probe < kProbes && *place != 0; ++probe) ++place;
  KnownKey* kept = nullptr;
  if (*place != 0) {
    // The last one gives way. What came behind it may come behind this one.
    kept = &keys_[*place - 1u];
    KnownKey* const next = kept->next;
    *kept = key;
    kept->next = next;
  } else if (keys_.size() < kKeysMax) {
    kept = &keys_.emplace_back(key);
    kept->next = &start_;
    *place = static_cast<std::uint8_t>(keys_.size());
  }
  if (kept != nullptr) kept->inner = KnownKey::kNoInner;
  return kept;
}

}  // namespace batchout::json
