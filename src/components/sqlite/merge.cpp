// The statements of an output: one row after the other, so the rules of an upsert are those of one row against the
// other.

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>

#include "base/joined.h"
#include "components/sqlite/table.h"

namespace batchout {
namespace {

std::string parameter(std::size_t number) {
  return fmt::format("?{}", number + 1);
}

bool is_key(const SqliteMerge& merge, std::size_t column) {
  return std::ranges::find(merge.config.keys, merge.shape.columns[column].name) != merge.config.keys.end();
}

std::string column_name(const SqliteMerge& merge, std::size_t column) {
  return sqlite_identifier(merge.shape.columns[column].name);
}

// That a row has the keys at hand.
std::string same_keys(const SqliteMerge& merge, std::string_view table) {
  return joined(merge.shape.columns.size(), " AND ", [&](std::size_t i) {
    return is_key(merge, i) ? fmt::format("{}.{} = {}", table, column_name(merge, i), parameter(i)) : std::string();
  });
}

// An absent cell comes as what is there, or as the default of a new row: SQLite would refuse a null in a column that
// takes none before it looks for the key.
std::string new_value(const SqliteMerge& merge, std::size_t i) {
  const ColumnShape& column = merge.shape.columns[i];
  const MergeRule rule = merge.config.rule_of(column.name);
  const bool kept = merge.config.absent == AbsentCells::keep && !is_key(merge, i) &&
                    column.name != merge.config.version_column &&
                    (rule == MergeRule::overwrite || rule == MergeRule::keep);
  if (!kept) return parameter(i);
  const auto target = std::ranges::find_if(merge.table.columns, [&](const SqliteTable::Column& present) {
    return ::strcasecmp(present.name.c_str(), column.name.c_str()) == 0;
  });
  const std::string otherwise =
      target == merge.table.columns.end() || target->default_value.empty() ? "NULL" : target->default_value;
  const std::string row =
      fmt::format("FROM {} AS x WHERE {}", sqlite_identifier(merge.config.table), same_keys(merge, "x"));
  return fmt::format(
      "CASE WHEN {0} THEN CASE WHEN EXISTS (SELECT 1 {1}) THEN (SELECT x.{2} {1}) ELSE ({3}) END ELSE {4} END",
      parameter(merge.shape.columns.size() + i), row, column_name(merge, i), otherwise, parameter(i));
}

// What column `i` becomes; empty: it stays as it is.
std::string merged_value(const SqliteMerge& merge, std::size_t i) {
  const std::string name = column_name(merge, i);
  const auto both = [&](std::string_view form) {
    return fmt::format("coalesce({}, t.{}, excluded.{})",
                       fmt::format(fmt::runtime(form), "t." + name, "excluded." + name), name, name);
  };
  if (is_key(merge, i)) return {};
  switch (merge.config.rule_of(merge.shape.columns[i].name)) {
    case MergeRule::keep:
      return {};
    case MergeRule::coalesce:
      return fmt::format("coalesce(excluded.{0}, t.{0})", name);
    case MergeRule::add:
      return both("{} + {}");
    case MergeRule::max:
      return both("max({}, {})");
    case MergeRule::min:
      return both("min({}, {})");
    case MergeRule::append:
      return both("{} || {}");
    case MergeRule::overwrite:
      break;
  }
  return "excluded." + name;
}

std::string not_older(const SqliteMerge& merge, const std::string& version) {
  const std::string name = sqlite_identifier(merge.config.version_column);
  return fmt::format("({0} IS NULL OR {1} >= {0})", "t." + name, version);
}

// Whether the row that is there is to be written; empty: always.
std::string guard(const SqliteMerge& merge) {
  std::string conditions;
  if (!merge.config.version_column.empty())
    conditions = not_older(merge, "excluded." + sqlite_identifier(merge.config.version_column));
  if (!merge.skips_unchanged) return conditions;
  const std::string changed = joined(merge.shape.columns.size(), " OR ", [&](std::size_t i) {
    const std::string value = merged_value(merge, i);
    if (value.empty()) return value;
    return fmt::format("t.{} COLLATE BINARY IS NOT {}", column_name(merge, i), value);
  });
  return fmt::format("{}{}({})", conditions, conditions.empty() ? "" : " AND ", changed);
}

}  // namespace

// Values are always parameters; only names are part of the text.
std::string SqliteMerge::insert_sql() const {
  const std::size_t columns = shape.columns.size();
  const std::string names = joined(columns, ", ", [&](std::size_t i) { return column_name(*this, i); });
  std::string sql = fmt::format("INSERT INTO {} AS t ({}) VALUES ({})", sqlite_identifier(config.table), names,
                                joined(columns, ", ", [&](std::size_t i) { return new_value(*this, i); }));
  if (!config.upserts()) return sql;
  const std::string updates = joined(columns, ", ", [&](std::size_t i) {
    const std::string value = merged_value(*this, i);
    return value.empty() ? value : fmt::format("{} = {}", column_name(*this, i), value);
  });
  sql += fmt::format(" ON CONFLICT ({}) DO ", sqlite_identifiers(config.keys));
  if (updates.empty()) return sql + "NOTHING";
  const std::string condition = guard(*this);
  return fmt::format("{}UPDATE SET {}{}{}", sql, updates, condition.empty() ? "" : " WHERE ", condition);
}

std::string SqliteMerge::delete_sql() const {
  std::string sql = fmt::format("DELETE FROM {} AS t WHERE {}", sqlite_identifier(config.table), same_keys(*this, "t"));
  for (std::size_t i = 0; i < shape.columns.size(); ++i)
    if (shape.columns[i].name == config.version_column) sql += " AND " + not_older(*this, parameter(i));
  return sql;
}

}  // namespace batchout
