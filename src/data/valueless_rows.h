// Rows of payloads that have no value, of which nothing is known but what stands beside it.

#pragma once

#include "batchout/payloads.h"
#include "data/extraction.h"
#include "data/projection.h"

namespace batchout {

/// True for an entry that had no value: nothing is wrong with it but that.
inline bool is_valueless(const Payloads& payloads, std::size_t payload) {
  return payloads.entry(payload).state == Payloads::State::missing && payloads.fault(payload).empty();
}

/// Gives every valueless payload the entry at the payload level that it would have in its place, with absent cells and
/// without entries at the levels below. To be called between a program and `fill_origins`.
void add_valueless(const Projection& projection, const Payloads& payloads, Extraction& extraction);

}  // namespace batchout
