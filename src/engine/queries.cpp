// Tables are lists of blocks over the values that extraction made; results share nothing with them.

#include "engine/queries.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/guard.h"
#include "engine/rows.h"

namespace batchout {
namespace {

std::string place_of(const PlannedQuery& query) {
  return "selectors." + query.selector;
}

ParameterRow row_of(const Block& block, std::size_t row) {
  ParameterRow parameters;
  for (std::size_t column = 0; column < block.shape().columns.size(); ++column) {
    const ColumnShape& shape = block.shape().columns[column];
    const Cell cell = block.column(column).cell(row);
    auto& value = parameters.emplace_back(shape.name, std::nullopt).second;
    if (!cell.empty()) append_text(cell, shape.zone, value.emplace());
  }
  return parameters;
}

}  // namespace

Result<> Queries::prepare() {
  for (const PlannedWriter& writer : plan_.writers) {
    std::unique_ptr<Query>& query = queries_.emplace_back();
    if (!writer.query) continue;
    BATCHOUT_TRY(query, guarded(place_of(*writer.query), writer.query->make));
  }
  for (const PlannedInput& input : plan_.inputs) {
    std::unique_ptr<Query>& query = parameters_.emplace_back();
    if (!input.parameters) continue;
    BATCHOUT_TRY(query, guarded(place_of(input.parameters->query), input.parameters->query.make));
  }
  before_.resize(plan_.tables.size());
  return {};
}

void Queries::add(std::size_t input, std::size_t table, std::span<const Block> blocks, Batch& batch) const {
  for (std::size_t i = 0; i < plan_.tables.size(); ++i)
    for (const PlannedSelection& source : plan_.tables[i].sources)
      if (source.input == input && source.table == table)
        for (const Block& block : blocks) batch.sources[i].push_back(block.projected(source.shape, source.columns));
}

Result<> Queries::run(Batch& batch, const std::stop_token& stop) {
  if (plan_.tables.empty() || batch.queried) return {};
  const std::vector<std::span<const Block>> tables(batch.sources.begin(), batch.sources.end());
  for (std::size_t writer = 0; writer < queries_.size(); ++writer) {
    if (queries_[writer] == nullptr) continue;
    BATCHOUT_TRY(std::vector<Block> rows,
                 guarded(place_of(*plan_.writers[writer].query), [&] { return queries_[writer]->run(tables, stop); }));
    if (plan_.drop_empty_rows)
      for (Block& block : rows) batch.rows_dropped += drop_empty_rows(block);
    batch.tables[writer].front() = std::move(rows);
  }
  batch.queried = true;
  return {};
}

void Queries::remember(Batch batch) {
  const auto wants = [](const PlannedInput& input) { return input.parameters && !input.parameters->same_round; };
  if (std::ranges::any_of(plan_.inputs, wants)) before_ = std::move(batch.sources);
}

Result<std::vector<ParameterRow>> Queries::parameters_of(std::size_t input, const Batch& batch,
                                                         const std::stop_token& stop) {
  std::vector<ParameterRow> rows;
  if (parameters_[input] == nullptr) return rows;
  const PlannedParameters& planned = *plan_.inputs[input].parameters;
  const auto& rounds = planned.same_round ? batch.sources : before_;
  const std::vector<std::span<const Block>> tables(rounds.begin(), rounds.end());
  BATCHOUT_TRY(std::vector<Block> blocks,
               guarded(place_of(planned.query), [&] { return parameters_[input]->run(tables, stop); }));
  for (Block& block : blocks) {
    drop_empty_rows(block);
    for (std::size_t row = 0; row < block.rows(); ++row) rows.push_back(row_of(block, row));
  }
  return rows;
}

std::unexpected<Error> Queries::too_large(const Batch& batch) const {
  const auto writer = std::ranges::find_if(plan_.writers, [](const PlannedWriter& w) { return w.query.has_value(); });
  const auto reader =
      std::ranges::find_if(plan_.inputs, [](const PlannedInput& i) { return i.parameters.has_value(); });
  std::string place = "selectors";
  if (writer != plan_.writers.end())
    place = place_of(*writer->query);
  else if (reader != plan_.inputs.end())
    place = place_of(reader->parameters->query);
  std::string limit = fmt::format("{} MiB of memory", plan_.batch.memory >> 20);
  if (batch.rows >= plan_.batch.rows) limit = fmt::format("{} rows", plan_.batch.rows);
  if (batch.bytes >= plan_.batch.bytes) limit = fmt::format("{} MiB of payloads", plan_.batch.bytes >> 20);
  return fail_at(
      place, Verdict::configuration, "BO445",
      fmt::format("A query needs all rows of a round at once, and this round is too large for that; limit {}", limit));
}

}  // namespace batchout
