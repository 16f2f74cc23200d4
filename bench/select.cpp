// Speed of selectors: SQL over blocks in place, beside copying the rows into a table of SQLite in memory and asking
// that.
//
// Both answer the same queries over the same rows with the same SQLite; the answers are compared. Medians of processor
// time. Usage: batchout-bench-select [rows] [rounds]

#include <fmt/format.h>
#include <sqlite3.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "batchout/component.h"
#include "data/query.h"
#include "registry/registry.h"

namespace batchout {

void add_sqlite(Registry&);

namespace bench {
namespace {

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

struct Table {
  std::string name;
  std::shared_ptr<const TableShape> shape;
  std::vector<Block> blocks;
};

// id (each once), grp (1,000 texts), amount (real), name (text of 20 bytes), day (date).
Table make_table(const std::string& name, std::size_t rows, std::size_t step) {
  auto shape = std::make_shared<TableShape>(TableShape{name, {}, 2});
  for (const auto& [column, kind] :
       {std::pair{"id", Kind::integer}, std::pair{"grp", Kind::text}, std::pair{"amount", Kind::real},
        std::pair{"name", Kind::text}, std::pair{"day", Kind::date}})
    shape->columns.push_back({column, kind, nullptr, 1, true});
  Table table{name, shape, {}};
  for (std::size_t first = 0; first < rows; first += Block::kRowsMax) {
    const std::size_t count = std::min(Block::kRowsMax, rows - first);
    auto values = std::make_shared<Values>();
    values->columns.resize(5);
    for (std::size_t i = 0; i < count; ++i) {
      // Neither ascending nor grouped.
      const std::size_t row = (first + i) * 7'919 % rows;
      values->columns[0].append_integer(static_cast<std::int64_t>(row * step));
      values->columns[1].append_text(Tag::text, fmt::format("group-{}", row % 1'000));
      values->columns[2].append_real(static_cast<double>(row % 10'007) / 8);
      values->columns[3].append_text(Tag::text, fmt::format("name of row {:08}", row));
      values->columns[4].append_date(static_cast<std::int64_t>(row % 20'000));
    }
    std::vector<std::vector<std::uint32_t>> selections(2, std::vector<std::uint32_t>(count, Block::kNone));
    std::iota(selections[1].begin(), selections[1].end(), 0);
    table.blocks.emplace_back(shape, std::move(values), std::move(selections));
  }
  return table;
}

// The yardstick: every row inserted by one prepared statement in one transaction, then the query.
class Copy {
 public:
  Copy() { sqlite3_open(":memory:", &database_); }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;
  ~Copy() { sqlite3_close(database_); }

  void insert(const Table& table) {
    run(fmt::format("CREATE TABLE {}(id, grp, amount, name, day)", table.name));
    run("BEGIN");
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(database_, fmt::format("INSERT INTO {} VALUES(?,?,?,?,?)", table.name).c_str(), -1, &statement,
                       nullptr);
    std::string text;
    for (const Block& block : table.blocks) {
      for (std::size_t row = 0; row < block.rows(); ++row) {
        for (std::size_t column = 0; column < 5; ++column) {
          const Cell cell = block.column(column).cell(row);
          const int number = static_cast<int>(column) + 1;
          if (cell.tag == Tag::integer) {
            sqlite3_bind_int64(statement, number, cell.integer);
          } else if (cell.tag == Tag::real) {
            sqlite3_bind_double(statement, number, cell.real);
          } else {
            text.clear();
            append_text(cell, nullptr, text);
            sqlite3_bind_text(statement, number, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
          }
        }
        sqlite3_step(statement);
        sqlite3_reset(statement);
      }
    }
    sqlite3_finalize(statement);
    run("COMMIT");
  }

  std::string answer(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr);
    std::string found;
    std::size_t rows = 0;
    for (; sqlite3_step(statement) == SQLITE_ROW; ++rows)
      if (const auto* text = sqlite3_column_text(statement, 0)) found = reinterpret_cast<const char*>(text);
    sqlite3_finalize(statement);
    return fmt::format("{} rows, last {}", rows, found);
  }

 private:
  void run(const std::string& sql) { sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr); }
  sqlite3* database_ = nullptr;
};

std::string copied(const std::string& sql, const std::vector<Table>& tables) {
  Copy copy;
  for (const Table& table : tables) copy.insert(table);
  return copy.answer(sql);
}

std::string in_place(const std::string& sql, const std::vector<Table>& tables, const Registry& registry) {
  std::vector<QueryTable> known;
  std::vector<std::span<const Block>> blocks;
  for (const Table& table : tables) {
    known.push_back({table.name, table.shape});
    blocks.emplace_back(table.blocks);
  }
  const auto compiled = registry.types().query(sql, known);
  if (!compiled) return compiled.error().message;
  const auto query = compiled->make(std::make_shared<TableShape>(TableShape{"q", compiled->columns, 2}), {});
  const auto result = (*query)->run(blocks, {});
  if (!result) return result.error().message;
  std::size_t rows = 0;
  std::string last;
  for (const Block& block : *result) rows += block.rows();
  if (rows > 0) append_text(result->back().column(0).cell(result->back().rows() - 1), nullptr, last);
  return fmt::format("{} rows, last {}", rows, last);
}

template <class Call>
double seconds(const Call& call) {
  const double start = processor_seconds();
  call();
  return processor_seconds() - start;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

bool compare(const std::string& name, const std::string& sql, const std::vector<Table>& tables, std::size_t rounds,
             const Registry& registry) {
  std::vector<double> ours;
  std::vector<double> theirs;
  for (std::size_t round = 0; round < rounds; ++round) {
    std::string here;
    std::string there;
    ours.push_back(seconds([&] { here = in_place(sql, tables, registry); }));
    theirs.push_back(seconds([&] { there = copied(sql, tables); }));
    if (here != there) {
      fmt::print("{}: {} in place, but {} copied\n", name, here, there);
      return false;
    }
  }
  fmt::print("{:<24} {:>8.1f} ms in place  {:>8.1f} ms copied  {:>6.1f} times\n", name, median(ours) * 1e3,
             median(theirs) * 1e3, median(theirs) / median(ours));
  return true;
}

int run(std::size_t rows, std::size_t rounds) {
  Registry registry;
  add_sqlite(registry);
  const std::vector<Table> one{make_table("t", rows, 1)};
  const std::vector<Table> two{one.front(), make_table("u", 1'000, 7)};
  const std::vector<Table> equal{make_table("a", 20'000, 1), make_table("b", 20'000, 1)};
  bool good = compare("scan", "SELECT sum(amount) FROM t", one, rounds, registry);
  good =
      compare("filter", "SELECT id, name FROM t WHERE amount BETWEEN 10 AND 11 ORDER BY id", one, rounds, registry) &&
      good;
  good =
      compare("group", "SELECT grp, count(*), sum(amount) FROM t GROUP BY grp ORDER BY grp", one, rounds, registry) &&
      good;
  good =
      compare("join", "SELECT t.id, u.name FROM t JOIN u ON t.id = u.id ORDER BY t.id", two, rounds, registry) && good;
  good = compare("20,000 x 20,000", "SELECT count(*) FROM a JOIN b ON a.id = b.id", equal, rounds, registry) && good;
  return good ? 0 : 1;
}

}  // namespace
}  // namespace bench
}  // namespace batchout

int main(int count, char** words) {
  const auto number = [&](int i, std::size_t otherwise) {
    return count > i ? static_cast<std::size_t>(std::strtoull(words[i], nullptr, 10)) : otherwise;
  };
  return batchout::bench::run(number(1, 1'000'000), std::max<std::size_t>(number(2, 5), 1));
}
