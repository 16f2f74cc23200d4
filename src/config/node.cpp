// Nodes: construction and access by key.

#include "batchout/node.h"

#include <algorithm>

namespace batchout {

Node::Node() = default;
Node::Node(bool value) : type_(Type::boolean), boolean_(value) {}
Node::Node(std::int64_t value) : type_(Type::integer), integer_(value) {}
Node::Node(int value) : Node(std::int64_t{value}) {}
Node::Node(double value) : type_(Type::real), real_(value) {}
Node::Node(std::string value) : type_(Type::text), text_(std::move(value)) {}
Node::Node(std::string_view value) : Node(std::string(value)) {}
Node::Node(const char* value) : Node(std::string(value)) {}
Node::Node(const Node& other) = default;
Node::Node(Node&& other) noexcept = default;
Node& Node::operator=(const Node& other) = default;
Node& Node::operator=(Node&& other) noexcept = default;
Node::~Node() = default;

// Of equal keys the last one wins, at the place of the first.
Node Node::mapping(std::vector<std::pair<std::string, Node>> entries) {
  Node node;
  node.type_ = Type::mapping;
  for (auto& [key, value] : entries) node.set(key, std::move(value));
  return node;
}

Node Node::list(std::vector<Node> items) {
  Node node;
  node.type_ = Type::list;
  node.items_ = std::move(items);
  return node;
}

// Linear, as mappings of a configuration are short; readers of whole documents keep tables of their own.
const Node* Node::find(std::string_view key) const {
  const auto found = std::ranges::find(entries_, key, &Entry::key);
  return found == entries_.end() ? nullptr : &found->value;
}

// A new entry has no mark: it was not written in a file.
void Node::set(std::string_view key, Node value) {
  const auto found = std::ranges::find(entries_, key, &Entry::key);
  if (found != entries_.end())
    found->value = std::move(value);
  else
    entries_.push_back({std::string(key), {}, std::move(value)});
}

void Node::push(Node item) {
  items_.push_back(std::move(item));
}

// Without a look for the key: who adds knows that it is new, or wants both.
void Node::add(Entry entry) {
  entries_.push_back(std::move(entry));
}

}  // namespace batchout
