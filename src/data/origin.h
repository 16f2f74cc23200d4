// Columns that show where a row comes from: positions of list elements, paths with their slots filled, and what the
// input knows of the payload.

#pragma once

#include "batchout/payloads.h"
#include "data/extraction.h"
#include "data/projection.h"

namespace batchout {

/// Fills the origin columns of a projection, after a program has filled everything else: one cell per entry of their
/// levels. A resolved path is written in the language of its innermost index, with quotes and escapes where a value
/// needs them, so that it finds what the entry stands for; what that language does not read is text with values in it.
/// A path in which an index has no value that can stand in it (an element that is an object) is null. Metadata that is
/// not UTF-8 does not fit its column.
void fill_origins(const Projection& projection, const Payloads& payloads, Extraction& extraction);

}  // namespace batchout
