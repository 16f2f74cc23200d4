// From the maps of an input to its projection.

#pragma once

#include <optional>
#include <string>

#include "plan/declarations.h"
#include "plan/plan.h"

namespace batchout {

/// Puts columns and indexes together as the map `input: map` says (dialect 0.3.0), or all of them (0.0.1, where all
/// indexes multiply); in our own dialect for each table of the input, by its map or by the one that its paths imply.
/// Fills extractor, projection, steps, shape and further tables of `input`. Reports problems and returns false if
/// one of them is an error. `input` has its name already, and may keep half of the rest after an error: such a plan is
/// given to nobody. `mark` is where the input is declared; `inferred` is told of maps that nobody wrote.
bool compile_map(const Declarations& declarations, const std::string& file, Node::Mark mark, PlannedInput& input,
                 std::vector<std::string>& inferred, Problems& problems);

/// Checks the paths of columns and indexes that no map lists, as far as that goes without a place in a map. `plan` says
/// which are in use. Slots may name any index, since nobody knows which would enclose them.
void check_unmapped_paths(const Declarations& declarations, const std::string& file, const Plan& plan,
                          Problems& problems);

}  // namespace batchout
