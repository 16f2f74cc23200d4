// What it costs libxml2 to put nodes that are no elements into the order of the document.

#pragma once

#include <libxml/tree.h>

#include <cstddef>
#include <string_view>

namespace batchout::xml {

/// True for a path that may find texts, comments or instructions, or attributes, also on its way to others and in its
/// predicates. Rather yes than no.
bool may_find_others(std::string_view path);
bool may_find_attributes(std::string_view path);

/// What libxml2 goes along to compare such a node with another one, and counts no steps for.
struct Comparisons {
  /// Neighbours before it up to an element, and the way up to the root, without some levels that most documents have.
  std::size_t of_others = 0;
  /// Attributes of one element, likewise.
  std::size_t of_attributes = 0;
};

/// The most in a document. Takes a walk through all nodes.
Comparisons most_comparisons(const xmlDoc& document);

}  // namespace batchout::xml
