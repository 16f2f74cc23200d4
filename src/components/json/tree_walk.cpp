// Entries of levels first, then the values, then the cells, so that a document which is refused on the way leaves
// nothing.

#include "components/json/tree_walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "data/cast.h"

namespace batchout::json {
namespace {

// Appends a value as JSON text. A single character of a text has no quotes in its source.
void append_json(const TreeNode& node, std::string& out) {
  const std::string_view source = node.source;
  if (node.cell.tag == Tag::real && node.cell.text.empty()) {
    out += "null";  // JSON knows no infinity.
    return;
  }
  if (node.cell.tag != Tag::text || (source.size() > 1 && source[0] == '"')) {
    out += source;
    return;
  }
  if (static_cast<unsigned char>(source[0]) < 0x20) {
    fmt::format_to(std::back_inserter(out), "\"\\u{:04x}\"", static_cast<unsigned char>(source[0]));
    return;
  }
  out += '"';
  if (source == "\"" || source == "\\") out += '\\';
  out += source;
  out += '"';
}

}  // namespace

TreeWalk::Task::Task(const CompiledProjection& compiled)
    : Task(compiled,
           {std::vector<bool>(compiled.levels.size(), true), std::vector<bool>(compiled.columns.size(), true)}) {}

TreeWalk::Task::Task(const CompiledProjection& compiled, const Share& share)
    : finds_(compiled.levels.size()), appends_(share.levels), columns_(compiled.levels.size()) {
  for (LevelId level = 0; level < compiled.levels.size(); ++level)
    if (share.levels[level]) find_around(compiled, level);
  for (std::size_t column = 0; column < compiled.columns.size(); ++column) {
    if (!share.columns[column]) continue;
    const LevelId level = compiled.projection.columns[column].level;
    columns_[level].push_back(column);
    find_around(compiled, level);
  }
}

void TreeWalk::Task::find_around(const CompiledProjection& compiled, LevelId level) {
  finds_[level] = true;
  for (; level != kPayloadLevel; level = compiled.projection.levels[level].parent) finds_[level] = true;
  finds_[kPayloadLevel] = true;
}

TreeWalk::TreeWalk(std::shared_ptr<const CompiledProjection> compiled, std::shared_ptr<LastDocument> document)
    : compiled_(std::move(compiled)),
      whole_(*compiled_),
      document_(std::move(document)),
      tree_(document_->tree()),
      finder_(tree_),
      entries_(compiled_->levels.size()),
      slots_(compiled_->levels.size()),
      elements_(compiled_->levels.size()) {}

std::optional<Fault> TreeWalk::extract(Extraction& out) {
  if (auto fault = find(whole_)) return fault;
  append(whole_, out);
  return std::nullopt;
}

std::optional<Fault> TreeWalk::find(const Task& task) {
  finder_.start();
  entries_[kPayloadLevel].assign(1, Entry{Tree::kRoot, 0, {}});
  picks_.clear();
  matches_.clear();
  const auto levels = static_cast<LevelId>(entries_.size());
  for (LevelId level = 1; level < levels; ++level)
    if (task.finds_[level]) find_entries(level);
  for (LevelId level = 0; level < levels; ++level)
    if (!task.columns_[level].empty()) pick_cells(level, task.columns_[level]);
  if (finder_.exhausted()) return Fault{kTooManySteps, "the paths take too many steps in this document", 0};
  if (finder_.regex_exhausted())
    return Fault{kTooManySteps, "a regular expression of a path takes too many steps in this document", 0};
  return std::nullopt;
}

void TreeWalk::append(const Task& task, Extraction& out) {
  appended_ = 0;
  for (LevelId level = 0; level < entries_.size(); ++level) {
    if (task.appends_[level]) append_entries(level, out);
    append_cells(level, task.columns_[level], out);
  }
}

void TreeWalk::find_entries(LevelId level) {
  const auto& index = compiled_->projection.levels[level];
  const Anchored& path = compiled_->levels[level];
  entries_[level].clear();
  // Slots of levels that are not around this one have no value here.
  std::ranges::fill(slots_, Cell{});
  for (std::uint32_t parent = 0; parent < entries_[index.parent].size(); ++parent) {
    enter(index.parent, parent);
    const NodeId base = elements_[path.base];
    if (base == kNoNode) continue;
    if (index.strategy == Strategy::take_all) {
      add_matches(level, parent, base);
      continue;
    }
    const NodeId node = finder_.find(base, path.rest, index.strategy, slots_);
    if (node != kNoNode) add_elements(level, parent, node);
  }
}

void TreeWalk::add_elements(LevelId level, std::uint32_t parent, NodeId node) {
  const auto& index = compiled_->projection.levels[level];
  const TreeNode& container = tree_[node];
  if (container.type == TreeNode::Type::scalar) return;
  const bool is_list = container.type == TreeNode::Type::list;
  const bool wants_list = index.kind != IndexKind::for_object;
  if (is_list != wants_list && (is_list || !index.counts_objects)) return;
  for (std::uint32_t i = 0; i < container.count; ++i) {
    const NodeId child = tree_.child(node, i);
    Entry entry{child, parent, {}};
    if (index.kind == IndexKind::for_list) {
      // Positions of an object's members are counted, and lead nowhere.
      if (!is_list) entry.element = kNoNode;
      entry.value = {Tag::integer, i, 0, {}};
    } else {
      entry.value = is_list ? tree_[child].cell : Cell{Tag::text, 0, 0, tree_[child].key};
    }
    entries_[level].push_back(entry);
  }
}

void TreeWalk::add_matches(LevelId level, std::uint32_t parent, NodeId base) {
  const auto& index = compiled_->projection.levels[level];
  if (index.kind == IndexKind::for_object) return;
  const std::size_t before = matches_.size();
  finder_.find_all(base, compiled_->levels[level].rest, slots_, matches_);
  for (std::size_t i = before; i < matches_.size(); ++i) {
    const Cell position{Tag::integer, static_cast<std::int64_t>(i - before), 0, {}};
    entries_[level].push_back(
        {matches_[i], parent, index.kind == IndexKind::for_list ? position : tree_[matches_[i]].cell});
  }
  matches_.resize(before);
}

void TreeWalk::enter(LevelId level, std::uint32_t entry) {
  elements_[kPayloadLevel] = Tree::kRoot;
  for (; level != kPayloadLevel; level = compiled_->projection.levels[level].parent) {
    slots_[level] = entries_[level][entry].value;
    elements_[level] = entries_[level][entry].element;
    entry = entries_[level][entry].parent;
  }
}

void TreeWalk::pick_cells(LevelId level, const std::vector<std::size_t>& columns) {
  std::ranges::fill(slots_, Cell{});
  for (std::uint32_t entry = 0; entry < entries_[level].size(); ++entry) {
    enter(level, entry);
    for (const std::size_t column : columns) {
      const Anchored& path = compiled_->columns[column];
      const Strategy strategy = compiled_->projection.columns[column].strategy;
      const NodeId base = elements_[path.base];
      Pick pick;
      if (base != kNoNode && strategy == Strategy::take_all) {
        pick.first = static_cast<std::uint32_t>(matches_.size());
        finder_.find_all(base, path.rest, slots_, matches_);
        pick.count = static_cast<std::uint32_t>(matches_.size()) - pick.first;
      } else if (base != kNoNode) {
        pick.node = finder_.find(base, path.rest, strategy, slots_);
      }
      picks_.push_back(pick);
    }
  }
}

void TreeWalk::append_entries(LevelId level, Extraction& out) const {
  auto& entries = out.levels[level];
  if (level == kPayloadLevel) {
    ++entries.count;
    return;
  }
  const LevelId parent = compiled_->projection.levels[level].parent;
  std::size_t next = 0;
  for (std::uint32_t of = 0; of < entries_[parent].size(); ++of) {
    for (; next < entries_[level].size() && entries_[level][next].parent == of; ++next) {
      ++entries.count;
      if (compiled_->projection.levels[level].keeps_values) entries.values.append(entries_[level][next].value);
    }
    entries.begin.push_back(entries.count);
  }
}

void TreeWalk::append_cells(LevelId level, const std::vector<std::size_t>& columns, Extraction& out) {
  if (columns.empty()) return;
  for (std::size_t entry = 0; entry < entries_[level].size(); ++entry)
    for (const std::size_t column : columns) {
      const auto& shape = compiled_->projection.columns[column];
      const Cell cell = cell_of(picks_[appended_++], shape.strategy);
      append_cast(shape.cast, cell, out.values->columns[column], out.failures[column]);
    }
}

Cell TreeWalk::cell_of(const Pick& pick, Strategy strategy) {
  if (strategy != Strategy::take_all) return pick.node == kNoNode ? Cell{} : tree_[pick.node].cell;
  if (pick.count == 0) return {};
  list_ = "[";
  for (std::uint32_t i = 0; i < pick.count; ++i) {
    if (i > 0) list_ += ',';
    append_json(tree_[matches_[pick.first + i]], list_);
  }
  list_ += ']';
  return {Tag::json, 0, 0, list_};
}

}  // namespace batchout::json
