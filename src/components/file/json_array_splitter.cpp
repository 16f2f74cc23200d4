// Inside of an element 32 bytes are looked at in one go: quotes that are not escaped tell which bytes belong to texts,
// and as long as fewer brackets close than are open the element cannot end.

#include "components/file/json_array_splitter.h"

#include <bit>

#include "components/file/bytes.h"
#include "components/file/text_start.h"

namespace batchout::file {
namespace {

constexpr std::string_view kNotAList = "the file is no list of JSON";
constexpr std::string_view kNoElement = "an element of the list is missing";
constexpr std::string_view kNoComma = "a comma is missing behind an element of the list";
constexpr std::string_view kNotClosed = "the list is not closed";
constexpr std::string_view kFollowed = "something follows the end of the list";

bool ends_scalar(char c) {
  return is_blank(c) || std::string_view(",]}[{\":").contains(c);
}

// Bits of bytes behind a backslash that is not escaped itself. `carry`: the first byte is escaped; then whether the
// byte behind the last one is.
std::uint32_t escaped_bytes(std::uint32_t backslashes, bool& carry) {
  std::uint64_t escaped = carry ? 1 : 0;
  std::uint64_t left = backslashes & ~escaped;
  while (left != 0) {
    const std::uint64_t next = (left & (~left + 1)) << 1;
    escaped |= next;
    left &= left - 1;
    left &= ~next;
  }
  carry = (escaped >> Bytes::kSize) != 0;
  return static_cast<std::uint32_t>(escaped);
}

// Bit i is set if an odd number of bits up to i is: between an opening quote and its closing one.
std::uint32_t between(std::uint32_t quotes) {
  quotes ^= quotes << 1;
  quotes ^= quotes << 2;
  quotes ^= quotes << 4;
  quotes ^= quotes << 8;
  return quotes ^ (quotes << 16);
}

}  // namespace

// Behind an element comes a comma or the end: an element never ends at 0, so the position tells where in the list it
// is.
std::int64_t JsonArraySplitter::restart(std::int64_t position) {
  start_at(position);
  part_ = position > 0 ? Part::behind : Part::mark;
  return position;
}

Splitter::Found JsonArraySplitter::find(const Window& window) {
  if (part_ == Part::mark) {
    const auto start = start_of_text(window, true);
    if (!start) return Found::nothing;
    if (!start->fault.empty()) return found_broken(begin_, std::string(start->fault));
    seen_ += static_cast<std::int64_t>(start->mark_size);
    part_ = Part::opening;
  }
  while (!inside_) {
    const char* at = skip_blanks(window.at(seen_), window.at(window.end()));
    begin_ = seen_ = window.position_of(at);
    if (seen_ == window.end()) return window.last ? ended() : Found::nothing;
    const std::string_view fault = take(*at);
    if (!fault.empty()) return found_broken(seen_, std::string(fault));
    ++seen_;
  }
  return skim(window);
}

// One byte outside of elements; what is wrong with it, or nothing.
std::string_view JsonArraySplitter::take(char c) {
  switch (part_) {
    case Part::opening:
      part_ = Part::first;
      return c == '[' ? std::string_view() : kNotAList;
    case Part::first:
      if (c != ']') return open_element(c);
      part_ = Part::closed;
      return {};
    case Part::behind:
      part_ = c == ',' ? Part::element : Part::closed;
      return c == ',' || c == ']' ? std::string_view() : kNoComma;
    case Part::closed:
      return kFollowed;
    default:
      return open_element(c);
  }
}

std::string_view JsonArraySplitter::open_element(char c) {
  if (c == ',' || c == ']' || c == '}' || c == ':') return kNoElement;
  const bool is_container = c == '{' || c == '[';
  part_ = is_container || c == '"' ? Part::nested : Part::scalar;
  depth_ = is_container ? 1 : 0;
  in_text_ = c == '"';
  escaped_ = false;
  inside_ = true;
  return {};
}

// Goes on in an element.
Splitter::Found JsonArraySplitter::skim(const Window& window) {
  const char* at = window.at(seen_);
  const char* const end = window.at(window.end());
  bool found = false;
  if (part_ == Part::scalar) {
    while (at < end && !ends_scalar(*at)) ++at;
    found = at < end;
  } else {
    while (!found && static_cast<std::size_t>(end - at) >= Bytes::kSize) {
      const std::size_t size = end_in_block(at);
      found = size > 0;
      at += found ? size : Bytes::kSize;
    }
    while (!found && at < end) found = ends_at(*at++);
  }
  seen_ = window.position_of(at);
  if (!found) return window.last ? ended() : Found::nothing;
  part_ = Part::behind;
  return found_payload(seen_, seen_);
}

// Bytes up to the end of the element, if it ends in this block; else 0.
std::size_t JsonArraySplitter::end_in_block(const char* at) {
  const Bytes bytes(at);
  const std::uint32_t backslashes = bytes.equal('\\');
  const std::uint32_t escaped = (backslashes != 0 || escaped_) ? escaped_bytes(backslashes, escaped_) : 0;
  const std::uint32_t quotes = bytes.equal('"') & ~escaped;
  if (depth_ == 0 && quotes != 0) return static_cast<std::size_t>(std::countr_zero(quotes)) + 1;
  const std::uint32_t texts = between(quotes) ^ (in_text_ ? ~std::uint32_t{0} : 0);
  const std::uint32_t opening = bytes.equal_folded('{') & ~(texts | escaped);
  const std::uint32_t closing = bytes.equal_folded('}') & ~(texts | escaped);
  const auto count = static_cast<std::size_t>(std::popcount(closing));
  if (depth_ > 0 && depth_ <= count)
    if (const std::size_t size = size_until_closed(opening, closing)) return size;
  depth_ += static_cast<std::size_t>(std::popcount(opening)) - count;
  in_text_ = (texts >> (Bytes::kSize - 1)) != 0;
  return 0;
}

// Bytes up to the bracket that closes the last one open; 0 if there is none.
std::size_t JsonArraySplitter::size_until_closed(std::uint32_t opening, std::uint32_t closing) const {
  for (std::size_t closed = 1; closing != 0; closing &= closing - 1, ++closed) {
    const std::uint32_t before = (closing & (~closing + 1)) - 1;
    if (depth_ + static_cast<std::size_t>(std::popcount(opening & before)) == closed)
      return static_cast<std::size_t>(std::countr_zero(closing)) + 1;
  }
  return 0;
}

// The same for one byte: whether the element ends with it.
bool JsonArraySplitter::ends_at(char c) {
  if (escaped_ || c == '\\') {
    escaped_ = !escaped_;
    return false;
  }
  if (c == '"') in_text_ = !in_text_;
  if (c == '"' || in_text_) return depth_ == 0 && !in_text_;
  if (c == '{' || c == '[') ++depth_;
  return (c == '}' || c == ']') && --depth_ == 0;
}

// A number or word at the end of the file may be cut off, so it is not handed over.
Splitter::Found JsonArraySplitter::ended() {
  if (part_ == Part::closed || part_ == Part::opening) return Found::nothing;
  return found_broken(begin_, std::string(kNotClosed));
}

}  // namespace batchout::file
