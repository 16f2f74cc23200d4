// The judge of `expand`: the rows that a map makes of extracted entries, one at a time.

#pragma once

#include <cstdint>
#include <vector>

#include "data/program.h"

namespace batchout::property {

/// A row: the entry of each level, or Block::kNone.
using Row = std::vector<std::uint32_t>;

/// The rows of all payloads, in order, without regard to limits.
std::vector<Row> rows_of(const Projection& projection, const Extraction& extraction);

}  // namespace batchout::property
