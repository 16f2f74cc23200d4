// Dead letters in a table: none is lost, none is there twice while it is new, and to read them is no work that grows
// with the square of their number.

#include <sqlite3.h>

#include <deque>

#include "../harness.h"
#include "data/letter_book.h"

namespace batchout {

void add_sqlite(Registry&);

namespace {

using namespace testing;

std::uint64_t steps = 0;

/// SQLite calls it for each connection that is opened.
int count_steps(sqlite3* connection, char**, const struct sqlite3_api_routines*) {
  constexpr int kSteps = 100;
  sqlite3_progress_handler(
      connection, kSteps,
      [](void*) {
        steps += kSteps;
        return 0;
      },
      nullptr);
  return SQLITE_OK;
}

class SqliteLetters : public ::testing::Test {
 protected:
  SqliteLetters() { sqlite3_auto_extension(reinterpret_cast<void (*)()>(count_steps)); }
  ~SqliteLetters() override { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(count_steps)); }

  void SetUp() override {
    target_ = make_output(add_sqlite, "sqlite", Node::mapping({{"path", "out.db"}, {"table", "rows"}}),
                          context(Dialect::v1, folder_.path()));
    book_ = dynamic_cast<LetterBook*>(target_.store.get());
    ASSERT_NE(book_, nullptr);
  }

  /// A letter of a row; whatever differs in it makes another one.
  NewLetter letter(std::int64_t row, std::string_view payload = "{}") {
    Reject& reject = rejects_.emplace_back();
    reject.stage = Reject::Stage::write;
    reject.code = "BO421";
    reject.message = "line " + std::to_string(rejects_.size());
    reject.position = 7;
    NewLetter letter;
    letter.reject = &reject;
    letter.place = "outputs.out";
    letter.unit = {UnitId{0}, "file:in", "in"};
    letter.input = "in";
    letter.payload = payload;
    letter.row = row;
    letter.rows = 9;
    letter.mark = "timestamp=1";
    return letter;
  }

  void keep(const std::vector<NewLetter>& letters) {
    const auto kept = [&]() -> Result<Outcome> {
      BATCHOUT_CHECK(target_.store->begin(1));
      BATCHOUT_CHECK(book_->keep(letters));
      return target_.store->commit({}, {});
    }();
    EXPECT_TRUE(kept) << kept.error().message;
  }

  void end(std::vector<std::int64_t> ids) {
    ASSERT_TRUE(target_.store->begin(1));
    const auto resolved = book_->resolve(ids, "replayed");
    ASSERT_TRUE(resolved) << resolved.error().message;
    ASSERT_TRUE(target_.store->commit({}, {}));
  }

  std::vector<Letter> letters(const LetterFilter& filter = {}) {
    std::vector<Letter> found;
    const auto read = book_->each(filter, true, [&](Letter&& letter) -> Result<bool> {
      found.push_back(std::move(letter));
      return true;
    });
    EXPECT_TRUE(read) << read.error().message;
    return found;
  }

  TemporaryFolder folder_;
  Target target_;
  LetterBook* book_ = nullptr;
  std::deque<Reject> rejects_;
};

TEST_F(SqliteLetters, OfARowThereIsOneThatIsNew) {
  keep({letter(1), letter(3)});
  // Another row is refused besides, and numbers are others.
  keep({letter(3), letter(5)});
  const auto found = letters();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[2].row, 5);
  EXPECT_EQ(found[0].payload, "{}");
  EXPECT_EQ(found[2].carrier, found[0].id) << "the letter that had its payload is not kept";
}

TEST_F(SqliteLetters, WhatDiffersIsAnotherOne) {
  keep({letter(1)});
  std::size_t count = 1;
  const auto differs = [&](const char* what, const std::function<void(NewLetter&, Reject&)>& change) {
    NewLetter other = letter(1);
    change(other, rejects_.back());
    keep({other});
    EXPECT_EQ(letters().size(), ++count) << what;
    keep({other});
    EXPECT_EQ(letters().size(), count) << what;
  };
  differs("row", [](NewLetter& l, Reject&) { l.row = 2; });
  differs("rows", [](NewLetter& l, Reject&) { l.rows = 8; });
  differs("whole payload", [](NewLetter& l, Reject&) { l.row = kWholePayload; });
  differs("unknown row", [](NewLetter& l, Reject&) { l.row = kUnknownRow; });
  differs("payload", [](NewLetter& l, Reject&) { l.payload = "{ }"; });
  differs("place", [](NewLetter& l, Reject&) { l.place = "outputs.other"; });
  differs("target", [](NewLetter& l, Reject&) { l.target = "other"; });
  differs("writer", [](NewLetter& l, Reject&) { l.writer = "other"; });
  differs("input", [](NewLetter& l, Reject&) { l.input = "other"; });
  differs("mark", [](NewLetter& l, Reject&) { l.mark = "timestamp=2"; });
  differs("unit", [](NewLetter& l, Reject&) { l.unit.name = "other"; });
  differs("source", [](NewLetter& l, Reject&) { l.unit.source = "other"; });
  differs("position", [](NewLetter&, Reject& r) { r.position = 8; });
  differs("stage", [](NewLetter&, Reject& r) { r.stage = Reject::Stage::cast; });
  differs("code", [](NewLetter&, Reject& r) { r.code = "BO423"; });
  differs("column", [](NewLetter&, Reject& r) { r.column = "id"; });
  differs("excerpt", [](NewLetter&, Reject& r) { r.excerpt = "x"; });
}

TEST_F(SqliteLetters, NoneOfABatchIsTakenForAnotherOneOfIt) {
  keep({letter(kWholePayload), letter(kWholePayload), letter(kUnknownRow), letter(kUnknownRow), letter(1), letter(1)});
  EXPECT_EQ(letters().size(), 6U);
  // The second one of a row comes again: better twice than lost.
  keep({letter(kWholePayload), letter(kWholePayload), letter(kUnknownRow), letter(kUnknownRow), letter(1), letter(1)});
  EXPECT_EQ(letters().size(), 7U);
}

TEST_F(SqliteLetters, WithoutBytesOrMarkTheyAreNotCompared) {
  keep({letter(1, "")});
  keep({letter(1, "")});
  EXPECT_EQ(letters().size(), 2U);
  NewLetter unmarked = letter(1);
  unmarked.mark.clear();
  keep({unmarked});
  keep({unmarked});
  EXPECT_EQ(letters().size(), 4U);
}

TEST_F(SqliteLetters, WhatIsDoneWithComesAnew) {
  keep({letter(1), letter(2)});
  end({1});
  keep({letter(1), letter(2)});
  const auto found = letters();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].status, "replayed");
  EXPECT_EQ(found[2].row, 1);
  EXPECT_EQ(found[2].status, "new");
}

TEST_F(SqliteLetters, ThePayloadIsThatOfALetterOfTheSameOne) {
  const std::string other = "[]";
  keep({letter(1), letter(2)});
  keep({letter(1, other)});
  // The first letter has the bytes, and is there already.
  keep({letter(1), letter(3)});
  const auto found = letters();
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[1].carrier, 1);
  EXPECT_EQ(found[2].carrier, 3);
  EXPECT_EQ(found[3].row, 3);
  EXPECT_EQ(found[3].carrier, 1) << "not that of the other payload between";
}

TEST_F(SqliteLetters, DoubledOnesOfEarlierVersionsStay) {
  keep({letter(1)});
  ASSERT_TRUE(target_.store->begin(1));
  ASSERT_TRUE(target_.store->commit({}, {}));
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(folder_.path("out.db").c_str(), &database), SQLITE_OK);
  const auto run = [&](const char* sql) {
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
  };
  run("CREATE TABLE copy AS SELECT * FROM batchout_dead_letter; UPDATE copy SET id = 2");
  run("INSERT INTO batchout_dead_letter SELECT * FROM copy");
  run("DROP INDEX batchout_dead_letter_row; CREATE INDEX batchout_dead_letter_place ON batchout_dead_letter (pos)");
  EXPECT_EQ(sqlite3_close(database), SQLITE_OK);
  keep({letter(1), letter(2)});
  EXPECT_EQ(letters().size(), 3U);
  keep({letter(1), letter(2)});
  EXPECT_EQ(letters().size(), 3U);
}

// Some hundred steps for each letter; with the square of their number it would be a hundred million.
TEST_F(SqliteLetters, ManyOfOnePayloadAreKeptAndReadWithWorkThatGrowsAsTheyDo) {
  constexpr std::int64_t kLetters = 3000;
  constexpr std::uint64_t kStepsMax = 2'000'000;
  for (const std::int64_t start : {std::int64_t{0}, std::int64_t{kWholePayload}}) {
    const std::string payload = start == 0 ? "{}" : "[]";
    std::vector<NewLetter> many;
    for (std::int64_t i = 0; i < kLetters; ++i) many.push_back(letter(start < 0 ? start : i, payload));
    steps = 0;
    keep(many);
    keep(many);
    EXPECT_LT(steps, kStepsMax) << "kept, and not kept again";
  }
  steps = 0;
  const auto found = letters();
  EXPECT_EQ(found.size(), 2 * std::size_t{kLetters});
  EXPECT_EQ(found.back().carrier, kLetters + 1);
  EXPECT_LT(steps, kStepsMax) << "read";
  LetterFilter filter;
  filter.carriers = {1};
  steps = 0;
  EXPECT_EQ(letters(filter).size(), std::size_t{kLetters});
  EXPECT_LT(steps, kStepsMax) << "read for a replay";
}

}  // namespace
}  // namespace batchout
