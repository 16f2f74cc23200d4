// What is known of a payload beside its bytes, as its dead letter has it.

#pragma once

#include <cstddef>
#include <string>

#include "batchout/payloads.h"
#include "plan/plan.h"

namespace batchout {

/// As they stand in the object.
inline constexpr std::size_t kOtherHeadersMax = 64 << 10;

/// A JSON object with the names of the extractor meta: topic, partition, offset, timestamp (milliseconds), key, file,
/// status, and headers: those that columns of the input ask for, and of all others as many as have no more than
/// kOtherHeadersMax bytes; how many have not is told as headers_left_out. Bytes that are no text are {"base64": …}.
/// Empty if nothing is known.
std::string letter_metadata(const Payloads& payloads, std::size_t payload, const PlannedInput& input);

}  // namespace batchout
