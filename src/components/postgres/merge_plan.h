// How rows of one shape are merged into a target: settings and catalog put together, and checked against each other.

#pragma once

#include <functional>
#include <string>

#include "batchout/block.h"
#include "components/postgres/config.h"
#include "components/postgres/stage.h"

namespace batchout::postgres {

/// Once for each new text: what people should know and is no error.
using Warn = std::function<void(const std::string& text)>;

/// `target` must stay where it is; `stage` is empty where rows are only inserted. Columns are in the order of the
/// shape.
Result<Merge> plan_merge(const Target& target, const Config& config, Dialect dialect, const TableShape& shape,
                         const std::string& stage, const Warn& warn);

}  // namespace batchout::postgres
