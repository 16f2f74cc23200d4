// Lines, whatever the blocks are in which they arrive.

#include "components/file/line_splitter.h"

#include "cut.h"

namespace batchout::file {
namespace {

using namespace std::string_literals;
using Texts = std::vector<std::string>;

Texts lines(std::string_view stream, std::size_t refused_above = Chunker::kSizeMax) {
  return testing::cut_everyhow([] { return std::make_unique<LineSplitter>(); }, stream, 20, refused_above);
}

TEST(LineSplitter, GivesLinesWithoutTheirEnds) {
  EXPECT_EQ(lines("a\nbc\n"), (Texts{"a", "bc"}));
  EXPECT_EQ(lines("a\r\nbc\r\n"), (Texts{"a", "bc"}));
  EXPECT_EQ(lines("a\rb\r\r\n c "), (Texts{"a\rb\r", " c "}));
  EXPECT_EQ(lines("no end"), Texts{"no end"});
  EXPECT_EQ(lines("no end\r"), Texts{"no end"});
}

TEST(LineSplitter, PassesOverLinesOfBlanks) {
  EXPECT_EQ(lines(""), Texts{});
  EXPECT_EQ(lines("\n\r\n \t\r\n\n"), Texts{});
  EXPECT_EQ(lines("\na\n\n  \nb\n\n"), (Texts{"a", "b"}));
  EXPECT_EQ(lines("a\n   "), Texts{"a"});
}

TEST(LineSplitter, LeavesOutTheByteOrderMark) {
  EXPECT_EQ(lines("\xEF\xBB\xBF"
                  "a\n\xEF\xBB\xBF"
                  "b"),
            (Texts{"a",
                   "\xEF\xBB\xBF"
                   "b"}));
  EXPECT_EQ(lines("\xEF\xBB\xBF\n"), Texts{});
  EXPECT_EQ(lines("\xEF\xBB\xBF"), Texts{});
  EXPECT_EQ(lines("\xEF\xBB"), Texts{"\xEF\xBB"});
}

TEST(LineSplitter, RefusesWideTexts) {
  const Texts refused{"?the file is UTF-16 or UTF-32, which cannot be cut; convert it to UTF-8"};
  EXPECT_EQ(lines("\xFE\xFF\0a\0\n"s), refused);
  EXPECT_EQ(lines("\xFF\xFE"
                  "a\0\n\0"s),
            refused);
  EXPECT_EQ(lines("\0\0a\n"s), Texts{"\0\0a"s});
}

TEST(LineSplitter, GoesOnBehindALineThatIsTooLarge) {
  EXPECT_EQ(lines("1234\n12345\r\n\n123456789\r\n12\n1234567", 4), (Texts{"1234", "!7", "!11", "12", "!7"}));
  EXPECT_EQ(lines("1234\r\n12345\n1234\r", 4), (Texts{"1234", "!6", "1234"}));
  EXPECT_EQ(lines("         \n1", 4), Texts{"1"});
  EXPECT_EQ(lines("         \n         1\n        ", 4), Texts{"!11"});
}

}  // namespace
}  // namespace batchout::file
