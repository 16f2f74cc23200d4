// Statements for staging and merging.
//
// Rows are taken in the order of their keys, so that writers in parallel lock them in one order and do not deadlock.

#include "components/postgres/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "components/postgres/identifier.h"

namespace batchout::postgres {
namespace {

using Columns = std::vector<const TargetColumn*>;

std::string joined(const Columns& columns, std::string_view separator,
                   const std::function<std::string(const TargetColumn&)>& text) {
  std::string out;
  for (const TargetColumn* column : columns) {
    if (!out.empty()) out += separator;
    out += text(*column);
  }
  return out;
}

// Every column in quotes after `prefix`, for example `s.`.
std::string names(const Columns& columns, std::string_view prefix = {}) {
  return joined(columns, ", ", [&](const TargetColumn& column) { return std::string(prefix) + quoted(column.name); });
}

std::string target_name(const Merge& merge) {
  return qualified(merge.target->schema, merge.target->table);
}

std::string stage_name(const Merge& merge) {
  return qualified("pg_temp", merge.stage);
}

// All but the keys; may be empty.
Columns updated_columns(const Merge& merge) {
  Columns columns;
  for (const TargetColumn* column : merge.columns)
    if (std::ranges::find(merge.keys, column) == merge.keys.end()) columns.push_back(column);
  return columns;
}

std::string assignments(const Columns& columns, std::string_view from) {
  return joined(columns, ", ", [&](const TargetColumn& column) {
    return fmt::format("{} = {}.{}", quoted(column.name), from, quoted(column.name));
  });
}

// Types whose equality does not see every difference, or that have none, are compared as texts.
std::string comparable(const Columns& columns, std::string_view table) {
  return joined(columns, ", ", [&](const TargetColumn& column) {
    return fmt::format("{}.{}{}", table, quoted(column.name), column.plain_equality ? "" : "::pg_catalog.text");
  });
}

// IS DISTINCT FROM takes two nulls for equal. Rows that are left alone cost no new version and fire no trigger.
std::string changed(const Columns& columns, std::string_view from) {
  return fmt::format("ROW({}) IS DISTINCT FROM ROW({})", comparable(columns, "t"), comparable(columns, from));
}

// Operators of extensions are found along the search path; the server's own are named, so that nothing shadows them.
std::string same_keys(const Columns& keys) {
  return joined(keys, " AND ", [](const TargetColumn& key) {
    return fmt::format("t.{} {} s.{}", quoted(key.name), key.builtin ? "OPERATOR(pg_catalog.=)" : "=",
                       quoted(key.name));
  });
}

// The last row of each key, in the order of keys.
std::string last_rows(const Merge& merge, SequenceRange range) {
  const std::string keys = names(merge.keys), sequence = quoted(merge.sequence);
  return fmt::format("SELECT DISTINCT ON ({}) {} FROM {} WHERE {} >= {} AND {} < {} ORDER BY {}, {} DESC", keys,
                     names(merge.columns), stage_name(merge), sequence, range.first, sequence, range.last, keys,
                     sequence);
}

// OVERRIDING SYSTEM VALUE lets keys be written that the server would number itself.
std::string insert_into(const Merge& merge) {
  const bool overriding =
      std::ranges::any_of(merge.columns, [](const TargetColumn* column) { return column->identity_always; });
  return fmt::format("INSERT INTO {} AS t ({}){} ", target_name(merge), names(merge.columns),
                     overriding ? " OVERRIDING SYSTEM VALUE" : "");
}

}  // namespace

// No constraints and defaults are copied, so every row gets in. A leftover of the session is dropped first.
std::string create_stage_sql(const Merge& merge) {
  return fmt::format(
      "DROP TABLE IF EXISTS {0}; CREATE TEMPORARY TABLE {1} ON COMMIT DELETE ROWS AS "
      "SELECT {2}, 0::pg_catalog.int8 AS {3} FROM {4} WITH NO DATA",
      stage_name(merge), quoted(merge.stage), names(merge.columns), quoted(merge.sequence), target_name(merge));
}

std::string index_stage_sql(const Merge& merge) {
  return fmt::format("CREATE INDEX {} ON {} ({}); ANALYZE {}", quoted(merge.stage + "_index"), stage_name(merge),
                     quoted(merge.sequence), stage_name(merge));
}

std::string drop_stage_index_sql(const Merge& merge) {
  return fmt::format("DROP INDEX {}.{}", quoted("pg_temp"), quoted(merge.stage + "_index"));
}

std::string copy_sql(const Merge& merge, bool binary) {
  const bool staged = !merge.stage.empty();
  return fmt::format("COPY {} ({}{}) FROM STDIN{}", staged ? stage_name(merge) : target_name(merge),
                     names(merge.columns), staged ? ", " + quoted(merge.sequence) : "",
                     binary ? " (FORMAT binary)" : "");
}

// DISTINCT ON has removed double keys, which ON CONFLICT refuses to touch twice.
std::string upsert_sql(const Merge& merge, SequenceRange range) {
  const Columns updated = updated_columns(merge);
  const std::string action = updated.empty() ? "NOTHING"
                                             : fmt::format("UPDATE SET {} WHERE {}", assignments(updated, "excluded"),
                                                           changed(updated, "excluded"));
  return insert_into(merge) + last_rows(merge, range) +
         fmt::format(" ON CONFLICT ({}) DO {}", names(merge.keys), action);
}

// SHARE ROW EXCLUSIVE keeps other writers out and readers in, so that no key appears between the two steps.
std::string update_and_insert_sql(const Merge& merge, SequenceRange range) {
  const Columns updated = updated_columns(merge);
  const std::string rows = last_rows(merge, range), keys = same_keys(merge.keys), target = target_name(merge);
  // A temporary table has no statistics until it is analysed, and the joins below would be planned as nested loops.
  std::string sql = fmt::format("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE; ANALYZE {}; ", target, stage_name(merge));
  if (!updated.empty())
    sql += fmt::format("UPDATE {} AS t SET {} FROM ({}) AS s WHERE {} AND {}; ", target, assignments(updated, "s"),
                       rows, keys, changed(updated, "s"));
  return sql + insert_into(merge) +
         fmt::format("SELECT {} FROM ({}) AS s WHERE NOT EXISTS (SELECT FROM {} AS t WHERE {})",
                     names(merge.columns, "s."), rows, target, keys);
}

}  // namespace batchout::postgres
