// A projection with its paths compiled, each anchored as deep as possible.
//
// A path that passes through an index's own path and slot (`sessions[{i}].id` with `i` over `sessions`) is evaluated
// from the element on which the walk stands: the same result, without finding the list again for each element.

#pragma once

#include <vector>

#include "components/json/path.h"
#include "data/projection.h"

namespace batchout::json {

/// A path from the element of the current entry of level `base` (kPayloadLevel: from the document).
struct Anchored {
  LevelId base = kPayloadLevel;
  Path rest;
};

/// How an extractor reads paths and documents.
struct Options {
  Syntax syntax = Syntax::jsonpath_rw;
  /// Documents may contain NaN, Infinity and -Infinity.
  bool lenient = false;

  bool operator==(const Options&) const = default;
};

struct CompiledProjection {
  /// Paths that do not compile match nothing; `check` refuses them before.
  explicit CompiledProjection(const Projection& source, const Options& chosen = {});

  Projection projection;
  Options options;
  /// Paths of indexes; that of the payload is empty.
  std::vector<Anchored> levels;
  std::vector<Anchored> columns;
};

}  // namespace batchout::json
