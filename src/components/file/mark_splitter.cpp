// Every byte is searched once: what has been seen begins no mark, but for its last bytes.

#include "components/file/mark_splitter.h"

#include <algorithm>
#include <cstring>

namespace batchout::file {

std::int64_t MarkSplitter::restart(std::int64_t position) {
  start_at(position);
  return position;
}

Splitter::Found MarkSplitter::find(const Window& window) {
  begin_ = next_;
  seen_ = std::max(seen_, begin_);
  const auto bytes_max = static_cast<std::int64_t>(bytes_max_);
  const bool cut_by_size = bytes_max > 0 && window.end() - begin_ >= bytes_max;
  const std::int64_t scope = cut_by_size ? begin_ + bytes_max : window.end();
  std::optional<std::int64_t> end = mark_.empty() ? std::nullopt : find_mark(window, scope);
  if (!end && (cut_by_size || (window.last && scope > begin_))) end = scope;
  if (end) return found_payload(*end, *end);
  inside_ = scope > begin_;
  const auto overlap = mark_.empty() ? std::int64_t{0} : static_cast<std::int64_t>(mark_.size()) - 1;
  seen_ = std::max(seen_, scope - overlap);
  return Found::nothing;
}

// The end of the first mark that ends within the scope.
std::optional<std::int64_t> MarkSplitter::find_mark(const Window& window, std::int64_t scope) {
  if (seen_ >= scope) return std::nullopt;
  const char* start = window.at(seen_);
  const auto size = static_cast<std::size_t>(scope - seen_);
  const void* found =
      mark_.size() == 1 ? std::memchr(start, mark_[0], size) : ::memmem(start, size, mark_.data(), mark_.size());
  if (found == nullptr) return std::nullopt;
  return window.position_of(static_cast<const char*>(found)) + static_cast<std::int64_t>(mark_.size());
}

}  // namespace batchout::file
