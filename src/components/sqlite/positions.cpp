// Statements are prepared anew for each call: a batch has few units.

#include "components/sqlite/positions.h"

#include <unistd.h>

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/failpoint.h"
#include "base/percent.h"
#include "components/sqlite/bind.h"

namespace batchout {
namespace {

Result<> make_table(SqliteStore& store) {
  return store.execute(
      "CREATE TABLE IF NOT EXISTS batchout_source_position (pipeline TEXT NOT NULL, source TEXT NOT NULL,"
      " unit TEXT NOT NULL, next_pos INTEGER, token TEXT NOT NULL DEFAULT '', epoch INTEGER NOT NULL,"
      " owner TEXT NOT NULL, batch_no INTEGER NOT NULL DEFAULT 0,"
      " updated_at TEXT NOT NULL DEFAULT (datetime('now')), PRIMARY KEY (pipeline, source, unit)) WITHOUT ROWID");
}

void bind_number(sqlite3_stmt* statement, int number, std::int64_t position) {
  if (position == Position::kUnset)
    sqlite3_bind_null(statement, number);
  else
    sqlite3_bind_int64(statement, number, position);
}

std::string text_of(sqlite3_stmt* statement, int column) {
  const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  return {text == nullptr ? "" : text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

Result<Claim> claim_one(SqliteStore& store, const std::string& pipeline, const Unit& unit) {
  BATCHOUT_TRY(const SqliteStatement statement,
               store.prepare("INSERT INTO batchout_source_position AS s (pipeline, source, unit, epoch, owner)"
                             " VALUES (?1, ?2, ?3, 1, ?4) ON CONFLICT (pipeline, source, unit) DO UPDATE"
                             " SET epoch = s.epoch + 1, owner = excluded.owner, updated_at = datetime('now')"
                             " RETURNING epoch, next_pos, token"));
  const std::string owner = fmt::format("{}", ::getpid());
  bind_text(statement.get(), 1, pipeline);
  bind_text(statement.get(), 2, unit.source);
  bind_text(statement.get(), 3, unit.name);
  bind_text(statement.get(), 4, owner);
  const int code = sqlite3_step(statement.get());
  if (code != SQLITE_ROW) return store.error(code, "A unit could not be claimed");
  Claim claim;
  claim.epoch = sqlite3_column_int64(statement.get(), 0);
  if (sqlite3_column_type(statement.get(), 1) != SQLITE_NULL)
    claim.position = Position{unit.id, sqlite3_column_int64(statement.get(), 1), text_of(statement.get(), 2)};
  // A statement with RETURNING has its effect only once it has run to its end.
  const int end = sqlite3_step(statement.get());
  if (end != SQLITE_DONE) return store.error(end, "A unit could not be claimed");
  return claim;
}

// Names of tables may have any character: they are kept in percent encoding, with blanks between.
std::string encoded(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + percent_encoded(name);
  return text;
}

std::set<std::string> decoded(const std::string& text) {
  std::set<std::string> names;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (auto name = percent_decoded(std::string_view(text).substr(begin, end - begin))) names.insert(*std::move(name));
    begin = end + 1;
  }
  return names;
}

Result<PipelineTraces> kept_traces(SqliteStore& store, const std::string& pipeline) {
  PipelineTraces kept;
  BATCHOUT_TRY(const SqliteStatement statement,
               store.prepare("SELECT 't', targets, place FROM batchout_pipeline WHERE pipeline = ?1 UNION ALL"
                             " SELECT DISTINCT 's', source, '' FROM batchout_source_position"
                             " WHERE pipeline = ?1 AND next_pos IS NOT NULL"));
  bind_text(statement.get(), 1, pipeline);
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement.get())) == SQLITE_ROW) {
    if (text_of(statement.get(), 0) == "t") {
      kept.targets = decoded(text_of(statement.get(), 1));
      kept.place = text_of(statement.get(), 2);
    } else {
      kept.sources.insert(text_of(statement.get(), 1));
    }
  }
  if (code != SQLITE_DONE) return store.error(code, "The names of pipelines could not be read");
  return kept;
}

// A table that was made before places were kept gets the column.
Result<> make_name_table(SqliteStore& store) {
  BATCHOUT_CHECK(
      store.execute("CREATE TABLE IF NOT EXISTS batchout_pipeline (pipeline TEXT NOT NULL PRIMARY KEY,"
                    " targets TEXT NOT NULL, updated_at TEXT NOT NULL DEFAULT (datetime('now')),"
                    " place TEXT NOT NULL DEFAULT '')"));
  BATCHOUT_TRY(const SqliteStatement statement,
               store.prepare("SELECT 1 FROM pragma_table_info('batchout_pipeline') WHERE name = 'place'"));
  const int code = sqlite3_step(statement.get());
  if (code == SQLITE_ROW) return {};
  if (code != SQLITE_DONE) return store.error(code, "The names of pipelines could not be read");
  return store.execute("ALTER TABLE batchout_pipeline ADD COLUMN place TEXT NOT NULL DEFAULT ''");
}

}  // namespace

Result<> claim_name_in(SqliteStore& store, const std::string& pipeline, const PipelineTraces& now) {
  BATCHOUT_CHECK(make_table(store));
  BATCHOUT_CHECK(make_name_table(store));
  BATCHOUT_TRY(const PipelineTraces kept, kept_traces(store, pipeline));
  BATCHOUT_CHECK(same_pipeline(pipeline, kept, now));
  if (kept.targets == now.targets && kept.place == now.place) return {};
  BATCHOUT_TRY(const SqliteStatement statement,
               store.prepare("INSERT INTO batchout_pipeline (pipeline, targets, place) VALUES (?1, ?2, ?3)"
                             " ON CONFLICT (pipeline) DO UPDATE SET targets = excluded.targets,"
                             " place = excluded.place, updated_at = datetime('now')"));
  const std::string targets = encoded(now.targets);
  bind_text(statement.get(), 1, pipeline);
  bind_text(statement.get(), 2, targets);
  bind_text(statement.get(), 3, now.place);
  const int code = sqlite3_step(statement.get());
  if (code != SQLITE_DONE) return store.error(code, "The name of the pipeline could not be noted");
  return {};
}

Result<std::vector<Claim>> claim_in(SqliteStore& store, const std::string& pipeline, std::span<const Unit> units) {
  BATCHOUT_CHECK(make_table(store));
  std::vector<Claim> claims;
  for (const Unit& unit : units) {
    failpoint("before_claim");
    BATCHOUT_TRY(claims.emplace_back(), claim_one(store, pipeline, unit));
  }
  failpoint("after_claim");
  return claims;
}

Result<> advance_in(SqliteStore& store, const std::string& pipeline, std::span<const Move> moves) {
  const bool checked = !failpoint("no_epoch_check");
  for (const Move& move : moves) {
    BATCHOUT_TRY(const SqliteStatement statement,
                 store.prepare(fmt::format("UPDATE batchout_source_position SET next_pos = ?4, token = ?5,"
                                           " batch_no = batch_no + 1, updated_at = datetime('now')"
                                           " WHERE pipeline = ?1 AND source = ?2 AND unit = ?3{}",
                                           checked ? " AND epoch = ?6 AND next_pos IS ?7" : "")));
    bind_text(statement.get(), 1, pipeline);
    bind_text(statement.get(), 2, move.unit.source);
    bind_text(statement.get(), 3, move.unit.name);
    bind_number(statement.get(), 4, move.to.number);
    bind_text(statement.get(), 5, move.to.token);
    if (checked) {
      sqlite3_bind_int64(statement.get(), 6, move.epoch);
      bind_number(statement.get(), 7, move.from);
    }
    const int code = sqlite3_step(statement.get());
    if (code != SQLITE_DONE) return store.error(code, "A position could not be stored");
    if (sqlite3_changes(sqlite3_db_handle(statement.get())) != 1)
      return fail(Verdict::fenced, "BO536",
                  fmt::format("Another process has claimed a unit, so the batch was not stored: {}, unit \"{}\"",
                              move.unit.source, move.unit.name));
  }
  return {};
}

// A table that is not there is not made.
Result<std::vector<KeptPosition>> kept_in(SqliteStore& store, const std::string& pipeline) {
  std::vector<KeptPosition> kept;
  BATCHOUT_TRY(const SqliteStatement there,
               store.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'batchout_source_position'"));
  const int found = sqlite3_step(there.get());
  if (found == SQLITE_DONE) return kept;
  if (found != SQLITE_ROW) return store.error(found, "Positions could not be read");
  BATCHOUT_TRY(const SqliteStatement statement,
               store.prepare("SELECT source, unit, next_pos, token, epoch, owner,"
                             " strftime('%Y-%m-%dT%H:%M:%SZ', updated_at) FROM batchout_source_position"
                             " WHERE pipeline = ?1 ORDER BY source, unit"));
  bind_text(statement.get(), 1, pipeline);
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement.get())) == SQLITE_ROW) {
    const auto text = [&](int column) { return text_of(statement.get(), column); };
    KeptPosition& position = kept.emplace_back();
    position.source = text(0);
    position.unit = text(1);
    if (sqlite3_column_type(statement.get(), 2) != SQLITE_NULL)
      position.number = sqlite3_column_int64(statement.get(), 2);
    position.token = text(3);
    position.epoch = sqlite3_column_int64(statement.get(), 4);
    position.owner = text(5);
    position.changed_at = text(6);
  }
  if (code != SQLITE_DONE) return store.error(code, "Positions could not be read");
  return kept;
}

// Rows are kept where positions are forgotten: an epoch that began anew could be that of a process which still runs.
Result<> change_in(SqliteStore& store, const std::string& pipeline, std::span<const PositionChange> changes) {
  BATCHOUT_CHECK(make_table(store));
  for (const PositionChange& change : changes) {
    BATCHOUT_TRY(const SqliteStatement statement,
                 store.prepare("INSERT INTO batchout_source_position AS s (pipeline, source, unit, next_pos, token,"
                               " epoch, owner) VALUES (?1, ?2, ?3, ?4, ?5, 1, 'batchout positions')"
                               " ON CONFLICT (pipeline, source, unit) DO UPDATE SET epoch = s.epoch + 1,"
                               " next_pos = excluded.next_pos, token = excluded.token, owner = excluded.owner,"
                               " updated_at = datetime('now')"));
    bind_text(statement.get(), 1, pipeline);
    bind_text(statement.get(), 2, change.source);
    bind_text(statement.get(), 3, change.unit);
    bind_number(statement.get(), 4, change.number.value_or(Position::kUnset));
    bind_text(statement.get(), 5, change.token);
    const int code = sqlite3_step(statement.get());
    if (code != SQLITE_DONE) return store.error(code, "A position could not be changed");
  }
  return {};
}

}  // namespace batchout
