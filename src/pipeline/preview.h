// A plan that shows its rows instead of storing them.

#pragma once

#include "batchout/pipeline.h"
#include "plan/plan.h"

namespace batchout {

/// `plan` with every output replaced by one that hands its blocks to `sink`, and every input by one that ends after
/// `preview.payloads_max` payloads and acknowledges nothing. `sink` must outlive the plan.
Plan preview_plan(const Plan& plan, const Pipeline::Preview& preview, const Pipeline::PreviewSink& sink);

}  // namespace batchout
