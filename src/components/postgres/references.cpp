// The catalog's side of the order of tables.

#include "components/postgres/references.h"

#include <array>

#include "components/postgres/connection.h"

namespace batchout::postgres {
namespace {

// Those of partitions repeat the key of their table.
constexpr const char* kReferences = R"(
SELECT DISTINCT pn.nspname, p.relname
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
JOIN pg_catalog.pg_class p ON p.oid = k.confrelid JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
WHERE k.contype = 'f' AND k.conrelid <> k.confrelid AND cn.nspname = $1 AND c.relname = $2)";

}  // namespace

Result<References> read_references(Connection& connection, const std::set<TableName>& tables) {
  References references;
  for (const TableName& table : tables) {
    BATCHOUT_TRY(const Rows rows, connection.query("Reading the foreign keys of " + table.first + "." + table.second,
                                                   kReferences, std::array{table.first, table.second}));
    for (std::size_t row = 0; row < rows.size(); ++row) {
      TableName parent{std::string(rows.at(row, 0)), std::string(rows.at(row, 1))};
      if (tables.contains(parent)) references.emplace(table, std::move(parent));
    }
  }
  return references;
}

}  // namespace batchout::postgres
