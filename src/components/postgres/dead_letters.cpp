// Letters come by COPY, which costs the server less than statements with as many values.

#include "components/postgres/dead_letters.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

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
      .payload_begin = "encode(",
      .payload_end = ", 'hex')",
  };
  return kDialect;
}

std::string added_columns_sql() {
  std::string out;
  for (const LetterColumn& column : added_letter_columns())
    out += fmt::format("{} ADD COLUMN IF NOT EXISTS {} {}", out.empty() ? "" : ",", column.name, column.postgres);
  return "ALTER TABLE batchout_delivery.dead_letter" + out + ";";
}

std::string indexes_sql() {
  return fmt::format(
      " CREATE INDEX IF NOT EXISTS dead_letter_row ON {}; CREATE INDEX IF NOT EXISTS dead_letter_payload ON {};",
      letter_rows_index(dialect()), letter_payloads_index(dialect()));
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

/// A row of VALUES, with a comma before all but the first one: `n`, what letters are compared by, and their numbers.
void append_compared(std::size_t n, const std::string& pipeline, const DeadLetterRecord& record, std::string& out) {
  const auto [least, most] = numbers_alike(record);
  fmt::format_to(
      std::back_inserter(out), "{}({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})",
      out.empty() ? "" : ", ", n, literal(pipeline), literal(record.source), literal(record.unit), record.position,
      literal(record.stage), literal(record.place), literal(record.input), literal(record.code), literal(record.column),
      literal(record.excerpt), record.row, record.rows, literal(record.payload_sha256), literal(record.mark),
      literal(record.writer), literal(record.target), least, most);
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
  /// Where it is, we may make indexes.
  bool indexable = false;
  /// It has its indexes.
  bool indexed = false;
  /// It may be read.
  bool readable = false;
  /// This transaction has made or altered it.
  bool made = false;

  /// Letters can be compared with those that it has.
  bool complete() const { return columns.complete() && indexed && readable; }
};

// One that nothing has to be done to.
Table complete_table() {
  return {true, LetterColumns::all(), true, true, true, true};
}

// States of a statement about a table or columns that are not there.
bool is_missing(std::string_view state) {
  return state == "42P01" || state == "42703" || state == "3F000";
}

Result<Table> look_at_table(Connection& connection, std::string_view doing) {
  const auto rows = connection.query_prepared(
      doing,
      "SELECT c.oid IS NOT NULL, (SELECT string_agg(a.attname, ',') FROM pg_catalog.pg_attribute a WHERE a.attrelid = "
      "c.oid AND a.attnum > 0 AND NOT a.attisdropped), coalesce(pg_catalog.pg_has_role(c.relowner, 'USAGE'), false), "
      "coalesce(pg_catalog.has_schema_privilege(c.relnamespace, 'CREATE'), false), "
      "to_regclass('batchout_delivery.dead_letter_row') IS NOT NULL AND "
      "to_regclass('batchout_delivery.dead_letter_payload') IS NOT NULL, "
      "coalesce(pg_catalog.has_table_privilege(c.oid, 'SELECT'), false) FROM (SELECT "
      "to_regclass('batchout_delivery.dead_letter') AS oid) t LEFT JOIN pg_catalog.pg_class c ON c.oid = t.oid");
  if (!rows) return std::unexpected(rows.error());
  const auto is = [&](int column) { return rows->at(0, column) == "t"; };
  return Table{is(0), LetterColumns(rows->at(0, 1)), is(2), is(3), is(4), is(5)};
}

// The lock keeps two that make the table at once apart; it ends with the transaction.
Result<Table> prepare_table(Connection& connection) {
  constexpr const char* kLock = "SELECT pg_advisory_xact_lock(6207415236); ";
  const auto looked = look_at_table(connection, kKeeping);
  if (!looked) return no_place(connection, looked.error());
  Table table = *looked;
  if (!table.there) {
    BATCHOUT_CHECK(run(connection, kLock + dead_letter_table_sql()));
    table = complete_table();
    table.made = true;
    return table;
  }
  const bool columns = table.ours && !table.columns.complete();
  const bool indexes = table.ours && table.indexable && !table.indexed;
  if (!columns && !indexes) return table;
  std::string sql = kLock;
  if (columns) sql += added_columns_sql();
  // An earlier version had the index of the place alone.
  if (indexes) sql += indexes_sql() + " DROP INDEX IF EXISTS batchout_delivery.dead_letter_place";
  BATCHOUT_CHECK(run(connection, sql));
  if (columns) table.columns = LetterColumns::all();
  table.indexed = table.indexed || indexes;
  table.made = true;
  return table;
}

/// None: null.
std::optional<std::int64_t> number_at(const Rows& rows, std::size_t row, int column) {
  const std::string_view text = rows.at(row, column);
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  return code == std::errc() ? std::optional(number) : std::nullopt;
}

Result<> read_payloads(Connection& connection, std::span<const std::int64_t> ids,
                       std::map<std::int64_t, std::string>& payloads) {
  BATCHOUT_TRY(const Rows rows, connection.query(kReading, select_payloads_sql(dialect(), ids)));
  for (std::size_t i = 0; i < rows.size(); ++i) payloads[number_at(rows, i, 0).value_or(0)] = bytes_of(rows.at(i, 1));
  return {};
}

std::size_t changed(const Rows& rows) {
  const std::string_view count = PQcmdTuples(const_cast<PGresult*>(rows.result()));
  std::size_t number = 0;
  std::from_chars(count.data(), count.data() + count.size(), number);
  return number;
}

Result<> add_letters(Connection& connection, const std::string& pipeline, const Table& table,
                     std::span<const NewLetter> letters, LetterReach& reach) {
  const std::vector<DeadLetterRecord> records = records_of(letters);
  std::vector<bool> alike(records.size());
  // A table of others may lack what letters are compared by.
  if (table.complete()) {
    BATCHOUT_TRY(alike, reach.alike(connection, pipeline, records));
  }
  if (std::ranges::find(alike, false) == alike.end()) return {};
  const std::vector<const LetterColumn*> added = table.columns.written();
  std::string sql = fmt::format("COPY batchout_delivery.dead_letter ({}", kFirstColumns);
  for (const LetterColumn* column : added) sql.append(", ").append(column->name);
  if (Result<> started = connection.start_copy(kKeeping, sql + ") FROM STDIN"); !started)
    return no_place(connection, started.error());
  std::string lines;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (alike[i]) continue;
    put_letter(pipeline, records[i], added, lines);
    lines += '\n';
    if (lines.size() < kPieceBytes) continue;
    BATCHOUT_CHECK(connection.send_copy(kKeeping, lines));
    lines.clear();
  }
  BATCHOUT_CHECK(connection.send_copy(kKeeping, lines));
  return connection.end_copy(kKeeping);
}

}  // namespace

std::string dead_letter_table_sql() {
  return "CREATE SCHEMA IF NOT EXISTS batchout_delivery;"
         " CREATE TABLE IF NOT EXISTS batchout_delivery.dead_letter ("
         "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, pipeline text NOT NULL, source text NOT NULL, "
         "unit text NOT NULL, pos bigint NOT NULL, stage text NOT NULL, place text NOT NULL, number bigint NOT NULL, "
         "code text NOT NULL, column_name text NOT NULL, error text NOT NULL, excerpt text NOT NULL, "
         "payload bytea NOT NULL, payload_size bigint NOT NULL, status text NOT NULL DEFAULT 'new', "
         "created_at timestamptz NOT NULL DEFAULT clock_timestamp()); " +
         added_columns_sql() + indexes_sql();
}

// As the statements above would fare: a schema that is there does not save the right to make it. COPY writes to no
// view, and not where policies choose the rows.
Result<> check_dead_letters(Connection& connection) {
  BATCHOUT_TRY(
      const Rows rows,
      connection.query(
          "Looking for the table batchout_delivery.dead_letter",
          "SELECT CASE WHEN c.oid IS NULL THEN pg_catalog.has_database_privilege(pg_catalog.current_database(), "
          "'CREATE') AND (n.oid IS NULL OR pg_catalog.has_schema_privilege(n.oid, 'CREATE')) ELSE "
          "pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'INSERT') AND "
          "c.relkind IN ('r', 'p') AND NOT pg_catalog.row_security_active(c.oid) END "
          "FROM (SELECT 1) o LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = 'batchout_delivery' LEFT JOIN "
          "pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'dead_letter'"));
  return rows.at(0, 0) == "t" ? Result<>{} : Result<>(no_place());
}

// What has no letter at its position or behind it, which is all but what is read again, needs no look.
Result<std::vector<bool>> LetterReach::alike(Connection& connection, const std::string& pipeline,
                                             std::span<const DeadLetterRecord> records) {
  BATCHOUT_CHECK(look(connection, pipeline, records));
  std::vector<bool> there(records.size());
  std::string values;
  const auto ask = [&]() -> Result<> {
    const std::string sql =
        fmt::format("SELECT v.n FROM (VALUES {}) v (n, {}, number_min, number_max) WHERE {} > 0", values,
                    fmt::join(compared_letter_columns(), ", "), alike_letter_sql(dialect()));
    values.clear();
    BATCHOUT_TRY(const Rows rows, connection.query(kKeeping, sql));
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (const auto n = number_at(rows, i, 0)) there[static_cast<std::size_t>(*n)] = true;
    return {};
  };
  for (std::size_t i = 0; i < records.size(); ++i) {
    const DeadLetterRecord& record = records[i];
    if (!record.once || record.position > reach_[{record.source, record.unit}]) continue;
    append_compared(i, pipeline, record, values);
    if (values.size() >= kPieceBytes) BATCHOUT_CHECK(ask());
  }
  if (!values.empty()) BATCHOUT_CHECK(ask());
  // Of units that have not been asked for nothing is known yet.
  for (const DeadLetterRecord& record : records)
    if (const auto reach = reach_.find({record.source, record.unit}); reach != reach_.end())
      reach->second = std::max(reach->second, record.position);
  return there;
}

/// Learns how far the letters of units reach that have not been met.
Result<> LetterReach::look(Connection& connection, const std::string& pipeline,
                           std::span<const DeadLetterRecord> records) {
  std::map<std::pair<std::string, std::string>, std::size_t> fresh;
  std::string values;
  for (const DeadLetterRecord& record : records) {
    const std::pair unit(record.source, record.unit);
    if (!record.once || reach_.contains(unit) || !fresh.emplace(unit, fresh.size()).second) continue;
    values += fmt::format("{}({}, {}, {})", values.empty() ? "" : ", ", fresh.size() - 1, literal(record.source),
                          literal(record.unit));
  }
  if (fresh.empty()) return {};
  BATCHOUT_TRY(const Rows rows,
               connection.query(kKeeping,
                                fmt::format("SELECT (SELECT max(d.pos) FROM batchout_delivery.dead_letter d WHERE "
                                            "d.pipeline = {} AND d.source = v.source AND d.unit = v.unit) FROM (VALUES "
                                            "{}) v (n, source, unit) ORDER BY v.n",
                                            literal(pipeline), values)));
  for (const auto& [unit, n] : fresh) reach_[unit] = number_at(rows, n, 0).value_or(kNowhere);
  return {};
}

// A table that was complete is not looked at again before the next claim: who has altered it meanwhile costs a try.
Result<> keep_dead_letters(Connection& connection, const std::string& pipeline, std::span<const NewLetter> letters,
                           LetterReach& reach) {
  if (letters.empty()) return {};
  if (reach.complete()) {
    Result<> added = add_letters(connection, pipeline, complete_table(), letters, reach);
    if (added || !is_missing(connection.failed_state())) return added;
    reach.forget();
    return fail(Verdict::environment, "BO535",
                "The table was altered meanwhile, the batch is tried again: batchout_delivery.dead_letter");
  }
  BATCHOUT_TRY(const Table table, prepare_table(connection));
  BATCHOUT_CHECK(add_letters(connection, pipeline, table, letters, reach));
  if (table.complete() && !table.made) reach.note_complete();
  return {};
}

// In pages, so that the memory is bounded.
Result<> read_dead_letters(Connection& connection, const std::string& pipeline, const LetterFilter& filter,
                           bool payloads, const LetterSink& sink) {
  constexpr std::size_t kPage = 1'000;
  PayloadReader reader;
  if (payloads)
    reader = [&](std::span<const std::int64_t> ids, std::map<std::int64_t, std::string>& read) {
      return read_payloads(connection, ids, read);
    };
  BATCHOUT_TRY(const Table table, look_at_table(connection, kReading));
  std::size_t left = table.there ? filter.limit.value_or(static_cast<std::size_t>(-1)) : 0;
  for (std::int64_t after = 0; left > 0;) {
    const std::size_t wanted = std::min(kPage, left);
    std::vector<Letter> letters;
    {
      BATCHOUT_TRY(const Rows rows, connection.query(kReading, select_letters_sql(dialect(), pipeline, filter, after,
                                                                                  wanted, table.columns)));
      for (std::size_t i = 0; i < rows.size(); ++i)
        letters.push_back(letter_of([&](int column) { return rows.at(i, column); }));
    }
    const std::size_t count = letters.size();
    if (count > 0) after = letters.back().id;
    BATCHOUT_TRY(const bool go_on, give_letters(letters, filter, reader, sink));
    if (!go_on || count < wanted) break;
    left -= count;
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
