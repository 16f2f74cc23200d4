// What a configuration cannot know of a table it learns here: missing columns, types without the operators of a rule,
// keys without an index.

#include "components/postgres/merge_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "config/wording.h"

namespace batchout::postgres {
namespace {

std::string name_of(const Target& target) {
  return target.schema + "." + target.table;
}

std::unexpected<Error> misfit(std::string text) {
  return fail(Verdict::configuration, "BO532", std::move(text));
}

// A column that only says what is to be deleted need not be in the table.
Result<> add_columns(const Target& target, const Config& config, const TableShape& shape, Merge& merge) {
  std::vector<std::string> names;
  for (const TargetColumn& column : target.columns) names.push_back(column.name);
  for (std::size_t i = 0; i < shape.columns.size(); ++i) {
    const ColumnShape& wanted = shape.columns[i];
    const TargetColumn* column = target.find(wanted.name);
    if (!column && config.delete_when.contains(wanted.name)) continue;
    if (!column)
      return misfit(fmt::format("The table has no such column; add it or rename ours: {} of {}, which has {}",
                                wanted.name, name_of(target), likely_names(wanted.name, names)));
    if (column->generated)
      return misfit(
          fmt::format("The server computes this column itself; leave it out: {} of {}", wanted.name, name_of(target)));
    merge.columns.push_back({column, MergeRule::overwrite, i});
  }
  return {};
}

Result<> add_keys(const Config& config, Dialect dialect, const Warn& warn, Merge& merge) {
  std::vector<std::string> names;
  for (const Merge::Column& column : merge.columns) names.push_back(column.target->name);
  for (const std::string& key : config.keys) {
    if (const auto found = std::ranges::find(names, key); found != names.end()) {
      merge.keys.push_back(merge.columns[static_cast<std::size_t>(found - names.begin())].target);
      continue;
    }
    std::string text = fmt::format("A key is not among the columns that are written, {}: {} for {}",
                                   suggestion(key, names, "these are"), key, name_of(*merge.target));
    if (config.mode == WriteMode::upsert || dialect == Dialect::v1)
      return fail(Verdict::configuration, "BO533", std::move(text));
    warn(text);  // The original inserts such rows.
  }
  return {};
}

bool is_number(Family family) {
  return family >= Family::int2 && family <= Family::numeric;
}

// Types that only extensions order are left to the server.
bool is_ordered(Family family) {
  return family != Family::boolean && family != Family::json && family != Family::jsonb && family != Family::array;
}

bool suits(MergeRule rule, Family family) {
  switch (rule) {
    case MergeRule::add:
      return is_number(family);
    case MergeRule::max:
    case MergeRule::min:
      return is_ordered(family);
    case MergeRule::append:
      return family == Family::text || family == Family::jsonb || family == Family::array;
    case MergeRule::overwrite:
    case MergeRule::keep:
    case MergeRule::coalesce:
      break;
  }
  return true;
}

// Columns that settings name have been compared with those that are written when the configuration was read.
Result<> add_rules(const Config& config, Merge& merge) {
  for (Merge::Column& column : merge.columns) {
    column.rule = config.rule_of(column.target->name);
    if (!suits(column.rule, column.target->family))
      return misfit(fmt::format("The rule {} does not suit the type of the column: {}.{} ({})",
                                SettingType<MergeRule>::print(column.rule), name_of(*merge.target), column.target->name,
                                column.target->type));
    if (column.target->identity_always && !merge.is_key(column.target))
      return misfit(
          fmt::format("An identity column (generated always) can only be updated as a key; leave it out: {} of {}",
                      column.target->name, name_of(*merge.target)));
    if (column.target->name == config.version_column) merge.version = column.target;
    if (std::ranges::find(config.replace_within, column.target->name) != config.replace_within.end())
      merge.within.push_back(column.target);
  }
  if (merge.version && !is_ordered(merge.version->family))
    return misfit(fmt::format("Versions of this type are not ordered; take another version_column: {}.{} ({})",
                              name_of(*merge.target), merge.version->name, merge.version->type));
  return {};
}

// ON CONFLICT would fail on rows that are there already, because it tries to insert first.
MergeWay way_of(const Config& config, const Merge& merge, const Warn& warn) {
  const Target& target = *merge.target;
  if (!target.unique_on(config.keys)) {
    warn(fmt::format("No unique index on the keys, so the table is locked while a batch is merged; create one: {} ({})",
                     name_of(target), fmt::join(config.keys, ", ")));
    return MergeWay::locked;
  }
  for (const TargetColumn& column : target.columns) {
    if (!column.needs_value || target.fills_rows) continue;
    if (std::ranges::find(merge.columns, &column, &Merge::Column::target) != merge.columns.end()) continue;
    warn(fmt::format("A column without default is not written, so only rows that exist can be updated: {} of {}",
                     column.name, name_of(target)));
    return MergeWay::locked;
  }
  return merge.keeps_absent ? MergeWay::insert_first : MergeWay::on_conflict;
}

// A name of our own that the target has, too, grows.
void find_names(const Target& target, Merge& merge) {
  for (std::string* name : {&merge.sequence, &merge.absent, &merge.turn, &merge.kind, &merge.payload})
    while (
        std::ranges::any_of(target.columns, [&](const TargetColumn& column) { return column.name.starts_with(*name); }))
      *name += '_';
}

}  // namespace

Result<Merge> plan_merge(const Target& target, const Config& config, Dialect dialect, const TableShape& shape,
                         const std::string& stage, const Warn& warn) {
  Merge merge;
  merge.target = &target;
  merge.stage = stage;
  merge.keeps_absent = config.absent == AbsentCells::keep;
  merge.skips_unchanged = config.skips_unchanged(dialect);
  merge.removes = !config.delete_when.empty();
  BATCHOUT_CHECK(add_columns(target, config, shape, merge));
  BATCHOUT_CHECK(add_keys(config, dialect, warn, merge));
  if (stage.empty()) return merge;
  BATCHOUT_CHECK(add_rules(config, merge));
  find_names(target, merge);
  merge.way = way_of(config, merge, warn);
  merge.folding = folding_of(merge);
  return merge;
}

}  // namespace batchout::postgres
