// Cuts a stream that comes in pieces of any size, as the input of files does.

#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "components/file/chunks.h"

namespace batchout::file::testing {

struct Piece {
  std::int64_t position = 0;
  std::int64_t next = 0;
  /// "!" and the length of one that is too large, "?" and the fault of a broken one.
  std::string text;
  bool operator==(const Piece&) const = default;
};
using Pieces = std::vector<Piece>;

inline std::string text_of(const Chunk& chunk) {
  if (chunk.broken) return "?" + std::string(chunk.fault);
  return chunk.too_large ? "!" + std::to_string(chunk.next - chunk.position) : std::string(chunk.bytes);
}

/// Feeds `stream` in blocks of `step` bytes, from `position` on.
inline Pieces pieces_of(std::unique_ptr<Splitter> splitter, std::string_view stream, std::size_t step,
                        std::int64_t position = 0, std::size_t refused_above = Chunker::kSizeMax) {
  Chunker chunker(std::move(splitter), refused_above);
  const std::int64_t from = chunker.restart(position, stream.size());
  std::string_view rest = stream.substr(std::min(static_cast<std::size_t>(from), stream.size()));
  Pieces pieces;
  while (true) {
    while (const auto chunk = chunker.peek()) {
      EXPECT_LE(chunk->bytes.size(), chunk->too_large || chunk->broken ? Chunker::kKept : chunk->bytes.size());
      EXPECT_GT(chunk->next, chunk->position);
      pieces.push_back({chunk->position, chunk->next, text_of(*chunk)});
      chunker.pop();
    }
    if (chunker.finished()) return pieces;
    const std::string_view block = rest.substr(0, step);
    rest.remove_prefix(block.size());
    std::memcpy(chunker.room(), block.data(), block.size());
    chunker.filled(block.size());
    if (block.empty()) chunker.finish();
  }
}

inline std::vector<std::string> texts_of(const Pieces& pieces) {
  std::vector<std::string> texts;
  for (const Piece& piece : pieces) texts.push_back(piece.text);
  return texts;
}

/// Cuts `stream` in one go, in blocks of every size up to `step_max`, and again from behind each of the chunks: all
/// must agree. Returns the texts.
template <class Make>
std::vector<std::string> cut_everyhow(Make make, std::string_view stream, std::size_t step_max = 80,
                                      std::size_t refused_above = Chunker::kSizeMax) {
  const Pieces whole = pieces_of(make(), stream, Chunker::kBlock, 0, refused_above);
  for (std::size_t step = 1; step <= step_max; ++step) {
    const Pieces pieces = pieces_of(make(), stream, step, 0, refused_above);
    EXPECT_EQ(texts_of(pieces), texts_of(whole)) << "in blocks of " << step << ": " << stream;
    EXPECT_TRUE(pieces == whole) << "in blocks of " << step << ": " << stream;
  }
  for (std::size_t taken = 1; taken <= whole.size(); ++taken) {
    const Pieces rest(whole.begin() + static_cast<std::ptrdiff_t>(taken), whole.end());
    const Pieces again = pieces_of(make(), stream, 7, whole[taken - 1].next, refused_above);
    EXPECT_TRUE(again == rest) << "from " << whole[taken - 1].next << " on: " << stream;
  }
  return texts_of(whole);
}

}  // namespace batchout::file::testing
