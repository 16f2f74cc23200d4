// Whether two pipelines of one name are the same one.

#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "batchout/result.h"

namespace batchout {

/// What a pipeline reads and writes, as far as a store can tell: sources of units, and its tables there.
struct PipelineTraces {
  std::set<std::string> sources, targets;
  /// Where its configuration is (place_of_pipeline); empty: not known.
  std::string place{};
  /// Whether a source is read of which nothing has been claimed yet; null: not known.
  std::function<bool(std::string_view source)> reads{};
};

/// One text for all spellings of the folder of a configuration, in percent encoding. Empty is the working directory.
std::string place_of_pipeline(std::string_view folder);

/// `kept` is known of the pipeline of this name, `now` wants to claim units under it. A pipeline stays the same while
/// it is changed, as long as it stays in its place or has a source or a target in common with what it was. BO581 if it
/// has none of them; nothing is told of a pipeline of which nothing is kept.
Result<> same_pipeline(const std::string& name, const PipelineTraces& kept, const PipelineTraces& now);

}  // namespace batchout
