// Rows that need other rows, in an order in which each has what it needs.

#pragma once

#include <cstddef>
#include <vector>

namespace batchout::postgres {

/// Groups of rows that need each other in a circle, each in its order; most have one row. A group needs only rows of
/// itself and of those before it. For each row `needs` has others that it needs.
std::vector<std::vector<std::size_t>> groups_of(const std::vector<std::vector<std::size_t>>& needs);

}  // namespace batchout::postgres
