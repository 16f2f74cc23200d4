// Recognises selector queries that only pick columns of one table, which never touch SQL.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace batchout {

/// `select a, b as c, t.d, * from t`: a star stands for all columns of the table.
struct ProjectionQuery {
  struct Item {
    /// All columns of the table, in the order of their declaration; `column` is empty then.
    bool star = false;
    std::string column;
    /// Behind `as`, else that of the column.
    std::string name;
  };
  /// In the order of the result; never empty.
  std::vector<Item> items;
  /// As written, with quotes taken off; an alias is not kept, since nothing but the query itself can use it.
  std::string table;
};

/// The query taken apart, or none if it is anything else than a plain projection. Comments and a final semicolon are
/// accepted; names may be quoted as SQLite accepts them and compare without regard to ASCII case.
std::optional<ProjectionQuery> parse_projection_query(std::string_view sql);

/// Compares as SQLite compares names of tables and columns.
bool equal_names(std::string_view a, std::string_view b);

}  // namespace batchout
