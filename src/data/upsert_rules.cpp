// Questions to the settings of an upsert.

#include "data/upsert_rules.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace batchout {
namespace {

std::optional<double> number_of(const Node& value) {
  if (value.type() != Node::Type::integer && value.type() != Node::Type::real) return std::nullopt;
  double number = 0;
  const std::string& text = value.written();
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

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

// Values are compared as texts, numbers with numbers by their values, too. What YAML takes for a boolean may be meant
// as the word that is written.
DeleteMarks::DeleteMarks(const UpsertRules& rules, const TableShape& shape) {
  for (std::size_t i = 0; i < shape.columns.size(); ++i) {
    const auto found = rules.delete_when.find(shape.columns[i].name);
    if (found == rules.delete_when.end()) continue;
    Mark& mark = marks_.emplace_back();
    mark.column = i;
    mark.zone = shape.columns[i].zone;
    for (const Node& value : found->second) {
      mark.values.push_back(value.written());
      if (value.type() == Node::Type::boolean) mark.values.emplace_back(value.boolean() ? "true" : "false");
      if (const auto number = number_of(value)) mark.numbers.push_back(*number);
    }
  }
}

// Rows of a payload follow each other, in one block or in several that share their values.
void ListRows::start(const Block& block) {
  block_ = &block;
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
  if (others_.empty()) return false;
  if (block_->origins()[row] == Block::kNone)
    return std::ranges::all_of(views_, [&](const Block::View& view) { return view.cell(row).empty(); });
  return std::ranges::all_of(others_, [&](std::size_t column) {
    const LevelId level = block_->shape().columns[column].level;
    return level != kPayloadLevel && block_->selections()[level][row] == Block::kNone;
  });
}

void DeleteMarks::start(const Block& block) {
  views_.clear();
  for (const Mark& mark : marks_) views_.push_back(block.column(mark.column));
}

bool DeleteMarks::marks(std::size_t row) {
  for (std::size_t i = 0; i < marks_.size(); ++i) {
    const Cell cell = views_[i].cell(row);
    if (cell.empty()) continue;
    if (cell.tag == Tag::real && std::ranges::find(marks_[i].numbers, cell.real) != marks_[i].numbers.end())
      return true;
    text_.clear();
    append_text(cell, marks_[i].zone, text_);
    if (std::ranges::find(marks_[i].values, text_) != marks_[i].values.end()) return true;
  }
  return false;
}

}  // namespace batchout
