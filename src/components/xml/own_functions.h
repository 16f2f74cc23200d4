// Functions of ours in XPath, for what libxml2 evaluates wrong or without counting it.
//
// - Where elements are numbered, it puts a text before elements and attributes that it follows (order.h).
// - It compares two sets of nodes each with each.
// - Only steps along axes count for it, not texts that it makes of nodes, copies, searches and compares.

#pragma once

#include <libxml/xpath.h>

namespace batchout::xml {

/// Makes them known to an XPath of libxml2. Standard functions that make texts become those that count
/// what they will do.
void register_own_functions(xmlXPathContext& context);

}  // namespace batchout::xml
