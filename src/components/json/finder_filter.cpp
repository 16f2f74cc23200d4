// What conditions mean: section 2.3.5.2.2 of RFC 9535 for comparisons, 2.4 for functions.

#include <algorithm>

#include "components/json/finder.h"
#include "components/json/number_order.h"
#include "components/json/scalar.h"

namespace batchout::json {
namespace {

// Texts that are looked at in full count by their size, so that long ones cannot hide work from the budget.
constexpr std::uint64_t kBytesPerStep = 256;

bool is_number(Tag tag) {
  return tag == Tag::integer || tag == Tag::real || tag == Tag::decimal;
}

Cell integer_cell(std::int64_t value) {
  return {Tag::integer, value, 0, {}};
}

}  // namespace

// A condition that stops at the budget says no; the payload is refused then.
bool Finder::holds(const Condition& condition, NodeId node) {
  if (++steps_ > steps_max_) return false;
  const auto part_holds = [&](const Condition& part) { return holds(part, node); };
  switch (condition.kind) {
    case Condition::Kind::any_of:
      return std::ranges::any_of(condition.parts, part_holds);
    case Condition::Kind::all_of:
      return std::ranges::all_of(condition.parts, part_holds);
    case Condition::Kind::negation:
      return !holds(condition.parts[0], node);
    case Condition::Kind::test:
      if (condition.operands[0].kind != Operand::Kind::query) return says_true(condition.operands[0], node);
      return matches_of(condition.operands[0], node, Strategy::take_first).found != kNoNode;
    case Condition::Kind::comparison:
      return compares(condition, node);
  }
  return false;
}

// Nothing equals nothing and no value; <= is "less or equal", so it holds for two equal values that have no order.
bool Finder::compares(const Condition& condition, NodeId node) {
  using enum Condition::Comparator;
  std::string left_text, right_text;
  const Value left = value_of(condition.operands[0], node, left_text);
  const Value right = value_of(condition.operands[1], node, right_text);
  switch (condition.comparator) {
    case equal:
      return is_equal(left, right);
    case not_equal:
      return !is_equal(left, right);
    case less:
      return is_less(left, right);
    case greater:
      return is_less(right, left);
    case less_or_equal:
      return is_less(left, right) || is_equal(left, right);
    case greater_or_equal:
      return is_less(right, left) || is_equal(left, right);
  }
  return false;
}

// What is no text matches nothing. A pattern from the document may be another one for each node.
bool Finder::says_true(const Operand& call, NodeId node) {
  std::string text_scratch, pattern_scratch;
  const Value text = value_of(call.arguments[0], node, text_scratch);
  const Value pattern = value_of(call.arguments[1], node, pattern_scratch);
  if (text.cell.tag != Tag::text || pattern.cell.tag != Tag::text) return false;
  if (call.pattern != nullptr) return patterns_.matches(*call.pattern, text.cell.text, steps_);
  return patterns_.matches(pattern.cell.text, call.kind == Operand::Kind::match, text.cell.text, steps_);
}

Finder::Sink Finder::matches_of(const Operand& query, NodeId node, Strategy strategy) {
  return followed(query.absolute ? Tree::kRoot : node, query.path, strategy);
}

// A query in a comparison is singular, so the first match is the only one.
Finder::Value Finder::value_of(const Operand& operand, NodeId node, std::string& scratch) {
  Value value;
  switch (operand.kind) {
    case Operand::Kind::literal:
      value.cell = {operand.tag, operand.integer, operand.real, {}};
      if (operand.tag == Tag::boolean || operand.tag == Tag::null) return value;
      if (!text_of(operand.words, scratch, value.cell.text)) value.cell.tag = Tag::absent;
      return value;
    case Operand::Kind::slot:
      value.cell = slots_[operand.words.sole_slot()->level];
      return value;
    case Operand::Kind::query:
      return value_of(matches_of(operand, node, Strategy::take_first).found);
    case Operand::Kind::length:
      return length_of(value_of(operand.arguments[0], node, scratch));
    case Operand::Kind::count:
      value.cell =
          integer_cell(static_cast<std::int64_t>(matches_of(operand.arguments[0], node, Strategy::take_all).count));
      return value;
    case Operand::Kind::value: {
      const Sink found = matches_of(operand.arguments[0], node, Strategy::take_all);
      return found.count == 1 ? value_of(found.found) : value;
    }
    case Operand::Kind::match:
    case Operand::Kind::search:
      break;  // They say true or false and are no values.
  }
  return value;
}

Finder::Value Finder::value_of(NodeId node) const {
  if (node == kNoNode) return {};
  return {tree_[node].cell, tree_[node].type == TreeNode::Type::scalar ? kNoNode : node};
}

// Nothing for numbers, booleans and null.
Finder::Value Finder::length_of(const Value& value) {
  steps_ += value.cell.text.size() / kBytesPerStep;
  if (value.container != kNoNode) return {integer_cell(tree_[value.container].count), kNoNode};
  if (value.cell.tag == Tag::text) return {integer_cell(character_count(value.cell.text)), kNoNode};
  return {};
}

// Numbers by their value, whatever their notation; texts byte by byte, without normalisation.
bool Finder::is_equal(const Value& a, const Value& b) {
  steps_ += (a.cell.text.size() + b.cell.text.size()) / kBytesPerStep;
  if (a.container != kNoNode || b.container != kNoNode)
    return a.container != kNoNode && b.container != kNoNode && equal_containers(a.container, b.container);
  if (is_number(a.cell.tag) && is_number(b.cell.tag)) return compare_numbers(a.cell, b.cell) == 0;
  if (a.cell.tag != b.cell.tag) return false;
  if (is_textual(a.cell.tag)) return a.cell.text == b.cell.text;
  return a.cell.tag != Tag::boolean || a.cell.integer == b.cell.integer;
}

// Objects are equal whatever the order of their members is. Names are unique in the tree, so equal counts and found
// members are enough.
bool Finder::equal_containers(NodeId a, NodeId b) {
  if (++steps_ > steps_max_) return false;
  if (tree_[a].type != tree_[b].type || tree_[a].count != tree_[b].count) return false;
  const bool is_list = tree_[a].type == TreeNode::Type::list;
  for (std::uint32_t i = 0; i < tree_[a].count; ++i) {
    if (++steps_ > steps_max_) return false;
    const NodeId child = tree_.child(a, i);
    const NodeId other = is_list ? tree_.child(b, i) : tree_.member(b, tree_[child].key);
    if (other == kNoNode || !is_equal(value_of(child), value_of(other))) return false;
  }
  return true;
}

// UTF-8 sorts like its code points, which is the order of the RFC.
bool Finder::is_less(const Value& a, const Value& b) {
  steps_ += (a.cell.text.size() + b.cell.text.size()) / kBytesPerStep;
  if (is_number(a.cell.tag) && is_number(b.cell.tag)) return compare_numbers(a.cell, b.cell) < 0;
  return a.cell.tag == Tag::text && b.cell.tag == Tag::text && a.cell.text < b.cell.text;
}

}  // namespace batchout::json
