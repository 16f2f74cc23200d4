// SQL about one table: what it looks like, how it is made, how rows go in.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "components/sqlite/store.h"

namespace batchout {

/// What a column makes of the values put into it, as its declared type says.
enum class SqliteAffinity : std::uint8_t { none, text, numeric, integer, real };

struct SqliteTable {
  struct Column {
    std::string name;
    /// Type as written when the table was made; may be empty.
    std::string declared;
    /// Not null and without a default.
    bool demanded = false;
    /// Generated: cannot be written.
    bool computed = false;
    /// An expression; empty: none.
    std::string default_value{};
  };
  /// Empty: there is no such table.
  std::vector<Column> columns;

  bool has(const std::string& name) const;
};

/// An error only if SQLite cannot look.
Result<SqliteTable> sqlite_table(SqliteStore& store, const std::string& name);

/// The affinity of each column of `shape` in `table`; an error if a column is missing there, or not written but needed.
Result<std::vector<SqliteAffinity>> sqlite_affinities(const SqliteTable& table, const std::string& name,
                                                      const TableShape& shape);

/// The error of a table that should be there, with the names that are.
std::unexpected<Error> sqlite_no_table(SqliteStore& store, const std::string& name);

/// `declared` is any text: SQLite has no list of types.
SqliteAffinity sqlite_affinity(std::string_view declared);

/// Names as a comma-separated list of quoted identifiers.
std::string sqlite_identifiers(const std::vector<std::string>& names);

std::string sqlite_create_table(const SqliteConfig& config, const TableShape& shape);

/// What becomes of the rows of a shape in a table: one statement for rows that come, one for rows that delete.
/// Parameter number i + 1 is the value of column i, in the second one of keys and version only; with `absent: keep`
/// that many parameters further is whether it is absent.
struct SqliteMerge {
  const SqliteConfig& config;
  const SqliteTable& table;
  const TableShape& shape;
  bool skips_unchanged = false;

  std::string insert_sql() const;
  std::string delete_sql() const;
};

/// An error if the rule of a column does not suit its affinity.
Result<> sqlite_check_rules(const SqliteConfig& config, const TableShape& shape,
                            const std::vector<SqliteAffinity>& affinities);

}  // namespace batchout
