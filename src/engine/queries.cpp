// Tables are lists of blocks over the values that extraction made; results share nothing with them.

#include "engine/queries.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/guard.h"
#include "engine/rows.h"

namespace batchout {
namespace {

std::string place_of(const PlannedWriter& writer) {
  return "selectors." + writer.query->selector;
}

}  // namespace

Result<> Queries::prepare() {
  for (const PlannedWriter& writer : plan_.writers) {
    std::unique_ptr<Query>& query = queries_.emplace_back();
    if (!writer.query) continue;
    BATCHOUT_TRY(query, guarded(place_of(writer), writer.query->make));
  }
  return {};
}

void Queries::add(std::size_t input, std::span<const Block> blocks, Batch& batch) const {
  for (std::size_t table = 0; table < plan_.tables.size(); ++table)
    for (const PlannedSelection& source : plan_.tables[table].sources)
      if (source.input == input)
        for (const Block& block : blocks) batch.sources[table].push_back(block.projected(source.shape, source.columns));
}

Result<> Queries::run(Batch& batch, const std::stop_token& stop) {
  if (plan_.tables.empty() || batch.queried) return {};
  const std::vector<std::span<const Block>> tables(batch.sources.begin(), batch.sources.end());
  for (std::size_t writer = 0; writer < queries_.size(); ++writer) {
    if (queries_[writer] == nullptr) continue;
    BATCHOUT_TRY(std::vector<Block> rows,
                 guarded(place_of(plan_.writers[writer]), [&] { return queries_[writer]->run(tables, stop); }));
    if (plan_.drop_empty_rows)
      for (Block& block : rows) batch.rows_dropped += drop_empty_rows(block);
    batch.tables[writer].front() = std::move(rows);
  }
  batch.queried = true;
  return {};
}

std::unexpected<Error> Queries::too_large() const {
  const auto writer = std::ranges::find_if(plan_.writers, [](const PlannedWriter& w) { return w.query.has_value(); });
  return fail_at(place_of(*writer), Verdict::configuration, "BO445",
                 fmt::format("A query needs all rows of a round at once, and this round is too large for that; limit "
                             "{} MiB of payloads",
                             plan_.batch.bytes >> 20));
}

}  // namespace batchout
