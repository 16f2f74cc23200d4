// Positions of an earlier version have no such row beside them: then the first pipeline that comes is the right one.

#include "components/postgres/pipeline_name.h"

#include <fmt/format.h>

#include "components/postgres/identifier.h"
#include "components/postgres/positions.h"

namespace batchout::postgres {
namespace {

constexpr std::string_view kNaming = "Looking at the names of pipelines in batchout_delivery.pipeline";
constexpr std::string_view kPrivilege = "42501";

/// False if our role may not. A table that was made before places were kept gets the column.
Result<bool> make_table(Connection& connection) {
  const auto there =
      connection.query(kNaming,
                       "SELECT NOT EXISTS (SELECT 1 FROM pg_attribute WHERE attname = 'place' AND NOT attisdropped"
                       " AND attrelid = to_regclass('batchout_delivery.pipeline'))");
  if (!there) return positions_refused(connection, there.error());
  if (there->at(0, 0) == "f") return true;
  const Result<> made = connection.run(
      kNaming, "BEGIN; SELECT pg_advisory_xact_lock(6207415236); " + pipeline_table_sql() +
                   " ALTER TABLE batchout_delivery.pipeline ADD COLUMN IF NOT EXISTS place text NOT NULL DEFAULT '';"
                   " COMMIT");
  if (made) return true;
  const bool refused = connection.failed_state() == kPrivilege;
  connection.rollback();
  if (refused) return false;
  return std::unexpected(made.error());
}

Result<PipelineTraces> kept_traces(Connection& connection, const std::string& pipeline) {
  PipelineTraces kept;
  BATCHOUT_TRY(const Rows rows,
               connection.query(kNaming, fmt::format("SELECT 't', unnest(targets) FROM batchout_delivery.pipeline"
                                                     " WHERE pipeline = {0} UNION ALL SELECT 'p', place"
                                                     " FROM batchout_delivery.pipeline WHERE pipeline = {0}"
                                                     " UNION ALL SELECT DISTINCT 's', source"
                                                     " FROM batchout_delivery.source_position"
                                                     " WHERE pipeline = {0} AND next_pos IS NOT NULL",
                                                     literal(pipeline))));
  for (std::size_t row = 0; row < rows.size(); ++row)
    if (rows.at(row, 0) == "p")
      kept.place = rows.at(row, 1);
    else
      (rows.at(row, 0) == "t" ? kept.targets : kept.sources).emplace(rows.at(row, 1));
  return kept;
}

Result<> note(Connection& connection, const std::string& pipeline, const PipelineTraces& now) {
  std::string list;
  for (const std::string& target : now.targets) list += (list.empty() ? "" : ", ") + literal(target);
  return connection.run(kNaming, fmt::format("INSERT INTO batchout_delivery.pipeline (pipeline, targets, place)"
                                             " VALUES ({}, ARRAY[{}]::text[], {})"
                                             " ON CONFLICT (pipeline) DO UPDATE SET targets = EXCLUDED.targets,"
                                             " place = EXCLUDED.place, updated_at = clock_timestamp()",
                                             literal(pipeline), list, literal(now.place)));
}

}  // namespace

std::string pipeline_table_sql() {
  return "CREATE TABLE IF NOT EXISTS batchout_delivery.pipeline (pipeline text PRIMARY KEY, targets text[] NOT NULL, "
         "updated_at timestamptz NOT NULL DEFAULT clock_timestamp(), place text NOT NULL DEFAULT '');";
}

Result<> claim_name(Connection& connection, const std::string& pipeline, const PipelineTraces& now, const Log& log) {
  BATCHOUT_CHECK(make_position_tables(connection));
  BATCHOUT_TRY(const bool there, make_table(connection));
  auto kept = there ? kept_traces(connection, pipeline) : Result<PipelineTraces>(PipelineTraces{});
  const bool may = there && (kept || connection.failed_state() != kPrivilege);
  if (may && !kept) return std::unexpected(kept.error());
  if (may) BATCHOUT_CHECK(same_pipeline(pipeline, *kept, now));
  if (may && kept->targets == now.targets && kept->place == now.place) return {};
  const Result<> noted = may ? note(connection, pipeline, now) : Result<>{};
  if (!noted && connection.failed_state() != kPrivilege) return noted;
  if (!may || !noted)
    log.info(
        "Another pipeline of this name would not be noticed, because the role may not make, alter or use the table "
        "batchout_delivery.pipeline");
  return {};
}

}  // namespace batchout::postgres
