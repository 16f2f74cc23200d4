// Reads the rows of a query over a SQLite file, each as a payload of JSON.
//
// The file is opened for reading only and stays in one state for as long as the query runs. Columns, not declarations,
// say what a value is: SQLite has no other types.

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "base/files.h"
#include "base/sql_names.h"
#include "components/sqlite/store.h"
#include "data/render.h"
#include "data/row_input.h"

namespace batchout {
namespace {

constexpr std::string_view kReading = "The query failed";

struct InputConfig {
  std::string path, sql;
  std::optional<std::int64_t> limit;
  /// None: null.
  std::map<std::string, std::optional<std::string>> params;
  std::vector<std::string> cursor;
  std::optional<bool> resume;

  static void describe(Spec<InputConfig>& s) {
    s.named("input", "sqlite", "Runs a query over a SQLite file; each row is one payload, a JSON object.")
        .field("path", &InputConfig::path, "The file.")
        .required()
        .field("sql", &InputConfig::sql, "A SELECT; {name} stands for the value of a parameter.")
        .required()
        .field("params", &InputConfig::params, "Parameters of the query with their values.")
        .field("limit", &InputConfig::limit, "Most rows of one round.")
        .range(0, 9e15)
        .field("cursor", &InputConfig::cursor,
               "Columns of the result that only grow: each round reads the rows behind those read before.")
        .field("resume", &InputConfig::resume, kResume)
        .check(
            "path", [](const InputConfig& c) { return !c.path.empty() && !c.path.contains('\0'); }, "must name a file")
        .check(
            "sql", [](const InputConfig& c) { return !without_end(c.sql).empty() && !c.sql.contains('\0'); },
            "must be a SELECT")
        .check(
            "sql", [](const InputConfig& c) { return c.bound().has_value(); },
            "has a name in braces that params does not give a value, or that stands in a quoted name; double the "
            "braces "
            "where they are meant");
  }

  std::expected<BoundSql, std::string> bound() const {
    static const std::string none;
    return bind_names(without_end(sql), SqlSyntax::sqlite, [this](std::string_view name) -> const std::string* {
      const auto value = params.find(std::string(name));
      if (value == params.end()) return nullptr;
      return value->second ? &*value->second : &none;
    });
  }

  // What follows the row with these cursor values; `behind` of them are bound behind those of the query.
  std::string statement(const BoundSql& query, std::size_t behind) const {
    if (cursor.empty()) return query.text;
    std::string columns, known, placeholders;
    for (const std::string& column : cursor) {
      columns += (columns.empty() ? "" : ", ") + sqlite_identifier(column);
      known += fmt::format(" AND {} IS NOT NULL", sqlite_identifier(column));
    }
    for (std::size_t i = 1; i <= behind; ++i)
      placeholders += fmt::format("{}?{}", i == 1 ? "" : ", ", query.values.size() + i);
    const std::string condition = behind == 0 ? "true" : fmt::format("({}) > ({})", columns, placeholders);
    return fmt::format("SELECT * FROM ({}\n) WHERE {}{} ORDER BY {}", query.text, condition, known, columns);
  }
};

/// A value of a cursor column as text that tells its type: its letter, then the value.
std::string kept(sqlite3_stmt* statement, int column) {
  const auto bytes = [&](const void* data) {
    return std::string(static_cast<const char*>(data),
                       static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
  };
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return fmt::format("i{}", sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
      return fmt::format("r{:a}", sqlite3_column_double(statement, column));
    case SQLITE_BLOB:
      return "b" + bytes(sqlite3_column_blob(statement, column));
    default:
      return "t" + bytes(sqlite3_column_text(statement, column));
  }
}

void bind_kept(sqlite3_stmt* statement, int number, const std::string& kept) {
  const char* const value = kept.c_str() + 1;
  const int size = static_cast<int>(kept.size() - 1);
  switch (kept[0]) {
    case 'i':
      sqlite3_bind_int64(statement, number, std::strtoll(value, nullptr, 10));
      break;
    case 'r':
      sqlite3_bind_double(statement, number, std::strtod(value, nullptr));
      break;
    case 'b':
      sqlite3_bind_blob(statement, number, value, size, SQLITE_TRANSIENT);
      break;
    default:
      sqlite3_bind_text(statement, number, value, size, SQLITE_TRANSIENT);
  }
}

void append_real(double value, std::string& out) {
  if (!std::isfinite(value)) {
    out += value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    return;
  }
  Cell cell;
  cell.tag = Tag::real;
  cell.real = value;
  char room[kPlainSizeMax];
  out.append(room, write_plain(room, cell, nullptr));
}

/// Bytes as SQLite's hex() writes them.
void append_bytes(std::string_view bytes, std::string& out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  out += '"';
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  out += '"';
}

void append_value(sqlite3_stmt* statement, int column, std::string& out) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      fmt::format_to(std::back_inserter(out), "{}", sqlite3_column_int64(statement, column));
      break;
    case SQLITE_FLOAT:
      append_real(sqlite3_column_double(statement, column), out);
      break;
    case SQLITE_NULL:
      out += "null";
      break;
    case SQLITE_BLOB: {
      const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, column));
      append_bytes({data, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))}, out);
      break;
    }
    default: {
      const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      append_json_string({data, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))}, out);
    }
  }
}

struct CloseFile {
  void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};

class FileRows final : public RowSource {
 public:
  static Result<std::unique_ptr<FileRows>> open(const std::string& path, const std::string& shown) {
    auto rows = std::unique_ptr<FileRows>(new FileRows(shown));
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
    rows->connection_.reset(opened);
    if (code != SQLITE_OK) return rows->error(code, "The database cannot be opened");
    // The engine tries again for longer; meanwhile nobody is kept from stopping.
    sqlite3_busy_timeout(opened, 1000);
    sqlite3_extended_result_codes(opened, 1);
    sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_progress_handler(opened, 10'000, &stopped, rows.get());
    return rows;
  }

  Result<> start(const InputConfig& config, const std::vector<std::string>& behind) {
    const BoundSql query = *config.bound();
    const std::string sql = config.statement(query, behind.size());
    sqlite3_stmt* prepared = nullptr;
    const char* rest = nullptr;
    const int code =
        sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()), 0, &prepared, &rest);
    statement_.reset(prepared);
    if (code != SQLITE_OK) return error(code, "The query is refused");
    if (prepared == nullptr || sqlite3_column_count(prepared) == 0 || sqlite3_stmt_readonly(prepared) == 0)
      return fail(Verdict::configuration, "BO541", fmt::format("The query must be a SELECT: {}", shown_));
    if (!is_one(rest, sql))
      return fail(Verdict::configuration, "BO541", fmt::format("The query must be one statement: {}", shown_));
    int number = 0;
    for (const std::string& value : query.values)
      sqlite3_bind_text(prepared, ++number, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
    for (const std::string& value : behind) bind_kept(prepared, ++number, value);
    return note_columns(config.cursor);
  }

  Result<Step> next(std::string& payload, std::vector<std::string>& cursor, std::size_t, Time,
                    const std::stop_token& stop) override {
    // An interrupted statement would begin anew.
    if (interrupted_) return Step::waiting;
    stop_ = stop;
    const int code = sqlite3_step(statement_.get());
    interrupted_ = (code & 0xFF) == SQLITE_INTERRUPT;
    if (interrupted_) return Step::waiting;
    if (code == SQLITE_DONE) return Step::end;
    if (code != SQLITE_ROW) return error(code, kReading);
    payload = '{';
    for (const auto& [key, column] : columns_) {
      if (payload.size() > 1) payload += ',';
      payload += key;
      append_value(statement_.get(), column, payload);
    }
    payload += '}';
    cursor.clear();
    for (const int column : cursor_columns_) cursor.push_back(kept(statement_.get(), column));
    return Step::row;
  }

  /// In a transaction, so the file is in the state of before.
  Result<> restart(std::size_t skipped) override {
    sqlite3_reset(statement_.get());
    interrupted_ = false;
    for (std::size_t i = 0; i < skipped; ++i)
      if (const int code = sqlite3_step(statement_.get()); code != SQLITE_ROW) return error(code, kReading);
    return {};
  }

  Result<> begin() {
    const int code = sqlite3_exec(connection_.get(), "BEGIN", nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return error(code, kReading);
    return {};
  }

 private:
  explicit FileRows(std::string shown) : shown_(std::move(shown)) {}

  static int stopped(void* self) { return static_cast<FileRows*>(self)->stop_.stop_requested() ? 1 : 0; }

  /// True if nothing but blanks and comments follows.
  bool is_one(const char* rest, const std::string& sql) const {
    sqlite3_stmt* second = nullptr;
    const int size = static_cast<int>(sql.data() + sql.size() - rest);
    const int code = sqlite3_prepare_v3(connection_.get(), rest, size, 0, &second, nullptr);
    const SqliteStatement owned(second);
    return code == SQLITE_OK && second == nullptr;
  }

  /// Of columns with one name the last one counts, at the place of the first.
  Result<> note_columns(const std::vector<std::string>& cursor) {
    for (int i = 0; i < sqlite3_column_count(statement_.get()); ++i) {
      const std::string_view name = sqlite3_column_name(statement_.get(), i);
      std::string key;
      append_json_string(name, key);
      key += ':';
      const auto same = std::ranges::find(columns_, key, &std::pair<std::string, int>::first);
      if (same != columns_.end())
        same->second = i;
      else
        columns_.emplace_back(std::move(key), i);
    }
    for (const std::string& wanted : cursor)
      for (int i = 0; i < sqlite3_column_count(statement_.get()); ++i)
        if (sqlite3_column_name(statement_.get(), i) == wanted) cursor_columns_.push_back(i);
    // SQLite takes a name in quotes that nothing has for a text.
    if (cursor_columns_.size() == cursor.size()) return {};
    return fail(Verdict::configuration, "BO541",
                fmt::format("The query must have each cursor column once, written as there: {}", shown_));
  }

  std::unexpected<Error> error(int code, std::string_view doing) const {
    Verdict verdict = sqlite_verdict(code);
    if (verdict == Verdict::row) verdict = Verdict::configuration;
    return fail(verdict, verdict == Verdict::environment ? "BO542" : "BO541",
                fmt::format("{}: {}: {}", doing, shown_, sqlite3_errmsg(connection_.get())));
  }

  std::string shown_;
  std::stop_token stop_;
  std::unique_ptr<sqlite3, CloseFile> connection_;
  SqliteStatement statement_;
  /// Key in quotes with its colon, and number.
  std::vector<std::pair<std::string, int>> columns_;
  std::vector<int> cursor_columns_;
  bool interrupted_ = false;
};

class SqliteInput final : public RowInput {
 public:
  SqliteInput(InputConfig config, const Context& context)
      : RowInput({.source = "sqlite:" + path_key(context.folder, config.path),
                  .rows_max = config.limit ? std::optional(static_cast<std::size_t>(*config.limit)) : std::nullopt,
                  .cursor = config.cursor,
                  .resume = config.resume.value_or(context.dialect == Dialect::v1),
                  .resume_is_told = config.resume == true},
                 context),
        config_(std::move(config)) {}

 private:
  Result<std::unique_ptr<RowSource>> open(const std::vector<std::string>& behind) override {
    for (const auto& [name, value] : config_.params)
      if (!value) return nullptr;
    // A value that is bound may have one.
    if (config_.bound()->text.contains('\0')) {
      warn_of_nothing("its value contains a NUL character inside a longer text");
      return nullptr;
    }
    const std::string path = resolve_path(context().folder, config_.path);
    BATCHOUT_TRY(const bool there, exists(path));
    if (!there) return nullptr;
    BATCHOUT_TRY(auto rows, FileRows::open(path, config_.path));
    BATCHOUT_CHECK(rows->begin());
    BATCHOUT_CHECK(rows->start(config_, behind));
    return rows;
  }

  /// As for a file input: what is missing is an error in the present dialect.
  Result<bool> exists(const std::string& path) {
    struct stat status{};
    const bool there = ::stat(path.c_str(), &status) == 0;
    if (!there && errno != ENOENT && errno != ENOTDIR)
      return fail(verdict_of_errno(errno), "BO522",
                  fmt::format("A file cannot be opened: {}: {}", config_.path, errno_text(errno)));
    if (there && !S_ISREG(status.st_mode))
      return fail(Verdict::configuration, "BO522",
                  fmt::format("Only regular files can be read here: {}", config_.path));
    if (there && ::access(path.c_str(), R_OK) != 0)
      return fail(Verdict::configuration, "BO522",
                  fmt::format("A file cannot be opened: {}: {}", config_.path, errno_text(errno)));
    if (there) return true;
    if (context().dialect == Dialect::v1)
      return fail(Verdict::configuration, "BO521",
                  fmt::format("The file is not there; correct the path: {}", config_.path));
    if (!warned_) context().log.warning(fmt::format("No file was found, so there are no payloads: {}", config_.path));
    warned_ = true;
    return false;
  }

  InputConfig config_;
  bool warned_ = false;
};

}  // namespace

void add_sqlite_input(Registry& registry) {
  registry.input<InputConfig, SqliteInput>();
}

}  // namespace batchout
