// LF alone is searched for; what may stand before it is looked at once the line is complete.

#include "components/file/line_splitter.h"

#include <algorithm>
#include <cstring>

#include "components/file/bytes.h"
#include "components/file/text_start.h"

namespace batchout::file {

std::int64_t LineSplitter::restart(std::int64_t position) {
  start_at(position);
  blank_ = true;
  started_ = position > 0;
  return position;
}

Splitter::Found LineSplitter::find(const Window& window) {
  if (!started_) {
    const auto start = start_of_text(window, false);
    if (!start) return Found::nothing;
    if (!start->fault.empty()) return found_broken(begin_, std::string(start->fault));
    started_ = true;
    next_ = begin_ + static_cast<std::int64_t>(start->mark_size);
  }
  while (true) {
    if (begin_ != next_) blank_ = true;
    begin_ = next_;
    seen_ = std::max(seen_, begin_);
    const auto size = static_cast<std::size_t>(window.end() - seen_);
    const void* found = size > 0 ? std::memchr(window.at(seen_), '\n', size) : nullptr;
    if (found == nullptr) break;
    const std::int64_t end = window.position_of(static_cast<const char*>(found));
    if (found_line(window, end, end + 1) == Found::payload) return Found::payload;
  }
  const bool rest = window.end() > begin_;
  if (rest && window.last) return found_line(window, window.end(), window.end());
  look_for_text(window, window.end());
  inside_ = rest;
  return Found::nothing;
}

void LineSplitter::look_for_text(const Window& window, std::int64_t end) {
  if (blank_) blank_ = skip_blanks(window.at(seen_), window.at(end)) == window.at(end);
  seen_ = end;
}

// Decides whether the line counts.
Splitter::Found LineSplitter::found_line(const Window& window, std::int64_t end, std::int64_t next) {
  look_for_text(window, end);
  if (end > std::max(begin_, window.position) && *window.at(end - 1) == '\r') --end;
  if (!blank_) return found_payload(end, next);
  begin_ = next_ = next;
  blank_ = true;
  inside_ = false;
  return Found::nothing;
}

}  // namespace batchout::file
