// Paths with parameters: what values can do, and where they cannot lead.

#include "components/file/parameters.h"

#include <gtest/gtest.h>

namespace batchout::file {
namespace {

std::string filled(const std::string& path, const std::string& value, std::string_view folder = "",
                   const std::string& root = "") {
  const auto result = filled_path(path, {{"x", value}}, folder, root);
  return result ? *result : "refused: " + result.error();
}

TEST(FilePaths, ValuesStandForThemselves) {
  EXPECT_EQ(filled("{x}.json", "a"), "a.json");
  EXPECT_EQ(filled("data{x}.json", "1"), "data1.json");
  EXPECT_EQ(filled("in/{x}/*.json", "a/b"), "in/a/b/*.json");
  EXPECT_EQ(filled("in/{x}", "*?["), "in/[*][?][[]");
  EXPECT_EQ(filled("{{{x}}}", "a"), "{a}");
}

TEST(FilePaths, ValuesDoNotLeadOut) {
  EXPECT_TRUE(filled("in/{x}", "../../a").starts_with("refused: a value leads out"));
  EXPECT_TRUE(filled("{x}", "../a").starts_with("refused: a value leads out"));
  EXPECT_TRUE(filled("in/sub{x}", "/../../a").starts_with("refused: a value leads out"));
  EXPECT_EQ(filled("in/sub{x}", "../../a"), "in/sub../../a");
  EXPECT_TRUE(filled("{x}", "/etc/passwd").starts_with("refused"));
  EXPECT_TRUE(filled("{x}", "/etc/passwd", "/srv/data").starts_with("refused"));
  EXPECT_TRUE(filled("in/{x}", std::string("a\0b", 3)).starts_with("refused"));
  EXPECT_EQ(filled("{x}", "/etc/passwd", "", "/"), "/etc/passwd");
  EXPECT_EQ(filled("in/{x}", "../a", "", "."), "in/../a");
}

TEST(FilePaths, NamesNeedValues) {
  EXPECT_EQ(filled("in/{y}", "a"), "refused: there is no value for {y}");
  EXPECT_EQ(filled("in/{x", "a"), "refused: its braces do not come in pairs");
}

}  // namespace
}  // namespace batchout::file
