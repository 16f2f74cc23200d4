// Files that change only by whole commits.

#include "base/append_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace batchout {
namespace {

class AppendFileTest : public ::testing::Test {
 protected:
  AppendFileTest() {
    std::string name = (std::filesystem::temp_directory_path() / "batchout-XXXXXX").native();
    folder_ = ::mkdtemp(name.data());
    path_ = folder_ + "/out";
  }
  ~AppendFileTest() override { std::filesystem::remove_all(folder_); }

  AppendFile file(bool overwrite = false) { return AppendFile(path_, "out", overwrite); }
  void put(std::string_view content) { std::ofstream(path_) << content; }
  std::string content() {
    std::ifstream in(path_);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::string folder_, path_;
};

TEST_F(AppendFileTest, BeginsOnALineOfItsOwnAfterATornOne) {
  put("whole\nto");
  AppendFile out = file();
  ASSERT_TRUE(out.set_header("whole\n"));
  out.staged() = "next\n";
  ASSERT_TRUE(out.commit());
  EXPECT_EQ(content(), "whole\nto\nnext\n");
}

TEST_F(AppendFileTest, GoesBackToItsOldLengthWhenWritingFails) {
  put("before\n");
  AppendFile out = file();
  out.staged().assign(100'000, 'x');
  // A limit on the size of files fails the write in its middle, as a full disk does.
  rlimit old{};
  ::getrlimit(RLIMIT_FSIZE, &old);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{5'000, old.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto failed = out.commit();
  ::setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, old_handler);

  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "BO552");
  EXPECT_EQ(failed.error().verdict, Verdict::environment);
  EXPECT_EQ(failed.error().message, "The file cannot be written: out: File too large");
  EXPECT_EQ(content(), "before\n");
  out.staged() = "after\n";
  ASSERT_TRUE(out.commit());
  EXPECT_EQ(content(), "before\nafter\n");
}

TEST_F(AppendFileTest, ReplacesTheFileBehindALinkAndKeepsItsRights) {
  put("old");
  ::chmod(path_.c_str(), 0640);
  std::filesystem::create_symlink("out", folder_ + "/link");
  AppendFile out(folder_ + "/link", "link", true);
  ASSERT_TRUE(out.set_header("h\n"));
  out.staged() = "new\n";
  ASSERT_TRUE(out.commit());
  EXPECT_EQ(content(), "h\nnew\n");
  EXPECT_TRUE(std::filesystem::is_symlink(folder_ + "/link"));
  struct stat status{};
  ::stat(path_.c_str(), &status);
  EXPECT_EQ(status.st_mode & 0777, 0640U);
  EXPECT_FALSE(std::filesystem::exists(path_ + ".new"));
}

TEST_F(AppendFileTest, TakesOneHeaderOnly) {
  put("\xEF\xBB\xBF"
      "a,b\n1,2\n");
  AppendFile out = file();
  EXPECT_TRUE(out.set_header("a,b\r\n"));
  EXPECT_TRUE(out.set_header("a,b\r\n"));
  const auto other = out.set_header("a\r\n");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, "BO553");
  EXPECT_EQ(other.error().verdict, Verdict::configuration);
  EXPECT_FALSE(file().set_header("a,b,c\n"));
  EXPECT_FALSE(file().set_header("a\n"));
  EXPECT_TRUE(file(true).set_header("a\n"));
}

TEST_F(AppendFileTest, WritesToFifosAndDevicesWithoutReplacingThem) {
  AppendFile out("/dev/null", "/dev/null", true);
  out.staged() = "gone\n";
  ASSERT_TRUE(out.check());
  ASSERT_TRUE(out.commit());
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST_F(AppendFileTest, RefusesFolders) {
  const AppendFile out(folder_, "folder", false);
  const auto checked = out.check();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message, "The file cannot be written: folder: Is a directory");
  EXPECT_EQ(checked.error().verdict, Verdict::configuration);
}

}  // namespace
}  // namespace batchout
