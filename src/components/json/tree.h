// A document as a tree in flat arrays, built from its tokens with every byte checked.
//
// Of duplicate members the last value stays, at the place of the first. Integers of any size keep their digits. A
// lenient tree also takes NaN, Infinity and -Infinity for numbers, which then are reals without digits.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "batchout/block.h"
#include "components/json/fault.h"
#include "components/json/scan.h"
#include "data/projection.h"

namespace batchout::json {

using NodeId = std::uint32_t;
inline constexpr NodeId kNoNode = 0xFFFFFFFF;

struct TreeNode {
  enum class Type : std::uint8_t { scalar, object, list };

  Type type = Type::scalar;
  NodeId parent = kNoNode;
  /// Of the children, in the array of children.
  std::uint32_t first = 0;
  /// Children.
  std::uint32_t count = 0;
  /// Among the children of the parent; of a character in its text.
  std::uint32_t place = 0;
  /// Of a member, without escapes.
  std::string_view key;
  /// As written.
  std::string_view source;
  /// The value; objects and lists are json.
  Cell cell;
};

class Tree {
 public:
  /// Deeper documents are refused whatever the limits say: the builder is recursive.
  static constexpr std::uint32_t kDepthMax = 1024;

  /// Replaces the tree by that of `document`, whose first token is the next of `tokens`. The tree borrows its bytes.
  /// A line end must follow the document. After a fault the tree must not be used.
  std::optional<Fault> parse(std::string_view document, Tokens tokens, const ProjectionLimits& limits,
                             bool lenient = false);

  static constexpr NodeId kRoot = 0;
  const TreeNode& operator[](NodeId node) const { return nodes_[node]; }

  /// Child number `i` of a list or an object, in document order.
  NodeId child(NodeId node, std::uint32_t i) const { return children_[nodes_[node].first + i]; }
  /// The member of that name, or kNoNode; kNoNode also if the node is no object.
  NodeId member(NodeId node, std::string_view key) const;
  /// The element at that position, counted from the end if negative, or kNoNode; kNoNode also if the node is no list.
  NodeId element(NodeId node, std::int64_t position) const;
  /// A character of a text as a node of its own, or kNoNode.
  NodeId character(NodeId node, std::int64_t position);

 private:
  NodeId value(NodeId parent, std::string_view key);
  bool object(NodeId node);
  bool list(NodeId node);
  bool members(NodeId node);
  bool elements(NodeId node);
  bool text(std::string_view& out, std::string_view& source);
  bool scalar(TreeNode& node);
  bool number(TreeNode& node);
  bool special_number(TreeNode& node);
  void close(NodeId node, std::size_t open_before);
  void drop_duplicates(std::size_t open_before);
  // Puts the value `by` into the place of `node`; `by` is without a parent after.
  void replace(NodeId node, NodeId by);
  bool refuse(std::string_view code, std::string_view reason);
  bool expected(std::string_view reason);
  bool take(char c) {
    if (tokens_.peek() != c) return false;
    ++tokens_.at;
    return true;
  }

  std::vector<TreeNode> nodes_;
  // Of each node in document order; of large objects once more in order of keys.
  std::vector<NodeId> children_;
  // Children of the containers that are not closed yet.
  std::vector<NodeId> open_;
  std::vector<NodeId> sorted_;
  // Texts without their escapes; room for all of them before the first one.
  Buffer<char> texts_;

  std::string_view document_;
  Tokens tokens_;
  ProjectionLimits limits_;
  bool lenient_ = false;
  std::uint32_t depth_ = 0;
  Fault fault_;
};

}  // namespace batchout::json
