// Expressions are written anew to call functions of ours (own_functions.h).

#pragma once

#include "components/xml/expr.h"

namespace batchout::xml {

/// Calls them where they are needed, also in predicates: where the first one of several kinds of nodes is taken, as in
/// `(a | b/text())[1]` and in functions of texts and numbers, or one of those that `id` finds, and where texts are made
/// of nodes for an operator.
void call_own_functions(Expr& expr);

}  // namespace batchout::xml
