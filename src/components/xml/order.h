// Nodes in the order of their document.

#pragma once

#include <libxml/xpath.h>

namespace batchout::xml {

/// Sorts a set that XPath has found. libxml2 puts a text too early where elements are numbered (xmlXPathOrderDocElems)
/// and the set has elements or attributes as well. Sets with namespaces keep their order.
void sort_nodes(xmlNodeSet& nodes);

/// The same, for a set that libxml2 has sorted already.
void correct_order(xmlNodeSet& nodes);

}  // namespace batchout::xml
