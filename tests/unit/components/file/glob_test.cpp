// File masks.

#include "components/file/glob.h"

#include <filesystem>

#include "../harness.h"

namespace batchout {
namespace {

using Texts = std::vector<std::string>;

class Glob : public ::testing::Test {
 protected:
  Glob() {
    for (const char* name :
         {"b.json", "a.json", "a.txt", ".hidden.json", "in/c.json", "in/deep/d.json", "in/.git/e.json"})
      folder_.put(name, "x");
    std::filesystem::create_directory(folder_.path("folder.json"));
    std::filesystem::create_directory_symlink(folder_.path("in"), folder_.path("link"));
  }

  Texts match(std::string_view mask, bool recursive = false) const {
    auto found = matching_files(folder_.path(), mask, recursive, 100);
    EXPECT_TRUE(found);
    return found ? *found : Texts{};
  }

  testing::TemporaryFolder folder_;
};

TEST_F(Glob, FindsRegularFilesInTheOrderOfTheirNames) {
  EXPECT_EQ(match("*.json"), (Texts{"a.json", "b.json"}));
  EXPECT_EQ(match("?.[jt]*"), (Texts{"a.json", "a.txt", "b.json"}));
  EXPECT_EQ(match("[!a].json"), Texts{"b.json"});
  EXPECT_EQ(match("nothing*"), Texts{});
}

TEST_F(Glob, ShowsHiddenNamesOnlyToMasksWithADot) {
  EXPECT_EQ(match(".*.json"), Texts{".hidden.json"});
}

TEST_F(Glob, LooksIntoFolders) {
  EXPECT_EQ(match("in/*"), Texts{"in/c.json"});
  EXPECT_EQ(match("*/c.json"), (Texts{"in/c.json", "link/c.json"}));
  EXPECT_EQ(match("./i?/c.json"), Texts{"./in/c.json"});
}

TEST_F(Glob, TakesTwoStarsForAnyDepthOnlyWhenAsked) {
  EXPECT_EQ(match("**/*.json"), (Texts{"in/c.json", "link/c.json"}));
  EXPECT_EQ(match("**/*.json", true), (Texts{"a.json", "b.json", "in/c.json", "in/deep/d.json"}));
  EXPECT_EQ(match("in/**", true), (Texts{"in/c.json", "in/deep/d.json"}));
  EXPECT_EQ(match("**/**/d.json", true), Texts{"in/deep/d.json"});
}

TEST_F(Glob, WritesAbsolutePathsForAbsoluteMasks) {
  EXPECT_EQ(match(folder_.path("in") + "/*"), Texts{folder_.path("in/c.json")});
}

TEST_F(Glob, StopsAtItsLimit) {
  auto found = matching_files(folder_.path(), "*.json", false, 1);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, "BO523");
  EXPECT_EQ(found.error().message, "The mask matches too many files; make it narrower: *.json (at most 1)");
}

}  // namespace
}  // namespace batchout
