// What libxml2 evaluates wrong or too slowly is written anew with functions of ours.
//
// - Where elements are numbered, it puts a text before elements and attributes that it follows (order.h). That shows
//   where the first of several nodes is taken: in `(a | b/text())[1]` and in functions of texts and numbers.
// - It compares two sets of nodes each with each, and counts no steps for that.

#pragma once

#include <libxml/xpath.h>

#include "components/xml/expr.h"

namespace batchout::xml {

/// Makes the functions known to an XPath of libxml2.
void register_own_functions(xmlXPathContext& context);

/// Calls them where they are needed, also in predicates.
void call_own_functions(Expr& expr);

}  // namespace batchout::xml
