// The writer of one table: rows that wait for others of the batch.

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "components/postgres/output.h"
#include "data/render.h"

namespace batchout::postgres {

// Only what the table refuses: too many rows are fewer when they are tried again.
void PostgresOutput::may_wait(Refused& failed) {
  if (failed.error.verdict != Verdict::row) return;
  const Result<bool> waits = postponed_ ? Result<bool>(true) : store_.lets_wait(this);
  if (!waits)
    failed = {waits.error(), std::nullopt, {}};
  else
    failed.waits = *waits;
}

// Of a block that goes straight into the table, rows from `first` on but those that we refuse ourselves.
void PostgresOutput::let_rows_wait(const Block& block, std::size_t first) {
  const auto kept = std::make_shared<const Block>(block);
  (void)encoder_->start(block, buffer_);
  for (std::size_t row = first; row < block.rows(); ++row) {
    buffer_.clear();
    if (append_row(block, row)) store_.waiting().add({this, kept, row, counter_.first() + row});
  }
  buffer_.clear();
}

// Deletions come before the rows that wait, as they may be what those wait for.
Result<> PostgresOutput::let_staged_wait(Connection& connection, const std::vector<Staged>& staged,
                                         std::int64_t first) {
  if (merge_.removes && !postponed_) BATCHOUT_CHECK(connection.run(writing_, postpone_removals_sql(merge_)));
  postponed_ = merge_.has_kinds();
  waits_from_ = first;
  for (const Staged& part : staged)
    for (std::size_t row = 0; row < part.block->rows(); ++row) {
      const std::int64_t sequence = part.start + static_cast<std::int64_t>(row);
      if (sequence < first || std::ranges::binary_search(part.left_out, row)) continue;
      store_.waiting().add(waiting_row({part.block, row, sequence}));
    }
  return {};
}

WaitingRow PostgresOutput::waiting_row(const StagedRow& row) {
  return {this, row.block, row.row, static_cast<std::uint64_t>(row.sequence - batch_start_), row.sequence};
}

bool PostgresOutput::append_key(const WaitingRow& row, std::span<const std::string> columns, std::string& out) const {
  for (const std::string& name : columns) {
    const auto column = std::ranges::find(merge_.columns, name, [](const Merge::Column& c) { return c.target->name; });
    if (column == merge_.columns.end()) return false;
    const Cell cell = row.block->column(column->source).cell(row.row);
    if (cell.empty()) return false;
    append_text(cell, row.block->shape().columns[column->source].zone, out);
    out += '\0';
  }
  return true;
}

std::span<const std::string> PostgresOutput::meeting_columns() const {
  return stage_.empty() ? std::span<const std::string>() : config_.keys;
}

// Rules look at what is there, so for them it matters that it should have gone.
bool PostgresOutput::yields(const WaitingRow& row) {
  if (!merge_.removes || merge_.folding != Folding::last) return false;
  kinds_.start(*row.block, 0);
  return kinds_.tail(row.row).kind == RowKind::removed;
}

// Deletions that are refused wait again, with the other rows.
Result<> PostgresOutput::remove_late() {
  const std::vector<Staged> staged = std::exchange(late_, {});
  if (staged.empty() || generation_ != store_.generation()) return {};
  BATCHOUT_TRY(Connection * connection, store_.connection());
  const auto wait_again = [&](const StagedRow& row, const Refused& why) -> Result<> {
    if (row.sequence >= waits_from_) return {};
    WaitingRow waits = waiting_row(row);
    waits.why = std::make_shared<const Refused>(why);
    store_.waiting().add(std::move(waits));
    return {};
  };
  BATCHOUT_CHECK(isolate_staged(
      *connection, staged, false, [&](const StageRows& rows) { return remove(*connection, rows); }, wait_again));
  return {};
}

// Staged rows get new numbers, in a row: runs of numbers are what is merged.
Result<> PostgresOutput::arrange(std::span<WaitingRow* const> rows) {
  arranged_.clear();
  if (stage_.empty()) {
    for (const WaitingRow* row : rows) arranged_.emplace_back(row->block, row->row);
    return {};
  }
  arranged_start_ = sequence_;
  sequence_ += static_cast<std::int64_t>(rows.size());
  std::string numbers;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    numbers += fmt::format("{}{}", i == 0 ? "" : ",", rows[i]->sequence);
    rows[i]->sequence = arranged_start_ + static_cast<std::int64_t>(i);
  }
  BATCHOUT_TRY(Connection * connection, store_.connection());
  BATCHOUT_CHECK(connection->run(writing_, renumber_sql(merge_, numbers, arranged_start_)));
  return index(*connection);
}

// Neighbours come from many blocks, so one COPY takes rows of several, as long as they go in one format. Returns the
// row that the next one begins with.
Result<std::size_t> PostgresOutput::copy_arranged(Connection& connection, std::size_t first, std::size_t last) {
  const Block* block = arranged_[first].first.get();
  Sending sending = start_sending(*block);
  kinds_.start(*block, 0);
  std::size_t at = first;
  for (; at < last; ++at) {
    const auto& [next, row] = arranged_[at];
    if (next.get() != block) {
      block = next.get();
      if (encoder_->format_of(*block) != sending.format) break;
      encoder_->turn_to(*block);
      kinds_.start(*block, 0);
    }
    BATCHOUT_CHECK(send_row(connection, *block, row, sending));
  }
  const Result<> ended = end_sending(connection, sending);
  if (ended) return at;
  if (const auto line = connection.failed_line()) failed_row_ = first + *line - 1;
  return std::unexpected(ended.error());
}

Result<> PostgresOutput::store_arranged(std::size_t first, std::size_t last) {
  failed_row_.reset();
  BATCHOUT_TRY(Connection * connection, store_.connection());
  if (!stage_.empty()) {
    StageRows rows{arranged_start_ + static_cast<std::int64_t>(first),
                   arranged_start_ + static_cast<std::int64_t>(last)};
    rows.removed_late_left_out = true;
    if (postponed_) BATCHOUT_CHECK(remove(*connection, rows));
    BATCHOUT_CHECK(merge(*connection, rows));
    // In turns a row is merged that is deleted now.
    if (merge_.removes && merge_.folding != Folding::last) BATCHOUT_CHECK(remove(*connection, rows));
    suspect_ = {};
    return {};
  }
  for (std::size_t at = first; at < last;) {
    BATCHOUT_TRY(at, copy_arranged(*connection, at, last));
  }
  return {};
}

}  // namespace batchout::postgres
