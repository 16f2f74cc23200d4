// Cutting a stream of bytes, whatever the blocks are in which it arrives.

#include "components/file/chunks.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "components/file/mark_splitter.h"

namespace batchout::file {
namespace {

using Texts = std::vector<std::string>;

struct Cut {
  std::string mark;
  std::size_t bytes_max = 0;
  std::size_t refused_above = Chunker::kSizeMax;
};

// Feeds `stream` in pieces of `step` bytes; a chunk that is too large is shown as "!" and its length.
Texts cut(const Cut& how, std::string_view stream, std::size_t step) {
  Chunker chunker(std::make_unique<MarkSplitter>(how.mark, how.bytes_max), how.refused_above);
  chunker.restart(0);
  Texts chunks;
  std::int64_t end = 0;
  while (true) {
    while (const auto chunk = chunker.peek()) {
      EXPECT_EQ(chunk->position, end);
      end = chunk->next;
      const auto size = chunk->next - chunk->position;
      EXPECT_TRUE(chunk->too_large || static_cast<std::size_t>(size) == chunk->bytes.size());
      chunks.push_back(chunk->too_large ? "!" + std::to_string(size) : std::string(chunk->bytes));
      chunker.pop();
    }
    if (chunker.finished()) return chunks;
    const std::string_view piece = stream.substr(0, step);
    stream.remove_prefix(piece.size());
    std::memcpy(chunker.room(), piece.data(), piece.size());
    chunker.filled(piece.size());
    if (piece.empty()) chunker.finish();
  }
}

struct Case {
  Cut how;
  std::string stream;
  Texts chunks;
};

TEST(Chunker, CutsTheSameHoweverTheBlocksFall) {
  const std::vector<Case> cases{
      {{}, "whole\nfile", {"whole\nfile"}},
      {{}, "", {}},
      {{"\n"}, "a\nb\n", {"a\n", "b\n"}},
      {{"\n"}, "a\n\nb", {"a\n", "\n", "b"}},
      {{"--"}, "a--b-c---d--", {"a--", "b-c--", "-d--"}},
      {{"aab"}, "aaabaab", {"aaab", "aab"}},
      {{std::string("\0x", 2)}, std::string("1\0x2\0x", 6), {std::string("1\0x", 3), std::string("2\0x", 3)}},
      {{"", 4}, "aaaabbbbccccdd", {"aaaa", "bbbb", "cccc", "dd"}},
      {{"", 4}, "aaaa", {"aaaa"}},
      {{";", 5}, "ab;cdefghij;k;lmnopq", {"ab;", "cdefg", "hij;", "k;", "lmnop", "q"}},
      {{"<>", 3}, "ab<>c<>", {"ab<", ">c<", ">"}},
      {{"\n", 0, 3}, "12345678\nab\nabc\n", {"!9", "ab\n", "!4"}},
      {{"<>", 0, 3}, "12345678<>a<>9999", {"!10", "a<>", "!4"}},
      {{"", 0, 3}, "1234567", {"!7"}},
      {{"", 0, 3}, "123", {"123"}},
  };
  for (const Case& c : cases)
    for (std::size_t step = 1; step <= 20; ++step) EXPECT_EQ(cut(c.how, c.stream, step), c.chunks) << c.stream << step;
}

TEST(Chunker, KeepsOnlyTheBeginningOfAChunkThatIsTooLarge) {
  Chunker chunker(std::make_unique<MarkSplitter>("\n", 0), 1000);
  chunker.restart(5);
  const std::string block(Chunker::kBlock, 'x');
  for (int i = 0; i < 100; ++i) {
    ASSERT_FALSE(chunker.peek());
    std::memcpy(chunker.room(), block.data(), block.size());
    chunker.filled(block.size());
  }
  chunker.finish();
  while (!chunker.peek()) ASSERT_TRUE(chunker.finished());
  const auto chunk = chunker.peek();
  EXPECT_TRUE(chunk->too_large);
  EXPECT_LE(chunk->bytes.size(), Chunker::kKept);
  EXPECT_EQ(chunk->position, 5);
  EXPECT_EQ(chunk->next, 5 + static_cast<std::int64_t>(100 * Chunker::kBlock));
}

}  // namespace
}  // namespace batchout::file
