// A plan that shows its rows instead of storing them.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "batchout/pipeline.h"
#include "plan/given_metadata.h"
#include "plan/plan.h"

namespace batchout {

/// `plan` with every output replaced by one that hands its blocks to `sink`, and every input by one that ends after
/// `preview.payloads_max` payloads and acknowledges nothing. `sink` must outlive the plan.
Plan preview_plan(const Plan& plan, const Pipeline::Preview& preview, const Pipeline::PreviewSink& sink);

/// A payload in place of an input's.
struct PayloadToGive {
  std::string bytes;
  std::vector<MetaNote> notes;
};

/// Payloads by the names of inputs.
using PayloadsOfInputs = std::map<std::string, std::vector<PayloadToGive>, std::less<>>;

/// The same, but that inputs give these payloads and nothing else: none is even built, so nothing connects.
Plan rehearsal_plan(const Plan& plan, const PayloadsOfInputs& payloads, const Pipeline::PreviewSink& sink);

}  // namespace batchout
