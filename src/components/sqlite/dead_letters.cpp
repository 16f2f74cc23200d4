// One statement, run for each letter.

#include "components/sqlite/dead_letters.h"

#include "components/sqlite/bind.h"
#include "data/dead_letters.h"

namespace batchout {
namespace {

Result<> make_table(SqliteStore& store) {
  return store.execute(
      "CREATE TABLE IF NOT EXISTS batchout_dead_letter (id INTEGER PRIMARY KEY, pipeline TEXT NOT NULL,"
      " source TEXT NOT NULL, unit TEXT NOT NULL, pos INTEGER NOT NULL, stage TEXT NOT NULL, place TEXT NOT NULL,"
      " number INTEGER NOT NULL, code TEXT NOT NULL, column_name TEXT NOT NULL, error TEXT NOT NULL,"
      " excerpt TEXT NOT NULL, payload BLOB NOT NULL, payload_size INTEGER NOT NULL,"
      " status TEXT NOT NULL DEFAULT 'new', created_at TEXT NOT NULL DEFAULT (datetime('now')))");
}

}  // namespace

Result<> keep_dead_letters_in(SqliteStore& store, const std::string& pipeline, std::span<const DeadLetter> letters) {
  if (letters.empty()) return {};
  BATCHOUT_CHECK(make_table(store));
  BATCHOUT_TRY(const SqliteStatement statement,
               store.prepare("INSERT INTO batchout_dead_letter (pipeline, source, unit, pos, stage, place,"
                             " number, code, column_name, error, excerpt, payload, payload_size)"
                             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"));
  for (const DeadLetterRecord& record : records_of(letters)) {
    sqlite3_stmt* const to = statement.get();
    sqlite3_reset(to);
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
    const int code = sqlite3_step(to);
    if (code != SQLITE_DONE) return store.error(code, "A dead letter could not be stored");
  }
  return {};
}

}  // namespace batchout
