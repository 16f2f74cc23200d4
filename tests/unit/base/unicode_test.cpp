// Characters of UTF-8 counted and not cut apart, in good texts and in broken ones.

#include "base/unicode.h"

#include <gtest/gtest.h>

#include <string>

namespace batchout {
namespace {

// Characters of one to four bytes.
constexpr std::string_view kMixed = "a\u00E9\u65E5\U0001F600";

TEST(Unicode, CountsBytesThatBeginACharacter) {
  EXPECT_EQ(count_characters(""), 0U);
  EXPECT_EQ(count_characters("abc"), 3U);
  EXPECT_EQ(count_characters(kMixed), 4U);
  EXPECT_EQ(count_characters(std::string_view("a\0b", 3)), 3U);
  EXPECT_EQ(count_characters("\x80\xBF"), 0U) << "bytes that only go on";
  EXPECT_EQ(count_characters("\xFF\xE6\x97"), 2U) << "bytes that begin, whatever follows";
}

TEST(Unicode, CutsBetweenCharacters) {
  constexpr std::size_t kSizes[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
  for (std::size_t max = 0; max < std::size(kSizes); ++max) EXPECT_EQ(cut_size(kMixed, max), kSizes[max]) << max;
  EXPECT_EQ(cut_size(kMixed, std::string_view::npos), kMixed.size());
}

TEST(Unicode, CutsNothingOffWhereNothingIs) {
  EXPECT_EQ(cut_size("", 0), 0U);
  EXPECT_EQ(cut_size("", 5), 0U);
  EXPECT_EQ(cut_size("a", 0), 0U);
  EXPECT_EQ(cut_size("\x80", 0), 0U);
  EXPECT_EQ(cut_size("\u00E9", 0), 0U);
}

TEST(Unicode, CutsBrokenTextsAtTheLimit) {
  EXPECT_EQ(cut_size("\x80\x80\x80\x80\x80\x80", 5), 5U) << "no character has so many bytes";
  EXPECT_EQ(cut_size("\x80\x80\x80", 2), 2U);
  EXPECT_EQ(cut_size("a\x80\x80\x80\x80\x80", 5), 5U);
  EXPECT_EQ(cut_size("a\x80\x80\x80\x80", 3), 0U) << "three bytes may belong to the one before";
  EXPECT_EQ(cut_size("ab\xFF\xFF", 3), 3U);
}

}  // namespace
}  // namespace batchout
