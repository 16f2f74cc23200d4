// Entries of all levels first, then the values, then the cells, so that a document which is refused on the way leaves
// nothing.

#include "components/xml/tree_walk.h"

#include <algorithm>
#include <utility>

#include "components/xml/fence.h"
#include "components/xml/runs.h"
#include "components/xml/scopes.h"
#include "data/cast.h"

namespace batchout::xml {
namespace {

// Expressions kept. All are dropped when there are more: keeping the right ones would cost more than to compile some
// again.
constexpr std::size_t kFilledMax = 4096;
// Bytes of their paths.
constexpr std::size_t kFilledBytesMax = 1 << 20;
// Bytes that are as much work as a step: of a path that is compiled, and of a text that is kept until its cell is
// appended.
constexpr std::size_t kCompiledOfStep = 4;
constexpr std::size_t kKeptOfStep = 16;

bool takes_last(Strategy strategy) {
  return strategy == Strategy::take_last || strategy == Strategy::take_last_not_null;
}

Cell text_cell(std::string_view text) {
  return {Tag::text, 0, 0, text};
}

// What follows the index in a path, asked from its entry. A dot takes no predicate.
std::string from_entry(const std::string& rest) {
  return (rest.starts_with('[') ? "self::node()" : ".") + rest;
}

}  // namespace

TreeWalk::TreeWalk(std::shared_ptr<const CompiledProjection> compiled, std::shared_ptr<LastDocument> document)
    : compiled_(std::move(compiled)),
      columns_by_level_(compiled_->levels.size()),
      document_(std::move(document)),
      xpath_(compiled_->namespaces),
      entries_(compiled_->levels.size()),
      slots_(compiled_->levels.size()),
      entered_(compiled_->levels.size()) {
  const auto& columns = compiled_->projection.columns;
  for (std::size_t column = 0; column < columns.size(); ++column)
    columns_by_level_[columns[column].level].push_back(column);
  for (const auto& level : compiled_->levels) level_paths_.push_back(paths_of(level));
  for (const auto& column : compiled_->columns) column_paths_.push_back(paths_of(column));
}

// A path that does not compile finds nothing; the configuration has been refused for it before.
TreeWalk::Paths TreeWalk::paths_of(const Anchored& anchored) {
  const auto path_of = [this](std::string text) {
    Path path{std::move(text), {}, true};
    if (path.text.contains(kSlotBegin) || path.text.empty()) return path;
    std::string_view reason;
    path.orders =
        !simple_path(path.text.starts_with("./") ? path.text.substr(2) : path.text, compiled_->namespaces, reason);
    if (auto compiled = CompiledPath::compile(xpath_, path.text)) path.compiled = std::move(*compiled);
    return path;
  };
  follows_namespaces_ |= has_namespace_axis(anchored.full);
  finds_others_ |= may_find_others(anchored.full);
  finds_attributes_ |= may_find_attributes(anchored.full);
  return {path_of(anchored.full), path_of(from_entry(anchored.rest))};
}

std::size_t TreeWalk::comparisons() {
  return (follows_namespaces_ ? document_->comparisons_of_namespaces() : 0) +
         (finds_others_ ? document_->comparisons().of_others : 0) +
         (finds_attributes_ ? document_->comparisons().of_attributes : 0);
}

// The context must not keep a document that another program may replace, hence the last `start`.
std::optional<Fault> TreeWalk::extract(Extraction& out) {
  const Quiet quiet;
  xpath_.start(document_->tree().document(), comparisons(),
               follows_namespaces_ ? XPath::kAnyNodes : nodes_most(document_->size()));
  picks_.clear();
  texts_.clear();
  too_long_ = false;
  entries_[kPayloadLevel].assign(1, Entry{document_->tree().root(), 0, false, {}});
  const auto levels = static_cast<LevelId>(entries_.size());
  for (LevelId level = 1; level < levels; ++level) find_entries(level);
  for (LevelId level = 0; level < levels; ++level) pick_cells(level);
  const bool exhausted = xpath_.exhausted();
  steps_ = xpath_.steps();
  xpath_.start(nullptr);
  if (exhausted) return Fault{kTooManySteps, "the paths take too many steps in this document"};
  if (too_long_) return Fault{kTooLong, "a text is longer than the limit"};
  appended_ = 0;
  for (LevelId level = 0; level < levels; ++level) {
    append_entries(level, out);
    append_cells(level, out);
  }
  return std::nullopt;
}

// ------------------------------------------------------------------------------------------------------- entries

// Levels come after their parents, so the entries of the parent level are known.
void TreeWalk::find_entries(LevelId level) {
  const auto& index = compiled_->projection.levels[level];
  entries_[level].clear();
  if (index.kind == IndexKind::for_object) return;  // Nothing in XML has keys.
  // Slots of levels that are not around this one have no value here.
  std::ranges::fill(slots_, Cell{});
  for (std::uint32_t parent = 0; parent < entries_[index.parent].size(); ++parent) {
    enter(index.parent, parent);
    if (const Object found = evaluate(compiled_->levels[level], level_paths_[level]))
      add_entries(level, parent, *found);
  }
}

// A number, text or boolean is one entry, at position 1 as in the original.
void TreeWalk::add_entries(LevelId level, std::uint32_t parent, const xmlXPathObject& found) {
  const bool by_position = compiled_->projection.levels[level].kind == IndexKind::for_list;
  if (found.type != XPATH_NODESET) {
    const Cell position{Tag::integer, 1, 0, {}};
    entries_[level].push_back({nullptr, parent, false, by_position ? position : scalar(found)});
    return;
  }
  if (found.nodesetval == nullptr) return;
  const auto count = static_cast<std::size_t>(found.nodesetval->nodeNr);
  const std::size_t before = entries_[level].size();
  bool siblings = true;
  for (std::size_t i = 0; i < count; ++i) {
    xmlNode* node = found.nodesetval->nodeTab[i];
    Entry entry{node, parent, false, {Tag::integer, static_cast<std::int64_t>(i) + 1, 0, {}}};
    if (!by_position) entry.value = text_cell(kept_text(node));
    // Namespaces are copies that belong to the set.
    if (node->type == XML_NAMESPACE_DECL) entry.node = nullptr;
    siblings = siblings && entry.node != nullptr && node->parent == found.nodesetval->nodeTab[0]->parent;
    entries_[level].push_back(entry);
  }
  for (std::size_t i = before; i < entries_[level].size(); ++i) entries_[level][i].siblings = siblings;
}

// Entries of levels that are not around this one stay as they were; nobody asks for them.
void TreeWalk::enter(LevelId level, std::uint32_t entry) {
  for (; level != kPayloadLevel; level = compiled_->projection.levels[level].parent) {
    entered_[level] = &entries_[level][entry];
    slots_[level] = entered_[level]->value;
    entry = entered_[level]->parent;
  }
}

// From the entry's element where that means the same, which saves to find it again.
Object TreeWalk::evaluate(const Anchored& anchored, Paths& paths) {
  if (anchored.base != kPayloadLevel) {
    const Entry& entry = *entered_[anchored.base];
    if (entry.node != nullptr && (anchored.always || entry.siblings)) return evaluate(paths.rest, entry.node);
  }
  return evaluate(paths.full, document_->tree().root());
}

// Null for a path whose slots have no value: it finds nothing.
Object TreeWalk::evaluate(Path& path, xmlNode* node) {
  if (path.orders) document_->number_nodes();
  if (path.compiled) return path.compiled->evaluate(xpath_, node);
  if (!fill_in(path.text, slots_, filled_path_)) return nullptr;
  auto found = filled_.find(filled_path_);
  if (found == filled_.end()) {
    xpath_.count(filled_path_.size() / kCompiledOfStep);
    filled_bytes_ += filled_path_.size();
    if (filled_.size() == kFilledMax || filled_bytes_ > kFilledBytesMax) {
      filled_.clear();
      filled_bytes_ = filled_path_.size();
    }
    std::optional<CompiledPath> added;
    if (auto compiled = CompiledPath::compile(xpath_, filled_path_)) added = std::move(*compiled);
    found = filled_.emplace(filled_path_, std::move(added)).first;
  }
  return found->second ? found->second->evaluate(xpath_, node) : Object();
}

// -------------------------------------------------------------------------------------------------------- values

void TreeWalk::pick_cells(LevelId level) {
  std::ranges::fill(slots_, Cell{});
  for (std::uint32_t entry = 0; entry < entries_[level].size(); ++entry) {
    enter(level, entry);
    for (const std::size_t column : columns_by_level_[level]) {
      const Object found = evaluate(compiled_->columns[column], column_paths_[column]);
      picks_.push_back(found ? pick(*found, compiled_->projection.columns[column].strategy) : Cell{});
      too_long_ |= picks_.back().text.size() > compiled_->projection.limits.string_size_max;
    }
  }
}

// Absent if nothing was found. XML knows no null, so the strategies "not null" are those without.
Cell TreeWalk::pick(const xmlXPathObject& found, Strategy strategy) {
  if (strategy == Strategy::take_all) return list_of(found);
  if (found.type != XPATH_NODESET) return scalar(found);
  if (found.nodesetval == nullptr || found.nodesetval->nodeNr == 0) return {};
  const int number = takes_last(strategy) ? found.nodesetval->nodeNr - 1 : 0;
  return text_cell(kept_text(found.nodesetval->nodeTab[number]));
}

// Kept, since the object ends before its value is appended.
Cell TreeWalk::scalar(const xmlXPathObject& found) {
  switch (found.type) {
    case XPATH_BOOLEAN:
      return {Tag::boolean, found.boolval != 0 ? 1 : 0, 0, {}};
    case XPATH_NUMBER:
      return {Tag::real, 0, found.floatval, {}};
    case XPATH_STRING:
      count_text(static_cast<std::size_t>(xmlStrlen(found.stringval)));
      return text_cell(texts_.emplace_back(reinterpret_cast<const char*>(found.stringval)));
    default:
      return {};
  }
}

// A JSON list of texts; a single value is a list of one.
Cell TreeWalk::list_of(const xmlXPathObject& found) {
  if (found.type == XPATH_NODESET && (found.nodesetval == nullptr || found.nodesetval->nodeNr == 0)) return {};
  std::string list = "[";
  if (found.type == XPATH_NODESET) {
    for (int i = 0; i < found.nodesetval->nodeNr && !xpath_.exhausted(); ++i) {
      if (i > 0) list += ',';
      append_json(text_cell(text_of(found.nodesetval->nodeTab[i])), nullptr, list);
    }
  } else {
    append_json(scalar(found), nullptr, list);
  }
  return {Tag::json, 0, 0, texts_.emplace_back(std::move(list += ']'))};
}

std::string_view TreeWalk::kept_text(const xmlNode* node) {
  if (const char* text = node->type == XML_NAMESPACE_DECL ? nullptr : sole_text(node)) return text;
  return texts_.emplace_back(text_of(node));
}

void TreeWalk::count_text(std::size_t bytes) {
  xpath_.count(bytes / kKeptOfStep);
}

std::string_view TreeWalk::text_of(const xmlNode* node) {
  scratch_.clear();
  append_text_of(node, scratch_);
  count_text(scratch_.size());
  return scratch_;
}

// --------------------------------------------------------------------------------------------------------- output

// Entries are in the order of their parents, so one pass is enough.
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

// In the order in which they were picked.
void TreeWalk::append_cells(LevelId level, Extraction& out) {
  for (std::size_t entry = 0; entry < entries_[level].size(); ++entry)
    for (const std::size_t column : columns_by_level_[level]) {
      const Cell& cell = picks_[appended_++];
      append_cast(compiled_->projection.columns[column].cast, cell, out.values->columns[column], out.failures[column]);
    }
}

}  // namespace batchout::xml
