// Rows in SQLite tables: what is made, what arrives, what is refused and how a batch is dropped.

#include <sqlite3.h>

#include <limits>

#include "../harness.h"

namespace batchout {

void add_sqlite(Registry&);

namespace {

using namespace testing;
using Lines = std::vector<std::string>;

class SqliteOutput : public ::testing::Test {
 protected:
  Target open(std::vector<std::pair<std::string, Node>> settings = {}) {
    std::vector<std::pair<std::string, Node>> all{{"path", "out.db"}, {"table", "rows"}};
    for (auto& setting : settings) all.push_back(std::move(setting));
    return make_output(add_sqlite, "sqlite", Node::mapping(std::move(all)), context(Dialect::v1, folder_.path()));
  }

  static std::vector<std::pair<std::string, Node>> upsert_by(std::vector<Node> keys) {
    return {{"mode", "upsert"}, {"keys", Node::list(std::move(keys))}};
  }

  // The values of each row, quoted as SQL, joined by commas.
  Lines query(const std::string& sql) {
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open(folder_.path("out.db").c_str(), &database), SQLITE_OK);
    Lines lines;
    const auto take = [](void* to, int count, char** values, char**) {
      std::string line;
      for (int i = 0; i < count; ++i) line += std::string(i ? "," : "") + (values[i] ? values[i] : "NULL");
      static_cast<Lines*>(to)->push_back(line);
      return 0;
    };
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), take, &lines, &message), SQLITE_OK) << (message ? message : "");
    sqlite3_free(message);
    sqlite3_close(database);
    return lines;
  }

  Lines rows() { return query("SELECT * FROM rows ORDER BY rowid"); }

  TemporaryFolder folder_;
};

const std::vector<std::pair<std::string, Kind>> kIdAndName{{"id", Kind::integer}, {"name", Kind::text}};

TEST_F(SqliteOutput, KeepsTheJournalThatIsAskedFor) {
  const Block block = block_of(kIdAndName, {{integer(1), text("a")}});
  {
    Target target = open({{"journal_mode", "truncate"}});
    ASSERT_EQ(target.batch({block}), "");
  }
  EXPECT_EQ(query("PRAGMA journal_mode"), Lines{"delete"});  // What a new connection has, as long as it is not wal.
  EXPECT_FALSE(std::filesystem::exists(folder_.path("out.db-wal")));
  Target target = open();
  ASSERT_EQ(target.batch({block}), "");
  EXPECT_EQ(query("PRAGMA journal_mode"), Lines{"wal"});
}

TEST_F(SqliteOutput, WaitsForALockAsLongAsItIsTold) {
  Target target = open({{"busy_timeout", "50ms"}});
  ASSERT_EQ(target.batch({block_of(kIdAndName, {{integer(1), text("a")}})}), "");
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(folder_.path("out.db").c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  const auto start = std::chrono::steady_clock::now();
  const std::string error = target.batch({block_of(kIdAndName, {{integer(2), text("b")}})});
  const auto waited = std::chrono::steady_clock::now() - start;
  EXPECT_TRUE(error.starts_with("BO542")) << error;
  EXPECT_GE(waited, std::chrono::milliseconds(50));
  EXPECT_LT(waited, std::chrono::seconds(3));
  sqlite3_close(other);
}

TEST_F(SqliteOutput, MakesTheTableWithTypesThatFit) {
  Target target = open();
  const Block block = block_of({{"b", Kind::boolean},
                                {"i", Kind::integer},
                                {"r", Kind::real},
                                {"d", Kind::decimal},
                                {"t", Kind::text},
                                {"day", Kind::date},
                                {"at", Kind::datetime},
                                {"any \"thing\"", Kind::dynamic}},
                               {{boolean(true), integer(5), real(1.5), text("1.10", Tag::decimal), text("x"),
                                 moment(18201, Tag::date), moment(1572570123000000), boolean(false)},
                                {null(), null(), null(), null(), null(), null(), null(), null()}});
  ASSERT_EQ(target.batch({block}), "");
  EXPECT_EQ(query("SELECT name || ' ' || type FROM pragma_table_info('rows')"),
            (Lines{"b BOOLEAN", "i INTEGER", "r REAL", "d TEXT", "t TEXT", "day TEXT", "at TEXT", "any \"thing\" "}));
  EXPECT_EQ(query("SELECT quote(b), quote(i), quote(r), quote(d), quote(t), quote(day), quote(\"any \"\"thing\"\"\") "
                  "FROM rows"),
            (Lines{"1,5,1.5,'1.10','x','2019-11-01',0", "NULL,NULL,NULL,NULL,NULL,NULL,NULL"}));
  EXPECT_EQ(query("SELECT substr(at, 1, 19) FROM rows")[0], "2019-11-01T01:02:03");
}

TEST_F(SqliteOutput, InsertsAgainWhatIsThereAlready) {
  Target target = open();
  const Block block = block_of(kIdAndName, {{integer(1), text("a")}});
  ASSERT_EQ(target.batch({block, block}), "");
  ASSERT_EQ(target.batch({block}), "");
  EXPECT_EQ(rows(), (Lines{"1,a", "1,a", "1,a"}));
}

TEST_F(SqliteOutput, UpsertsByKeysAndTheLastOfEqualKeysWins) {
  Target target = open(upsert_by({"id"}));
  ASSERT_EQ(target.batch({block_of(kIdAndName, {{integer(1), text("a")}, {integer(2), text("b")}})}), "");
  ASSERT_EQ(
      target.batch({block_of(kIdAndName, {{integer(2), text("c")}, {integer(2), null()}, {integer(3), text("d")}}),
                    block_of(kIdAndName, {{integer(3), text("e")}})}),
      "");
  EXPECT_EQ(rows(), (Lines{"1,a", "2,NULL", "3,e"}));
}

TEST_F(SqliteOutput, KeepsColumnsThatAreNotWritten) {
  query("CREATE TABLE Rows (ID INTEGER PRIMARY KEY, name TEXT, more TEXT DEFAULT 'kept')");
  query("INSERT INTO rows VALUES (1, 'old', 'mine')");
  Target target = open(upsert_by({"id"}));
  ASSERT_EQ(target.batch({block_of(kIdAndName, {{integer(1), text("new")}, {integer(2), text("b")}})}), "");
  EXPECT_EQ(rows(), (Lines{"1,new,mine", "2,b,kept"}));
}

TEST_F(SqliteOutput, AcceptsTablesThatHaveOnlyKeys) {
  Target target = open(upsert_by({"id", "name"}));
  const Block block = block_of(kIdAndName, {{integer(1), text("a")}, {integer(1), text("a")}, {integer(1), text("b")}});
  ASSERT_EQ(target.batch({block}), "");
  EXPECT_EQ(rows(), (Lines{"1,a", "1,b"}));
}

TEST_F(SqliteOutput, RejectsRowsWithoutAKey) {
  for (auto settings : {upsert_by({"id"}), {{"keys", Node::list({"id"})}}}) {
    Target target = open(settings);
    Rejects rejects;
    ASSERT_EQ(target.batch({block_of(kIdAndName, {{integer(1), null()}, {null(), text("x")}})}, &rejects), "");
    ASSERT_EQ(rejects.size(), 1U);
    EXPECT_EQ(rejects[0].code, "BO421");
    EXPECT_EQ(rejects[0].message, "A key is null: id");
    EXPECT_EQ(rejects[0].column, "id");
    EXPECT_EQ(rejects[0].unit, UnitId{7});
    EXPECT_EQ(rejects[0].position, 1);
    EXPECT_EQ(rows(), Lines{"1,NULL"});
    query("DROP TABLE rows");
  }
}

TEST_F(SqliteOutput, RejectsOnlyTheRowThatTheTableRefuses) {
  query("CREATE TABLE rows (id INTEGER UNIQUE, name TEXT NOT NULL CHECK (name <> 'bad'))");
  Target target = open();
  Rejects rejects;
  const Block block = block_of(kIdAndName, {{integer(1), text("a")},
                                            {integer(1), text("b")},
                                            {integer(2), null()},
                                            {integer(3), text("bad")},
                                            {integer(4), text("c")}});
  ASSERT_EQ(target.batch({block}, &rejects), "");
  EXPECT_EQ(rows(), (Lines{"1,a", "4,c"}));
  ASSERT_EQ(rejects.size(), 3U);
  EXPECT_EQ(rejects[0].code, "BO422");
  EXPECT_EQ(rejects[0].message, "A row was refused: out.db: UNIQUE constraint failed: rows.id");
  EXPECT_EQ(rejects[2].position, 3);
}

TEST_F(SqliteOutput, SaysWhetherATriggerRefusedARow) {
  query("CREATE TABLE parents (id INTEGER PRIMARY KEY)");
  query("CREATE TABLE rows (id INTEGER PRIMARY KEY REFERENCES parents, name TEXT) STRICT");
  query("INSERT INTO parents VALUES (1), (2), (3)");
  query(
      "CREATE TRIGGER refuse BEFORE INSERT ON rows WHEN new.name = 'bad' BEGIN SELECT RAISE(ABORT, 'a bad name'); END");
  Target target = open();
  Rejects rejects;
  const Block block = block_of(
      {{"id", Kind::dynamic}, {"name", Kind::text}},
      {{integer(1), text("a")}, {integer(2), text("bad")}, {text("three"), text("c")}, {integer(7), text("d")}});
  ASSERT_EQ(target.batch({block}, &rejects), "");
  EXPECT_EQ(rows(), (Lines{"1,a"}));
  ASSERT_EQ(rejects.size(), 3U);
  EXPECT_EQ(rejects[0].code, "BO432") << rejects[0].message;
  EXPECT_TRUE(rejects[0].message.ends_with("a bad name")) << rejects[0].message;
  EXPECT_EQ(rejects[1].code, "BO427") << rejects[1].message;
  EXPECT_EQ(rejects[2].code, "BO422") << rejects[2].message;
}

TEST_F(SqliteOutput, RejectsValuesThatSqliteWouldChange) {
  const std::vector<std::pair<std::string, Kind>> columns{{"i", Kind::integer}, {"r", Kind::real}, {"t", Kind::text}};
  const Cell large = text("123456789012345678901234567890", Tag::decimal);
  const double not_a_number = std::numeric_limits<double>::quiet_NaN();
  Target target = open();
  Rejects rejects;
  const Block block = block_of(columns, {{large, null(), null()},
                                         {null(), real(not_a_number), null()},
                                         {null(), null(), text(std::string_view("a\0b", 3))},
                                         {null(), null(), large}});
  ASSERT_EQ(target.batch({block}, &rejects), "");
  ASSERT_EQ(rejects.size(), 3U);
  EXPECT_EQ(rejects[0].code + rejects[0].column, "BO423i");
  EXPECT_EQ(rejects[0].message, "An integer has more than 64 bits; a column of type TEXT would keep it");
  EXPECT_EQ(rejects[1].code + rejects[1].column, "BO423r");
  EXPECT_EQ(rejects[2].code + rejects[2].column, "BO424t");
  EXPECT_EQ(rows(), Lines{"NULL,NULL,123456789012345678901234567890"});
}

TEST_F(SqliteOutput, WritesBooleansAsWordsIntoTextColumns) {
  query("CREATE TABLE rows (a TEXT, b INT)");
  Target target = open();
  ASSERT_EQ(target.batch({block_of({{"a", Kind::boolean}, {"b", Kind::boolean}}, {{boolean(true), boolean(true)}})}),
            "");
  EXPECT_EQ(rows(), Lines{"true,1"});
}

TEST_F(SqliteOutput, ShowsNothingOfABatchThatIsDropped) {
  Target target = open(upsert_by({"id"}));
  ASSERT_TRUE(target.fill({block_of(kIdAndName, {{integer(1), text("a")}})}));
  target.store->rollback();
  target.store->rollback();
  EXPECT_EQ(query("SELECT name FROM sqlite_schema"), Lines{});
  // The table, which the dropped batch had made, is made again.
  ASSERT_EQ(target.batch({block_of(kIdAndName, {{integer(2), text("b")}})}), "");
  EXPECT_EQ(rows(), Lines{"2,b"});
}

TEST_F(SqliteOutput, SharesOneTransactionBetweenTables) {
  Registry registry;
  add_sqlite(registry);
  Problems problems;
  const auto make = [&](const char* path, const char* table) {
    return *decoded(registry.types().outputs, "sqlite", Node::mapping({{"path", path}, {"table", table}}), problems);
  };
  const OutputMake a = make("out.db", "a"), b = make("./x/../out.db", "b");
  const std::string key = a.store_key(folder_.path());
  EXPECT_EQ(key, b.store_key(folder_.path()));
  EXPECT_EQ(key, make(folder_.path("out.db").c_str(), "c").store_key("elsewhere"));
  EXPECT_NE(key, a.store_key(folder_.path("x")));
  const Context here = context(Dialect::v1, folder_.path());
  const auto store = *a.store(here);
  const auto first = *a.output(here, *store), second = *b.output(here, *store);
  const Block block = block_of(kIdAndName, {{integer(1), text("x")}});
  ASSERT_TRUE(store->begin(1));
  for (Output* output : {first.get(), second.get()}) {
    Rejects rejects;
    ASSERT_TRUE(output->open(block.shape()));
    ASSERT_TRUE(output->write(block, rejects));
  }
  ASSERT_TRUE(store->commit({}, {}));
  EXPECT_EQ(query("SELECT a.name || b.name FROM a JOIN b USING (id)"), Lines{"xx"});
}

TEST_F(SqliteOutput, NamesWhatDoesNotFit) {
  query("CREATE TABLE rows (id INTEGER, user_name TEXT)");
  const Block block = block_of({{"id", Kind::integer}, {"username", Kind::text}}, {});
  EXPECT_EQ(open().batch({block}), "BO543 The table has no such column, did you mean \"user_name\"?: rows.username");
  const Block ids = block_of({{"id", Kind::integer}}, {});
  EXPECT_EQ(open(upsert_by({"id"})).batch({ids}),
            "BO544 The keys need a unique index: CREATE UNIQUE INDEX \"rows_key\" ON \"rows\" (\"id\")");
  EXPECT_EQ(open(upsert_by({"idd"})).batch({ids}),
            "BO543 A key is not among the columns that are written, did you mean \"id\"?: idd");
  Target target =
      make_output(add_sqlite, "sqlite", Node::mapping({{"path", "out.db"}, {"table", "row"}, {"create", false}}),
                  context(Dialect::v1, folder_.path()));
  EXPECT_EQ(target.batch({ids}), "BO543 The table is not there, did you mean \"rows\"?: row");
}

TEST_F(SqliteOutput, RefusesToLeaveNeededColumnsOut) {
  query("CREATE TABLE rows (id INTEGER, at TEXT NOT NULL, twice INTEGER AS (id * 2))");
  EXPECT_EQ(open().batch({block_of({{"id", Kind::integer}}, {})}),
            "BO543 A column that is not written must not be null and has no default: rows.at");
  EXPECT_EQ(open().batch({block_of({{"twice", Kind::integer}}, {})}),
            "BO543 The table computes this column, so it cannot be written: rows.twice");
}

TEST_F(SqliteOutput, TellsConfigurationsFromUnwellSystems) {
  const Block block = block_of(kIdAndName, {});
  Target nowhere = make_output(add_sqlite, "sqlite", Node::mapping({{"path", "/nonexistent/out.db"}, {"table", "t"}}));
  auto begun = nowhere.store->begin(1);
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().verdict, Verdict::configuration);
  EXPECT_EQ(begun.error().message, "The database cannot be opened; create its folder: /nonexistent/out.db");

  folder_.put("out.db", std::string(4096, 'x'));
  begun = open().store->begin(1);
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().verdict, Verdict::configuration);
}

TEST_F(SqliteOutput, WritesOnWhenItsFileIsReplaced) {
  Target target = open();
  const Block block = block_of(kIdAndName, {{integer(1), text("a")}});
  ASSERT_EQ(target.batch({block}), "");
  for (const char* name : {"out.db", "out.db-wal", "out.db-shm"}) std::filesystem::remove(folder_.path(name));
  ASSERT_EQ(target.batch({block}), "");
  EXPECT_EQ(rows(), Lines{"1,a"});
}

TEST_F(SqliteOutput, StopsWhenATableEndsTheTransactionItself) {
  query("CREATE TABLE rows (id INTEGER UNIQUE ON CONFLICT ROLLBACK, name TEXT)");
  Target target = open();
  const Block block = block_of(kIdAndName, {{integer(1), text("a")}, {integer(1), text("b")}});
  EXPECT_EQ(target.batch({block}), "BO541 A row was refused: out.db: UNIQUE constraint failed: rows.id");
  EXPECT_EQ(rows(), Lines{});
}

TEST_F(SqliteOutput, MergesColumnsByTheirRules) {
  query(
      "CREATE TABLE rows (id INTEGER PRIMARY KEY, n INTEGER, hi REAL, lo INTEGER, log TEXT, first TEXT, v INT, o INT "
      "NOT "
      "NULL DEFAULT 8);");
  const std::vector<std::pair<std::string, Kind>> shape{
      {"id", Kind::integer}, {"n", Kind::integer},  {"hi", Kind::real}, {"lo", Kind::integer},
      {"log", Kind::text},   {"first", Kind::text}, {"v", Kind::text},  {"o", Kind::integer}};
  auto settings = upsert_by({"id"});
  settings.push_back(
      {"rules",
       Node::mapping(
           {{"n", "add"}, {"hi", "max"}, {"lo", "min"}, {"log", "append"}, {"first", "keep"}, {"v", "coalesce"}})});
  settings.push_back({"absent", "keep"});
  Target target = open(settings);
  const Block first =
      block_of(shape, {{integer(1), integer(5), real(1.5), integer(3), text("a"), text("x"), text("1"), integer(4)},
                       {integer(1), integer(2), real(0.5), integer(9), text("b"), text("y"), null(), Cell{}},
                       {integer(2), null(), null(), null(), null(), null(), null(), Cell{}}});
  ASSERT_EQ(target.batch({first}), "");
  EXPECT_EQ(rows(), (Lines{"1,7,1.5,3,ab,x,1,4", "2,NULL,NULL,NULL,NULL,NULL,NULL,8"}));
  const Block second =
      block_of(shape, {{integer(2), integer(2), real(2), integer(2), text("c"), text("z"), text("2"), integer(2)},
                       {integer(1), null(), null(), null(), null(), null(), null(), Cell{}}});
  ASSERT_EQ(target.batch({second}), "");
  EXPECT_EQ(rows(), (Lines{"1,7,1.5,3,ab,x,1,4", "2,2,2.0,2,c,NULL,2,2"}));
}

TEST_F(SqliteOutput, WritesNothingWhereNothingChanges) {
  query(
      "CREATE TABLE rows (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE);"
      "CREATE TABLE updates (id INTEGER);"
      "CREATE TRIGGER watch AFTER UPDATE ON rows BEGIN INSERT INTO updates VALUES (new.id); END;");
  const Block block = block_of(kIdAndName, {{integer(1), text("a")}, {integer(2), null()}});
  auto settings = upsert_by({"id"});
  Target target = open(settings);
  ASSERT_EQ(target.batch({block}), "");
  ASSERT_EQ(target.batch({block}), "");
  EXPECT_EQ(query("SELECT * FROM updates"), Lines{});
  ASSERT_EQ(target.batch({block_of(kIdAndName, {{integer(1), text("A")}})}), "");
  EXPECT_EQ(query("SELECT * FROM updates"), Lines{"1"});
  settings.push_back({"skip_unchanged", false});
  ASSERT_EQ(open(settings).batch({block}), "");
  EXPECT_EQ(query("SELECT * FROM updates"), (Lines{"1", "1", "2"}));
}

TEST_F(SqliteOutput, RefusesRulesThatDoNotSuitAColumn) {
  query("CREATE TABLE rows (id INTEGER PRIMARY KEY, name TEXT)");
  auto settings = upsert_by({"id"});
  settings.push_back({"rules", Node::mapping({{"name", "add"}})});
  EXPECT_EQ(open(settings).batch({block_of(kIdAndName, {{integer(1), text("a")}})}),
            "BO543 The rule add does not suit the declared type of the column: rows.name");
}

TEST_F(SqliteOutput, ChecksItsSettings) {
  const std::string problems = output_problems(
      add_sqlite, "sqlite", Node::mapping({{"path", "x"}, {"table", "t"}, {"mode", "upsert"}, {"create", "perhaps"}}));
  EXPECT_NE(problems.find("needed with mode: upsert"), std::string::npos) << problems;
  EXPECT_NE(problems.find("must be if_missing, true or false"), std::string::npos) << problems;
}

}  // namespace
}  // namespace batchout
