// Statements with values in them, a run of letters each: bad payloads are few.

#include "components/postgres/dead_letters.h"

#include <fmt/format.h>

#include "components/postgres/identifier.h"
#include "data/dead_letters.h"

namespace batchout::postgres {
namespace {

constexpr std::string_view kKeeping = "Keeping dead letters in batchout_delivery.dead_letter";
constexpr std::size_t kStatementBytes = 1 << 20;

std::string bytes_literal(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out = "'\\x";
  out.reserve(bytes.size() * 2 + 4);
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out += "'::bytea";
}

std::string values_of(const std::string& pipeline, const DeadLetterRecord& record) {
  return fmt::format("({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})", literal(pipeline), literal(record.source),
                     literal(record.unit), record.position, literal(record.stage), literal(record.place), record.number,
                     literal(record.code), literal(record.column), literal(record.error), literal(record.excerpt),
                     bytes_literal(record.payload), record.size);
}

std::unexpected<Error> no_place(const Connection& connection, const Error& error) {
  if (connection.failed_state() != "42501") return std::unexpected(error);
  return fail(
      Verdict::configuration, "BO539",
      fmt::format("Refused payloads cannot be kept beside the rows, because the role may not; have this run by an "
                  "administrator, and let the role insert there, or set dead_letters: false: {}",
                  dead_letter_table_sql()));
}

Result<> run(Connection& connection, const std::string& sql) {
  Result<> done = connection.run(kKeeping, sql);
  if (!done) return no_place(connection, done.error());
  return done;
}

}  // namespace

std::string dead_letter_table_sql() {
  return "CREATE SCHEMA IF NOT EXISTS batchout_delivery;"
         " CREATE TABLE IF NOT EXISTS batchout_delivery.dead_letter ("
         "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, pipeline text NOT NULL, source text NOT NULL, "
         "unit text NOT NULL, pos bigint NOT NULL, stage text NOT NULL, place text NOT NULL, number bigint NOT NULL, "
         "code text NOT NULL, column_name text NOT NULL, error text NOT NULL, excerpt text NOT NULL, "
         "payload bytea NOT NULL, payload_size bigint NOT NULL, status text NOT NULL DEFAULT 'new', "
         "created_at timestamptz NOT NULL DEFAULT clock_timestamp());";
}

// The lock keeps two that make the table at once apart; it ends with the transaction.
Result<> keep_dead_letters(Connection& connection, const std::string& pipeline, std::span<const DeadLetter> letters) {
  if (letters.empty()) return {};
  const auto there = connection.query(kKeeping, "SELECT to_regclass('batchout_delivery.dead_letter') IS NULL");
  if (!there) return no_place(connection, there.error());
  if (there->at(0, 0) == "t")
    BATCHOUT_CHECK(run(connection, "SELECT pg_advisory_xact_lock(6207415236); " + dead_letter_table_sql()));
  std::string values;
  const auto insert = [&]() -> Result<> {
    const std::string sql =
        "INSERT INTO batchout_delivery.dead_letter (pipeline, source, unit, pos, stage, place, number, code, "
        "column_name,"
        " error, excerpt, payload, payload_size) VALUES " +
        values;
    values.clear();
    return run(connection, sql);
  };
  for (const DeadLetterRecord& record : records_of(letters)) {
    if (!values.empty()) values += ", ";
    values += values_of(pipeline, record);
    if (values.size() >= kStatementBytes) BATCHOUT_CHECK(insert());
  }
  return values.empty() ? Result<>{} : insert();
}

}  // namespace batchout::postgres
