// What SQLite's codes mean.

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <set>
#include <string_view>
#include <vector>

#include "components/sqlite/store.h"

namespace batchout {
namespace {

struct Expected {
  Verdict verdict;
  /// A primary code, and the extended ones of SQLite 3.40 that go with it.
  std::vector<int> codes;
};

const Expected kExpected[] = {
    {Verdict::environment, {SQLITE_BUSY}},
    {Verdict::environment, {SQLITE_LOCKED}},
    {Verdict::environment, {SQLITE_PROTOCOL}},
    {Verdict::environment, {SQLITE_FULL}},
    {Verdict::environment,
     {SQLITE_IOERR,
      SQLITE_IOERR_READ,
      SQLITE_IOERR_SHORT_READ,
      SQLITE_IOERR_WRITE,
      SQLITE_IOERR_FSYNC,
      SQLITE_IOERR_DIR_FSYNC,
      SQLITE_IOERR_TRUNCATE,
      SQLITE_IOERR_FSTAT,
      SQLITE_IOERR_UNLOCK,
      SQLITE_IOERR_RDLOCK,
      SQLITE_IOERR_DELETE,
      SQLITE_IOERR_BLOCKED,
      SQLITE_IOERR_NOMEM,
      SQLITE_IOERR_ACCESS,
      SQLITE_IOERR_CHECKRESERVEDLOCK,
      SQLITE_IOERR_LOCK,
      SQLITE_IOERR_CLOSE,
      SQLITE_IOERR_DIR_CLOSE,
      SQLITE_IOERR_SHMOPEN,
      SQLITE_IOERR_SHMSIZE,
      SQLITE_IOERR_SHMLOCK,
      SQLITE_IOERR_SHMMAP,
      SQLITE_IOERR_SEEK,
      SQLITE_IOERR_DELETE_NOENT,
      SQLITE_IOERR_MMAP,
      SQLITE_IOERR_GETTEMPPATH,
      SQLITE_IOERR_CONVPATH,
      SQLITE_IOERR_VNODE,
      SQLITE_IOERR_AUTH,
      SQLITE_IOERR_BEGIN_ATOMIC,
      SQLITE_IOERR_COMMIT_ATOMIC,
      SQLITE_IOERR_ROLLBACK_ATOMIC,
      SQLITE_IOERR_DATA,
      SQLITE_IOERR_CORRUPTFS}},
    {Verdict::environment, {SQLITE_NOMEM}},
    {Verdict::environment,
     {SQLITE_CANTOPEN, SQLITE_CANTOPEN_NOTEMPDIR, SQLITE_CANTOPEN_ISDIR, SQLITE_CANTOPEN_FULLPATH,
      SQLITE_CANTOPEN_CONVPATH, SQLITE_CANTOPEN_DIRTYWAL, SQLITE_CANTOPEN_SYMLINK}},
    {Verdict::environment, {SQLITE_INTERRUPT}},
    {Verdict::row,
     {SQLITE_CONSTRAINT, SQLITE_CONSTRAINT_CHECK, SQLITE_CONSTRAINT_COMMITHOOK, SQLITE_CONSTRAINT_FOREIGNKEY,
      SQLITE_CONSTRAINT_FUNCTION, SQLITE_CONSTRAINT_NOTNULL, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_TRIGGER,
      SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_VTAB}},
    {Verdict::row, {SQLITE_MISMATCH}},
    {Verdict::row, {SQLITE_TOOBIG}},
    {Verdict::internal, {SQLITE_MISUSE}},
    {Verdict::internal, {SQLITE_INTERNAL}},
    {Verdict::internal, {SQLITE_RANGE}},
    {Verdict::configuration, {SQLITE_ERROR, SQLITE_ERROR_MISSING_COLLSEQ, SQLITE_ERROR_RETRY, SQLITE_ERROR_SNAPSHOT}},
    {Verdict::configuration, {SQLITE_PERM}},
    {Verdict::configuration, {SQLITE_ABORT, SQLITE_ABORT_ROLLBACK}},
    {Verdict::configuration,
     {SQLITE_READONLY, SQLITE_READONLY_RECOVERY, SQLITE_READONLY_CANTLOCK, SQLITE_READONLY_ROLLBACK,
      SQLITE_READONLY_DBMOVED, SQLITE_READONLY_CANTINIT, SQLITE_READONLY_DIRECTORY}},
    {Verdict::configuration, {SQLITE_CORRUPT, SQLITE_CORRUPT_VTAB, SQLITE_CORRUPT_SEQUENCE, SQLITE_CORRUPT_INDEX}},
    {Verdict::configuration, {SQLITE_NOTFOUND}},
    {Verdict::configuration, {SQLITE_EMPTY}},
    {Verdict::configuration, {SQLITE_SCHEMA}},
    {Verdict::configuration, {SQLITE_NOLFS}},
    {Verdict::configuration, {SQLITE_AUTH, SQLITE_AUTH_USER}},
    {Verdict::configuration, {SQLITE_FORMAT}},
    {Verdict::configuration, {SQLITE_NOTADB}},
    {Verdict::configuration, {SQLITE_NOTICE, SQLITE_NOTICE_RECOVER_WAL, SQLITE_NOTICE_RECOVER_ROLLBACK}},
    {Verdict::configuration, {SQLITE_WARNING, SQLITE_WARNING_AUTOINDEX}},
};

TEST(SqliteVerdict, ARefusedRowSaysWhatRefusedIt) {
  EXPECT_EQ(sqlite_refusal(SQLITE_CONSTRAINT_UNIQUE, "UNIQUE constraint failed: t.id"), "BO422");
  EXPECT_EQ(sqlite_refusal(SQLITE_CONSTRAINT_TRIGGER, "a bad name"), "BO432");
  EXPECT_EQ(sqlite_refusal(SQLITE_CONSTRAINT_TRIGGER, "FOREIGN KEY constraint failed"), "BO422") << "RESTRICT";
  EXPECT_EQ(sqlite_refusal(SQLITE_CONSTRAINT_DATATYPE, "cannot store TEXT value in INTEGER column t.id"), "BO427");
  EXPECT_EQ(sqlite_refusal(SQLITE_MISMATCH, "datatype mismatch"), "BO427");
  EXPECT_EQ(sqlite_refusal(SQLITE_TOOBIG, "string or blob too big"), "BO433");
}

TEST(SqliteVerdict, IsThereForEveryCode) {
  std::set<int> primary;
  for (const auto& [verdict, codes] : kExpected) {
    EXPECT_TRUE(primary.insert(codes.front()).second) << codes.front() << " is there twice";
    for (const int code : codes) {
      EXPECT_EQ(code & 0xFF, codes.front()) << code;
      EXPECT_EQ(sqlite_verdict(code), verdict) << code;
    }
  }
  // SQLITE_OK, SQLITE_ROW and SQLITE_DONE are no errors.
  for (int code = 1; code < SQLITE_ROW; ++code) {
    const bool known = std::string_view(sqlite3_errstr(code)) != "unknown error";
    EXPECT_TRUE(!known || primary.contains(code)) << code << " has no verdict in this table";
  }
}

TEST(SqliteVerdict, WhatAnotherVersionAddsDoesNotPassByItself) {
  for (const int code : {29, 57, 99, 255}) EXPECT_EQ(sqlite_verdict(code), Verdict::configuration) << code;
  EXPECT_EQ(sqlite_verdict(SQLITE_IOERR | 99 << 8), Verdict::environment) << "as its primary code";
}

}  // namespace
}  // namespace batchout
