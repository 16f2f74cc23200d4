// Rows that say nothing: the old dialects drop them when they are made, and again behind every selector.

#pragma once

#include <cstdint>

#include "batchout/block.h"

namespace batchout {

/// Takes the rows out of `block` whose counting cells are all absent or null; returns how many. A table without
/// counting columns keeps its rows. Zero, false and empty text are values here: the original dropped rows of those,
/// too, and lost data by it.
std::uint64_t drop_empty_rows(Block& block);

}  // namespace batchout
