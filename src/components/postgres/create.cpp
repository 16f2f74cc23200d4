// Making the table that rows go to. Several processes may start at once: those of ours take turns by an advisory lock,
// and a table that somebody else made in the meantime is as good as ours.

#include "components/postgres/create.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "components/postgres/connection.h"
#include "components/postgres/identifier.h"
#include "components/postgres/target.h"

namespace batchout::postgres {
namespace {

// `integer` cells beyond 64 bits are rejects of a bigint; a decimal column keeps them.
std::string_view type_of(const ColumnShape& column) {
  switch (column.kind) {
    case Kind::boolean:
      return "boolean";
    case Kind::integer:
      return "bigint";
    case Kind::real:
      return "double precision";
    case Kind::decimal:
      return "numeric";
    case Kind::json:
      return "jsonb";
    case Kind::date:
      return "date";
    case Kind::datetime:
      return column.zone == nullptr ? "timestamp" : "timestamp with time zone";
    case Kind::text:
    case Kind::dynamic:
      break;
  }
  return "text";
}

// Held to the end of the transaction, so that who waits for it finds the table committed.
constexpr const char* kLock = "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended($1, 0))";

bool has_all(const TableShape& shape, const std::vector<std::string>& names) {
  return std::ranges::all_of(names, [&](const std::string& name) {
    return std::ranges::find(shape.columns, name, &ColumnShape::name) != shape.columns.end();
  });
}

}  // namespace

// A key over some of its columns would refuse rows that differ in the others, so there is none then; that a key is not
// written is told later.
std::string create_table_sql(const std::string& schema, const std::string& table, const TableShape& shape,
                             const std::vector<std::string>& keys) {
  std::string columns;
  for (const ColumnShape& column : shape.columns)
    columns += fmt::format("{}{} {}", columns.empty() ? "" : ", ", quoted(column.name), type_of(column));
  std::string names;
  if (has_all(shape, keys))
    for (const std::string& key : keys) names += (names.empty() ? "" : ", ") + quoted(key);
  if (!names.empty()) columns += fmt::format(", PRIMARY KEY ({})", names);
  return fmt::format("CREATE TABLE {} ({})", qualified(schema, table), columns);
}

Result<bool> create_if_missing(Connection& connection, const std::string& schema, const std::string& table,
                               const std::string& sql) {
  const std::string doing = fmt::format("Creating the table {}.{}", schema, table);
  BATCHOUT_TRY(bool there, table_exists(connection, schema, table));
  if (there) return false;
  BATCHOUT_CHECK(connection.query(doing, kLock, std::array{"batchout:" + qualified(schema, table)}));
  BATCHOUT_TRY(there, table_exists(connection, schema, table));
  if (there) return false;
  BATCHOUT_CHECK(connection.run(doing, "SAVEPOINT batchout_create"));
  const Result<> made = connection.run(doing, sql);
  if (made) {
    BATCHOUT_CHECK(connection.run(doing, "RELEASE SAVEPOINT batchout_create"));
    return true;
  }
  if (!connection.alive()) return std::unexpected(made.error());
  BATCHOUT_CHECK(connection.run(doing, "ROLLBACK TO SAVEPOINT batchout_create"));
  BATCHOUT_TRY(there, table_exists(connection, schema, table));
  if (!there) return std::unexpected(made.error());
  return false;
}

}  // namespace batchout::postgres
