// The tree of the payload that was read last, for all programs that are run over the same payloads in turn.

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "components/xml/encoding.h"
#include "components/xml/fault.h"
#include "components/xml/runs.h"
#include "components/xml/tree.h"

namespace batchout::xml {

/// One per lane and program, or for all that are siblings.
class LastDocument {
 public:
  explicit LastDocument(Form form) : form_(form), tree_(form) {}

  /// From now on a payload that comes again is known by its place in memory, until `next`.
  void share() { shared_ = true; }
  void next() { read_ = false; }

  /// Makes the payload's document the one that `tree` has, unless it is that already. A refused payload leaves none.
  std::optional<Fault> read(std::string_view payload);

  const Tree& tree() const { return tree_; }
  /// Numbers the nodes of a document that is not small, once. To be called where many nodes may have to be sorted:
  /// libxml2 compares nodes without numbers by walking up and along the tree, which is quadratic over many nodes.
  void number_nodes();
  /// Of scopes.h, for the document that `tree` has; counted once.
  std::size_t comparisons_of_namespaces();
  /// Of runs.h, likewise; 0 in a small document, in which these are too few to be looked for.
  Comparisons comparisons();
  /// Bytes of the document.
  std::size_t size() const { return size_; }

 private:
  std::optional<Fault> parse(std::string_view payload);

  Form form_;
  Tree tree_;
  Decoder decoder_;
  bool shared_ = false;
  bool numbered_ = false;
  std::size_t size_ = 0;
  std::optional<std::size_t> of_namespaces_;
  std::optional<Comparisons> comparisons_;
  bool read_ = false;
  // What was read last.
  std::string_view payload_;
  std::optional<Fault> fault_;
};

}  // namespace batchout::xml
