// Depth first, so that matches come in the order of the language: node before children, in document order.

#include "components/json/finder.h"

#include <algorithm>

#include "data/slot.h"

namespace batchout::json {

NodeId Finder::find(NodeId node, const Path& path, Strategy strategy, std::span<const Cell> slots) {
  slots_ = slots;
  sink_ = {strategy, kNoNode, nullptr};
  walk(node, {&path, 0, nullptr});
  return sink_.found;
}

void Finder::find_all(NodeId node, const Path& path, std::span<const Cell> slots, std::vector<NodeId>& matches) {
  slots_ = slots;
  sink_ = {Strategy::take_all, kNoNode, &matches};
  walk(node, {&path, 0, nullptr});
}

bool Finder::take(NodeId node) {
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
      sink_.all->push_back(node);
      return true;
  }
  return true;
}

bool Finder::walk(NodeId node, Rest rest) {
  if (++steps_ > kStepsMax) return false;
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
    case Step::Kind::position:
      return element(node, step.number, next);
    case Step::Kind::selector:
      return selected(node, step, next);
    case Step::Kind::any_element:
      return any_element(node, next);
    case Step::Kind::slice:
      return slice(node, step, next);
    case Step::Kind::descendants:
      return descendants(node, step.inner[0], next);
    case Step::Kind::where:
      return !exists(node, step.inner[0]) || walk(node, next);
    case Step::Kind::alternatives:
      return walk(node, {&step.inner[0], 0, &next}) && walk(node, {&step.inner[1], 0, &next});
  }
  return true;
}

bool Finder::members(NodeId node, const Step& step, const Rest& next) {
  for (const Words& name : step.names) {
    std::string_view key;
    if (!text_of(name, key)) continue;
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

bool Finder::any_element(NodeId node, const Rest& next) {
  if (tree_[node].type == TreeNode::Type::list) return children(node, next);
  const Tag tag = tree_[node].cell.tag;
  return tag == Tag::null || tag == Tag::real || walk(node, next);
}

bool Finder::element(NodeId node, std::int64_t position, const Rest& next) {
  const bool is_list = tree_[node].type == TreeNode::Type::list;
  const NodeId element = is_list ? tree_.element(node, position) : tree_.character(node, position);
  return element == kNoNode || walk(element, next);
}

bool Finder::selected(NodeId node, const Step& step, const Rest& next) {
  const auto* slot = step.selector.sole_slot();
  if (slot != nullptr && slots_[slot->level].tag == Tag::integer)
    return element(node, slots_[slot->level].integer, next);
  std::string_view text;
  if (!text_of(step.selector, text)) return true;
  if (tree_[node].type == TreeNode::Type::object) {
    const NodeId member = tree_.member(node, text);
    return member == kNoNode || walk(member, next);
  }
  const auto position = position_of(text);
  return !position || element(node, *position, next);
}

bool Finder::slice(NodeId node, const Step& step, const Rest& next) {
  const bool is_list = tree_[node].type == TreeNode::Type::list;
  const Tag tag = tree_[node].cell.tag;
  if (!is_list && (tag == Tag::null || tag == Tag::real)) return true;
  const std::int64_t count = is_list ? tree_[node].count : 1;
  const std::int64_t from = bound(step.from, 0, count);
  const std::int64_t to = bound(step.to, count, count);
  for (std::int64_t i = from; i < to; ++i)
    if (!walk(is_list ? tree_.child(node, static_cast<std::uint32_t>(i)) : node, next)) return false;
  return true;
}

bool Finder::descendants(NodeId node, const Path& inner, const Rest& next) {
  if (!walk(node, {&inner, 0, &next})) return false;
  for (std::uint32_t i = 0; i < tree_[node].count; ++i)
    if (!descendants(tree_.child(node, i), inner, next)) return false;
  return true;
}

bool Finder::exists(NodeId node, const Path& path) {
  const Sink outer = sink_;
  sink_ = {};
  walk(node, {&path, 0, nullptr});
  const bool found = sink_.found != kNoNode;
  sink_ = outer;
  return found && !exhausted();
}

bool Finder::text_of(const Words& words, std::string_view& text) {
  if (words.literal()) {
    text = words.text();
    return true;
  }
  if (const auto* slot = words.sole_slot(); slot != nullptr && slots_[slot->level].tag == Tag::text) {
    text = slots_[slot->level].text;
    return true;
  }
  scratch_.clear();
  for (const auto& piece : words.pieces) {
    if (const auto* literal = std::get_if<std::string>(&piece)) {
      scratch_ += *literal;
      continue;
    }
    const auto& part = std::get<Template::Slot>(piece);
    if (!append_slot(slots_[part.level], part.format, scratch_)) return false;
  }
  text = scratch_;
  return true;
}

std::int64_t Finder::bound(const std::optional<Words>& words, std::int64_t otherwise, std::int64_t count) {
  std::string_view text;
  if (!words || !text_of(*words, text)) return otherwise;
  const auto position = position_of(text);
  if (!position) return otherwise;
  return std::clamp<std::int64_t>(*position < 0 ? *position + count : *position, 0, count);
}

}  // namespace batchout::json
