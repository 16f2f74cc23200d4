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
  for (const auto& [column, values] : delete_when) named.push_back({"delete_when", column});
  for (const std::string& column : replace_within) named.push_back({"replace_within", column});
  return named;
}

bool UpsertRules::marks_are_scalars() const {
  return std::ranges::all_of(delete_when, [](const auto& mark) {
    return !mark.second.empty() && std::ranges::none_of(mark.second, [](const Node& value) {
      return value.is_null() || value.is_list() || value.is_mapping();
    });
  });
}

// Values are compared as texts, which are the same for numbers and booleans however they are typed.
DeleteMarks::DeleteMarks(const UpsertRules& rules, const TableShape& shape) {
  for (std::size_t i = 0; i < shape.columns.size(); ++i) {
    const auto found = rules.delete_when.find(shape.columns[i].name);
    if (found == rules.delete_when.end()) continue;
    Mark& mark = marks_.emplace_back();
    mark.column = i;
    mark.zone = shape.columns[i].zone;
    for (const Node& value : found->second)
      mark.values.push_back(value.type() == Node::Type::boolean ? (value.boolean() ? "true" : "false")
                                                                : value.written());
  }
}

// Rows of a payload follow each other, in one block or in several that share their values.
void ListRows::start(const Block& block) {
  views_.clear();
  for (const std::size_t column : others_) views_.push_back(block.column(column));
  payloads_.clear();
  for (const std::uint32_t origin : block.origins()) {
    const bool same = origin == origin_ && (origin == Block::kNone || &block.values() == values_);
    if (!same) ++payload_;
    origin_ = origin;
    values_ = &block.values();
    payloads_.push_back(payload_);
  }
}

bool ListRows::empties(std::size_t row) const {
  return !views_.empty() &&
         std::ranges::all_of(views_, [&](const Block::View& view) { return view.cell(row).empty(); });
}

void DeleteMarks::start(const Block& block) {
  views_.clear();
  for (const Mark& mark : marks_) views_.push_back(block.column(mark.column));
}

bool DeleteMarks::marks(std::size_t row) {
  for (std::size_t i = 0; i < marks_.size(); ++i) {
    const Cell cell = views_[i].cell(row);
    if (cell.empty()) continue;
    text_.clear();
    append_text(cell, marks_[i].zone, text_);
    if (std::ranges::find(marks_[i].values, text_) != marks_[i].values.end()) return true;
  }
  return false;
}

}  // namespace batchout
