// Selectors' queries: that SQL sees the cells of the blocks, that conditions which are answered early change nothing,
// and that queries end.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/time_zone.h"
#include "batchout/component.h"
#include "data/query.h"
#include "registry/registry.h"

namespace batchout {

void add_sqlite(Registry&);

namespace {

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t count) {
  return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
}

const TimeZone* berlin() {
  return TimeZone::find("Europe/Berlin");
}

constexpr std::array kKinds{Kind::boolean, Kind::integer, Kind::real, Kind::decimal,
                            Kind::text,    Kind::json,    Kind::date, Kind::datetime};

// Few values, so that comparisons often hold; texts that look like numbers, and numbers that look alike.
void append_some(Random& random, Kind kind, Column& out) {
  static const std::vector<std::string> kTexts{"",    "1",   "1.0", " 1 ", "01", "-7",
                                               "abc", "ABC", "1e0", "Z",   "5x", "\u00e9"};
  static const std::vector<double> kReals{0, 1, -7, 0.5, 1e300, -1e-300, 9007199254740993.0};
  static const std::vector<std::int64_t> kIntegers{0, 1, -7, 9007199254740993,
                                                   std::numeric_limits<std::int64_t>::max()};
  static const std::vector<std::string> kDigits{"123456789012345678901234567890", "-99999999999999999999"};
  if (const std::size_t gap = below(random, 10); gap < 2) return gap == 0 ? out.append_absent() : out.append_null();
  switch (kind) {
    case Kind::boolean:
      return out.append_boolean(below(random, 2) == 1);
    case Kind::integer:
      if (below(random, 8) == 0) return out.append_text(Tag::decimal, kDigits[below(random, kDigits.size())]);
      return out.append_integer(kIntegers[below(random, kIntegers.size())]);
    case Kind::real:
      return out.append_real(kReals[below(random, kReals.size())]);
    case Kind::decimal:
      return out.append_text(Tag::decimal, below(random, 2) == 1 ? "1.10" : "-7");
    case Kind::json:
      return out.append_text(Tag::json, below(random, 2) == 1 ? "{\"a\":1}" : "[]");
    case Kind::date:
      return out.append_date(static_cast<std::int64_t>(below(random, 3)) * 9'000);
    case Kind::datetime:
      // Across a change of the clocks, with and without a fraction.
      return out.append_datetime(1'603'584'000'000'000 + static_cast<std::int64_t>(below(random, 4)) * 1'800'000'500);
    default:
      return out.append_text(Tag::text, kTexts[below(random, kTexts.size())]);
  }
}

struct Table {
  std::string name;
  std::shared_ptr<const TableShape> shape;
  std::vector<Block> blocks;
};

// One column of each kind, c0 to c7, in some blocks; rows repeat and miss entries of the level they hang at.
Table some_table(Random& random, std::string name) {
  auto shape = std::make_shared<TableShape>(TableShape{name, {}, 2});
  for (std::size_t i = 0; i < kKinds.size(); ++i)
    shape->columns.push_back(
        {fmt::format("c{}", i), kKinds[i], kKinds[i] == Kind::datetime ? berlin() : nullptr, 1, true});
  Table table{std::move(name), shape, {}};
  for (std::size_t block = below(random, 4); block > 0; --block) {
    auto values = std::make_shared<Values>();
    values->columns.resize(kKinds.size());
    const std::size_t entries = 1 + below(random, 30);
    for (std::size_t i = 0; i < kKinds.size(); ++i)
      for (std::size_t entry = 0; entry < entries; ++entry) append_some(random, kKinds[i], values->columns[i]);
    std::vector<std::vector<std::uint32_t>> selections(2);
    for (std::size_t row = below(random, 40); row > 0; --row) {
      selections[0].push_back(Block::kNone);
      selections[1].push_back(below(random, 12) == 0 ? Block::kNone
                                                     : static_cast<std::uint32_t>(below(random, entries)));
    }
    table.blocks.emplace_back(shape, std::move(values), std::move(selections));
  }
  return table;
}

std::string text_of(const Cell& cell) {
  if (cell.empty() || (cell.tag == Tag::real && std::isnan(cell.real))) return "null";
  return fmt::format("{}:{}:{}:{}", static_cast<int>(cell.tag), cell.integer, cell.real, cell.text);
}

std::vector<std::string> rows_of(const std::vector<Block>& blocks, const std::vector<std::size_t>& columns) {
  std::vector<std::string> rows;
  for (const Block& block : blocks) {
    for (std::size_t row = 0; row < block.rows(); ++row) {
      std::vector<std::string> cells;
      for (const std::size_t column : columns) cells.push_back(text_of(block.column(column).cell(row)));
      rows.push_back(fmt::format("{}", fmt::join(cells, "|")));
    }
  }
  return rows;
}

class SqliteQuery : public ::testing::Test {
 protected:
  SqliteQuery() { add_sqlite(registry_); }

  Result<std::vector<Block>> run(const std::string& sql, const std::vector<Table>& tables,
                                 const QueryLimits& limits = {}, const std::stop_token& stop = {}) {
    std::vector<QueryTable> known;
    std::vector<std::span<const Block>> blocks;
    for (const Table& table : tables) {
      known.push_back({table.name, table.shape});
      blocks.emplace_back(table.blocks);
    }
    const auto compiled = registry_.types().query(sql, known);
    if (!compiled) return fail(Verdict::configuration, "refused", compiled.error().message);
    BATCHOUT_TRY(const auto query,
                 compiled->make(std::make_shared<TableShape>(TableShape{"q", compiled->columns, 2}), limits));
    return query->run(blocks, stop);
  }

  // The rows as text, or the error.
  std::vector<std::string> rows(const std::string& sql, const std::vector<Table>& tables) {
    const auto blocks = run(sql, tables);
    if (!blocks) return {blocks.error().code + " " + blocks.error().message};
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; !blocks->empty() && i < blocks->front().shape().columns.size(); ++i) columns.push_back(i);
    return rows_of(*blocks, columns);
  }

  Registry registry_;
};

// What a plain projection shows without SQL must be what SQL shows: a selector may be either.
TEST_F(SqliteQuery, ShowsTheCellsThatAProjectionShows) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Random random(seed);
    const Table table = some_table(random, "t");
    EXPECT_EQ(rows("select * from t", {table}), rows_of(table.blocks, {0, 1, 2, 3, 4, 5, 6, 7})) << "seed " << seed;
    EXPECT_EQ(rows("select c7, c1 from t", {table}), rows_of(table.blocks, {7, 1})) << "seed " << seed;
  }
}

// A condition inside of an expression is not offered to the table; a sign before the column would change its affinity.
TEST_F(SqliteQuery, ConditionsAnsweredEarlyChangeNoResult) {
  static const std::vector<std::string> kOperators{"=", "<", "<=", ">", ">=", "<>", "is", "in"};
  static const std::vector<std::string> kOperands{"1",
                                                  "'1'",
                                                  "1.0",
                                                  "-7",
                                                  "'abc'",
                                                  "null",
                                                  "x'41'",
                                                  "9007199254740993",
                                                  "cast(1 as integer)",
                                                  "cast('1' as text)",
                                                  "'[]'",
                                                  "0.5",
                                                  "'2020-10-25T02:00:00+02:00'",
                                                  "cast('1.0' as real)"};
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    Random random(seed);
    const Table table = some_table(random, "t");
    std::string early;
    std::string late;
    for (std::size_t count = 1 + below(random, 2); count > 0; --count) {
      const std::string& op = kOperators[below(random, kOperators.size())];
      std::string operand = kOperands[below(random, kOperands.size())];
      if (op == "in") operand = fmt::format("({}, {})", operand, kOperands[below(random, kOperands.size())]);
      const std::size_t column = below(random, kKinds.size());
      early += fmt::format("{} c{} {} {}", early.empty() ? "where" : " and", column, op, operand);
      late += fmt::format("{} case when c{} {} {} then 1 end", late.empty() ? "where" : " and", column, op, operand);
    }
    EXPECT_EQ(rows("select * from t " + early, {table}), rows("select * from t " + late, {table}))
        << "seed " << seed << ": " << early;
  }
}

TEST_F(SqliteQuery, JoinsByHashFindWhatLoopsFind) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Random random(seed);
    const Table a = some_table(random, "a");
    const Table b = some_table(random, "b");
    const std::size_t x = below(random, kKinds.size());
    const std::size_t y = below(random, kKinds.size());
    const std::string rows_of_both = "select a.rowid, b.rowid from a join b on ";
    const std::string equal = fmt::format("a.c{} = b.c{}", x, y);
    EXPECT_EQ(rows(rows_of_both + equal + " order by 1, 2", {a, b}),
              rows(rows_of_both + "case when " + equal + " then 1 end order by 1, 2", {a, b}))
        << "seed " << seed << ": " << equal;
  }
}

TEST_F(SqliteQuery, LargeResultsComeInBlocks) {
  const auto blocks =
      run("with recursive n(i) as (values(1) union all select i + 1 from n where i < 40000) select i from n", {});
  ASSERT_TRUE(blocks) << blocks.error().message;
  ASSERT_EQ(blocks->size(), 3U);
  EXPECT_EQ(blocks->back().rows(), 40'000 - 2 * Block::kRowsMax);
  EXPECT_EQ(blocks->back().column(0).cell(0).integer, static_cast<std::int64_t>(2 * Block::kRowsMax + 1));
}

TEST_F(SqliteQuery, EndsAfterItsSteps) {
  QueryLimits limits;
  limits.steps_max = 1'000'000;
  const std::string endless = "with recursive n(i) as (values(1) union all select i + 1 from n{}) select max(i) from n";
  const auto blocks = run(fmt::format(fmt::runtime(endless), ""), {}, limits);
  ASSERT_FALSE(blocks);
  EXPECT_EQ(blocks.error().code, "BO442");
  EXPECT_EQ(blocks.error().message, "The query takes more steps than it may; limit 1000000");
  EXPECT_TRUE(run(fmt::format(fmt::runtime(endless), " where i < 1000"), {}, limits));
}

TEST_F(SqliteQuery, EndsWhenItsTimeIsOver) {
  QueryLimits limits;
  limits.time = std::chrono::milliseconds{20};
  const auto blocks =
      run("with recursive n(i) as (values(1) union all select i + 1 from n) select max(i) from n", {}, limits);
  ASSERT_FALSE(blocks);
  EXPECT_EQ(blocks.error().code, "BO442");
  EXPECT_EQ(blocks.error().verdict, Verdict::configuration);
}

// Rows that a table passes over cost SQLite no step.
TEST_F(SqliteQuery, EndsWhenItsTimeIsOverBetweenTwoRows) {
  auto shape = std::make_shared<TableShape>(TableShape{"t", {{"n", Kind::integer, nullptr, 1, true}}, 2});
  Table table{"t", shape, {}};
  for (int block = 0; block < 200; ++block) {
    auto values = std::make_shared<Values>();
    values->columns.resize(1);
    values->columns[0].append_integer(1);
    std::vector<std::vector<std::uint32_t>> selections{std::vector<std::uint32_t>(Block::kRowsMax, Block::kNone),
                                                       std::vector<std::uint32_t>(Block::kRowsMax, 0)};
    table.blocks.emplace_back(shape, std::move(values), std::move(selections));
  }
  QueryLimits limits;
  limits.time = std::chrono::milliseconds{20};
  const auto blocks = run("select count(*) from t a join t b on a.n < b.n", {table}, limits);
  ASSERT_FALSE(blocks);
  EXPECT_EQ(blocks.error().code, "BO442");
}

TEST_F(SqliteQuery, EndsWhenItsResultIsTooLarge) {
  QueryLimits limits;
  limits.result_size_max = 100'000;
  const auto blocks =
      run("with recursive n(i) as (values(1) union all select i + 1 from n) select 'some text' from n", {}, limits);
  ASSERT_FALSE(blocks);
  EXPECT_EQ(blocks.error().code, "BO443");
  EXPECT_EQ(run("select printf('%.*c', 200000, 'x')", {}, limits).error().code, "BO443");
}

TEST_F(SqliteQuery, EndsWhenAskedToStop) {
  std::stop_source source;
  source.request_stop();
  const auto blocks = run("with recursive n(i) as (values(1) union all select i + 1 from n) select max(i) from n", {},
                          {}, source.get_token());
  ASSERT_FALSE(blocks);
  EXPECT_EQ(blocks.error().verdict, Verdict::environment);
}

TEST_F(SqliteQuery, RefusesBytes) {
  for (const char* sql : {"select x'00ff'", "select cast(x'ff' as text)"}) {
    const auto blocks = run(sql, {});
    ASSERT_FALSE(blocks) << sql;
    EXPECT_EQ(blocks.error().code, "BO444");
  }
}

TEST_F(SqliteQuery, TellsWhereAQueryIsWrong) {
  Random random(1);
  const Table table = some_table(random, "t");
  const std::vector<QueryTable> known{{table.name, table.shape}};
  const auto column = registry_.types().query("select c0,\n c9 from t where c0 = 1", known);
  ASSERT_FALSE(column);
  EXPECT_EQ(column.error().kind, QueryProblem::Kind::column);
  EXPECT_EQ(column.error().name, "c9");
  EXPECT_EQ(column.error().offset, 12U);
  const auto nul = registry_.types().query(std::string_view("select 1\0; drop", 15), known);
  ASSERT_FALSE(nul);
  EXPECT_EQ(nul.error().kind, QueryProblem::Kind::statement);
}

}  // namespace
}  // namespace batchout
