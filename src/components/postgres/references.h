// Which tables of the target refer to each other, and by which columns.

#pragma once

#include <set>
#include <string>
#include <vector>

#include "batchout/result.h"
#include "data/table_order.h"

namespace batchout::postgres {

class Connection;

/// From a table to another one or to itself.
struct ForeignKey {
  /// As SQL, with its schema.
  std::string name;
  TableName child, parent;
  /// In one order.
  std::vector<std::string> columns, referred;
  bool deferrable = false;
  /// Initially.
  bool deferred = false;
};

/// The foreign keys among `tables`, as the catalog has them.
Result<std::vector<ForeignKey>> read_foreign_keys(Connection& connection, const std::set<TableName>& tables);

/// Without those of a table to itself.
References references_of(const std::vector<ForeignKey>& keys);

/// Those by which the rows of a batch may need each other in any order: of a table to itself, or in a circle of tables.
std::vector<ForeignKey> circles_of(const std::vector<ForeignKey>& keys);

}  // namespace batchout::postgres
