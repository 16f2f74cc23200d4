// Where dead letters are kept if not beside the rows: `pipeline: {dead_letters: …}`.

#pragma once

#include <cstddef>
#include <string>

#include "batchout/component.h"
#include "batchout/node.h"
#include "plan/plan.h"

namespace batchout {

/// Says whether letters are kept, and adds a store for them to a plan that has its outputs already: {file: PATH} or
/// {kafka: {…}} with the settings of such an output. It is the one store that no output writes to. The setting is null
/// (as true), a boolean, the text `table`, or a mapping; anything else is a problem.
void place_letters(const Node& setting, const Registry& registry, const std::string& file, Plan& plan,
                   Problems& problems);

/// No output writes to the store.
bool is_for_letters(const Plan& plan, std::size_t store);

}  // namespace batchout
