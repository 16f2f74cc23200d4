// A plan that reads letters in place of its inputs, and marks them in the transaction that stores their rows.

#pragma once

#include <cstddef>

#include "pipeline/replay.h"
#include "plan/plan.h"

namespace batchout {

/// `plan` with inputs that give what `desk` has, outputs that get only the rows that are missing, and with `letters`,
/// a position in its stores, as the one that commits last and marks the letters. A payload goes in as a whole or stays
/// a letter. `dry`: every transaction is rolled back instead of committed. The desk must outlive the plan.
Plan replay_plan(const Plan& plan, std::size_t letters, ReplayDesk& desk, bool dry);

/// Builds the outputs, which touches nothing.
Result<ReplayRisks> replay_risks(const Plan& plan);

}  // namespace batchout
