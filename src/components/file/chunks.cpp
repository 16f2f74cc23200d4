// The bytes of the next chunk are kept in one buffer; the splitter says what of it is needed.

#include "components/file/chunks.h"

#include <algorithm>
#include <cstring>

#include "base/assertion.h"

namespace batchout::file {

std::int64_t Chunker::restart(std::int64_t position, std::size_t size, std::size_t expected) {
  // A buffer grown by one long chunk is not kept for the short ones of the next file.
  if (buffer_.size() > 16 * kBlock) buffer_ = {};
  buffer_.clear();
  kept_max_ = expected > refused_above_ ? kKept : refused_above_;
  if (expected > 0 && expected <= refused_above_) buffer_.room(expected + kBlock);
  begin_ = 0;
  end_min_ = static_cast<std::int64_t>(size);
  found_ = Found::nothing;
  last_ = false;
  failure_.clear();
  // A broken rest goes until behind the end of the stream, so that it is not reported once more.
  ended_ = position > end_min_ && size > 0;
  from_ = position;
  return position_ = splitter_->restart(position);
}

char* Chunker::room() {
  if (begin_ > 0) {
    const std::string_view rest = window().bytes;
    std::memmove(buffer_.data(), rest.data(), rest.size());
    buffer_.truncate(rest.size());
    begin_ = 0;
  }
  return buffer_.room(kBlock);
}

std::optional<Chunk> Chunker::peek() {
  if (ended_) return std::nullopt;
  if (found_ == Found::nothing) found_ = splitter_->find(window());
  switch (found_) {
    case Found::payload:
      return payload();
    case Found::broken:
      return broken();
    case Found::nothing:
      if (!failure_.empty()) {
        found_ = Found::broken;
        return broken();
      }
      forget();
      break;
  }
  return std::nullopt;
}

Chunk Chunker::payload() {
  const Splitter& s = *splitter_;
  Chunk chunk;
  chunk.position = s.begin();
  chunk.next = s.next();
  const auto size = static_cast<std::size_t>(s.end() - s.begin());
  if (size > refused_above_ || s.begin() < position_) {
    chunk.too_large = true;
    chunk.bytes = beginning(s.end());
    return chunk;
  }
  chunk.bytes = window().between(s.begin(), s.end());
  if (s.before().empty() && s.after().empty()) return chunk;
  framed_.clear();
  framed_.reserve(s.before().size() + size + s.after().size());
  framed_.append(s.before()).append(chunk.bytes).append(s.after());
  chunk.bytes = framed_;
  return chunk;
}

// The first bytes of the chunk, which reaches until `end`.
std::string_view Chunker::beginning(std::int64_t end) const {
  if (splitter_->begin() < position_) return head_;
  return window().between(splitter_->begin(), end).substr(0, kKept);
}

// Whatever is still to come belongs to it, how much that may be.
Chunk Chunker::broken() {
  const Splitter& s = *splitter_;
  Chunk chunk;
  // Before that everything has been taken, and is not taken again.
  chunk.position = std::max(s.begin(), from_);
  chunk.next = std::max(chunk.position, end_min_) + 1;
  chunk.broken = true;
  chunk.fault = failure_.empty() ? std::string_view(s.fault()) : failure_;
  chunk.bytes = beginning(window().end());
  return chunk;
}

void Chunker::pop() {
  ended_ = found_ == Found::broken;
  if (found_ == Found::payload) drop(splitter_->next());
  found_ = Found::nothing;
}

// Drops what the splitter does not need, and all but the beginning of a chunk that is too large.
void Chunker::forget() {
  const Splitter& s = *splitter_;
  if (!s.inside()) return drop(s.begin());
  // One byte more than allowed may be the CR of a line's end, which does not count.
  if (s.seen() - s.begin() <= static_cast<std::int64_t>(kept_max_) + 1) return;
  if (s.begin() >= position_) head_ = beginning(s.seen());
  drop(s.seen());
}

void Chunker::drop(std::int64_t until) {
  BATCHOUT_ASSERT(until >= position_ && until <= window().end());
  begin_ += static_cast<std::size_t>(until - position_);
  position_ = until;
}

}  // namespace batchout::file
