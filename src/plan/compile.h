// From a configuration to a plan.

#pragma once

#include <expected>
#include <string>

#include "batchout/node.h"
#include "batchout/result.h"
#include "config/environment.h"
#include "plan/plan.h"

namespace batchout {

/// What a configuration does not say about itself.
struct CompileOptions {
  /// As the user named it; empty for a configuration built in code.
  std::string file;
  /// Where relative paths resolve.
  std::string folder;
  /// Asked while components are decoded, never later.
  Environment environment = process_environment();
};

/// Resolves and checks everything that can be checked without touching the outside world. Reports every problem, not
/// only the first; no plan if one of them is an error. `config` is a mapping (load.h sees to that); neither it nor
/// `registry` has to outlive the plan. `problems` is appended to and comes back sorted by place, each once.
std::optional<Plan> compile_plan(const Node& config, const Registry& registry, const CompileOptions& options,
                                 Problems& problems);

}  // namespace batchout
