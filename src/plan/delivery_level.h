// Which promise a plan can keep.

#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"

namespace batchout {

/// What keeps the rows of a good plan from being stored exactly once, a sentence each; empty if nothing does.
/// Components are built for that, which touches nothing outside.
std::vector<std::string> obstacles_to_exactly_once(const Plan& plan);

}  // namespace batchout
