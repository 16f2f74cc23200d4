// Rows and positions in files, on a disk that fails.

#include "data/file_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "../components/harness.h"

namespace {

/// Calls of fdatasync that still work before the disk fails; negative: it does not fail.
int syncs_left = -1;

bool disk_fails() {
  return syncs_left == 0;
}

}  // namespace

// The program's own, in the place of those of the C library.
extern "C" int fdatasync(int descriptor) {
  if (disk_fails()) {
    errno = EIO;
    return -1;
  }
  if (syncs_left > 0) --syncs_left;
  return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}

extern "C" int ftruncate(int descriptor, off_t length) noexcept {
  if (disk_fails()) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_ftruncate, descriptor, length));
}

namespace batchout {
namespace {

class FileStores : public ::testing::Test {
 protected:
  FileStores() {
    FileConfig config;
    config.path = "rows.jsonl";
    store_.emplace(config, testing::context(Dialect::v1, folder_.path()));
  }
  ~FileStores() override { syncs_left = -1; }

  Claim claim() {
    const std::vector<Unit> units{{UnitId{0}, "file:in", "in"}};
    auto claims = store_->claim(units);
    EXPECT_TRUE(claims) << (claims ? "" : claims.error().message);
    return claims ? claims->front() : Claim{};
  }

  Result<Outcome> store(const Claim& claim, std::int64_t from, std::int64_t to, const std::string& rows) {
    const std::vector<Move> moves{{{UnitId{0}, "file:in", "in"}, claim.epoch, from, {UnitId{0}, to, {}}}};
    auto begun = store_->begin(1);
    if (!begun) return std::unexpected(begun.error());
    store_->file().staged() = rows;
    auto outcome = store_->commit(moves, {});
    if (!outcome) store_->rollback();
    return outcome;
  }

  testing::TemporaryFolder folder_;
  std::optional<FileStore> store_;
};

// The line that says so is whole in the journal, and nobody knows.
TEST_F(FileStores, ABatchThatMayHaveBeenWrittenIsClaimedAgainBeforeItIsTriedAgain) {
  Claim held = claim();
  ASSERT_EQ(store(held, Position::kUnset, 0, ""), Outcome::committed);
  syncs_left = 2;  // The journal says that rows are coming; the rows.
  ASSERT_FALSE(store(held, 0, 10, "{\"n\":1}\n"));
  syncs_left = -1;
  EXPECT_EQ(store(held, 0, 10, "{\"n\":1}\n"), Outcome::in_doubt);
  EXPECT_EQ(folder_.get("rows.jsonl"), "{\"n\":1}\n");
  held = claim();
  ASSERT_TRUE(held.position);
  EXPECT_EQ(held.position->number, 10);
  EXPECT_EQ(store(held, 10, 20, "{\"n\":2}\n"), Outcome::committed);
  EXPECT_EQ(folder_.get("rows.jsonl"), "{\"n\":1}\n{\"n\":2}\n");
}

TEST_F(FileStores, ABatchThatWasNotWrittenIsNotThereAfterTheClaim) {
  Claim held = claim();
  ASSERT_EQ(store(held, Position::kUnset, 0, ""), Outcome::committed);
  syncs_left = 1;  // The journal says that rows are coming.
  ASSERT_FALSE(store(held, 0, 10, "{\"n\":1}\n"));
  syncs_left = -1;
  const auto again = store(held, 0, 10, "{\"n\":1}\n");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, Outcome::committed);
  EXPECT_EQ(folder_.get("rows.jsonl"), "{\"n\":1}\n");
}

class FileRights : public ::testing::Test {
 protected:
  ~FileRights() override { ::umask(umask_); }

  Result<Outcome> write(Dialect dialect, FileMode mode, const std::string& path) {
    FileConfig config;
    config.path = path;
    config.mode = mode;
    FileStore store(config, testing::context(dialect, folder_.path()));
    auto begun = store.begin(1);
    if (!begun) return std::unexpected(begun.error());
    store.file().staged() = "1\n";
    const Reject reject;
    std::vector<DeadLetter> letters(1);
    letters[0].reject = &reject;
    return store.commit({}, letters);
  }

  mode_t rights(const std::string& name) const {
    struct stat status{};
    EXPECT_EQ(::stat((folder_.path() + "/" + name).c_str(), &status), 0) << name;
    return status.st_mode & 0777;
  }

  void link_of_another_user(const std::string& name, const std::string& to) const {
    const std::string link = folder_.path() + "/" + name;
    std::filesystem::create_symlink(to, link);
    ASSERT_EQ(::lchown(link.c_str(), 12'345, 12'345), 0);
  }

  testing::TemporaryFolder folder_;
  mode_t umask_ = ::umask(022);
};

TEST_F(FileRights, OlderDialectsLeaveThemToTheUmask) {
  for (const FileMode mode : {FileMode::append, FileMode::overwrite, FileMode::each}) {
    const std::string end = std::to_string(static_cast<int>(mode));
    const std::string mask = mode == FileMode::each ? "{batch}-" : "";
    for (const auto& [dialect, name] : {std::pair(Dialect::v0_3_0, "old" + end), std::pair(Dialect::v1, "new" + end)})
      ASSERT_TRUE(write(dialect, mode, mask + name));
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    const std::string name = entry.path().filename();
    const bool old = name.find("old") != std::string::npos && !name.ends_with(".rejected.jsonl");
    EXPECT_EQ(rights(name), old ? 0644U : 0640U) << name;
    ++files;
  }
  EXPECT_GE(files, 6U);
}

TEST_F(FileRights, OlderDialectsFollowLinksOfOthers) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a link away";
  for (const FileMode mode : {FileMode::append, FileMode::overwrite}) {
    const std::string name = mode == FileMode::append ? "append" : "overwrite";
    folder_.put(name + ".target", "0\n");
    link_of_another_user(name, name + ".target");
    EXPECT_FALSE(write(Dialect::v1, mode, name));
    EXPECT_EQ(folder_.get(name + ".target"), "0\n");
    EXPECT_TRUE(write(Dialect::v0_0_1, mode, name));
    EXPECT_EQ(folder_.get(name + ".target"), mode == FileMode::append ? "0\n1\n" : "1\n");
  }
}

TEST_F(FileRights, AJournalThatIsALinkOfAnotherUserIsToldAsOne) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a link away";
  link_of_another_user("rows.jsonl.batchout", "elsewhere");
  FileConfig config;
  config.path = "rows.jsonl";
  FileStore store(config, testing::context(Dialect::v1, folder_.path()));
  const std::vector<Unit> units{{UnitId{0}, "file:in", "in"}};
  const auto claims = store.claim(units);
  ASSERT_FALSE(claims);
  EXPECT_EQ(
      claims.error().message,
      "The journal of the file cannot be written: rows.jsonl.batchout: it is a link of another user, which is not "
      "followed");
}

}  // namespace
}  // namespace batchout
