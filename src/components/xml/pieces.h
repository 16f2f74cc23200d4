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

struct Route;

/// What is found from one node.
struct Piece {
  /// Predicates that merge are paths, too, which find the node where they begin, or nothing. Only these merge.
  std::string path;
  /// Instead of a path, for a step with positions among what its predicates before have left.
  std::vector<Route> routes;
};

/// How nodes are found in pieces; a union is several routes.
struct Route {
  /// Where the route begins: at all nodes that these find. None: at the node that is asked.
  std::vector<Route> start;
  /// An expression of kFound, which is all of `start`, in the order of the document. Empty: no predicates.
  std::string filter;
  /// What one finds is where the next one begins.
  std::vector<Piece> pieces;
};

/// An expression in which nothing merges, of sets that are found before.
struct Plan {
  /// In it the sets are `kFound` and a number from 0. Empty: the expression is the only set itself.
  std::string text;
  std::vector<std::vector<Route>> sets;
};

inline constexpr std::string_view kFound = "$found";

/// Nothing for an expression that merges in what cannot be taken apart: paths that follow namespaces or have an
/// argument in front of them that merges, and predicates that merge and may ask for a position, or stand before one
/// that does on an axis that goes backwards.
std::optional<Plan> plan_of(const Expr& expr);

}  // namespace batchout::xml
