// Builds the tree by recursive descent over the tokens of a document.

#include "components/json/tree.h"

#include <algorithm>

#include "components/json/scalar.h"

namespace batchout::json {
namespace {

// Objects of more members are searched by bisection, smaller ones from the front.
constexpr std::uint32_t kSearchedFromFront = 16;

}  // namespace

std::optional<Fault> Tree::parse(std::string_view document, Tokens tokens, const ProjectionLimits& limits,
                                 bool lenient) {
  nodes_.clear();
  children_.clear();
  open_.clear();
  texts_.clear();
  texts_.room(document.size());
  document_ = document;
  tokens_ = tokens;
  limits_ = limits;
  lenient_ = lenient;
  depth_ = 0;
  if (tokens_.here() >= document.data() + document.size()) return Fault{kEmpty, "the payload is empty", 0};
  if (value(kNoNode, {}) == kNoNode) return fault_;
  if (tokens_.here() >= document.data() + document.size()) return std::nullopt;
  refuse(kMalformed, "something follows the end of the document");
  return fault_;
}

bool Tree::refuse(std::string_view code, std::string_view reason) {
  const char* const end = document_.data() + document_.size();
  fault_ = {code, reason, static_cast<std::size_t>(std::min(tokens_.here(), end) - document_.data())};
  return false;
}

bool Tree::expected(std::string_view reason) {
  const bool ended = tokens_.here() >= document_.data() + document_.size();
  return refuse(kMalformed, ended ? "the document is cut off" : reason);
}

NodeId Tree::value(NodeId parent, std::string_view key) {
  const auto id = static_cast<NodeId>(nodes_.size());
  TreeNode& node = nodes_.emplace_back();
  node.parent = parent;
  node.key = key;
  switch (tokens_.peek()) {
    case '{':
      return object(id) ? id : kNoNode;
    case '[':
      return list(id) ? id : kNoNode;
    default:
      return scalar(node) ? id : kNoNode;
  }
}

bool Tree::object(NodeId node) {
  if (++depth_ > std::min(limits_.depth_max, kDepthMax)) return refuse(kTooDeep, "the document is nested too deeply");
  nodes_[node].type = TreeNode::Type::object;
  const char* const start = tokens_.here();
  const std::size_t open_before = open_.size();
  ++tokens_.at;
  if (!take('}') && !members(node)) return false;
  drop_duplicates(open_before);
  close(node, open_before);
  nodes_[node].source = {start, tokens_.base + tokens_.at[-1] + 1};
  nodes_[node].cell = {Tag::json, 0, 0, nodes_[node].source};
  --depth_;
  return true;
}

bool Tree::members(NodeId node) {
  do {
    if (tokens_.peek() != '"') return expected("a member must begin with its name in double quotes");
    std::string_view key, source;
    if (!text(key, source)) return false;
    if (!take(':')) return expected("a colon must follow the name of a member");
    const NodeId child = value(node, key);
    if (child == kNoNode) return false;
    open_.push_back(child);
  } while (take(','));
  return take('}') || expected("a comma or a closing brace must follow a member");
}

bool Tree::list(NodeId node) {
  if (++depth_ > std::min(limits_.depth_max, kDepthMax)) return refuse(kTooDeep, "the document is nested too deeply");
  nodes_[node].type = TreeNode::Type::list;
  const char* const start = tokens_.here();
  const std::size_t open_before = open_.size();
  ++tokens_.at;
  if (!take(']') && !elements(node)) return false;
  close(node, open_before);
  nodes_[node].source = {start, tokens_.base + tokens_.at[-1] + 1};
  nodes_[node].cell = {Tag::json, 0, 0, nodes_[node].source};
  --depth_;
  return true;
}

bool Tree::elements(NodeId node) {
  do {
    const NodeId child = value(node, {});
    if (child == kNoNode) return false;
    open_.push_back(child);
  } while (take(','));
  return take(']') || expected("a comma or a closing bracket must follow an element");
}

bool Tree::text(std::string_view& out, std::string_view& source) {
  const char* const open = tokens_.here();
  const char* const close = closing_quote(tokens_.base + tokens_.at[1]);
  out = {open + 1, close};
  source = {open, close + 1};
  if (out.size() > limits_.string_size_max) return refuse(kTooLong, "a text is longer than the limit");
  if (has_escape(out)) {
    char* const room = texts_.room(out.size());
    const std::size_t size = unescape(out, room);
    if (size == kBadEscape) return refuse(kMalformed, "a text has a bad escape or an unpaired surrogate");
    texts_.advance(size);
    out = {room, size};
  }
  ++tokens_.at;
  return true;
}

bool Tree::scalar(TreeNode& node) {
  const char* const at = tokens_.here();
  if (*at == '"') {
    node.cell.tag = Tag::text;
    return text(node.cell.text, node.source);
  }
  if (lenient_ && special_number(node)) return true;
  if (*at == '-' || (*at >= '0' && *at <= '9')) return number(node);
  const std::size_t size = literal_size(at);
  if (size == 0) return expected("this is no JSON value");
  node.source = {at, size};
  node.cell.tag = *at == 'n' ? Tag::null : Tag::boolean;
  node.cell.integer = *at == 't' ? 1 : 0;
  ++tokens_.at;
  return true;
}

bool Tree::number(TreeNode& node) {
  bool integer = false;
  const std::size_t size = number_size(tokens_.here(), integer);
  if (size == 0) return refuse(kMalformed, "a number is malformed");
  if (size > limits_.number_size_max) return refuse(kTooLong, "a number is longer than the limit");
  node.source = {tokens_.here(), size};
  node.cell = number_cell(node.source, integer);
  ++tokens_.at;
  return true;
}

bool Tree::special_number(TreeNode& node) {
  double value = 0;
  const std::size_t size = special_number_size(tokens_.here(), value);
  if (size == 0) return false;
  node.source = {tokens_.here(), size};
  node.cell = {Tag::real, 0, value, {}};
  ++tokens_.at;
  return true;
}

void Tree::drop_duplicates(std::size_t open_before) {
  sorted_.assign(open_.begin() + static_cast<std::ptrdiff_t>(open_before), open_.end());
  std::ranges::sort(sorted_, [this](NodeId a, NodeId b) {
    const int order = nodes_[a].key.compare(nodes_[b].key);
    return order != 0 ? order < 0 : a < b;
  });
  std::size_t kept = 0;
  for (const NodeId next : sorted_) {
    if (kept > 0 && nodes_[sorted_[kept - 1]].key == nodes_[next].key)
      replace(sorted_[kept - 1], next);
    else
      sorted_[kept++] = next;
  }
  if (kept == sorted_.size()) return;
  sorted_.resize(kept);
  const auto begin = open_.begin() + static_cast<std::ptrdiff_t>(open_before);
  open_.erase(std::remove_if(begin, open_.end(), [this](NodeId n) { return nodes_[n].parent == kNoNode; }),
              open_.end());
}

void Tree::replace(NodeId node, NodeId by) {
  nodes_[node] = nodes_[by];
  nodes_[by].parent = kNoNode;
  for (std::uint32_t i = 0; i < nodes_[node].count; ++i) nodes_[child(node, i)].parent = node;
}

void Tree::close(NodeId node, std::size_t open_before) {
  TreeNode& closed = nodes_[node];
  closed.first = static_cast<std::uint32_t>(children_.size());
  closed.count = static_cast<std::uint32_t>(open_.size() - open_before);
  for (std::uint32_t place = 0; place < closed.count; ++place) {
    const NodeId child = open_[open_before + place];
    nodes_[child].place = place;
    children_.push_back(child);
  }
  open_.resize(open_before);
  if (closed.type == TreeNode::Type::object && closed.count > kSearchedFromFront)
    children_.insert(children_.end(), sorted_.begin(), sorted_.end());
}

NodeId Tree::member(NodeId node, std::string_view key) const {
  const TreeNode& object = nodes_[node];
  if (object.type != TreeNode::Type::object) return kNoNode;
  const auto children = children_.begin() + object.first;
  if (object.count <= kSearchedFromFront) {
    const auto found =
        std::find_if(children, children + object.count, [this, key](NodeId child) { return nodes_[child].key == key; });
    return found == children + object.count ? kNoNode : *found;
  }
  const auto sorted = children + object.count;
  const auto found = std::lower_bound(sorted, sorted + object.count, key,
                                      [this](NodeId child, std::string_view k) { return nodes_[child].key < k; });
  return found == sorted + object.count || nodes_[*found].key != key ? kNoNode : *found;
}

NodeId Tree::element(NodeId node, std::int64_t position) const {
  const TreeNode& list = nodes_[node];
  if (list.type != TreeNode::Type::list) return kNoNode;
  if (position < 0) position += list.count;
  if (position < 0 || position >= list.count) return kNoNode;
  return child(node, static_cast<std::uint32_t>(position));
}

NodeId Tree::character(NodeId node, std::int64_t position) {
  if (nodes_[node].cell.tag != Tag::text) return kNoNode;
  const std::string_view text = nodes_[node].cell.text;
  const std::string_view found = character_at(text, position);
  if (found.empty()) return kNoNode;
  const auto place = character_count(text.substr(0, static_cast<std::size_t>(found.data() - text.data())));
  TreeNode character;
  character.parent = node;
  character.place = static_cast<std::uint32_t>(place);
  character.source = found;
  character.cell = {Tag::text, 0, 0, found};
  nodes_.push_back(character);
  return static_cast<NodeId>(nodes_.size() - 1);
}

}  // namespace batchout::json
