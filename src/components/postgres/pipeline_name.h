// Who may keep positions under the name of a pipeline: the table `batchout_delivery.pipeline`.

#pragma once

#include <string>

#include "batchout/log.h"
#include "components/postgres/connection.h"
#include "data/pipeline_traces.h"

namespace batchout::postgres {

/// What makes the table where it is missing; its schema has to be there.
std::string pipeline_table_sql();

/// Notes what the pipeline writes to, and its place, unless another pipeline has the name (same_pipeline). To be called
/// outside a transaction. Where the table or a column is missing and our role may not make it, nothing is noted and
/// nobody refused.
Result<> claim_name(Connection& connection, const std::string& pipeline, const PipelineTraces& now, const Log& log);

}  // namespace batchout::postgres
