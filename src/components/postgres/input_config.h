// Settings of the postgres input, and the query that they make.

#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/sql_names.h"
#include "components/postgres/access.h"

namespace batchout::postgres {

struct InputConfig : Access {
  std::string sql;
  std::optional<std::int64_t> limit;
  /// None: null.
  std::map<std::string, std::optional<std::string>> params;
  /// Columns of the result.
  std::vector<std::string> cursor;
  /// None: as the dialect has it.
  std::optional<bool> resume;
  Duration timeout_sec = std::chrono::seconds{300};

  static void describe(Spec<InputConfig>& s);

  /// Rows of one round; none: all. The original took 1,000.
  std::optional<std::size_t> rows_max(Dialect dialect) const;

  /// The query with its values, or what is wrong with a name in it.
  std::expected<BoundSql, std::string> bound() const;
  /// The same with null for the values, before any are known.
  bool names_have_values() const;
  /// True if a parameter is null: then there is nothing to read.
  bool lacks_value() const;

  /// What follows the row whose cursor columns had these values, in their order; without values from the beginning.
  BoundSql behind(const BoundSql& query, const std::vector<std::string>& values) const;
};

}  // namespace batchout::postgres
