// The order in which tables are written: those that foreign keys refer to before those that have them.

#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace batchout {

/// Schema and name.
using TableName = std::pair<std::string, std::string>;

/// Pairs of a table with a foreign key, and the one that it refers to; a table that refers to itself is not among them.
using References = std::set<std::pair<TableName, TableName>>;

/// Places in `tables`, parents before children, else as they are declared. Where tables refer to each other in a circle
/// the one that is declared first comes first.
std::vector<std::size_t> parents_first(const std::vector<TableName>& tables, const References& references);

}  // namespace batchout
