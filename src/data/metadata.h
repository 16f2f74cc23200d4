// Columns that show what the input knows of a payload beside its bytes.

#pragma once

#include "batchout/payloads.h"
#include "data/extraction.h"
#include "data/projection.h"

namespace batchout {

/// Appends one cell per payload entry of `extraction` to column `number` of its values: absent if the input does not
/// have what `origin` names. Bytes that are not UTF-8 are a value that does not fit. A header without a name stands for
/// something that no input notes: whether the payload has no value.
void fill_metadata(const OriginColumn& origin, const Payloads& payloads, std::size_t number, Extraction& extraction);

}  // namespace batchout
