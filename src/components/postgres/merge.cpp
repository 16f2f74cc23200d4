// Statements for merging: the rules of the columns against the row that is there.
//
// Rows are taken in the order of their keys, so that writers in parallel lock them in one order and do not deadlock.

#include "components/postgres/merge.h"

#include <fmt/format.h>

#include <algorithm>

#include "components/postgres/identifier.h"

namespace batchout::postgres {
namespace {

// Which columns change: all but the keys and those that keep their first value.
bool changes(const Merge& merge, const Merge::Column& column) {
  return !merge.is_key(column.target) && column.rule != MergeRule::keep;
}

bool any_changes(const Merge& merge) {
  return std::ranges::any_of(merge.columns, [&](const Merge::Column& column) { return changes(merge, column); });
}

// What column `i` of the row `t` that is there becomes by the row `from` that comes.
std::string merged_value(const Merge& merge, std::size_t i, std::string_view from) {
  const Merge::Column& column = merge.columns[i];
  const std::string old_value = "t." + quoted(column.target->name);
  const std::string new_value = fmt::format("{}.{}", from, quoted(column.target->name));
  const auto both = [&](std::string_view sign) {
    return fmt::format("coalesce({0} OPERATOR(pg_catalog.{1}) {2}, {0}, {2})", old_value, sign, new_value);
  };
  switch (column.rule) {
    case MergeRule::coalesce:
      return fmt::format("coalesce({}, {})", new_value, old_value);
    case MergeRule::add:
      return both("+");
    case MergeRule::append:
      return both("||");
    case MergeRule::max:
      return fmt::format("greatest({}, {})", old_value, new_value);
    case MergeRule::min:
      return fmt::format("least({}, {})", old_value, new_value);
    case MergeRule::keep:
      return old_value;
    case MergeRule::overwrite:
      break;
  }
  if (!merge.keeps_absent || column.target == merge.version) return new_value;
  return fmt::format("CASE WHEN {}.{} THEN {} ELSE {} END", from, quoted(merge.absent_flag(i)), old_value, new_value);
}

std::string assignments(const Merge& merge, std::string_view from) {
  return joined(merge.columns.size(), ", ", [&](std::size_t i) {
    if (!changes(merge, merge.columns[i])) return std::string();
    return fmt::format("{} = {}", quoted(merge.columns[i].target->name), merged_value(merge, i, from));
  });
}

// Types whose equality does not see every difference, or that have none, are compared as texts, byte by byte: a
// collation may take different texts for equal.
std::string comparable(const Merge::Column& column, const std::string& value) {
  if (column.target->plain_equality) return value;
  return fmt::format("({})::pg_catalog.text COLLATE pg_catalog.\"C\"", value);
}

// IS DISTINCT FROM takes two nulls for equal. Rows that are left alone cost no new version and fire no trigger.
std::string changed(const Merge& merge, std::string_view from) {
  const auto values = [&](const std::function<std::string(std::size_t)>& value) {
    return joined(merge.columns.size(), ", ", [&](std::size_t i) {
      return changes(merge, merge.columns[i]) ? comparable(merge.columns[i], value(i)) : std::string();
    });
  };
  return fmt::format("ROW({}) IS DISTINCT FROM ROW({})",
                     values([&](std::size_t i) { return "t." + quoted(merge.columns[i].target->name); }),
                     values([&](std::size_t i) { return merged_value(merge, i, from); }));
}

// A row without a version is older than any. Never null itself.
std::string not_older(const Merge& merge, std::string_view from) {
  const std::string version = quoted(merge.version->name);
  return fmt::format("(t.{0} IS NULL OR {1}.{0} {2} t.{0})", version, from, operator_of(*merge.version, ">="));
}

// Whether the row that is there is to be written; empty: always.
std::string guard(const Merge& merge, std::string_view from) {
  std::string conditions;
  if (merge.version) conditions = not_older(merge, from);
  if (merge.skips_unchanged) conditions += (conditions.empty() ? "" : " AND ") + changed(merge, from);
  return conditions;
}

std::string same_keys(const Merge& merge, std::string_view one, std::string_view other) {
  return same_values(merge.keys, one, other);
}

// Without an index two writers would not see each other's keys.
std::string lock(const Merge& merge) {
  return fmt::format("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE; ANALYZE {}; ", target_name(merge), stage_name(merge));
}

std::string in_target(const Merge& merge, const std::string& condition = {}) {
  return fmt::format("EXISTS (SELECT FROM {} AS t WHERE {}{})", target_name(merge), same_keys(merge, "t", "s"),
                     condition.empty() ? "" : " AND " + condition);
}

// OVERRIDING SYSTEM VALUE lets keys be written that the server would number itself. An absent cell gets the default of
// its column, which INSERT itself gives only to columns that no row has.
std::string insert_rows(const Merge& merge, const std::string& rows, const std::string& condition) {
  const bool overriding =
      std::ranges::any_of(merge.columns, [](const Merge::Column& column) { return column.target->identity_always; });
  const auto value = [&](std::size_t i) {
    const Merge::Column& column = merge.columns[i];
    const std::string name = "s." + quoted(column.target->name), &otherwise = column.target->default_value;
    const bool filled = merge.keeps_absent && !otherwise.empty() && !merge.is_key(column.target) &&
                        (column.rule == MergeRule::overwrite || column.rule == MergeRule::keep);
    if (!filled) return name;
    return fmt::format("CASE WHEN s.{} THEN ({})::{} ELSE {} END", quoted(merge.absent_flag(i)), otherwise,
                       column.target->type, name);
  };
  return fmt::format(
      "INSERT INTO {} AS t ({}){} SELECT {} FROM ({}) AS s{} ORDER BY {}", target_name(merge),
      joined(merge.columns.size(), ", ", [&](std::size_t i) { return quoted(merge.columns[i].target->name); }),
      overriding ? " OVERRIDING SYSTEM VALUE" : "", joined(merge.columns.size(), ", ", value), rows,
      condition.empty() ? "" : " WHERE " + condition, key_names(merge, "s."));
}

std::string update_rows(const Merge& merge, const std::string& rows) {
  if (!any_changes(merge)) return {};
  const std::string condition = guard(merge, "s");
  return fmt::format("UPDATE {} AS t SET {} FROM ({}) AS s WHERE {}{}", target_name(merge), assignments(merge, "s"),
                     rows, same_keys(merge, "t", "s"), condition.empty() ? "" : " AND " + condition);
}

// ON CONFLICT locks and logs a row even if it then leaves it alone, so such rows are not shown to it. One row per key
// comes: it refuses to touch a row twice.
std::string on_conflict(const Merge& merge, const StageRows& rows) {
  std::string action = "NOTHING", condition, left_alone;
  if (any_changes(merge)) {
    condition = guard(merge, "excluded");
    action =
        fmt::format("UPDATE SET {}{}", assignments(merge, "excluded"), condition.empty() ? "" : " WHERE " + condition);
    if (!condition.empty()) left_alone = fmt::format("NOT ({})", guard(merge, "s"));
  }
  const bool all_known = !any_changes(merge) || !left_alone.empty();
  return insert_rows(merge, folded_rows(merge, rows), all_known ? "NOT " + in_target(merge, left_alone) : "") +
         fmt::format(" ON CONFLICT ({}) DO {}", key_names(merge), action);
}

// A key that another writer inserts at the same time conflicts, and the second statement finds it.
std::string insert_first(const Merge& merge, const StageRows& rows) {
  const std::string stage = stage_name(merge), turn = quoted(merge.turn);
  const std::string insert = insert_rows(merge, folded_rows(merge, rows), "NOT " + in_target(merge));
  std::string sql = fmt::format(
      "WITH inserted AS ({} ON CONFLICT ({}) DO NOTHING RETURNING {}) UPDATE {} AS s SET {} = 0 FROM inserted AS i "
      "WHERE {} AND {}; ",
      insert, key_names(merge), key_names(merge, "t."), stage, turn, same_keys(merge, "s", "i"), in_stage(merge, rows));
  StageRows others = rows;
  others.inserted_left_out = true;
  return sql + update_rows(merge, folded_rows(merge, others));
}

// SHARE ROW EXCLUSIVE keeps other writers out and readers in, so that no key appears between the two steps. A temporary
// table has no statistics until it is analysed, and the joins would be planned as nested loops.
std::string locked(const Merge& merge, const StageRows& rows) {
  const std::string folded = folded_rows(merge, rows);
  const std::string update = update_rows(merge, folded);
  return lock(merge) + update + (update.empty() ? "" : "; ") + insert_rows(merge, folded, "NOT " + in_target(merge));
}

}  // namespace

std::string merge_sql(const Merge& merge, const StageRows& rows) {
  switch (merge.way) {
    case MergeWay::insert_first:
      return insert_first(merge, rows);
    case MergeWay::locked:
      return locked(merge, rows);
    case MergeWay::on_conflict:
      break;
  }
  return on_conflict(merge, rows);
}

std::string remove_sql(const Merge& merge, const StageRows& rows) {
  return fmt::format("{}DELETE FROM {} AS t USING {} AS s WHERE {} AND {}{}",
                     merge.way == MergeWay::locked ? lock(merge) : "", target_name(merge), stage_name(merge),
                     in_stage(merge, rows), same_keys(merge, "t", "s"),
                     merge.version ? " AND " + not_older(merge, "s") : "");
}

// A key that has gone to another list is in the stage, too.
std::string replace_sql(const Merge& merge, const StageRows& rows) {
  const auto within = [&](std::string_view prefix) {
    return joined(merge.within.size(), ", ",
                  [&](std::size_t i) { return std::string(prefix) + quoted(merge.within[i]->name); });
  };
  return fmt::format(
      "{0}DELETE FROM {1} AS t USING (SELECT DISTINCT {2} FROM {3} WHERE {4} >= {5} AND {4} < {6}) AS s WHERE {7} AND "
      "NOT EXISTS (SELECT FROM {3} AS k WHERE {8} AND k.{9} <> '{10}')",
      merge.way == MergeWay::locked ? lock(merge) : "", target_name(merge), within(""), stage_name(merge),
      quoted(merge.sequence), rows.first, rows.last, same_values(merge.within, "t", "s"), same_keys(merge, "k", "t"),
      quoted(merge.kind), static_cast<char>(RowKind::emptied));
}

}  // namespace batchout::postgres
