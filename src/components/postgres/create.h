// Making the table that rows go to.

#pragma once

#include <string>
#include <vector>

#include "batchout/block.h"
#include "batchout/result.h"

namespace batchout::postgres {

class Connection;

/// CREATE TABLE for the columns of `shape`, with `keys` as the primary key unless they are empty. All names must be
/// valid identifiers.
std::string create_table_sql(const std::string& schema, const std::string& table, const TableShape& shape,
                             const std::vector<std::string>& keys);

/// Runs `sql` if the table is not there, inside the open transaction. Returns whether it was made by us. Others who
/// make the table at the same time are waited for.
Result<bool> create_if_missing(Connection& connection, const std::string& schema, const std::string& table,
                               const std::string& sql);

}  // namespace batchout::postgres
