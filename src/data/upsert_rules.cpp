// Questions to the settings of an upsert.

#include "data/upsert_rules.h"

#include <algorithm>

namespace batchout {

MergeRule UpsertRules::rule_of(const std::string& column) const {
  const auto found = rules.find(column);
  return found == rules.end() ? MergeRule::overwrite : found->second;
}

bool UpsertRules::counts_rows() const {
  return std::ranges::any_of(
      rules, [](const auto& rule) { return rule.second == MergeRule::add || rule.second == MergeRule::append; });
}

std::vector<NamedColumn> UpsertRules::named_columns() const {
  std::vector<NamedColumn> named;
  if (!version_column.empty()) named.push_back({"version_column", version_column});
  for (const auto& [column, rule] : rules)
    named.push_back({"rules", column, rule == MergeRule::add || rule == MergeRule::append});
  return named;
}

}  // namespace batchout
