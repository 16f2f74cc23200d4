// SELECT over the blocks of a batch: a connection without a database, in which every table is a BlockTable.

#include <sqlite3.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstring>
#include <deque>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "components/sqlite/block_table.h"
#include "components/sqlite/cell_value.h"
#include "components/sqlite/store.h"
#include "data/query.h"
#include "registry/registry.h"

namespace batchout {
namespace {

using Clock = std::chrono::steady_clock;

struct CloseConnection {
  void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;

bool equal_names(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sqlite3_strnicmp(a.data(), b.data(), static_cast<int>(a.size())) == 0;
}

/// What a selector may do: read tables, call functions. Functions that load code, statements that change anything,
/// pragmas and SQLite's own tables are refused.
int authorize(void*, int action, const char* first, const char* second, const char*, const char*) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_READ:
      return first != nullptr && sqlite3_strnicmp(first, "sqlite_", 7) == 0 ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_FUNCTION:
      return second != nullptr && sqlite3_stricmp(second, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
    default:
      return SQLITE_DENY;
  }
}

/// A connection that can do nothing but read `tables`. The tables must outlive it.
Connection open_connection(std::deque<BlockTable>& tables) {
  constexpr int kTextMax = 64 << 20;
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(":memory:", &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  Connection connection(opened);
  if (code != SQLITE_OK) return nullptr;
  sqlite3_limit(opened, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(opened, SQLITE_LIMIT_LENGTH, kTextMax);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // A name in double quotes that is no column would silently be a text.
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  for (BlockTable& table : tables) {
    if (add_block_table(opened, table) != SQLITE_OK) return nullptr;
    // The first use declares the table, which is a statement that selectors may not give.
    const std::string sql = fmt::format("SELECT 1 FROM {}", sqlite_identifier(table.name()));
    if (sqlite3_exec(opened, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return nullptr;
  }
  sqlite3_set_authorizer(opened, authorize, nullptr);
  return connection;
}

/// The rest of `message` behind `prefix`, which tells what is missing.
std::optional<std::string> behind(std::string_view message, std::string_view prefix) {
  if (!message.starts_with(prefix)) return std::nullopt;
  return std::string(message.substr(prefix.size()));
}

QueryProblem problem_of(sqlite3* connection) {
  QueryProblem problem;
  problem.message = sqlite3_errmsg(connection);
  if (const int offset = sqlite3_error_offset(connection); offset >= 0)
    problem.offset = static_cast<std::size_t>(offset);
  if (auto table = behind(problem.message, "no such table: ")) {
    problem.kind = QueryProblem::Kind::table;
    problem.name = std::move(*table);
  } else if (auto column = behind(problem.message, "no such column: ")) {
    problem.kind = QueryProblem::Kind::column;
    problem.name = std::move(*column);
  } else if (sqlite3_errcode(connection) == SQLITE_AUTH) {
    problem.message = "a selector may only read the tables of its batch, with one SELECT";
  }
  return problem;
}

/// Finds compound statements: the columns of their results are called like those of their first part only.
bool has_word(std::string_view sql, std::string_view word) {
  const auto part_of_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  for (std::size_t at = 0; at + word.size() <= sql.size(); ++at) {
    if (!equal_names(sql.substr(at, word.size()), word)) continue;
    const std::size_t end = at + word.size();
    if ((at == 0 || !part_of_name(sql[at - 1])) && (end == sql.size() || !part_of_name(sql[end]))) return true;
  }
  return false;
}

/// A statement in a connection that refuses all but reading. `sql` is one statement, as far as it has been checked.
Result<SqliteStatement> prepare(sqlite3* connection, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(connection, sql.data(), static_cast<int>(sql.size()), 0, &statement, nullptr);
  if (code == SQLITE_OK) return SqliteStatement(statement);
  return fail(Verdict::internal, "BO901",
              fmt::format("A query that was checked is refused: {}", sqlite3_errmsg(connection)));
}

/// What interrupts a query. SQLite asks every few thousand steps of its own, tables as often while they pass over rows.
struct Watch {
  Clock::time_point deadline;
  const std::stop_token& stop;
  std::uint64_t looks_left = 0;

  static int look(void* watch) {
    const auto& self = *static_cast<const Watch*>(watch);
    return self.stop.stop_requested() || Clock::now() >= self.deadline ? 1 : 0;
  }
  /// After so many steps.
  static int step(void* watch) {
    auto& self = *static_cast<Watch*>(watch);
    if (self.looks_left == 0) return 1;
    --self.looks_left;
    return look(watch);
  }
};

/// Rows of a result on their way into blocks. All columns hang at one level of their own, since the payload level tells
/// where a row comes from, which nobody knows of a computed one.
class ResultRows {
 public:
  explicit ResultRows(std::shared_ptr<const TableShape> shape) : shape_(std::move(shape)) { begin(); }

  /// The number of the column whose value is neither text, number nor null, or none.
  std::optional<std::size_t> append(sqlite3_stmt* statement) {
    for (std::size_t column = 0; column < shape_->columns.size(); ++column) {
      const ColumnShape& as = shape_->columns[column];
      if (!append_result(statement, static_cast<int>(column), as.kind, as.zone, values_->columns[column]))
        return column;
    }
    if (++rows_ == Block::kRowsMax) end();
    return std::nullopt;
  }

  /// Of all rows so far, in bytes.
  std::size_t size() const {
    return std::accumulate(values_->columns.begin(), values_->columns.end(), finished_,
                           [](std::size_t sum, const Column& column) { return sum + column.bytes(); });
  }

  std::vector<Block> take() {
    end();
    return std::move(blocks_);
  }

 private:
  void begin() {
    rows_ = 0;
    values_ = std::make_shared<Values>();
    values_->columns.resize(shape_->columns.size());
  }

  void end() {
    if (rows_ == 0) return;
    finished_ = size();
    std::vector<std::vector<std::uint32_t>> selections(2, std::vector<std::uint32_t>(rows_, Block::kNone));
    std::iota(selections[1].begin(), selections[1].end(), 0);
    blocks_.emplace_back(shape_, std::move(values_), std::move(selections));
    begin();
  }

  std::shared_ptr<const TableShape> shape_;
  std::shared_ptr<Values> values_;
  std::size_t rows_ = 0;
  std::size_t finished_ = 0;
  std::vector<Block> blocks_;
};

class SqliteQuery final : public Query {
 public:
  SqliteQuery(std::string sql, std::span<const QueryTable> tables, std::shared_ptr<const TableShape> shape,
              const QueryLimits& limits)
      : sql_(std::move(sql)), shape_(std::move(shape)), limits_(limits) {
    for (const QueryTable& table : tables) tables_.emplace_back(table.name, table.shape);
    connection_ = open_connection(tables_);
  }

  // The statement is prepared anew, since the best way to the rows depends on how many there are.
  Result<std::vector<Block>> run(std::span<const std::span<const Block>> tables, const std::stop_token& stop) override {
    if (!connection_) return fail(Verdict::environment, "BO441", "There is no memory for a query");
    Watch watch{Clock::now() + limits_.time, stop, limits_.steps_max / kStepsPerLook};
    for (std::size_t i = 0; i < tables_.size(); ++i)
      tables_[i].show(tables[i], [&watch] { return Watch::look(&watch) != 0; });
    sqlite3_progress_handler(connection_.get(), kStepsPerLook, Watch::step, &watch);
    BATCHOUT_TRY(const SqliteStatement statement, prepare(connection_.get(), sql_));
    ResultRows rows(shape_);
    int code = 0;
    for (std::uint64_t row = 1; (code = sqlite3_step(statement.get())) == SQLITE_ROW; ++row) {
      if (const auto column = rows.append(statement.get())) return no_value(row, *column);
      if (rows.size() > limits_.result_size_max) return too_large(row);
    }
    if (code == SQLITE_DONE) return rows.take();
    return failed(code, stop, watch.looks_left == 0);
  }

 private:
  static constexpr int kStepsPerLook = 10'000;

  std::unexpected<Error> failed(int code, const std::stop_token& stop, bool steps_over) const {
    if (code == SQLITE_INTERRUPT && stop.stop_requested())
      return fail(Verdict::environment, "BO441", "The query was stopped");
    if (code == SQLITE_INTERRUPT && steps_over)
      return fail(Verdict::configuration, "BO442",
                  fmt::format("The query takes more steps than it may; limit {}", limits_.steps_max));
    if (code == SQLITE_INTERRUPT)
      return fail(Verdict::configuration, "BO442",
                  fmt::format("The query takes longer than it may; limit {} s",
                              std::chrono::duration<double>(limits_.time).count()));
    return fail(code == SQLITE_NOMEM ? Verdict::environment : Verdict::configuration, "BO441",
                fmt::format("The query failed over the rows of this batch: {}", sqlite3_errmsg(connection_.get())));
  }

  std::unexpected<Error> too_large(std::uint64_t rows) const {
    return fail(Verdict::configuration, "BO443",
                fmt::format("The result of the query is larger than it may be; limit {} MiB, reached after {} rows",
                            limits_.result_size_max >> 20, rows));
  }

  std::unexpected<Error> no_value(std::uint64_t row, std::size_t column) const {
    return fail(
        Verdict::configuration, "BO444",
        fmt::format("The query gives bytes that are no text; column {}, row {}", shape_->columns[column].name, row));
  }

  std::string sql_;
  std::shared_ptr<const TableShape> shape_;
  QueryLimits limits_;
  // Before the connection, which points to them.
  std::deque<BlockTable> tables_;
  Connection connection_;
};

/// Checks one query, and finds out what it gives.
class QueryCheck {
 public:
  QueryCheck(std::string_view sql, std::span<const QueryTable> tables) : sql_(sql), given_(tables) {
    for (const QueryTable& table : tables) tables_.emplace_back(table.name, table.shape);
    connection_ = open_connection(tables_);
  }

  std::expected<CompiledQuery, QueryProblem> compile() {
    if (!connection_) return problem("there is no memory to check the query");
    if (sql_.contains('\0')) return problem("the query contains a NUL character");
    sqlite3_stmt* prepared = nullptr;
    const char* tail = nullptr;
    const int code =
        sqlite3_prepare_v3(connection_.get(), sql_.data(), static_cast<int>(sql_.size()), 0, &prepared, &tail);
    const SqliteStatement statement(prepared);
    if (code != SQLITE_OK) return std::unexpected(problem_of(connection_.get()));
    if (!statement) return problem("the query is empty");
    if (sqlite3_stmt_isexplain(prepared) != 0) return problem("EXPLAIN is not a query for rows");
    if (sqlite3_bind_parameter_count(prepared) != 0)
      return problem("the query has parameters, and nothing gives them values");
    if (const auto second = second_statement(tail)) return std::unexpected(*second);
    return CompiledQuery{columns_of(prepared), maker()};
  }

 private:
  static std::unexpected<QueryProblem> problem(std::string message) {
    return std::unexpected(QueryProblem{QueryProblem::Kind::statement, std::move(message), {}, {}});
  }

  /// What follows the statement must prepare to nothing: blanks and comments.
  std::optional<QueryProblem> second_statement(const char* tail) {
    const auto offset = static_cast<std::size_t>(tail - sql_.data());
    if (offset >= sql_.size()) return std::nullopt;
    sqlite3_stmt* prepared = nullptr;
    const int code =
        sqlite3_prepare_v3(connection_.get(), tail, static_cast<int>(sql_.size() - offset), 0, &prepared, nullptr);
    const SqliteStatement statement(prepared);
    if (code == SQLITE_OK && !statement) return std::nullopt;
    return QueryProblem{QueryProblem::Kind::statement, "the query has more than one statement", {}, offset};
  }

  std::vector<ColumnShape> columns_of(sqlite3_stmt* statement) const {
    const bool compound = has_word(sql_, "union") || has_word(sql_, "except") || has_word(sql_, "intersect");
    std::vector<ColumnShape> columns;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      ColumnShape column{sqlite3_column_name(statement, i), Kind::dynamic, nullptr, 1, true};
      const ColumnShape* source = compound ? nullptr : source_of(statement, i);
      if (source != nullptr) {
        column.kind = source->kind;
        column.zone = source->zone;
        column.counts = source->counts;
      }
      columns.push_back(std::move(column));
    }
    return columns;
  }

  const ColumnShape* source_of(sqlite3_stmt* statement, int number) const {
    const char* table = sqlite3_column_table_name(statement, number);
    const char* column = sqlite3_column_origin_name(statement, number);
    if (table == nullptr || column == nullptr) return nullptr;
    for (const QueryTable& given : given_)
      for (const ColumnShape& shape : given.shape->columns)
        if (equal_names(given.name, table) && equal_names(shape.name, column)) return &shape;
    return nullptr;
  }

  /// Owns what the query needs, so that the problem of who lives longer does not arise.
  auto maker() const -> decltype(CompiledQuery::make) {
    return [sql = std::string(sql_), tables = std::vector<QueryTable>(given_.begin(), given_.end())](
               std::shared_ptr<const TableShape> shape, const QueryLimits& limits) -> Result<std::unique_ptr<Query>> {
      return std::make_unique<SqliteQuery>(sql, tables, std::move(shape), limits);
    };
  }

  std::string_view sql_;
  std::span<const QueryTable> given_;
  std::deque<BlockTable> tables_;
  Connection connection_;
};

}  // namespace

void add_sqlite_query(Registry& registry) {
  registry.types().query = [](std::string_view sql, std::span<const QueryTable> tables) {
    return QueryCheck(sql, tables).compile();
  };
}

}  // namespace batchout
