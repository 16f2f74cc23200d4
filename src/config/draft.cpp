// A document while it is read: problems, key path and limits.
//
// The limits hold for the document with every alias expanded, so they are counted where nodes are made, not where text
// is read: nine lines of aliases can stand for a billion values.

#include "config/draft.h"

#include <fmt/format.h>

#include <utility>

#include "config/wording.h"

namespace batchout {

// The key path is that of the value being read, which is where a reader of the file has to look.
void Draft::report(Problem::Severity severity, std::string_view code, Node::Mark mark, std::string message,
                   std::string hint) {
  problems_.push_back({severity, std::string(code), file_, mark.line, mark.column, path_.empty() ? "" : path_.back(),
                       std::move(message), std::move(hint)});
}

bool Draft::fail(std::string_view code, Node::Mark mark, std::string message, std::string hint) {
  report(Problem::Severity::error, code, mark, std::move(message), std::move(hint));
  return false;
}

void Draft::warn(std::string_view code, Node::Mark mark, std::string message, std::string hint) {
  report(Problem::Severity::warning, code, mark, std::move(message), std::move(hint));
}

// The limit also bounds the stack of both readers, which are recursive.
bool Draft::enter(Node::Mark mark) {
  ++depth_;
  if (depth_ <= DocumentLimits::kDepthMax) return true;
  return fail("BO102", mark,
              fmt::format("lists and mappings are nested too deeply: limit {}", DocumentLimits::kDepthMax));
}

// A list or a mapping counts as one node besides its items. Keys count with their texts.
bool Draft::take(std::size_t bytes, Node::Mark mark) {
  ++nodes_;
  texts_ += bytes;
  if (nodes_ > DocumentLimits::kNodesMax)
    return fail("BO102", mark,
                fmt::format("the configuration has too many values: limit {}", DocumentLimits::kNodesMax),
                "each alias counts as all that it stands for");
  if (texts_ > DocumentLimits::kTextsMax)
    return fail("BO102", mark,
                fmt::format("the configuration has too much text: limit {} bytes", DocumentLimits::kTextsMax),
                "each alias counts as all that it stands for");
  return true;
}

// Stops at the first limit, so refusing a copy never costs more than the limit allows. The depth is restored also where
// it fails, as `leave` is due for every `enter`.
bool Draft::take_copy(const Node& node, Node::Mark mark) {
  if (!take(node.text().size() + node.written().size(), mark)) return false;
  if (!node.is_list() && !node.is_mapping()) return true;
  bool good = enter(mark);
  for (std::size_t i = 0; good && i < node.items().size(); ++i) good = take_copy(node.items()[i], mark);
  for (std::size_t i = 0; good && i < node.entries().size(); ++i) {
    texts_ += node.entries()[i].key.size();
    good = take_copy(node.entries()[i].value, mark);
  }
  leave();
  return good;
}

void Draft::push(std::string_view key) {
  path_.push_back(join_path(path_.empty() ? "" : path_.back(), key));
}

void Draft::push(std::size_t position) {
  path_.push_back(join_path(path_.empty() ? "" : path_.back(), position));
}

// The place of the last one counts for problems, since its value does; the order is that of the first one.
void MappingDraft::add(Node::Entry entry) {
  const auto [place, fresh] = own_places_.try_emplace(entry.key, own_.size());
  if (fresh) {
    own_.push_back(std::move(entry));
    return;
  }
  Node::Entry& first = own_[place->second];
  draft_.push(entry.key);
  draft_.warn("BO104", entry.mark,
              fmt::format("the key is given twice, first in line {}; the last one counts", first.mark.line),
              "remove one of them");
  draft_.pop();
  first.mark = entry.mark;
  first.value = std::move(entry.value);
}

// Copies: the mapping may be an anchor's, which others still use.
void MappingDraft::merge(const Node& mapping) {
  for (const Node::Entry& entry : mapping.entries()) {
    const bool fresh = merged_places_.try_emplace(entry.key, merged_.size()).second;
    if (fresh) merged_.push_back(entry);
  }
}

// As a Python dictionary built from merged keys followed by own ones: an own value stands where its key was merged.
Node MappingDraft::finish() {
  Node node = Node::mapping();
  for (Node::Entry& entry : merged_) {
    const auto own = own_places_.find(entry.key);
    node.add(own == own_places_.end() ? std::move(entry) : own_[own->second]);
  }
  for (Node::Entry& entry : own_)
    if (!merged_places_.contains(entry.key)) node.add(std::move(entry));
  return node;
}

}  // namespace batchout
