// Any bytes as a file that is cut: in whatever blocks it comes, and from wherever reading goes on, the payloads are the
// same.
//
// The first three bytes say how it is cut, how long a payload may be, and how many bytes come at a time.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "components/file/chunks.h"
#include "components/file/json_array_splitter.h"
#include "components/file/line_splitter.h"
#include "components/file/mark_splitter.h"
#include "components/file/xml_splitter.h"

namespace batchout::file {
namespace {

struct Piece {
  std::int64_t position = 0;
  std::int64_t next = 0;
  bool too_large = false;
  std::string text;
  bool operator==(const Piece&) const = default;
};
using Pieces = std::vector<Piece>;

std::unique_ptr<Splitter> splitter(std::uint8_t number) {
  switch (number % 6) {
    case 0:
      return std::make_unique<LineSplitter>();
    case 1:
      return std::make_unique<MarkSplitter>("--", 0);
    case 2:
      return std::make_unique<MarkSplitter>(";", 7);
    case 3:
      return std::make_unique<JsonArraySplitter>();
    case 4:
      return std::make_unique<XmlSplitter>(std::vector<std::string>{"a", "b"});
    default:
      return std::make_unique<XmlSplitter>(std::vector<std::string>{"a", "*", "n:c"});
  }
}

Pieces cut(std::unique_ptr<Splitter> by, std::string_view stream, std::size_t size_max, std::size_t step,
           std::int64_t position = 0) {
  Chunker chunker(std::move(by), size_max);
  const std::int64_t from = chunker.restart(position, stream.size());
  stream.remove_prefix(std::min(static_cast<std::size_t>(from), stream.size()));
  Pieces pieces;
  while (true) {
    while (const auto chunk = chunker.peek()) {
      const bool whole = !chunk->too_large && !chunk->broken;
      if (chunk->next <= chunk->position || (!whole && chunk->bytes.size() > Chunker::kKept)) std::abort();
      pieces.push_back(
          {chunk->position, chunk->next, chunk->too_large, std::string(whole ? chunk->bytes : chunk->fault)});
      chunker.pop();
    }
    if (chunker.finished()) return pieces;
    const std::string_view block = stream.substr(0, step);
    stream.remove_prefix(block.size());
    std::memcpy(chunker.room(), block.data(), block.size());
    chunker.filled(block.size());
    if (block.empty()) chunker.finish();
  }
}

}  // namespace
}  // namespace batchout::file

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace batchout::file;
  if (size < 3) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 3, size - 3);
  const std::size_t size_max = data[1] == 0 ? Chunker::kSizeMax : data[1];
  const std::size_t step = data[2] % 70 + 1U;
  const Pieces whole = cut(splitter(data[0]), stream, size_max, Chunker::kBlock);
  if (cut(splitter(data[0]), stream, size_max, step) != whole) std::abort();
  const std::size_t taken = whole.empty() ? 0 : data[2] % whole.size();
  const std::int64_t position = taken == 0 ? 0 : whole[taken - 1].next;
  const Pieces rest(whole.begin() + static_cast<std::ptrdiff_t>(taken), whole.end());
  if (cut(splitter(data[0]), stream, size_max, step, position) != rest) std::abort();
  return 0;
}
