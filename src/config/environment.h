// What a component's mapping gets from outside before it is decoded: section defaults, then the environment.

#pragma once

#include <functional>
#include <optional>
#include <string>

#include "batchout/node.h"
#include "batchout/spec.h"

namespace batchout {

/// The value of a variable, or nothing if it is unset. A variable set to nothing is set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The environment of this process. Reads it at each call; nobody may change it meanwhile from another thread (getenv
/// is not safe against setenv).
Environment process_environment();

/// Adds what `defaults` has and `component` has not; whole values, the component's own keys win. Does nothing if one of
/// them is no mapping. Merged entries are marked as inherited.
void merge_defaults(Node& component, const Node& defaults);

/// Replaces the settings that `from_env` (setting: variable) names by texts from `environment`. An unset variable keeps
/// the file's value, unless that is missing, null, empty, 0 or false: then it is a problem. Defaults come before, since
/// they may hold a `from_env`. All problems go to `decoding`; they name the variable, never a value.
void resolve_environment(Node& component, const Environment& environment, const Decoding& decoding);

}  // namespace batchout
