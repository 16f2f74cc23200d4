// What it costs to put texts, comments and instructions into the order of the document.

#pragma once

#include <libxml/tree.h>

#include <cstddef>
#include <string_view>

namespace batchout::xml {

/// True for a path that may find such nodes, also on its way to others and in its predicates. Rather yes than no.
bool may_find_others(std::string_view path);

/// The most neighbours without an element among them: to compare such a node with another one, libxml2 goes along all
/// those before it, and counts no steps for that. Takes a walk through all nodes.
std::size_t longest_run(const xmlDoc& document);

}  // namespace batchout::xml
