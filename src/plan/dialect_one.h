// Our own dialect, `batchout: 1`, on its way into the form that declarations.h reads.
//
// One rewriting of the tree: short forms become mappings with a type, and what is obvious is written out (the only
// extractor, the reader of all inputs, the writers). Whoever reads the result knows one form only.

#pragma once

#include <string>
#include <vector>

#include "batchout/node.h"
#include "batchout/result.h"

namespace batchout {

/// A configuration without short forms.
struct Normalised {
  Node config;
  /// What was put in, a sentence each.
  std::vector<std::string> inferred;
  /// Key paths of values that are reported and of no use: what else is wrong with them or below them is no news.
  std::vector<std::string> reported;
};

/// True if the configuration says that it is written in our own dialect, whatever its version.
bool has_own_dialect(const Node& config);

/// `config` says `batchout: 1`. Places of values stay; what is put in has the place of what it was made for.
Normalised normalised(const Node& config, const std::string& file, Problems& problems);

/// Columns of a list selector as written: `name` or `name as result`. Blanks around both are dropped.
struct PickedName {
  std::string column;
  std::string result;
};
PickedName picked_name(std::string_view text);

}  // namespace batchout
