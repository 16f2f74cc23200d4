// One statement, run for each letter; and pages of letters to read.

#include "components/sqlite/dead_letters.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "components/sqlite/bind.h"
#include "data/dead_letters.h"
#include "data/letter_sql.h"

namespace batchout {
namespace {

// Quotes as for names, only others. Nothing behind a NUL would be read.
std::string text_literal(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text.substr(0, text.find('\0'))) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted += '\'';
}

const LetterDialect& dialect() {
  static constexpr LetterDialect kDialect{
      .table = "batchout_dead_letter",
      .size = "length",
      .now = "datetime('now')",
      .time = [](std::string_view column) { return fmt::format("strftime('%Y-%m-%dT%H:%M:%SZ', {})", column); },
      .instant = [](std::int64_t us) { return fmt::format("datetime('{}')", utc_text(us)); },
      .literal = &text_literal,
      .reuses_ids = true,
      .payload_begin = {},
      .payload_end = {},
  };
  return kDialect;
}

/// Those that every version has, but for the id and what the table itself says.
constexpr std::array<std::string_view, 13> kFirstNames = {"pipeline", "source",  "unit",        "pos",         "stage",
                                                          "place",    "number",  "code",        "column_name", "error",
                                                          "excerpt",  "payload", "payload_size"};

std::string_view text_in(sqlite3_stmt* row, int column) {
  const unsigned char* const text = sqlite3_column_text(row, column);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
}

/// What there is.
struct Table {
  bool there = false;
  LetterColumns columns;
  /// It has its indexes.
  bool indexed = false;
};

Result<Table> look_at_table(SqliteStore& store) {
  BATCHOUT_TRY(const SqliteStatement statement,
               store.prepare("SELECT count(*), coalesce(group_concat(name), ''), (SELECT count(*) FROM "
                             "pragma_index_list('batchout_dead_letter') WHERE name IN ('batchout_dead_letter_row', "
                             "'batchout_dead_letter_payload')) FROM pragma_table_info('batchout_dead_letter')"));
  const int code = sqlite3_step(statement.get());
  if (code != SQLITE_ROW) return store.error(code, "The table of dead letters could not be looked at");
  return Table{sqlite3_column_int64(statement.get(), 0) > 0, LetterColumns(text_in(statement.get(), 1)),
               sqlite3_column_int64(statement.get(), 2) == 2};
}

Result<LetterColumns> prepare_table(SqliteStore& store) {
  BATCHOUT_CHECK(store.execute(
      "CREATE TABLE IF NOT EXISTS batchout_dead_letter (id INTEGER PRIMARY KEY, pipeline TEXT NOT NULL,"
      " source TEXT NOT NULL, unit TEXT NOT NULL, pos INTEGER NOT NULL, stage TEXT NOT NULL, place TEXT NOT NULL,"
      " number INTEGER NOT NULL, code TEXT NOT NULL, column_name TEXT NOT NULL, error TEXT NOT NULL,"
      " excerpt TEXT NOT NULL, payload BLOB NOT NULL, payload_size INTEGER NOT NULL,"
      " status TEXT NOT NULL DEFAULT 'new', created_at TEXT NOT NULL DEFAULT (datetime('now')))"));
  BATCHOUT_TRY(const Table table, look_at_table(store));
  if (table.columns.complete() && table.indexed) return table.columns;
  for (const LetterColumn* column : table.columns.missing())
    BATCHOUT_CHECK(
        store.execute(fmt::format("ALTER TABLE batchout_dead_letter ADD COLUMN {} {}", column->name, column->sqlite)));
  // An earlier version had the index of the place alone.
  BATCHOUT_CHECK(store.execute(fmt::format(
      "DROP INDEX IF EXISTS batchout_dead_letter_place; CREATE INDEX IF NOT EXISTS batchout_dead_letter_row ON {}; "
      "CREATE INDEX IF NOT EXISTS batchout_dead_letter_payload ON {}",
      letter_rows_index(dialect()), letter_payloads_index(dialect()))));
  return LetterColumns::all();
}

void bind(sqlite3_stmt* to, const std::string& pipeline, const DeadLetterRecord& record) {
  bind_text(to, 1, pipeline);
  bind_text(to, 2, record.source);
  bind_text(to, 3, record.unit);
  sqlite3_bind_int64(to, 4, record.position);
  bind_text(to, 5, record.stage);
  bind_text(to, 6, record.place);
  sqlite3_bind_int64(to, 7, record.number);
  bind_text(to, 8, record.code);
  bind_text(to, 9, record.column);
  bind_text(to, 10, record.error);
  bind_text(to, 11, record.excerpt);
  // A null pointer would be bound as null.
  const char* const bytes = record.payload.empty() ? "" : record.payload.data();
  sqlite3_bind_blob64(to, 12, bytes, record.payload.size(), SQLITE_STATIC);
  sqlite3_bind_int64(to, 13, static_cast<std::int64_t>(record.size));
}

/// The columns from `number` on; returns the number behind them.
int bind_added(sqlite3_stmt* to, int number, std::span<const LetterColumn* const> columns,
               const DeadLetterRecord& record) {
  for (const LetterColumn* column : columns) {
    const LetterColumn::Value value = column->value(record);
    if (const auto* integer = std::get_if<std::int64_t>(&value))
      sqlite3_bind_int64(to, number, *integer);
    else if (const auto* text = std::get_if<std::string_view>(&value))
      bind_text(to, number, *text);
    else
      sqlite3_bind_null(to, number);
    ++number;
  }
  return number;
}

std::string_view bytes_in(sqlite3_stmt* row, int column) {
  const void* const bytes = sqlite3_column_blob(row, column);
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
}

/// Runs a statement that changes rows, and tells how many.
Result<std::size_t> change(SqliteStore& store, const std::string& sql) {
  BATCHOUT_TRY(const SqliteStatement statement, store.prepare(sql));
  const int code = sqlite3_step(statement.get());
  if (code != SQLITE_DONE) return store.error(code, "Dead letters could not be marked");
  return static_cast<std::size_t>(sqlite3_changes(sqlite3_db_handle(statement.get())));
}

Result<> each_row(SqliteStore& store, const std::string& sql, const std::function<void(sqlite3_stmt* row)>& take) {
  BATCHOUT_TRY(const SqliteStatement statement, store.prepare(sql));
  int code = sqlite3_step(statement.get());
  for (; code == SQLITE_ROW; code = sqlite3_step(statement.get())) take(statement.get());
  if (code != SQLITE_DONE) return store.error(code, "Dead letters could not be read");
  return {};
}

Result<> read_payloads(SqliteStore& store, std::span<const std::int64_t> ids,
                       std::map<std::int64_t, std::string>& payloads) {
  return each_row(store, select_payloads_sql(dialect(), ids),
                  [&](sqlite3_stmt* row) { payloads[sqlite3_column_int64(row, 0)] = bytes_in(row, 1); });
}

}  // namespace

Result<> keep_dead_letters_in(SqliteStore& store, const std::string& pipeline, std::span<const NewLetter> letters) {
  if (letters.empty()) return {};
  BATCHOUT_TRY(const LetterColumns there, prepare_table(store));
  const std::vector<const LetterColumn*> added = there.written();
  std::vector<std::string_view> names(kFirstNames.begin(), kFirstNames.end());
  std::string given;
  for (const LetterColumn* column : added) names.push_back(column->name);
  for (const std::string_view name : names) given += fmt::format("? AS {}, ", name);
  BATCHOUT_TRY(const SqliteStatement statement,
               store.prepare(fmt::format("INSERT INTO batchout_dead_letter ({0}) SELECT {0} FROM (SELECT {1}? AS "
                                         "number_min, ? AS number_max) v WHERE {2} IS NULL",
                                         fmt::join(names, ", "), given, alike_letter_sql(dialect()))));
  for (const DeadLetterRecord& record : records_of(letters)) {
    sqlite3_reset(statement.get());
    bind(statement.get(), pipeline, record);
    const int next = bind_added(statement.get(), static_cast<int>(kFirstNames.size()) + 1, added, record);
    const auto [least, most] = numbers_alike(record);
    sqlite3_bind_int64(statement.get(), next, least);
    sqlite3_bind_int64(statement.get(), next + 1, most);
    const int code = sqlite3_step(statement.get());
    if (code != SQLITE_DONE) return store.error(code, "A dead letter could not be stored");
  }
  return {};
}

// In pages, so that the memory is bounded. No statement is open while the sink has letters: it may write.
Result<> read_dead_letters_in(SqliteStore& store, const std::string& pipeline, const LetterFilter& filter,
                              bool payloads, const LetterSink& sink) {
  constexpr std::size_t kPage = 1'000;
  PayloadReader reader;
  if (payloads)
    reader = [&](std::span<const std::int64_t> ids, std::map<std::int64_t, std::string>& read) {
      return read_payloads(store, ids, read);
    };
  BATCHOUT_TRY(const Table table, look_at_table(store));
  std::size_t left = table.there ? filter.limit.value_or(static_cast<std::size_t>(-1)) : 0;
  for (std::int64_t after = 0; left > 0;) {
    const std::size_t wanted = std::min(kPage, left);
    std::vector<Letter> letters;
    BATCHOUT_CHECK(each_row(
        store, select_letters_sql(dialect(), pipeline, filter, after, wanted, table.columns),
        [&](sqlite3_stmt* row) { letters.push_back(letter_of([&](int column) { return text_in(row, column); })); }));
    const std::size_t count = letters.size();
    if (count > 0) after = letters.back().id;
    BATCHOUT_TRY(const bool go_on, give_letters(letters, filter, reader, sink));
    if (!go_on || count < wanted) break;
    left -= count;
  }
  return {};
}

Result<> resolve_dead_letters_in(SqliteStore& store, const std::string& pipeline, std::span<const std::int64_t> ids,
                                 std::string_view status) {
  if (ids.empty()) return {};
  BATCHOUT_CHECK(prepare_table(store));
  BATCHOUT_TRY(const std::size_t changed, change(store, resolve_letters_sql(dialect(), pipeline, ids, status)));
  if (changed != ids.size()) return not_new_any_more("batchout_dead_letter");
  return {};
}

Result<std::size_t> prune_dead_letters_in(SqliteStore& store, const std::string& pipeline, std::int64_t until) {
  BATCHOUT_TRY(const Table table, look_at_table(store));
  if (!table.there) return 0;
  BATCHOUT_CHECK(prepare_table(store));
  return change(store, prune_letters_sql(dialect(), pipeline, until));
}

Result<> note_letter_failure_in(SqliteStore& store, const std::string& pipeline, std::span<const std::int64_t> ids,
                                const Reject& reject) {
  if (ids.empty()) return {};
  BATCHOUT_TRY(const LetterColumns columns, prepare_table(store));
  BATCHOUT_CHECK(change(store, fail_letters_sql(dialect(), pipeline, ids, reject, columns)));
  return {};
}

}  // namespace batchout
