// Positions of inputs in the SQLite file that takes the rows: the table `batchout_source_position`. The same promise as
// in PostgreSQL: a claim raises the epoch of a unit, and who names an older one moves nothing.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "batchout/component.h"
#include "components/sqlite/store.h"
#include "data/pipeline_traces.h"

namespace batchout {

/// Notes in `batchout_pipeline` what the pipeline writes to, and its place, unless another pipeline has the name
/// (same_pipeline). To be called in such a transaction, too.
Result<> claim_name_in(SqliteStore& store, const std::string& pipeline, const PipelineTraces& now);

/// To be called in a transaction that has the writer's lock, which is what makes claims and moves follow each other.
Result<std::vector<Claim>> claim_in(SqliteStore& store, const std::string& pipeline, std::span<const Unit> units);

/// The same. BO536 with the verdict `fenced` if a unit has been claimed since, and then nothing may be committed.
Result<> advance_in(SqliteStore& store, const std::string& pipeline, std::span<const Move> moves);

/// As PositionBook says; `change_in` in such a transaction, too.
Result<std::vector<KeptPosition>> kept_in(SqliteStore& store, const std::string& pipeline);
Result<> change_in(SqliteStore& store, const std::string& pipeline, std::span<const PositionChange> changes);

}  // namespace batchout
