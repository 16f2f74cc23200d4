// One lane is enough for a few payloads, and starts no thread.

#include "pipeline/rehearsal.h"

#include <mutex>

#include <fmt/format.h>

#include "base/random.h"
#include "engine/engine.h"
#include "plan/declared_tests.h"

namespace batchout {
namespace {

void add_rows(const Block& block, ShownRows& shown) {
  for (std::size_t row = 0; row < block.rows(); ++row) {
    auto& cells = shown.rows.emplace_back(shown.columns.size());
    for (std::size_t c = 0; c < cells.size(); ++c)
      append_json(block.column(c).cell(row), block.shape().columns[c].zone, cells[c]);
  }
}

/// Every writer has its columns, also without a row.
void add_columns(const Plan& plan, Rehearsal& rehearsal) {
  for (const PlannedWriter& writer : plan.writers) {
    std::vector<std::string>& columns = rehearsal.rows[writer.name].columns;
    if (!columns.empty()) continue;
    for (const ColumnShape& column : shape_of(writer).columns) columns.push_back(column.name);
  }
}

}  // namespace

void rehearse(const Plan& plan, const ShownPlan& shown, std::stop_token stop, Rehearsal& rehearsal) {
  add_columns(plan, rehearsal);
  const Pipeline::PreviewSink sink = [&](std::string_view writer, const Block& block) {
    rehearsal.order.emplace_back(writer, block.rows());
    add_rows(block, rehearsal.rows.find(writer)->second);
  };
  std::mutex mutex;
  RunOptions options;
  options.lanes = 1;
  options.retry_max = std::chrono::seconds(1);
  options.log = [&](const LogRecord& record) {
    if (record.level < LogLevel::warning) return;
    const std::lock_guard lock(mutex);
    rehearsal.log.push_back(
        fmt::format("{}: {}: {}", record.level == LogLevel::warning ? "warning" : "error", record.place, record.text));
  };
  SteadyClock clock;
  const Plan run = shown(plan, sink);
  Engine engine(run, {clock, Random(0), options});
  rehearsal.outcome = engine.run_round(std::move(stop));
  for (const auto& [code, count] : engine.summary().rejects) rehearsal.rejects[code] += count;
}

}  // namespace batchout
