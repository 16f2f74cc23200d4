// Columns that show where in its payload a row comes from: positions of list elements, and paths with their slots
// filled.

#pragma once

#include "data/extraction.h"
#include "data/projection.h"

namespace batchout {

/// Fills the origin columns of a projection, after a program has filled everything else: one cell per entry of their
/// levels. A path in which an index has no value that can stand in it (an element that is an object) is null.
void fill_origins(const Projection& projection, Extraction& extraction);

}  // namespace batchout
