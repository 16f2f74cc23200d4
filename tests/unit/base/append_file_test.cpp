// Files that change only by whole commits.

#include "base/append_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "base/file_lock.h"
#include "base/files.h"
#include "base/written_file.h"

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

  AppendFile file(FileMode mode = FileMode::append) { return AppendFile(path_, "out", mode); }
  // A limit on the size of files fails the write in its middle, as a full disk does.
  static Result<> commit_to_a_full_disk(AppendFile& out) {
    rlimit old{};
    ::getrlimit(RLIMIT_FSIZE, &old);
    const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{5'000, old.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    auto outcome = out.commit();
    ::setrlimit(RLIMIT_FSIZE, &old);
    std::signal(SIGXFSZ, old_handler);
    return outcome;
  }
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
  const auto failed = commit_to_a_full_disk(out);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "BO552");
  EXPECT_EQ(failed.error().verdict, Verdict::environment);
  EXPECT_EQ(failed.error().message, "The file cannot be written: out: File too large");
  EXPECT_EQ(content(), "before\n");
  out.staged() = "after\n";
  ASSERT_TRUE(out.commit());
  EXPECT_EQ(content(), "before\nafter\n");
}

// A memory file that is sealed can grow and not shrink, like a file that is only to be appended to.
TEST_F(AppendFileTest, CutsOnlyTheFileThatHasTheRestOfAFailedCommit) {
  const Descriptor sealed(::memfd_create("sealed", MFD_ALLOW_SEALING));
  ASSERT_TRUE(sealed);
  ASSERT_EQ(::fcntl(sealed.number(), F_ADD_SEALS, F_SEAL_SHRINK), 0);
  ASSERT_EQ(write_all(sealed.number(), "before\n"), 0);
  std::filesystem::create_symlink("/proc/self/fd/" + std::to_string(sealed.number()), path_);
  AppendFile out = file();
  out.staged().assign(100'000, 'x');
  ASSERT_FALSE(commit_to_a_full_disk(out));
  ASSERT_EQ(::lseek(sealed.number(), 0, SEEK_END), 5'000);
  out.staged() = "again\n";
  EXPECT_FALSE(out.commit());

  std::filesystem::remove(path_);
  put("the lines of a file that came in its place\n");
  out.staged() = "after\n";
  ASSERT_TRUE(out.commit());
  EXPECT_EQ(content(), "the lines of a file that came in its place\nafter\n");
}

TEST_F(AppendFileTest, MakesAFileOfEachCommit) {
  path_ = folder_ + "/rows-{batch}.csv";
  std::ofstream(folder_ + "/rows-000041.csv") << "there\n";
  std::ofstream(folder_ + "/rows-99x.csv") << "not ours\n";
  AppendFile out = file(FileMode::each);
  ASSERT_TRUE(out.check());
  ASSERT_TRUE(out.set_header("h\n"));
  for (const char* line : {"1\n", "2\n"}) {
    out.staged() = line;
    ASSERT_TRUE(out.commit());
  }
  std::ofstream(folder_ + "/rows-000044.csv") << "somebody else's\n";
  out.staged() = "3\n";
  ASSERT_TRUE(out.commit());
  ASSERT_TRUE(out.commit());  // Nothing staged: no file.
  std::string names;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) names += entry.path().filename().native()[0];
  EXPECT_EQ(names, "rrrrrr");  // No hidden one is left.
  const auto content_of = [&](const char* name) {
    path_ = folder_ + "/" + name;
    return content();
  };
  EXPECT_EQ(content_of("rows-000041.csv"), "there\n");
  EXPECT_EQ(content_of("rows-000042.csv"), "h\n1\n");
  EXPECT_EQ(content_of("rows-000043.csv"), "h\n2\n");
  EXPECT_EQ(content_of("rows-000044.csv"), "somebody else's\n");
  EXPECT_EQ(content_of("rows-000045.csv"), "h\n3\n");
}

TEST_F(AppendFileTest, ShowsNoFileOfACommitThatFailed) {
  path_ = folder_ + "/rows-{time}-{batch}";
  AppendFile out = file(FileMode::each);
  out.staged().assign(100'000, 'x');
  ASSERT_FALSE(commit_to_a_full_disk(out));
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
  out.staged() = "1\n";
  ASSERT_TRUE(out.commit());
  const std::string name = std::filesystem::directory_iterator(folder_)->path().filename().native();
  EXPECT_TRUE(std::regex_match(name, std::regex("rows-\\d{8}T\\d{6}\\.\\d{6}Z-000001"))) << name;
}

// Of a stream that has to be whole.
std::string unpacked(const std::string& bytes, Compression how) {
  const auto decompressor = make_decompressor(how);
  std::string text(1 << 20, '\0');
  std::size_t taken = 0, made = 0;
  while (taken < bytes.size()) {
    const auto step = decompressor->run(std::string_view(bytes).substr(taken), text.data() + made, text.size() - made);
    if (!step) return "broken: " + step.error();
    taken += step->taken;
    made += step->made;
  }
  if (!decompressor->complete()) return "torn";
  text.resize(made);
  return text;
}

TEST_F(AppendFileTest, IsWholeAfterEveryCommitWhenCompressed) {
  for (const Compression how : {Compression::gzip, Compression::zstd}) {
    std::filesystem::remove(path_);
    std::string expected = "h\n";
    for (int run = 0; run < 2; ++run) {
      AppendFile out(path_, "out", FileMode::append, how);
      ASSERT_TRUE(out.set_header("h\n"));
      for (const char* lines : {"1\n2\n", "3\n"}) {
        out.staged() = lines;
        ASSERT_TRUE(out.commit());
        EXPECT_EQ(unpacked(content(), how), expected += lines);
      }
      EXPECT_EQ(out.set_header("other\n").error().code, "BO553");
    }
    EXPECT_FALSE(AppendFile(path_, "out", FileMode::append, how).set_header("other\n"));
    AppendFile replaced(path_, "out", FileMode::overwrite, how);
    replaced.staged() = "new\n";
    ASSERT_TRUE(replaced.commit());
    EXPECT_EQ(unpacked(content(), how), "new\n");
  }
}

TEST_F(AppendFileTest, CutsOffAPartThatACrashHasTorn) {
  for (const Compression how : {Compression::gzip, Compression::zstd}) {
    std::filesystem::remove(path_);
    const auto commit = [&](std::string lines) {
      AppendFile out(path_, "out", FileMode::append, how);
      EXPECT_TRUE(out.set_header("h\n"));
      out.staged() = std::move(lines);
      return out.commit();
    };
    ASSERT_TRUE(commit("1\n"));
    const auto whole = std::filesystem::file_size(path_);
    std::string text;
    for (int i = 0; i < 20'000; ++i) text += std::to_string(i * 7919) + '\n';
    ASSERT_TRUE(commit(text));
    for (const std::size_t size : {std::filesystem::file_size(path_) - 1, whole + 30, whole + 3, whole + 1, whole}) {
      std::filesystem::resize_file(path_, size);
      ASSERT_TRUE(commit("2\n"));
      EXPECT_EQ(unpacked(content(), how), "h\n1\n2\n") << size;
      std::filesystem::resize_file(path_, whole);
      ASSERT_TRUE(commit(text));
    }
    std::filesystem::resize_file(path_, whole / 2);  // The very first commit.
    ASSERT_TRUE(commit("3\n"));
    EXPECT_EQ(unpacked(content(), how), "h\n3\n");
  }
}

TEST_F(AppendFileTest, AddsNothingToAFileThatIsCompressedInAnotherWay) {
  for (const char* present : {"plain text\n", "\x1F\x8B\x08\x00"}) {
    put(present);
    AppendFile out(path_, "out", FileMode::append, Compression::zstd);
    out.staged() = "1\n";
    const auto done = out.commit();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, "BO555");
    EXPECT_EQ(content(), std::string(present));
  }
  AppendFile whole(path_, "out", FileMode::overwrite, Compression::gzip);
  whole.staged() = "1\n";
  ASSERT_TRUE(whole.commit());
  const std::string with_more = content() + "something else";
  put(with_more);
  AppendFile out(path_, "out", FileMode::append, Compression::gzip);
  out.staged() = "1\n";
  EXPECT_EQ(out.commit().error().code, "BO555");
  EXPECT_EQ(content(), with_more);
}

TEST_F(AppendFileTest, ReplacesTheFileBehindALinkAndKeepsItsRights) {
  put("old");
  ::chmod(path_.c_str(), 0640);
  std::filesystem::create_symlink("out", folder_ + "/link");
  AppendFile out(folder_ + "/link", "link", FileMode::overwrite);
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

TEST_F(AppendFileTest, MakesFilesThatOthersCannotRead) {
  const mode_t before = ::umask(0);
  const auto rights = [&](const std::string& name) {
    struct stat status{};
    EXPECT_EQ(::stat((folder_ + "/" + name).c_str(), &status), 0);
    return status.st_mode & 0777;
  };
  for (const FileMode mode : {FileMode::append, FileMode::overwrite}) {
    const std::string name = mode == FileMode::append ? "rows" : "fresh";
    AppendFile rows(folder_ + "/" + name, name, mode);
    rows.staged() = "1\n";
    EXPECT_TRUE(rows.commit());
    EXPECT_EQ(rights(name), 0640U);
  }
  ::umask(before);
}

TEST_F(AppendFileTest, FollowsNoLinkOfAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a link away";
  put("of somebody\n");
  const std::string link = folder_ + "/link";
  std::filesystem::create_symlink("out", link);
  ASSERT_EQ(::lchown(link.c_str(), 12'345, 12'345), 0);
  for (const FileMode mode : {FileMode::append, FileMode::overwrite}) {
    AppendFile out(link, "link", mode);
    EXPECT_EQ(out.check().error().message,
              "The file cannot be written: link: it is a link of another user, which is not followed");
    out.staged() = "new\n";
    const auto failed = out.commit();
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, "BO551");
    EXPECT_EQ(content(), "of somebody\n");
  }
  const Descriptor locked = open_locked(link);
  EXPECT_FALSE(locked);
  EXPECT_EQ(write_error_text(link, errno), "it is a link of another user, which is not followed");
}

TEST_F(AppendFileTest, TellsALoopOfLinksFromALinkOfAnotherUser) {
  const std::string link = folder_ + "/loop";
  std::filesystem::create_symlink("loop", link);
  EXPECT_EQ(AppendFile(link, "loop", FileMode::append).check().error().message,
            "The file cannot be written: loop: Too many levels of symbolic links");
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
  EXPECT_TRUE(file(FileMode::overwrite).set_header("a\n"));
}

TEST_F(AppendFileTest, WritesToFifosAndDevicesWithoutReplacingThem) {
  AppendFile out("/dev/null", "/dev/null", FileMode::overwrite);
  out.staged() = "gone\n";
  ASSERT_TRUE(out.check());
  ASSERT_TRUE(out.commit());
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST_F(AppendFileTest, RefusesFolders) {
  const AppendFile out(folder_, "folder", FileMode::append);
  const auto checked = out.check();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message, "The file cannot be written: folder: Is a directory");
  EXPECT_EQ(checked.error().verdict, Verdict::configuration);
}

}  // namespace
}  // namespace batchout
