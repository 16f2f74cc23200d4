// Which paths cost libxml2 the square of what they find, and how they are taken apart so that they do not.
//
// From each of several nodes, a step like `..` or `//` may find what another one has found before. libxml2 compares
// each node with all before, without counting that as steps. In pieces, each of which begins with such a step, a path
// is evaluated from one node at a time, where nothing can be found twice.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace batchout::xml {

/// True if a step of the path, a path in its predicates, or a union may have libxml2 compare nodes with each other.
/// Rather yes than no. The path is complete and valid.
bool merges(std::string_view path);

/// The paths between `|`, each in pieces: what a piece finds is where the next one begins. Predicates that merge are
/// pieces, too, which find the node where they begin, or nothing. Only these merge, and `.//..`. None, if the path is
/// another expression around paths, follows namespaces, or has behind a predicate that merges, or in it, what may ask
/// for positions.
std::vector<std::vector<std::string>> pieces_of(std::string_view path);

/// True if `word` stands in the path, and `sign` behind it or the blanks behind it; also in quotes, and at the end of a
/// name.
bool has_before(std::string_view path, std::string_view word, std::string_view sign);

/// A function of a set of nodes.
struct Call {
  std::string_view function;
  std::string_view path;
  /// It takes the first node of the set.
  bool of_first = false;
};

/// What the expression is, if it is nothing but the call of one with one argument. Which may be no path, for functions
/// that take other things, too.
std::optional<Call> call_of(std::string_view path);

}  // namespace batchout::xml
