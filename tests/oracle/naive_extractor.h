// The naive evaluator in the place of the JSON extractor.

#pragma once

#include "batchout/component.h"

namespace batchout::oracle {

/// From now on `jsonpath` of this registry is the naive evaluator, which refuses no path.
void use_naive_extractor(Registry& registry);

}  // namespace batchout::oracle
