// Where nodes are, as paths.

#pragma once

#include <libxml/tree.h>

#include <cstddef>
#include <string>
#include <unordered_map>

namespace batchout::xml {

/// Of one document that does not change. Children of a node are counted once, where xmlGetNodePath would go along all
/// of them for each.
class Places {
 public:
  /// A path that finds this node only, as xmlGetNodePath writes it; empty for namespaces, which it has none for.
  std::string of(const xmlNode& node);

 private:
  /// What stands in front of the steps of a node's children.
  const std::string& before_children_of(const xmlNode& node);
  std::string step_of(const xmlNode& node);
  void count_children(const xmlNode& parent);

  std::unordered_map<const xmlNode*, std::string> before_children_;
  /// Among those with the same step, from 1; 0: there are no others.
  std::unordered_map<const xmlNode*, std::size_t> numbers_;
};

}  // namespace batchout::xml
