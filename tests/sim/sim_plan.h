// The plan that the simulation runs, and what happens to one seed.

#pragma once

#include <string>

#include "plan/plan.h"
#include "world.h"

namespace batchout::sim {

/// Every source of `world` into every database; a payload "unit@offset fate n" becomes rows "unit@offset#0" to "#n-1",
/// or a reject. `world` must outlive the plan.
Plan plan_of(World& world);

struct Finding {
  std::string violation;  ///< The first broken promise; empty if all were kept.
  Counts counts;
};

/// Runs engines on the world of `seed`, as often as they die, until everything has been read.
/// `echoes`: each row leads to another one, in the same round.
Finding run_seed(std::uint64_t seed, Ablation ablation, bool verbose = false, bool echoes = false);

}  // namespace batchout::sim
