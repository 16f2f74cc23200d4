// Rows and positions in files, on a disk that fails.

#include "data/file_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
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
    EXPECT_TRUE(claims) << claims.error().message;
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

}  // namespace
}  // namespace batchout
