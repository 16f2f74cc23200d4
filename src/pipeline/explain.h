// A plan, told to people: which way each path takes, and where the rows go.

#pragma once

#include <string>

#include "plan/plan.h"

namespace batchout {

/// Lines of text, each ended. Touches nothing outside. Meant for people: its form is no interface.
std::string explained(const Plan& plan);

}  // namespace batchout
