// Rows that need rows of their own table, or each other, and one among them that is refused: it costs itself and what
// depends on it, in whatever order rows and blocks come.

#include <algorithm>
#include <deque>

#include "base/random.h"
#include "integration/postgres/server.h"

namespace batchout::postgres {
namespace {

// The outputs of one store, written as the engine does.
class Tables {
 public:
  explicit Tables(const std::vector<Config>& configs)
      : store_(configs.front(), testing::context(Dialect::v1, {}, records.log())) {
    for (const Config& config : configs) outputs_.emplace_back(config, store_, testing::context(Dialect::v1));
  }

  /// Blocks by output. Tries again as often as the engine would; "" or the code and message of its error.
  std::string batch(const std::vector<std::vector<Block>>& blocks) {
    ++batches_;
    for (tries = 1;; ++tries) {
      rejects.clear();
      const auto done = try_batch(blocks);
      if (done) return *done == Outcome::committed ? "" : "not committed";
      store_.rollback();
      if (done.error().verdict != Verdict::environment || tries == 5)
        return done.error().code + " " + done.error().message;
    }
  }

  testing::Records records;
  Rejects rejects;
  int tries = 0;

 private:
  Result<Outcome> try_batch(const std::vector<std::vector<Block>>& blocks) {
    BATCHOUT_CHECK(store_.begin(batches_));
    std::vector<const Output*> outputs;
    for (const PostgresOutput& output : outputs_) outputs.push_back(&output);
    BATCHOUT_TRY(std::vector<std::size_t> order, store_.order(outputs));
    for (const std::size_t output : order) {
      for (const Block& block : blocks[output]) BATCHOUT_CHECK(outputs_[output].write(block, rejects));
      BATCHOUT_CHECK(outputs_[output].finish(rejects));
    }
    for (; !order.empty(); order.pop_back()) BATCHOUT_CHECK(outputs_[order.back()].finish_late(rejects));
    return store_.commit({}, {});
  }

  PostgresStore store_;
  std::deque<PostgresOutput> outputs_;
  std::uint64_t batches_ = 0;
};

using Rows = std::vector<std::vector<Cell>>;
using Shape = std::vector<std::pair<std::string, Kind>>;

// `size`: rows of each.
std::vector<Block> blocks_of(const Shape& shape, Rows rows, std::size_t size) {
  std::vector<Block> blocks;
  for (std::size_t at = 0; at < rows.size(); at += size) {
    const Rows part(rows.begin() + static_cast<std::ptrdiff_t>(at),
                    rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), at + size)));
    blocks.push_back(block_of(shape, part));
  }
  return blocks;
}

void shuffle(Rows& rows, std::uint64_t seed) {
  Random random(seed);
  for (std::size_t i = rows.size(); i > 1; --i) std::swap(rows[i - 1], rows[random.below(i)]);
}

const Shape kTree{{"id", Kind::integer}, {"parent", Kind::integer}, {"v", Kind::text}};

// Each row has three children, the last ones fewer; of those that are parents the last has one.
constexpr int kRows = 998, kLastParent = 332, kLastRow = 997;

Rows tree(int bad = -1) {
  Rows rows;
  for (int id = 0; id < kRows; ++id)
    rows.push_back({integer(id), id == 0 ? null() : integer((id - 1) / 3), text(id == bad ? "bad" : "good")});
  return rows;
}

class Circles : public PostgresTest {
 protected:
  static void make_tree(const std::string& when) {
    execute("DROP TABLE IF EXISTS output_test.t");
    execute("CREATE TABLE output_test.t(id int PRIMARY KEY, parent int REFERENCES output_test.t " + when +
            ", v text CHECK (v <> 'bad'))");
  }
  static std::string missing() {
    return table(
        "SELECT string_agg(n::text, ' ' ORDER BY n) FROM generate_series(0, 997) n WHERE NOT EXISTS (SELECT "
        "FROM output_test.t WHERE id = n)");
  }
};

TEST_F(Circles, ATreeLosesABadRowAndItsChildren) {
  for (const char* when : {"", "DEFERRABLE", "DEFERRABLE INITIALLY DEFERRED"})
    for (const WriteMode mode : {WriteMode::insert, WriteMode::upsert})
      for (const std::size_t size : {std::size_t{1'000}, std::size_t{300}}) {
        SCOPED_TRACE(::testing::Message() << when << (mode == WriteMode::insert ? " insert " : " upsert ") << size);
        make_tree(when);
        Rows rows = tree(kLastParent);
        shuffle(rows, 7);
        Tables tables({settings("t", mode, {"id"})});
        EXPECT_EQ(tables.batch({blocks_of(kTree, rows, size)}), "");
        EXPECT_EQ(missing(), "332 997");
        EXPECT_EQ(tables.rejects.size(), 2u);
      }
}

// Names of constraints are unique within their table only, and SET CONSTRAINTS means all that have one.
TEST_F(Circles, AnotherConstraintMayHaveTheNameOfTheKey) {
  make_tree("DEFERRABLE");
  execute("DROP TABLE IF EXISTS output_test.other");
  execute("CREATE TABLE output_test.other(id int CONSTRAINT t_parent_fkey CHECK (id > 0))");
  Tables tables({settings("t", WriteMode::insert, {"id"})});
  const Rows rows{{integer(2), integer(1), text("good")},
                  {integer(1), null(), text("good")},
                  {integer(3), integer(99), text("good")}};
  EXPECT_EQ(tables.batch({blocks_of(kTree, rows, 10)}), "");
  EXPECT_EQ(tables.rejects.size(), 1u);
  EXPECT_EQ(table("SELECT count(*) FROM output_test.t"), "2");
}

// A row that has no place on a page is refused behind the end of the data, when the server names the line after the
// last.
TEST_F(Circles, ALineBehindTheLastOneIsNoRow) {
  Shape shape{{"id", Kind::integer}, {"parent", Kind::integer}};
  std::vector<Cell> small{integer(1), null()}, large{integer(2), integer(1)};
  std::string columns;
  for (int i = 0; i < 1100; ++i) {
    shape.emplace_back("f" + std::to_string(i), Kind::real);
    columns += ", f" + std::to_string(i) + " float8";
    small.push_back(null());
    large.push_back(real(0.5));
  }
  for (const WriteMode mode : {WriteMode::insert, WriteMode::upsert}) {
    execute("DROP TABLE IF EXISTS output_test.t");
    execute("CREATE TABLE output_test.t(id int PRIMARY KEY, parent int REFERENCES output_test.t" + columns + ")");
    Tables tables({settings("t", mode, {"id"})});
    EXPECT_EQ(tables.batch({blocks_of(shape, {small, large}, 10)}), "");
    EXPECT_EQ(tables.rejects.size(), 1u);
    EXPECT_EQ(table("SELECT count(*) FROM output_test.t"), "1");
  }
}

TEST_F(Circles, CleanTreesAreStoredWhereverBlocksEnd) {
  for (const char* when : {"", "DEFERRABLE INITIALLY DEFERRED"})
    for (const WriteMode mode : {WriteMode::insert, WriteMode::upsert})
      for (const std::size_t size : {std::size_t{1'000}, std::size_t{100}}) {
        make_tree(when);
        Rows rows = tree();
        std::ranges::reverse(rows);
        Tables tables({settings("t", mode, {"id"})});
        EXPECT_EQ(tables.batch({blocks_of(kTree, rows, size)}), "");
        EXPECT_EQ(tables.tries, 1);
        EXPECT_TRUE(tables.rejects.empty());
        EXPECT_EQ(missing(), "NULL");
      }
}

// The key is compared by the server alone; here it finds equal what are different texts.
TEST_F(Circles, WhereTheOrderCannotBeSeenRowsAreTriedAgain) {
  for (const char* when : {"", "DEFERRABLE INITIALLY DEFERRED"}) {
    execute("DROP TABLE IF EXISTS output_test.t");
    execute(std::string("CREATE TABLE output_test.t(id numeric PRIMARY KEY, parent numeric REFERENCES output_test.t ") +
            when + ", v text CHECK (v <> 'bad'))");
    Tables tables({settings("t")});
    Rows rows;
    for (int id = 20; id >= 0; --id)
      rows.push_back({integer(id), id == 0 ? null() : real(id - 1), text(id == 15 ? "bad" : "good")});
    shuffle(rows, 3);
    EXPECT_EQ(tables.batch({{block_of({{"id", Kind::integer}, {"parent", Kind::real}, {"v", Kind::text}}, rows)}}), "");
    EXPECT_EQ(table("SELECT count(*), max(id) FROM output_test.t"), "15|14");
    EXPECT_EQ(tables.rejects.size(), 6u);
  }
}

// Of one key the last row counts, and rows before it must not follow.
TEST_F(Circles, RowsOfOneKeyStayInTheirOrder) {
  make_tree("");
  Tables tables({settings("t", WriteMode::upsert, {"id"})});
  EXPECT_EQ(tables.batch({{block_of(kTree, {{integer(2), integer(1), text("old")},
                                            {integer(3), null(), text("bad")},
                                            {integer(4), integer(3), text("x")},
                                            {integer(1), null(), text("root")},
                                            {integer(2), integer(1), text("new")},
                                            {integer(4), integer(9), text("y")},
                                            {integer(5), integer(9), text("old")},
                                            {integer(5), integer(2), text("new")}})}}),
            "");
  EXPECT_EQ(table("SELECT id, v FROM output_test.t ORDER BY id"), "1|root\n2|new\n5|new");
}

TEST_F(Circles, ATableThatTakesSomeOfItsRowsIsNotAtFaultItself) {
  for (const WriteMode mode : {WriteMode::insert, WriteMode::upsert}) {
    make_tree("");
    Tables tables({settings("t", mode, {"id"})});
    for (int batch = 0; batch < 4; ++batch) {
      Rows rows;
      for (int id = 0; id < 800; ++id)
        rows.push_back({integer(800 * batch + id), null(), text(id < 400 ? "good" : "bad")});
      EXPECT_EQ(tables.batch({{block_of(kTree, rows)}}), "");
      EXPECT_EQ(tables.rejects.size(), 400u);
    }
  }
}

class TwoTables : public Circles {
 protected:
  void SetUp() override {
    Circles::SetUp();
    make("DEFERRABLE INITIALLY DEFERRED");
  }
  static void make(const std::string& when) {
    execute(
        "DROP TABLE IF EXISTS output_test.t, output_test.u CASCADE;"
        "CREATE TABLE output_test.t(id int PRIMARY KEY, other int NOT NULL, v text);"
        "CREATE TABLE output_test.u(id int PRIMARY KEY, other int NOT NULL REFERENCES output_test.t " +
        when + ", v text CHECK (v <> 'bad'));" +
        "ALTER TABLE output_test.t ADD CONSTRAINT t_other FOREIGN KEY (other) REFERENCES output_test.u " + when);
  }
  static Rows rows_of(int count, int step, int bad = -1) {
    Rows rows;
    for (int id = 0; id < count; ++id)
      rows.push_back({integer(id), integer((id + step) % count), text(id == bad ? "bad" : "good")});
    return rows;
  }
  const Shape shape{{"id", Kind::integer}, {"other", Kind::integer}, {"v", Kind::text}};
};

TEST_F(TwoTables, ACircleLosesABadRowAndTheRowsThatNeedIt) {
  for (const char* when : {"DEFERRABLE INITIALLY DEFERRED", "DEFERRABLE"})
    for (const WriteMode mode : {WriteMode::insert, WriteMode::upsert}) {
      make(when);
      Tables tables({settings("t", mode, {"id"}), settings("u", mode, {"id"})});
      Rows first = rows_of(300, 0), second = rows_of(300, 0, 150);
      first[10][1] = integer(9'999);
      shuffle(first, 1);
      shuffle(second, 2);
      EXPECT_EQ(tables.batch({blocks_of(shape, first, 70), blocks_of(shape, second, 110)}), "");
      EXPECT_EQ(table("SELECT count(*), sum(id) FROM output_test.t"), "298|44690");
      EXPECT_EQ(table("SELECT count(*), sum(id) FROM output_test.u"), "298|44690");
      EXPECT_EQ(tables.rejects.size(), 4u);
    }
}

// Rows that stand together after they were put in order come from all blocks.
TEST_F(TwoTables, ABadRowAmongManyBlocksCostsFewStatements) {
  execute(
      "DROP TABLE IF EXISTS output_test.copies; CREATE TABLE output_test.copies(n int); CREATE FUNCTION "
      "output_test.note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO output_test.copies VALUES (1); RETURN "
      "NULL; END'; CREATE TRIGGER note AFTER INSERT ON output_test.t EXECUTE FUNCTION output_test.note()");
  Tables tables({settings("t"), settings("u")});
  Rows first = rows_of(1'000, 0), second = rows_of(1'000, 0);
  first[500][1] = integer(9'999);
  shuffle(first, 1);
  shuffle(second, 2);
  EXPECT_EQ(tables.batch({blocks_of(shape, first, 10), blocks_of(shape, second, 10)}), "");
  EXPECT_EQ(table("SELECT count(*) FROM output_test.t"), "999");
  EXPECT_EQ(tables.rejects.size(), 2u);
  EXPECT_EQ(table("SELECT count(*) FROM output_test.copies"), "2") << "before the bad row, and behind it";
}

// A block of texts goes as text where one of times is binary.
TEST_F(TwoTables, BlocksOfTwoFormatsAreStoredInTheirOrder) {
  execute("ALTER TABLE output_test.t ADD at timestamp");
  Tables tables({settings("t"), settings("u")});
  Shape times = shape, texts = shape;
  times.emplace_back("at", Kind::datetime);
  texts.emplace_back("at", Kind::text);
  std::vector<Block> blocks;
  const Rows rows = rows_of(60, 0);
  for (std::size_t i = 0; i < rows.size(); i += 3) {
    Rows part(rows.begin() + static_cast<std::ptrdiff_t>(i), rows.begin() + static_cast<std::ptrdiff_t>(i) + 3);
    for (auto& row : part) row.push_back(i % 2 == 0 ? moment(0) : text("1970-01-01"));
    blocks.push_back(block_of(i % 2 == 0 ? times : texts, part));
  }
  Rows others = rows_of(60, 0);
  others[30][1] = integer(9'999);
  EXPECT_EQ(tables.batch({blocks, blocks_of(shape, others, 60)}), "");
  EXPECT_EQ(table("SELECT count(*), count(DISTINCT at) FROM output_test.t"), "59|1");
  EXPECT_EQ(table("SELECT count(*) FROM output_test.u"), "59");
  EXPECT_EQ(tables.rejects.size(), 2u);
}

// A circle of all rows of both tables.
TEST_F(TwoTables, ACircleIsStoredAsAWholeOrNot) {
  Tables tables({settings("t"), settings("u")});
  EXPECT_EQ(tables.batch({blocks_of(shape, rows_of(50, 1), 10), blocks_of(shape, rows_of(50, 0, 20), 50)}), "");
  EXPECT_EQ(table("SELECT count(*) FROM output_test.t"), "0");
  EXPECT_EQ(tables.rejects.size(), 100u);
  EXPECT_EQ(tables.batch({blocks_of(shape, rows_of(50, 1), 10), blocks_of(shape, rows_of(50, 0), 50)}), "");
  EXPECT_EQ(table("SELECT count(*) FROM output_test.u"), "50");
  EXPECT_TRUE(tables.rejects.empty());
}

// Rows that are good once others have been deleted, which comes last.
class Deletions : public PostgresTest {
 protected:
  // One parent that has one child.
  static void make(const std::string& when) {
    execute(
        "DROP TABLE IF EXISTS output_test.c, output_test.p;"
        "CREATE TABLE output_test.p(id int PRIMARY KEY, v text UNIQUE CHECK (v <> 'bad'), op text);"
        "CREATE TABLE output_test.c(id int PRIMARY KEY, parent int NOT NULL REFERENCES output_test.p " +
        when + ", op text); INSERT INTO output_test.p VALUES (1, 'x'); INSERT INTO output_test.c VALUES (10, 1)");
  }
  static Config deleting(const std::string& name) {
    Config config = settings(name, WriteMode::upsert, {"id"});
    config.delete_when["op"] = {"d"};
    return config;
  }
  static Cell drop() { return text("d"); }
  const Shape parents{{"id", Kind::integer}, {"v", Kind::text}, {"op", Kind::text}};
  const Shape children{{"id", Kind::integer}, {"parent", Kind::integer}, {"op", Kind::text}};
  const std::vector<std::string> times{"", "DEFERRABLE INITIALLY DEFERRED"};
};

TEST_F(Deletions, MakeWayForRowsThatHaveTheirUniqueValues) {
  for (const std::string& when : times) {
    make(when);
    Tables tables({deleting("p"), deleting("c")});
    EXPECT_EQ(tables.batch({{block_of(parents, {{integer(1), text("x"), drop()},
                                                {integer(2), text("x"), null()},
                                                {integer(3), text("bad"), null()},
                                                {integer(4), text("y"), null()}})},
                            {block_of(children, {{integer(10), integer(1), drop()},
                                                 {integer(20), integer(2), null()},
                                                 {integer(30), integer(3), null()},
                                                 {integer(40), integer(4), null()}})}}),
              "");
    EXPECT_EQ(table("SELECT p.id, v, c.id FROM output_test.p LEFT JOIN output_test.c ON parent = p.id ORDER BY 1"),
              "2|x|20\n4|y|40");
    EXPECT_EQ(table("SELECT count(*) FROM output_test.c"), "2");
    EXPECT_EQ(tables.rejects.size(), 2u);
  }
}

TEST_F(Deletions, AreNothingWhereTheirRowIsMadeAnew) {
  for (const std::string& when : times) {
    make(when);
    Tables tables({deleting("p"), deleting("c")});
    EXPECT_EQ(
        tables.batch({{block_of(parents, {{integer(1), text("x"), drop()}, {integer(1), text("z"), null()}})},
                      {block_of(children, {{integer(10), integer(1), drop()}, {integer(20), integer(1), null()}})}}),
        "");
    EXPECT_EQ(table("SELECT p.id, v, c.id FROM output_test.p LEFT JOIN output_test.c ON parent = p.id"), "1|z|20");
    EXPECT_TRUE(tables.rejects.empty());
  }
}

TEST_F(Deletions, OfWhatTheBatchItselfHasMadeLeaveNothing) {
  for (const std::string& when : times) {
    make(when);
    Tables tables({deleting("p"), deleting("c")});
    EXPECT_EQ(tables.batch({{block_of(parents, {{integer(1), text("x"), drop()},
                                                {integer(2), text("x"), null()},
                                                {integer(2), text("x"), drop()},
                                                {integer(3), text("x"), null()}})},
                            {block_of(children, {{integer(10), integer(1), drop()},
                                                 {integer(20), integer(2), null()},
                                                 {integer(20), integer(2), drop()},
                                                 {integer(30), integer(3), null()}})}}),
              "");
    EXPECT_EQ(table("SELECT p.id, v, c.id FROM output_test.p LEFT JOIN output_test.c ON parent = p.id"), "3|x|30");
    EXPECT_TRUE(tables.rejects.empty());
  }
}

// A child that is known moves to a parent that has yet to come, and its old parent goes.
TEST_F(Deletions, WaitForRowsThatMove) {
  make("");
  Tables tables({deleting("p"), deleting("c")});
  EXPECT_EQ(tables.batch({{block_of(parents, {{integer(1), text("x"), drop()}, {integer(2), text("x"), null()}})},
                          {block_of(children, {{integer(10), integer(3), null()}})}}),
            "");
  EXPECT_EQ(table("SELECT id, v FROM output_test.p"), "1|x") << "the child stays, so its parent does";
  EXPECT_EQ(tables.rejects.size(), 3u);
  EXPECT_EQ(tables.batch({{block_of(parents, {{integer(1), text("x"), drop()}, {integer(2), text("y"), null()}})},
                          {block_of(children, {{integer(10), integer(2), null()}})}}),
            "");
  EXPECT_EQ(table("SELECT p.id, v, c.id FROM output_test.p LEFT JOIN output_test.c ON parent = p.id"), "2|y|10");
  EXPECT_TRUE(tables.rejects.empty());
}

// A tree whose rows are all deleted, in the order in which they came.
TEST_F(Deletions, ATreeIsDeletedAsAWholeBesideABadRow) {
  for (const std::string& when : times) {
    execute(
        "DROP TABLE IF EXISTS output_test.t; CREATE TABLE output_test.t(id int PRIMARY KEY, parent int REFERENCES "
        "output_test.t " +
        when +
        ", v text CHECK (v <> 'bad'), op text); INSERT INTO output_test.t SELECT n, "
        "nullif(n - 1, 0) FROM generate_series(1, 50) n");
    Rows rows;
    for (int id = 1; id <= 50; ++id) rows.push_back({integer(id), null(), text(""), drop()});
    rows.insert(rows.begin() + 20, {integer(60), null(), text("bad"), null()});
    rows.push_back({integer(61), integer(60), text("orphan"), null()});
    rows.push_back({integer(62), null(), text("good"), null()});
    Tables tables({deleting("t")});
    const Shape shape{{"id", Kind::integer}, {"parent", Kind::integer}, {"v", Kind::text}, {"op", Kind::text}};
    EXPECT_EQ(tables.batch({{block_of(shape, rows)}}), "");
    EXPECT_EQ(table("SELECT string_agg(id::text, ' ' ORDER BY id) FROM output_test.t"), "62");
    EXPECT_EQ(tables.rejects.size(), 2u);
  }
}

}  // namespace
}  // namespace batchout::postgres
