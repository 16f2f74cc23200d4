// What a committed batch leaves behind for people: counters in the summary, and one warning per kind of trouble.

#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "batchout/log.h"
#include "batchout/pipeline.h"
#include "engine/batch.h"
#include "engine/delivery.h"
#include "plan/plan.h"

namespace batchout {

/// A type as a configuration names it.
std::string_view type_name(Kind kind);

/// The payload of a row, as the end of a message; empty if it is not known.
std::string origin_of(const Batch& batch, std::size_t input, const Reject& reject);

/// The error of a value whose column says `on_error: stop`. Always an error, with the verdict `row`: nothing of the
/// batch is stored, and the position stays before the payload.
Result<> stop_at(const Plan& plan, const Batch& batch, const Refused& refused);

/// Adds `batch` to `summary`. Rejects are counted by code and the first of each code is logged; failed casts are
/// counted by column and each column is logged once, with a sample. Takes the rejects of the outputs out of `delivery`,
/// so it is called once for each committed batch.
void account(const Plan& plan, const Batch& batch, Delivery& delivery, const LogSink& log, Summary& summary);

}  // namespace batchout
