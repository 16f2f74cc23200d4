// The padded arena: [payload][LF 0x01 LF][payload][LF 0x01 LF] ... [64 bytes of padding].

#include "batchout/payloads.h"

#include <algorithm>
#include <cstring>

namespace batchout {

// An empty arena takes anything: a payload that is larger than the arena travels alone.
bool Payloads::fits(std::size_t size) const {
  return entries_.empty() || size_ + size + kSeparator.size() + kPadding <= std::max(capacity_, kArenaSize);
}

// The bytes are copied; views of earlier payloads may become invalid.
void Payloads::append(std::string_view bytes, UnitId unit, std::int64_t position, std::int64_t next, State state,
                      std::string_view fault) {
  const std::size_t end = size_ + bytes.size() + kSeparator.size();
  if (end + kPadding > capacity_) grow(end + kPadding);
  if (!fault.empty()) faults_.emplace_back(entries_.size(), fault);
  entries_.push_back({size_, bytes.size(), position, next, unit, state});
  if (!bytes.empty()) std::memcpy(arena_.get() + size_, bytes.data(), bytes.size());
  std::memcpy(arena_.get() + size_ + bytes.size(), kSeparator.data(), kSeparator.size());
  // Parsers may read the padding, so it has to be the same in every run.
  std::memset(arena_.get() + end, ' ', kPadding);
  size_ = end;
}

std::string_view Payloads::fault(std::size_t payload) const {
  const auto found = std::ranges::find(faults_, payload, [](const auto& fault) { return fault.first; });
  return found == faults_.end() ? std::string_view() : found->second;
}

// Keeps the memory.
void Payloads::clear() {
  entries_.clear();
  faults_.clear();
  size_ = 0;
}

void Payloads::grow(std::size_t needed) {
  const std::size_t capacity = std::max({needed, kArenaSize, capacity_ + capacity_ / 2});
  auto arena = std::make_unique_for_overwrite<char[]>(capacity);
  if (size_ > 0) std::memcpy(arena.get(), arena_.get(), size_);
  arena_ = std::move(arena);
  capacity_ = capacity;
}

}  // namespace batchout
