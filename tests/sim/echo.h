// A second level in the simulated world: an input that is read once for each row of the others, in the same round.

#pragma once

#include "plan/plan.h"
#include "world.h"

namespace batchout::sim {

/// Adds it to a plan whose inputs are all sources, and whose one writer has one column: for a row "unit@offset#n" it
/// gives the payload of a row "unit@offset#n#0". `world` must outlive the plan.
void add_echo(World& world, Plan& plan);

/// A row and its echo belong into one transaction. Says what is alone in there, or nothing.
std::string without_echo(const Transaction& transaction);

}  // namespace batchout::sim
