// The catalog's side of the order of tables and rows.

#include "components/postgres/references.h"

#include <algorithm>
#include <array>

#include "components/postgres/connection.h"
#include "components/postgres/identifier.h"

namespace batchout::postgres {
namespace {

// One row for each column. Those of partitions repeat the key of their table. SET CONSTRAINTS goes by names, which
// other constraints of the schema may have, and fails if one of these cannot be deferred.
constexpr const char* kForeignKeys = R"(
SELECT k.conname, k.condeferrable AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint o
    WHERE o.connamespace = k.connamespace AND o.conname = k.conname AND NOT o.condeferrable),
  k.condeferred, pn.nspname, p.relname, ca.attname, pa.attname
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
JOIN pg_catalog.pg_class p ON p.oid = k.confrelid JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey)) WITH ORDINALITY
  AS n(child, parent, place)
JOIN pg_catalog.pg_attribute ca ON ca.attrelid = k.conrelid AND ca.attnum = n.child
JOIN pg_catalog.pg_attribute pa ON pa.attrelid = k.confrelid AND pa.attnum = n.parent
WHERE k.contype = 'f' AND cn.nspname = $1 AND c.relname = $2 ORDER BY k.conname, k.oid, n.place)";

// Whether rows of `from` may need rows of `to` by way of any tables.
bool leads(const std::vector<ForeignKey>& keys, const TableName& from, const TableName& to) {
  std::set<TableName> known{from};
  std::vector<TableName> left{from};
  while (!left.empty()) {
    const TableName table = left.back();
    left.pop_back();
    if (table == to) return true;
    for (const ForeignKey& key : keys)
      if (key.child == table && known.insert(key.parent).second) left.push_back(key.parent);
  }
  return false;
}

}  // namespace

Result<std::vector<ForeignKey>> read_foreign_keys(Connection& connection, const std::set<TableName>& tables) {
  std::vector<ForeignKey> keys;
  for (const TableName& table : tables) {
    BATCHOUT_TRY(const Rows rows, connection.query("Reading the foreign keys of " + table.first + "." + table.second,
                                                   kForeignKeys, std::array{table.first, table.second}));
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const TableName parent{std::string(rows.at(row, 3)), std::string(rows.at(row, 4))};
      if (!tables.contains(parent)) continue;
      const std::string name = qualified(table.first, rows.at(row, 0));
      if (keys.empty() || keys.back().name != name || keys.back().child != table || keys.back().parent != parent)
        keys.push_back({name, table, parent, {}, {}, rows.at(row, 1) == "t", rows.at(row, 2) == "t"});
      keys.back().columns.emplace_back(rows.at(row, 5));
      keys.back().referred.emplace_back(rows.at(row, 6));
    }
  }
  return keys;
}

References references_of(const std::vector<ForeignKey>& keys) {
  References references;
  for (const ForeignKey& key : keys)
    if (key.child != key.parent) references.emplace(key.child, key.parent);
  return references;
}

std::vector<ForeignKey> circles_of(const std::vector<ForeignKey>& keys) {
  std::vector<ForeignKey> circles;
  std::ranges::copy_if(keys, std::back_inserter(circles),
                       [&](const ForeignKey& key) { return leads(keys, key.parent, key.child); });
  return circles;
}

}  // namespace batchout::postgres
