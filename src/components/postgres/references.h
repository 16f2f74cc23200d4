// Which tables of the target refer to each other.

#pragma once

#include <set>

#include "batchout/result.h"
#include "data/table_order.h"

namespace batchout::postgres {

class Connection;

/// The foreign keys among `tables`, as the catalog has them.
Result<References> read_references(Connection& connection, const std::set<TableName>& tables);

}  // namespace batchout::postgres
