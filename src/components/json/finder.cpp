// Depth first, so that matches come in the order of the language: node before children, in document order.

#include "components/json/finder.h"

#include <algorithm>
#include <utility>

#include "data/slot.h"

namespace batchout::json {

// Stops at the first match where the strategy allows; take_last has to go through all.
NodeId Finder::find(NodeId node, const Path& path, Strategy strategy, std::span<const Cell> slots) {
  slots_ = slots;
  sink_ = {strategy, kNoNode, nullptr, 0};
  walk(node, {&path, 0, nullptr});
  return sink_.found;
}

void Finder::find_all(NodeId node, const Path& path, std::span<const Cell> slots, std::vector<NodeId>& matches) {
  slots_ = slots;
  sink_ = {Strategy::take_all, kNoNode, &matches, 0};
  walk(node, {&path, 0, nullptr});
}

// A strategy "not null" that meets only nulls has no match.
bool Finder::take(NodeId node) {
  ++sink_.count;
  const bool null = tree_[node].cell.tag == Tag::null;
  switch (sink_.strategy) {
    case Strategy::take_first_not_null:
      if (null) return true;
      [[fallthrough]];
    case Strategy::take_first:
      sink_.found = node;
      return false;
    case Strategy::take_last_not_null:
      if (null) return true;
      [[fallthrough]];
    case Strategy::take_last:
      sink_.found = node;
      return true;
    case Strategy::take_all:
      sink_.found = node;
      if (sink_.all != nullptr) sink_.all->push_back(node);
      return true;
  }
  return true;
}

// Recursive: as deep as the path has steps, plus the depth of the document for descendants. Both are bounded.
bool Finder::walk(NodeId node, Rest rest) {
  if (++steps_ > steps_max_) return false;
  if (rest.step == rest.path->steps.size()) return rest.outer != nullptr ? walk(node, *rest.outer) : take(node);
  const Step& step = rest.path->steps[rest.step];
  const Rest next{rest.path, rest.step + 1, rest.outer};
  switch (step.kind) {
    case Step::Kind::root:
      return walk(Tree::kRoot, next);
    case Step::Kind::parent:
      return tree_[node].parent == kNoNode || walk(tree_[node].parent, next);
    case Step::Kind::members:
      return members(node, step, next);
    case Step::Kind::any_member:
      return tree_[node].type != TreeNode::Type::object || children(node, next);
    case Step::Kind::any_child:
      return children(node, next);
    case Step::Kind::position:
      return element(node, step.number, step.strict, next);
    case Step::Kind::selector:
      return selected(node, step, next);
    case Step::Kind::any_element:
      return any_element(node, next);
    case Step::Kind::slice:
      return slice(node, step, next);
    case Step::Kind::filter:
      return filtered(node, step.conditions[0], next);
    case Step::Kind::descendants:
      return descendants(node, step.inner[0], next);
    case Step::Kind::where:
      return !exists(node, step.inner[0]) || walk(node, next);
    case Step::Kind::alternatives:
      return std::ranges::all_of(step.inner, [&](const Path& inner) { return walk(node, {&inner, 0, &next}); });
  }
  return true;
}

// In the order of the path, not of the document. The key may be in `scratch_`, so it is used before the walk goes on.
bool Finder::members(NodeId node, const Step& step, const Rest& next) {
  for (const Words& name : step.names) {
    std::string_view key;
    if (!text_of(name, scratch_, key)) continue;
    const NodeId member = tree_.member(node, key);
    if (member != kNoNode && !walk(member, next)) return false;
  }
  return true;
}

bool Finder::children(NodeId node, const Rest& next) {
  for (std::uint32_t i = 0; i < tree_[node].count; ++i)
    if (!walk(tree_.child(node, i), next)) return false;
  return true;
}

// Source: Slice.find of jsonpath_rw 1.4, which makes a list of one of an object, integer or text; floats and null fail
// there and match nothing here.
bool Finder::any_element(NodeId node, const Rest& next) {
  if (tree_[node].type == TreeNode::Type::list) return children(node, next);
  const Tag tag = tree_[node].cell.tag;
  return tag == Tag::null || tag == Tag::real || walk(node, next);
}

// The original picks characters out of texts. Positions before the beginning, an error there, match nothing.
bool Finder::element(NodeId node, std::int64_t position, bool strict, const Rest& next) {
  const bool is_list = tree_[node].type == TreeNode::Type::list;
  if (!is_list && strict) return true;
  const NodeId element = is_list ? tree_.element(node, position) : tree_.character(node, position);
  return element == kNoNode || walk(element, next);
}

// A value that is no number names a member, however it looks; of a list the text of a number is a position where the
// language is not strict.
bool Finder::selected(NodeId node, const Step& step, const Rest& next) {
  const auto* slot = step.selector.sole_slot();
  if (slot != nullptr && slots_[slot->level].tag == Tag::integer)
    return element(node, slots_[slot->level].integer, step.strict, next);
  std::string_view text;
  if (!text_of(step.selector, scratch_, text)) return true;
  if (tree_[node].type == TreeNode::Type::object) {
    const NodeId member = tree_.member(node, text);
    return member == kNoNode || walk(member, next);
  }
  if (step.strict) return true;
  const auto position = position_of(text);
  return !position || element(node, *position, false, next);
}

// The bounds are those of section 2.3.4.2.2 of RFC 9535, which with a stride of 1 are those of Python.
bool Finder::slice(NodeId node, const Step& step, const Rest& next) {
  const bool is_list = tree_[node].type == TreeNode::Type::list;
  const Tag tag = tree_[node].cell.tag;
  if (!is_list && (step.strict || tag == Tag::null || tag == Tag::real)) return true;
  const std::int64_t count = is_list ? tree_[node].count : 1;
  const auto walk_at = [&](std::int64_t i) {
    return walk(is_list ? tree_.child(node, static_cast<std::uint32_t>(i)) : node, next);
  };
  if (step.stride > 0) {
    const std::int64_t from = bound(step.from, 0, 0, count);
    const std::int64_t to = bound(step.to, count, 0, count);
    for (std::int64_t i = from; i < to; i += step.stride)
      if (!walk_at(i)) return false;
  } else if (step.stride < 0) {
    const std::int64_t from = bound(step.from, count - 1, -1, count - 1);
    const std::int64_t to = bound(step.to, -1, -1, count - 1);
    for (std::int64_t i = from; i > to; i += step.stride)
      if (!walk_at(i)) return false;
  }
  return true;
}

// Each child costs a step even if the condition is cheap, so a filter over a long list meets the budget.
bool Finder::filtered(NodeId node, const Condition& condition, const Rest& next) {
  for (std::uint32_t i = 0; i < tree_[node].count; ++i) {
    if (++steps_ > steps_max_) return false;
    const NodeId child = tree_.child(node, i);
    if (holds(condition, child) && !walk(child, next)) return false;
  }
  return true;
}

// The node itself first, then what is below it, in document order: pre-order.
bool Finder::descendants(NodeId node, const Path& inner, const Rest& next) {
  if (!walk(node, {&inner, 0, &next})) return false;
  for (std::uint32_t i = 0; i < tree_[node].count; ++i)
    if (!descendants(tree_.child(node, i), inner, next)) return false;
  return true;
}

// Budgets are shared with the path around it.
Finder::Sink Finder::followed(NodeId node, const Path& path, Strategy strategy) {
  const Sink outer = std::exchange(sink_, {strategy, kNoNode, nullptr, 0});
  walk(node, {&path, 0, nullptr});
  return std::exchange(sink_, outer);
}

// One match is enough. With the budget used up the answer is no, and the payload is refused anyhow.
bool Finder::exists(NodeId node, const Path& path) {
  return followed(node, path, Strategy::take_first).found != kNoNode && !exhausted();
}

// `text` borrows from the words, from a slot or from `scratch`.
bool Finder::text_of(const Words& words, std::string& scratch, std::string_view& text) {
  if (words.literal()) {
    text = words.text();
    return true;
  }
  if (const auto* slot = words.sole_slot(); slot != nullptr && slots_[slot->level].tag == Tag::text) {
    text = slots_[slot->level].text;
    return true;
  }
  scratch.clear();
  for (const auto& piece : words.pieces) {
    if (const auto* literal = std::get_if<std::string>(&piece)) {
      scratch += *literal;
      continue;
    }
    const auto& part = std::get<Template::Slot>(piece);
    if (!append_slot(slots_[part.level], part.format, scratch)) return false;
  }
  text = scratch;
  return true;
}

// A slot whose value is no integer counts as left out.
std::int64_t Finder::bound(const std::optional<Words>& words, std::int64_t otherwise, std::int64_t min,
                           std::int64_t max) {
  std::string_view text;
  if (!words || !text_of(*words, scratch_, text)) return otherwise;
  const auto position = position_of(text);
  if (!position) return otherwise;
  const std::int64_t count = max - min;
  return std::clamp(*position < 0 ? *position + count : *position, min, max);
}

}  // namespace batchout::json
