// What the axis `namespace` of XPath costs in a document.

#pragma once

#include <libxml/tree.h>

#include <cstddef>
#include <string_view>

namespace batchout::xml {

/// True for a path with that axis; also for one that only has its name in quotes.
bool has_namespace_axis(std::string_view path);

/// Bytes that libxml2 may compare for one step along the axis: it collects the namespaces of an element anew, each
/// compared with those before. Of the element with most of them; takes a walk through all elements. `root` is not null.
std::size_t comparisons_of_namespaces(const xmlNode* root);

}  // namespace batchout::xml
