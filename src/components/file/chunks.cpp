// Cuts a stream of bytes into chunks: at a mark, after a number of bytes, or not at all.

#include "components/file/chunks.h"

#include <algorithm>
#include <cstring>

namespace batchout {

void Chunker::restart(std::int64_t position, std::size_t expected) {
  // A buffer grown by one long chunk is not kept for the short ones of the next file.
  if (buffer_.size() > 16 * kBlock) buffer_ = {};
  buffer_.clear();
  if (cut_.mark.empty() && cut_.bytes_max == 0 && expected <= cut_.refused_above) buffer_.room(expected + kBlock);
  begin_ = searched_ = passed_ = taken_ = 0;
  position_ = position;
  finished_ = false;
}

char* Chunker::room() {
  if (begin_ > 0) {
    const std::string_view rest = unread();
    std::memmove(buffer_.data(), rest.data(), rest.size());
    buffer_.truncate(rest.size());
    begin_ = 0;
  }
  return buffer_.room(kBlock);
}

std::optional<Chunk> Chunker::peek() {
  const std::string_view bytes = unread();
  std::size_t size = taken_;
  if (size == 0) {
    if (const auto cut = length(bytes)) {
      size = *cut;
    } else if (!finished_) {
      if (bytes.size() + passed_ > cut_.refused_above) pass_over();
      return std::nullopt;
    } else {
      size = bytes.size();
    }
  }
  if (size + passed_ == 0) return std::nullopt;
  taken_ = size;
  Chunk chunk{bytes.substr(0, size), position_, position_ + static_cast<std::int64_t>(passed_ + size), false};
  if (passed_ + size > cut_.refused_above) {
    chunk.too_large = true;
    chunk.bytes = passed_ > 0 ? std::string_view(head_) : bytes.substr(0, kKept);
  }
  return chunk;
}

void Chunker::pop() {
  position_ += static_cast<std::int64_t>(passed_ + taken_);
  begin_ += taken_;
  searched_ = passed_ = taken_ = 0;
}

std::optional<std::size_t> Chunker::length(std::string_view unread) {
  const std::size_t scope = cut_.bytes_max > 0 ? std::min(cut_.bytes_max, unread.size()) : unread.size();
  if (!cut_.mark.empty()) {
    const std::size_t at = find_mark(unread.substr(0, scope));
    if (at != std::string_view::npos) return at + cut_.mark.size();
    searched_ = scope;
  }
  if (cut_.bytes_max > 0 && scope == cut_.bytes_max) return scope;
  return std::nullopt;
}

std::size_t Chunker::find_mark(std::string_view scope) const {
  const std::size_t overlap = cut_.mark.size() - 1;
  const std::size_t from = searched_ > overlap ? searched_ - overlap : 0;
  if (from >= scope.size()) return std::string_view::npos;
  const char* start = scope.data() + from;
  const std::size_t size = scope.size() - from;
  const void* found =
      overlap == 0 ? std::memchr(start, cut_.mark[0], size) : ::memmem(start, size, cut_.mark.data(), cut_.mark.size());
  return found == nullptr ? std::string_view::npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - scope.data());
}

void Chunker::pass_over() {
  const std::string_view bytes = unread();
  if (passed_ == 0) head_ = bytes.substr(0, kKept);
  // The last bytes stay: a mark may begin in them.
  const std::size_t kept = cut_.mark.empty() ? 0 : std::min(cut_.mark.size() - 1, bytes.size());
  passed_ += bytes.size() - kept;
  begin_ += bytes.size() - kept;
  searched_ = kept;
}

}  // namespace batchout
