// Foreign keys of the catalog, and a sort that keeps what it need not change.

#include "components/postgres/table_order.h"

#include <algorithm>
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

std::vector<std::size_t> parents_first(const std::vector<TableName>& tables, const References& references) {
  std::vector<std::size_t> left(tables.size()), order;
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = i;
  const auto waits = [&](std::size_t table) {
    return std::ranges::any_of(left,
                               [&](std::size_t other) { return references.contains({tables[table], tables[other]}); });
  };
  while (!left.empty()) {
    auto next = std::ranges::find_if_not(left, waits);
    if (next == left.end()) next = left.begin();
    order.push_back(*next);
    left.erase(next);
  }
  return order;
}

}  // namespace batchout::postgres
