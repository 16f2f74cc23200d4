// Letters come by COPY, which costs the server less than statements with as many values.

#include "components/postgres/dead_letters.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <optional>
#include <variant>

#include <fmt/format.h>

#include "components/postgres/copy.h"
#include "components/postgres/identifier.h"
#include "data/dead_letters.h"
#include "data/letter_sql.h"

namespace batchout::postgres {
namespace {

constexpr std::string_view kKeeping = "Keeping dead letters in batchout_delivery.dead_letter";
constexpr std::string_view kReading = "Reading dead letters from batchout_delivery.dead_letter";
constexpr std::string_view kMarking = "Marking dead letters in batchout_delivery.dead_letter";
constexpr std::string_view kDeleting = "Deleting dead letters from batchout_delivery.dead_letter";
constexpr std::size_t kPieceBytes = 1 << 20;

// As the server reads bytes: the backslash of "\\x" is escaped for COPY.
void put_bytes(std::string_view bytes, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\\\x";
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
}

std::string bytes_of(std::string_view hex) {
  std::string bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned char byte = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

const LetterDialect& dialect() {
  static constexpr LetterDialect kDialect{
      .table = "batchout_delivery.dead_letter",
      .size = "octet_length",
      .now = "clock_timestamp()",
      .time =
          [](std::string_view column) {
            return fmt::format("to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')", column);
          },
      .instant = [](std::int64_t us) { return fmt::format("'{}'::timestamptz", utc_text(us)); },
      .literal = &literal,
      .reuses_ids = false,
      .payload = "encode",
  };
  return kDialect;
}

std::string added_columns_sql() {
  std::string out;
  for (const LetterColumn& column : added_letter_columns())
    out += fmt::format("{} ADD COLUMN IF NOT EXISTS {} {}", out.empty() ? "" : ",", column.name, column.postgres);
  return "ALTER TABLE batchout_delivery.dead_letter" + out + ";";
}

void put_value(const LetterColumn::Value& value, std::string& out) {
  if (const auto* number = std::get_if<std::int64_t>(&value))
    out += std::to_string(*number);
  else if (const auto* text = std::get_if<std::string_view>(&value))
    put_escaped(*text, out);
  else
    out += "\\N";
}

constexpr std::string_view kFirstColumns =
    "pipeline, source, unit, pos, stage, place, number, code, column_name, error, excerpt, payload_size, payload";

/// A row of COPY, without its end: kFirstColumns and `added`.
void put_letter(const std::string& pipeline, const DeadLetterRecord& record,
                const std::vector<const LetterColumn*>& added, std::string& out) {
  for (const LetterColumn::Value value : std::initializer_list<LetterColumn::Value>{
           pipeline, record.source, record.unit, record.position, record.stage, record.place,
           static_cast<std::int64_t>(record.number), record.code, record.column, record.error, record.excerpt,
           static_cast<std::int64_t>(record.size)}) {
    put_value(value, out);
    out += '\t';
  }
  put_bytes(record.payload, out);
  for (const LetterColumn* column : added) {
    out += '\t';
    put_value(column->value(record), out);
  }
}

std::unexpected<Error> no_place() {
  return fail(
      Verdict::configuration, "BO539",
      fmt::format("Refused payloads cannot be kept beside the rows, because the role may not; have this run by an "
                  "administrator, and let the role select, insert and update there, or set dead_letters: false: {}",
                  dead_letter_table_sql()));
}

std::unexpected<Error> no_place(const Connection& connection, const Error& error) {
  if (connection.failed_state() != "42501") return std::unexpected(error);
  return no_place();
}

Result<> run(Connection& connection, const std::string& sql) {
  Result<> done = connection.run(kKeeping, sql);
  if (!done) return no_place(connection, done.error());
  return done;
}

/// What there is.
struct Table {
  bool there = false;
  LetterColumns columns;
  /// It is ours to change.
  bool ours = false;
};

Result<Table> look_at_table(Connection& connection, std::string_view doing) {
  const auto rows = connection.query_prepared(
      doing,
      "SELECT c.oid IS NOT NULL, (SELECT string_agg(a.attname, ',') FROM pg_catalog.pg_attribute a WHERE a.attrelid = "
      "c.oid AND a.attnum > 0 AND NOT a.attisdropped), coalesce(pg_catalog.pg_has_role(c.relowner, 'USAGE'), false) "
      "FROM (SELECT "
      "to_regclass('batchout_delivery.dead_letter') AS oid) t LEFT JOIN pg_catalog.pg_class c ON c.oid = t.oid");
  if (!rows) return std::unexpected(rows.error());
  return Table{rows->at(0, 0) == "t", LetterColumns(rows->at(0, 1)), rows->at(0, 2) == "t"};
}

// The lock keeps two that make the table at once apart; it ends with the transaction.
Result<Table> prepare_table(Connection& connection) {
  constexpr const char* kLock = "SELECT pg_advisory_xact_lock(6207415236); ";
  const auto looked = look_at_table(connection, kKeeping);
  if (!looked) return no_place(connection, looked.error());
  Table table = *looked;
  if (!table.there) {
    BATCHOUT_CHECK(run(connection, kLock + dead_letter_table_sql()));
    return Table{true, LetterColumns::all(), true};
  }
  if (table.columns.complete() || !table.ours) return table;
  BATCHOUT_CHECK(run(connection, kLock + added_columns_sql()));
  table.columns = LetterColumns::all();
  return table;
}

Letter letter_in(const Rows& rows, std::size_t row, bool payloads) {
  Letter letter = letter_of([&](int column) { return rows.at(row, column); });
  if (payloads) letter.payload = bytes_of(rows.at(row, kLetterPayload));
  return letter;
}

std::size_t changed(const Rows& rows) {
  const std::string_view count = PQcmdTuples(const_cast<PGresult*>(rows.result()));
  std::size_t number = 0;
  std::from_chars(count.data(), count.data() + count.size(), number);
  return number;
}

}  // namespace

// With the index the letter that has a payload is found from the others of it.
std::string dead_letter_table_sql() {
  return "CREATE SCHEMA IF NOT EXISTS batchout_delivery;"
         " CREATE TABLE IF NOT EXISTS batchout_delivery.dead_letter ("
         "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, pipeline text NOT NULL, source text NOT NULL, "
         "unit text NOT NULL, pos bigint NOT NULL, stage text NOT NULL, place text NOT NULL, number bigint NOT NULL, "
         "code text NOT NULL, column_name text NOT NULL, error text NOT NULL, excerpt text NOT NULL, "
         "payload bytea NOT NULL, payload_size bigint NOT NULL, status text NOT NULL DEFAULT 'new', "
         "created_at timestamptz NOT NULL DEFAULT clock_timestamp()); " +
         added_columns_sql() +
         " CREATE INDEX IF NOT EXISTS dead_letter_place ON batchout_delivery.dead_letter (pipeline, source, unit, "
         "pos);";
}

// As the statements above would fare: a schema that is there does not save the right to make it.
Result<> check_dead_letters(Connection& connection) {
  BATCHOUT_TRY(
      const Rows rows,
      connection.query(
          "Looking for the table batchout_delivery.dead_letter",
          "SELECT CASE WHEN c.oid IS NULL THEN pg_catalog.has_database_privilege(pg_catalog.current_database(), "
          "'CREATE') AND (n.oid IS NULL OR pg_catalog.has_schema_privilege(n.oid, 'CREATE')) ELSE "
          "pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'INSERT') END "
          "FROM (SELECT 1) o LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = 'batchout_delivery' LEFT JOIN "
          "pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'dead_letter'"));
  return rows.at(0, 0) == "t" ? Result<>{} : Result<>(no_place());
}

Result<> keep_dead_letters(Connection& connection, const std::string& pipeline, std::span<const NewLetter> letters) {
  if (letters.empty()) return {};
  BATCHOUT_TRY(const Table table, prepare_table(connection));
  const std::vector<const LetterColumn*> added = table.columns.written();
  std::string sql = fmt::format("COPY batchout_delivery.dead_letter ({}", kFirstColumns);
  for (const LetterColumn* column : added) sql.append(", ").append(column->name);
  if (Result<> started = connection.start_copy(kKeeping, sql + ") FROM STDIN"); !started)
    return no_place(connection, started.error());
  std::string lines;
  for (const DeadLetterRecord& record : records_of(letters)) {
    put_letter(pipeline, record, added, lines);
    lines += '\n';
    if (lines.size() < kPieceBytes) continue;
    BATCHOUT_CHECK(connection.send_copy(kKeeping, lines));
    lines.clear();
  }
  BATCHOUT_CHECK(connection.send_copy(kKeeping, lines));
  return connection.end_copy(kKeeping);
}

// In pages, so that the memory is bounded; a page of payloads is at most 16 MiB.
Result<> read_dead_letters(Connection& connection, const std::string& pipeline, const LetterFilter& filter,
                           bool payloads, const LetterSink& sink) {
  const std::size_t page = payloads ? 16 : 1'000;
  BATCHOUT_TRY(const Table table, look_at_table(connection, kReading));
  std::size_t left = table.there ? filter.limit.value_or(static_cast<std::size_t>(-1)) : 0;
  for (std::int64_t after = 0; left > 0;) {
    const std::size_t wanted = std::min(page, left);
    BATCHOUT_TRY(const Rows rows, connection.query(kReading, select_letters_sql(dialect(), pipeline, filter, after,
                                                                                wanted, payloads, table.columns)));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      Letter letter = letter_in(rows, i, payloads);
      after = letter.id;
      if (!has_carrier(filter, letter)) continue;
      BATCHOUT_TRY(const bool go_on, sink(std::move(letter)));
      if (!go_on) return {};
    }
    left -= std::min(left, rows.size());
    if (rows.size() < wanted) break;
  }
  return {};
}

Result<> resolve_dead_letters(Connection& connection, const std::string& pipeline, std::span<const std::int64_t> ids,
                              std::string_view status) {
  if (ids.empty()) return {};
  BATCHOUT_CHECK(prepare_table(connection));
  BATCHOUT_TRY(const Rows rows, connection.query(kMarking, resolve_letters_sql(dialect(), pipeline, ids, status)));
  if (changed(rows) != ids.size()) return not_new_any_more("batchout_delivery.dead_letter");
  return {};
}

Result<std::size_t> prune_dead_letters(Connection& connection, const std::string& pipeline, std::int64_t until) {
  BATCHOUT_TRY(const Table table, look_at_table(connection, kDeleting));
  if (!table.there) return 0;
  BATCHOUT_CHECK(prepare_table(connection));
  BATCHOUT_TRY(const Rows rows, connection.query(kDeleting, prune_letters_sql(dialect(), pipeline, until)));
  return changed(rows);
}

Result<> note_letter_failure(Connection& connection, const std::string& pipeline, std::span<const std::int64_t> ids,
                             const Reject& reject) {
  if (ids.empty()) return {};
  BATCHOUT_TRY(const Table table, prepare_table(connection));
  return connection.run(kMarking, fail_letters_sql(dialect(), pipeline, ids, reject, table.columns));
}

}  // namespace batchout::postgres
