// Statements for staging, and the queries that fold rows of one key.

#include "components/postgres/stage.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/failpoint.h"
#include "components/postgres/identifier.h"

namespace batchout::postgres {
namespace {

std::string column_names(const Merge& merge) {
  return joined(merge.columns.size(), ", ", [&](std::size_t i) { return quoted(merge.columns[i].target->name); });
}

// True for the cells of a column that a payload does not have.
std::string is_absent(const Merge& merge, std::size_t column) {
  return fmt::format("(pg_catalog.substr({}, {}, 1) OPERATOR(pg_catalog.=) '1')", quoted(merge.absent), column + 1);
}

// ", flag AS name" for every column.
std::string absent_flags(const Merge& merge, const std::function<std::string(std::size_t)>& flag) {
  std::string out;
  if (!merge.keeps_absent) return out;
  for (std::size_t i = 0; i < merge.columns.size(); ++i)
    out += fmt::format(", {} AS {}", flag(i), quoted(merge.absent_flag(i)));
  return out;
}

// The first of a group's values in an order, over those that fulfil a condition.
std::string first_of(const std::string& value, const std::string& order, const std::string& condition = {}) {
  return fmt::format("(pg_catalog.array_agg({} ORDER BY {}){})[1]", value, order,
                     condition.empty() ? "" : fmt::format(" FILTER (WHERE {})", condition));
}

// What the rows of one key come to in a column, as if they had come to a row that does not say anything.
std::string folded_column(const Merge& merge, std::size_t i) {
  const Merge::Column& column = merge.columns[i];
  const std::string name = quoted(column.target->name), sequence = quoted(merge.sequence);
  if (merge.is_key(column.target)) return name;
  const std::string known = name + " IS NOT NULL", last = sequence + " DESC";
  std::string value;
  switch (column.rule) {
    case MergeRule::overwrite:
      value = first_of(name, last, merge.keeps_absent ? "NOT " + is_absent(merge, i) : "");
      break;
    case MergeRule::keep:
      value = first_of(name, sequence);
      break;
    case MergeRule::coalesce:
      value = first_of(name, last, known);
      break;
    case MergeRule::add:
      value = fmt::format("pg_catalog.sum({} ORDER BY {})::{}", name, sequence, column.target->type);
      break;
    case MergeRule::max:
      value = first_of(name, fmt::format("{} DESC, {}", name, sequence), known);
      break;
    case MergeRule::min:
      value = first_of(name, fmt::format("{}, {}", name, sequence), known);
      break;
    case MergeRule::append:
      value = fmt::format("pg_catalog.string_agg({}, '' ORDER BY {})", name, sequence);
      break;
  }
  return fmt::format("{} AS {}", value, name);
}

std::string folded_flag(const Merge& merge, std::size_t i) {
  const std::string absent = is_absent(merge, i);
  return merge.columns[i].rule == MergeRule::keep ? first_of(absent, quoted(merge.sequence))
                                                  : fmt::format("pg_catalog.bool_and({})", absent);
}

std::string rows_by_column(const Merge& merge, const StageRows& rows) {
  return fmt::format("SELECT {}{} FROM {} WHERE {} GROUP BY {}",
                     joined(merge.columns.size(), ", ", [&](std::size_t i) { return folded_column(merge, i); }),
                     absent_flags(merge, [&](std::size_t i) { return folded_flag(merge, i); }), stage_name(merge),
                     in_stage(merge, rows), key_names(merge));
}

std::string in_range(const Merge& merge, const StageRows& rows) {
  return fmt::format("{0} >= {1} AND {0} < {2}", quoted(merge.sequence), rows.first, rows.last);
}

// The last row of each key, unless it deletes: what it deletes is gone already, with whatever came before.
std::string last_rows_that_stay(const Merge& merge, const StageRows& rows) {
  const std::string keys = key_names(merge), sequence = quoted(merge.sequence), kind = quoted(merge.kind);
  const std::string late =
      rows.removed_late_left_out ? fmt::format(", '{}'", static_cast<char>(RowKind::removed_late)) : "";
  return fmt::format(
      "SELECT {0} FROM (SELECT DISTINCT ON ({1}) {0}, {2} FROM {3} WHERE {4} AND {2} IN ('{5}', '{6}'{9}) ORDER BY "
      "{1}, "
      "{7}{8}) AS l WHERE {2} = '{5}'",
      column_names(merge), keys, kind, stage_name(merge), in_range(merge, rows), static_cast<char>(RowKind::row),
      static_cast<char>(RowKind::removed), sequence, failpoint("oldest_wins") ? "" : " DESC", late);
}

// The first value of each key is looked for before the other rows are dropped.
std::string last_rows(const Merge& merge, const StageRows& rows) {
  const std::string keys = key_names(merge), sequence = quoted(merge.sequence);
  const auto column = [&](std::size_t i) {
    const std::string name = quoted(merge.columns[i].target->name);
    if (merge.columns[i].rule != MergeRule::keep) return name;
    return fmt::format("pg_catalog.first_value({}) OVER (PARTITION BY {} ORDER BY {}) AS {}", name, keys, sequence,
                       name);
  };
  return fmt::format("SELECT DISTINCT ON ({}) {} FROM {} WHERE {} ORDER BY {},{} {}{}", keys,
                     joined(merge.columns.size(), ", ", column), stage_name(merge), in_stage(merge, rows), keys,
                     merge.version ? " " + quoted(merge.version->name) + " DESC," : "", sequence,
                     failpoint("oldest_wins") ? "" : " DESC");
}

std::string rows_of_turn(const Merge& merge, const StageRows& rows) {
  return fmt::format("SELECT {}{} FROM {} WHERE {}", column_names(merge),
                     absent_flags(merge, [&](std::size_t i) { return is_absent(merge, i); }), stage_name(merge),
                     in_stage(merge, rows));
}

}  // namespace

bool Merge::is_key(const TargetColumn* column) const {
  return std::ranges::find(keys, column) != keys.end();
}

std::string Merge::absent_flag(std::size_t column) const {
  return fmt::format("{}_{}", absent, column);
}

// Only values that the target itself can hold are collected, so an array of them is no longer than the batch; arrays of
// arrays are not to be had.
Folding folding_of(const Merge& merge) {
  const auto any = [&](auto says) { return std::ranges::any_of(merge.columns, says); };
  const bool plain = !merge.keeps_absent && !any([](const Merge::Column& column) {
    return column.rule != MergeRule::overwrite && column.rule != MergeRule::keep;
  });
  const bool overwrites = plain && !any([](const Merge::Column& column) { return column.rule == MergeRule::keep; });
  if (plain && (!merge.removes || (overwrites && merge.version == nullptr))) return Folding::last;
  const bool foldable = !any([](const Merge::Column& column) {
    return column.target->family == Family::array ||
           (column.rule == MergeRule::append && column.target->family != Family::text);
  });
  return foldable && merge.version == nullptr && !merge.removes ? Folding::by_column : Folding::in_turns;
}

// No constraints and defaults are copied, nor those of domains, so every row gets in. A leftover of the session is
// dropped first.
std::string create_stage_sql(const Merge& merge) {
  const std::string columns = joined(merge.columns.size(), ", ", [&](std::size_t i) {
    const TargetColumn& target = *merge.columns[i].target;
    return target.base_type.empty() ? quoted(target.name)
                                    : fmt::format("{0}::{1} AS {0}", quoted(target.name), target.base_type);
  });
  return fmt::format(
      "DROP TABLE IF EXISTS {}; CREATE TEMPORARY TABLE {} ON COMMIT DELETE ROWS AS "
      "SELECT {}, 0::pg_catalog.int8 AS {}, ''::pg_catalog.text AS {}, 0::pg_catalog.int8 AS {}, ''::pg_catalog.text "
      "AS "
      "{}, 0::pg_catalog.int8 AS {} FROM {} WITH NO DATA",
      stage_name(merge), quoted(merge.stage), columns, quoted(merge.sequence), quoted(merge.absent), quoted(merge.turn),
      quoted(merge.kind), quoted(merge.payload), target_name(merge));
}

std::string index_stage_sql(const Merge& merge) {
  return fmt::format("CREATE INDEX {} ON {} ({}); ANALYZE {}", quoted(merge.stage + "_index"), stage_name(merge),
                     quoted(merge.sequence), stage_name(merge));
}

std::string drop_stage_index_sql(const Merge& merge) {
  return fmt::format("DROP INDEX {}.{}", quoted("pg_temp"), quoted(merge.stage + "_index"));
}

std::string renumber_sql(const Merge& merge, std::string_view numbers, std::int64_t start) {
  return fmt::format(
      "UPDATE {0} AS s SET {1} = {3} + n.place - 1 FROM "
      "pg_catalog.unnest('{{{2}}}'::pg_catalog.int8[]) WITH ORDINALITY AS n(old, place) WHERE s.{1} = n.old",
      stage_name(merge), quoted(merge.sequence), numbers, start);
}

std::string copy_sql(const Merge& merge, bool binary) {
  const bool staged = !merge.stage.empty();
  std::string columns = column_names(merge);
  if (staged) columns += ", " + quoted(merge.sequence);
  if (staged && merge.keeps_absent) columns += ", " + quoted(merge.absent);
  if (staged && merge.has_kinds()) columns += ", " + quoted(merge.kind);
  if (staged && !merge.within.empty()) columns += ", " + quoted(merge.payload);
  return fmt::format("COPY {} ({}) FROM STDIN{}", staged ? stage_name(merge) : target_name(merge), columns,
                     binary ? " (FORMAT binary)" : "");
}

std::string number_turns_sql(const Merge& merge) {
  return fmt::format(
      "UPDATE {0} AS s SET {1} = n.turn FROM (SELECT ctid AS place, pg_catalog.row_number() OVER (PARTITION BY {2} "
      "ORDER BY {3}) AS turn FROM {0}) AS n WHERE s.ctid = n.place AND n.turn > 1",
      stage_name(merge), quoted(merge.turn), key_names(merge), quoted(merge.sequence));
}

std::string turns_sql(const Merge& merge, const StageRows& rows) {
  return fmt::format("SELECT DISTINCT coalesce({0}, 1) FROM {1} WHERE {2} >= {3} AND {2} < {4} ORDER BY 1",
                     quoted(merge.turn), stage_name(merge), quoted(merge.sequence), rows.first, rows.last);
}

// Of the rows of a key only the last one counts, and if a later payload has replaced its list, the key is gone,
// wherever the target has it. A row that was refused in the list that counts leaves it as it is. Statistics come first:
// the table has just been filled, and the merge will look into it for rows of the target.
std::string fold_lists_sql(const Merge& merge) {
  const std::string within =
      joined(merge.within.size(), ", ", [&](std::size_t i) { return quoted(merge.within[i]->name); });
  // Names that no key has.
  const std::string place = quoted(merge.turn + "_place"), replaced = quoted(merge.turn + "_replaced");
  const std::string rows = fmt::format(
      "SELECT {0}, {1}, {2}, ctid AS {3}, {4} < pg_catalog.max({4}) OVER (PARTITION BY {5}) AS {6} FROM {7}",
      key_names(merge), quoted(merge.sequence), quoted(merge.kind), place, quoted(merge.payload), within, replaced,
      stage_name(merge));
  return fmt::format(
      "ANALYZE {0}; UPDATE {0} AS s SET {1} = CASE WHEN n.turn = 1 AND s.{1} = 'r' THEN 'd' ELSE 'e' END FROM ("
      "SELECT {2} AS place, {1} AS kind, {3} AS replaced, "
      "pg_catalog.row_number() OVER (PARTITION BY {4}, {1} ORDER BY {5} DESC) AS turn, "
      "pg_catalog.bool_or({1} = 'x' AND NOT {3}) OVER (PARTITION BY {4}) AS refused FROM ({6}) AS l) AS n "
      "WHERE s.ctid = n.place AND "
      "CASE n.kind WHEN 'r' THEN n.turn > 1 OR (n.replaced AND NOT n.refused) WHEN 'x' THEN n.replaced ELSE false END",
      stage_name(merge), quoted(merge.kind), place, replaced, key_names(merge), quoted(merge.sequence), rows);
}

std::string postpone_removals_sql(const Merge& merge) {
  return fmt::format(
      "UPDATE {0} AS s SET {1} = '{2}' FROM (SELECT ctid AS place, pg_catalog.row_number() OVER (PARTITION BY {3} "
      "ORDER BY {4} DESC) AS turn FROM {0}) AS n WHERE s.ctid = n.place AND n.turn = 1 AND s.{1} = '{5}'",
      stage_name(merge), quoted(merge.kind), static_cast<char>(RowKind::removed_late), key_names(merge),
      quoted(merge.sequence), static_cast<char>(RowKind::removed));
}

std::string folded_rows(const Merge& merge, const StageRows& rows) {
  switch (merge.folding) {
    case Folding::by_column:
      return rows_by_column(merge, rows);
    case Folding::in_turns:
      return rows_of_turn(merge, rows);
    case Folding::last:
      break;
  }
  return merge.removes ? last_rows_that_stay(merge, rows) : last_rows(merge, rows);
}

std::string in_stage(const Merge& merge, const StageRows& rows) {
  std::string condition = in_range(merge, rows);
  if (!rows.turn.empty()) condition += fmt::format(" AND coalesce({}, 1) = {}", quoted(merge.turn), rows.turn);
  if (merge.has_kinds()) condition += fmt::format(" AND {} = '{}'", quoted(merge.kind), static_cast<char>(rows.kind));
  if (rows.inserted_left_out) condition += fmt::format(" AND {} IS DISTINCT FROM 0", quoted(merge.turn));
  return condition;
}

std::string target_name(const Merge& merge) {
  return qualified(merge.target->schema, merge.target->table);
}

std::string stage_name(const Merge& merge) {
  return qualified("pg_temp", merge.stage);
}

std::string same_values(const std::vector<const TargetColumn*>& columns, std::string_view one, std::string_view other) {
  return joined(columns.size(), " AND ", [&](std::size_t i) {
    return fmt::format("{}.{} {} {}.{}", one, quoted(columns[i]->name), operator_of(*columns[i], "="), other,
                       quoted(columns[i]->name));
  });
}

std::string key_names(const Merge& merge, std::string_view prefix) {
  return joined(merge.keys.size(), ", ",
                [&](std::size_t i) { return std::string(prefix) + quoted(merge.keys[i]->name); });
}

std::string operator_of(const TargetColumn& column, std::string_view name) {
  return column.builtin ? fmt::format("OPERATOR(pg_catalog.{})", name) : std::string(name);
}

}  // namespace batchout::postgres
