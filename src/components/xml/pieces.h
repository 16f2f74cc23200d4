// Which expressions cost libxml2 the square of what they find, and how they are taken apart so that they do not.
//
// From each of several nodes, a step like `..` or `//` may find what another one has found before. libxml2 compares
// each node with all before, without counting that as steps. In pieces, each of which begins with such a step, a path
// is evaluated from one node at a time, where nothing can be found twice.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "components/xml/expr.h"

namespace batchout::xml {

/// True if a step of a path in the expression, or a union, may have libxml2 compare nodes with each other. Rather yes
/// than no.
bool merges(const Expr& expr);

/// How nodes are found in pieces; a union is several routes.
struct Route {
  /// Where the route begins: at all nodes that these find. None: at the node that is asked.
  std::vector<Route> start;
  /// An expression of kFound, which is all of `start`, in the order of the document. Empty: no predicates.
  std::string filter;
  /// Paths. What one finds is where the next one begins. Predicates that merge are pieces, too, which find the node
  /// where they begin, or nothing. Only these merge.
  std::vector<std::string> pieces;
};

/// An expression in which nothing merges, of sets that are found before.
struct Plan {
  /// In it the sets are `kFound` and a number from 0. Empty: the expression is the only set itself.
  std::string text;
  std::vector<std::vector<Route>> sets;
};

inline constexpr std::string_view kFound = "$found";

/// Nothing for an expression that merges in what cannot be taken apart: paths that follow namespaces, have an argument
/// in front of them that merges, or behind a predicate that merges, or in it, what may ask for positions.
std::optional<Plan> plan_of(const Expr& expr);

/// True if `word` stands in the path, and `sign` behind it or the blanks behind it; also in quotes, and at the end of a
/// name.
bool has_before(std::string_view path, std::string_view word, std::string_view sign);

}  // namespace batchout::xml
