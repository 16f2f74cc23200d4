// A projection with its paths anchored: `/a/b[{i}]/c` with `i` over `/a/b` is `./c` from the element of the entry.
//
// In XPath `/a/b[2]` is the second b of each a, while entries count through all of them. Both are the same if all the
// elements of the index have one parent, which a walk finds out for each document; `(/a/b)[2]` is the same always.

#pragma once

#include <string>
#include <vector>

#include "components/xml/path.h"
#include "data/projection.h"

namespace batchout::xml {

struct Anchored {
  /// From the root element, marked.
  std::string full;
  /// Where `rest` begins; kPayloadLevel: there is no such way.
  LevelId base = kPayloadLevel;
  /// From the element of the current entry of `base`: empty, or begins with / or [.
  std::string rest;
  /// `rest` holds for elements of several parents, too.
  bool always = false;
};

/// Immutable, shared by lanes; the projection is a copy.
struct CompiledProjection {
  CompiledProjection(const Projection& source, Namespaces prefixes);

  Projection projection;
  Namespaces namespaces;
  /// Paths of indexes; that of the payload is empty.
  std::vector<Anchored> levels;
  std::vector<Anchored> columns;
};

}  // namespace batchout::xml
