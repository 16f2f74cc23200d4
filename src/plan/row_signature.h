// What a plan delivers, as text: two plans with equal texts make the same rows of the same payloads.

#pragma once

#include <string>

#include "plan/plan.h"

namespace batchout {

/// For each output, in order: its columns with their paths and casts, and how levels combine to its rows. Leaves out
/// the names of writers and selectors, the languages of paths and the texts of queries.
std::string row_signature(const Plan& plan);

}  // namespace batchout
