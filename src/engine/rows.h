// Rows that say nothing: the old dialects drop them when they are made, and again behind every selector.

#pragma once

#include <cstdint>
#include <set>
#include <utility>

#include "batchout/block.h"

namespace batchout {

/// Payloads of one input: unit and position.
using PayloadSet = std::set<std::pair<UnitId, std::int64_t>>;

/// Takes the rows out of `block` whose counting cells are all absent or null; returns how many. A table without
/// counting columns keeps its rows. Zero, false and empty text are values here: the original dropped rows of those,
/// too, and lost data by it. In rows of the payloads `valueless` all cells count: metadata is all that they have.
std::uint64_t drop_empty_rows(Block& block, const PayloadSet& valueless = {});

}  // namespace batchout
