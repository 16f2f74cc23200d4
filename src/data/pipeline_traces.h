// Whether two pipelines of one name are the same one.

#pragma once

#include <set>
#include <string>

#include "batchout/result.h"

namespace batchout {

/// What a pipeline reads and writes, as far as a store can tell: sources of units, and its tables there.
struct PipelineTraces {
  std::set<std::string> sources, targets;
};

/// `kept` is known of the pipeline of this name, `now` wants to claim units under it. A pipeline stays the same while
/// it is changed, as long as it has a source or a target in common with what it was. BO581 if it has neither; nothing
/// is told of a pipeline of which nothing is kept.
Result<> same_pipeline(const std::string& name, const PipelineTraces& kept, const PipelineTraces& now);

}  // namespace batchout
