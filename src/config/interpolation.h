// `${NAME}`, `${NAME:-default}` and `${file:path}` in the values of a configuration.

#pragma once

#include <string>

#include "batchout/node.h"
#include "batchout/result.h"
#include "config/environment.h"

namespace batchout {

/// Where the values come from.
struct Interpolation {
  Environment environment;
  /// Where relative paths of files resolve; empty: the working directory.
  std::string folder;
  /// Of the configuration, for problems.
  std::string file;
};

/// The tree with every text interpolated; keys stay as they are. A variable gives its text, also an empty one; without
/// it the default counts, which also replaces an empty text. A file gives its text without one line end at its end.
/// `$${` is `${` as text; any other `$` is itself.
///
/// A text with a value in it is marked as coming from the environment: it is never read as YAML, converts to the type
/// of its setting, and appears in no message. What cannot be interpolated is reported and becomes null.
Node interpolated(const Node& root, const Interpolation& from, Problems& problems);

}  // namespace batchout
