// The writer of one table: looks at the target once per connection, streams blocks, merges at the end of a batch.

#include "components/postgres/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "components/postgres/create.h"
#include "components/postgres/identifier.h"
#include "components/postgres/merge_plan.h"
#include "components/postgres/refused.h"

namespace batchout::postgres {
namespace {

// Large enough for the network, small enough for the cache.
constexpr std::size_t kChunkBytes = 128 * 1024;

std::vector<CopyEncoder::Field> fields_of(const Merge& merge) {
  std::vector<CopyEncoder::Field> fields;
  for (const Merge::Column& column : merge.columns) {
    const bool within = std::ranges::find(merge.within, column.target) != merge.within.end();
    fields.push_back({column.target, column.source, merge.is_key(column.target), within,
                      merge.version != nullptr && column.target == merge.version});
  }
  return fields;
}

CopyEncoder::Extras extras_of(const Merge& merge) {
  if (merge.stage.empty()) return {};
  return {.sequence = true, .absent = merge.keeps_absent, .kind = merge.has_kinds(), .payload = !merge.within.empty()};
}

}  // namespace

PostgresOutput::PostgresOutput(const Config& config, PostgresStore& store, const Context& context)
    : config_(config),
      table_(config.schema, config.table),
      store_(store),
      dialect_(context.dialect),
      log_(context.log),
      writing_("Writing to " + name()),
      stage_(config.mode == WriteMode::upsert ? store.next_stage_name() : "") {
  store.add_table(this, table_);
}

// ---------------------------------------------------------------------------------------------------- preparation

Result<> PostgresOutput::open(const TableShape& shape) {
  return prepare(shape);
}

// `generation_` is 0, which no store has, until everything has worked: a failure in between makes the next write
// prepare again.
Result<> PostgresOutput::prepare(const TableShape& shape) {
  BATCHOUT_TRY(Connection * connection, store_.connection());
  generation_ = 0;
  if (config_.creates()) BATCHOUT_CHECK(create_table(*connection, shape));
  BATCHOUT_TRY(target_, read_target(*connection, config_.schema, config_.table));
  BATCHOUT_TRY(merge_,
               plan_merge(target_, config_, dialect_, shape, stage_, [&](const std::string& text) { warn(text); }));
  if (!stage_.empty())
    BATCHOUT_CHECK(connection->run("Creating the staging table for " + name(), create_stage_sql(merge_)));
  encoder_.emplace(fields_of(merge_), extras_of(merge_));
  kinds_ = RowKinds(merge_, config_, shape);
  generation_ = store_.generation();
  staged_.clear();
  late_.clear();
  arranged_.clear();
  indexed_ = false;
  refused_by_us_ = false;
  mark_.clear();
  counter_.reset();
  return {};
}

// With lists, rows of a payload come together or not at all.
Rewrite PostgresOutput::rewrite() const {
  if (!config_.replace_within.empty()) return Rewrite::replaces_lists;
  if (config_.mode != WriteMode::upsert) return Rewrite::adds;
  if (config_.version_column.empty()) return Rewrite::overwrites;
  return config_.delete_when.empty() ? Rewrite::keeps_newer : Rewrite::brings_back;
}

// Columns that only say what is to be deleted are not made.
Result<> PostgresOutput::create_table(Connection& connection, const TableShape& wanted) {
  TableShape shape = wanted;
  std::erase_if(shape.columns, [&](const ColumnShape& column) { return config_.delete_when.contains(column.name); });
  for (const ColumnShape& column : shape.columns)
    if (!valid_identifier(column.name))
      return fail(
          Verdict::configuration, "BO532",
          fmt::format("A column cannot be made, because a name has 1 to 63 bytes and no NUL; rename it: {} of {}",
                      column.name, name()));
  BATCHOUT_TRY(const bool made,
               create_if_missing(connection, config_.schema, config_.table,
                                 create_table_sql(config_.schema, config_.table, shape, config_.keys)));
  if (made) log_.info("The table was not there and is made with this batch: " + name());
  return {};
}

// Once for each text: the same would come with every new connection.
void PostgresOutput::warn(const std::string& text) {
  if (std::ranges::find(warned_, text) != warned_.end()) return;
  warned_.push_back(text);
  log_.warning(text);
}

// -------------------------------------------------------------------------------------------------------- writing

Result<std::uint64_t> PostgresOutput::write(const Block& block, Rejects& rejects) {
  if (block.rows() == 0) return 0;
  if (generation_ != store_.generation()) BATCHOUT_CHECK(prepare(block.shape()));
  BATCHOUT_TRY(Connection * connection, store_.connection());
  return copy(*connection, block, rejects);
}

// Rows are attempted within a savepoint, so that one that only the server can refuse costs itself and not the batch.
Result<std::uint64_t> PostgresOutput::copy(Connection& connection, const Block& block, Rejects& rejects) {
  block_start_ = sequence_;
  sequence_ += static_cast<std::int64_t>(block.rows());
  counter_.start(block.rows());
  batch_start_ = block_start_ - static_cast<std::int64_t>(counter_.first());
  refused_.clear();
  kinds_.start(block, block_start_);
  BATCHOUT_TRY(const auto waits_from, copy_attempts(connection, block));
  if (waits_from) let_rows_wait(block, *waits_from);
  std::vector<std::size_t> left_out;
  for (auto& [row, reject] : refused_) {
    rejects.push_back(std::move(reject));
    counter_.refuse(row);
    left_out.push_back(row);
  }
  const std::uint64_t taken = block.rows() - refused_.size();
  if (!stage_.empty() && taken > 0)
    staged_.push_back({block_start_, std::make_shared<const Block>(block), std::move(left_out)});
  return taken;
}

// Returns the first row of those that wait, if any do. The row of a failure is that of the last COPY, if the server has
// named its line.
Result<std::optional<std::size_t>> PostgresOutput::copy_attempts(Connection& connection, const Block& block) {
  std::optional<std::size_t> waits_from;
  if (stage_.empty() && store_.holds(this)) return std::optional<std::size_t>(0);
  BATCHOUT_CHECK(copying_.store(
      block.rows(),
      [&](std::size_t first, std::size_t last) {
        failed_row_.reset();
        auto failed = store_.attempt(writing_, PostgresStore::Keys::as_they_are,
                                     [&] { return copy_rows(connection, block, first, last); });
        if (!failed) return failed;
        failed->row = failed_row_;
        if (stage_.empty()) may_wait(*failed);
        if (failed->waits) waits_from = first;
        return failed;
      },
      [&](std::size_t row, const Refused& why) {
        refused_.insert_or_assign(row, refused_row(block, row, why.error));
        return suspect(why.state);
      }));
  return waits_from;
}

Result<> PostgresOutput::copy_rows(Connection& connection, const Block& block, std::size_t first, std::size_t last) {
  Sending sending = start_sending(block);
  for (std::size_t row = first; row < last; ++row) BATCHOUT_CHECK(send_row(connection, block, row, sending));
  Result<> ended = end_sending(connection, sending);
  if (const auto line = connection.failed_line(); !ended && line) failed_row_ = row_of_line(first, *line);
  return ended;
}

PostgresOutput::Sending PostgresOutput::start_sending(const Block& block) {
  buffer_.clear();
  left_out_.clear();
  return {.format = encoder_->start(block, buffer_)};
}

Result<> PostgresOutput::send_row(Connection& connection, const Block& block, std::size_t row, Sending& sending) {
  if (!append_row(block, row)) return {};
  sending.any = true;
  return buffer_.size() < kChunkBytes ? Result<>{} : send(connection, sending);
}

Result<> PostgresOutput::send(Connection& connection, Sending& sending) {
  if (!std::exchange(sending.started, true))
    BATCHOUT_CHECK(connection.start_copy(writing_, copy_sql(merge_, sending.format == Format::binary)));
  BATCHOUT_CHECK(connection.send_copy(writing_, buffer_));
  buffer_.clear();
  return {};
}

// The server is not bothered for rows of which none is good.
Result<> PostgresOutput::end_sending(Connection& connection, Sending& sending) {
  if (!sending.any) return {};
  encoder_->end(buffer_);
  BATCHOUT_CHECK(send(connection, sending));
  BATCHOUT_CHECK(connection.end_copy(writing_));
  if (stage_.empty()) suspect_ = {};
  return {};
}

// False if nothing of the row is sent. A refused row has not left its list, so its keys are sent.
bool PostgresOutput::append_row(const Block& block, std::size_t row) {
  CopyEncoder::Tail tail = kinds_.tail(row);
  const auto refused = encoder_->append_row(row, tail, buffer_);
  if (!refused) return true;
  refused_.insert_or_assign(row, refused_cell(block, row, *refused, merge_.columns[refused->column], name()));
  refused_by_us_ = refused_by_us_ || !refused->key;
  tail.kind = RowKind::refused;
  if (!merge_.within.empty() && !encoder_->append_row(row, tail, buffer_)) return true;
  left_out_.push_back(row);
  return false;
}

// Lines count the rows that were sent. `left_out_` is in order, so each row left out before the line moves it by one.
std::size_t PostgresOutput::row_of_line(std::size_t first, std::uint64_t line) const {
  std::size_t row = first + line - 1;
  for (const std::size_t left_out : left_out_)
    if (left_out <= row) ++row;
  return row;
}

// A target that refuses whatever it is given is not well: its rows must not all end as rejects. Told by the last rows
// alone, over batches, because a batch may well be bad as a whole.
Result<> PostgresOutput::suspect(const std::string& state) {
  constexpr std::uint64_t kRows = 1'000;
  constexpr std::uint64_t kBatches = 3;
  if (suspect_.state != state) suspect_ = {.state = state, .rows = 0, .batches = 0, .last_batch = 0};
  ++suspect_.rows;
  if (std::exchange(suspect_.last_batch, store_.batch()) != store_.batch()) ++suspect_.batches;
  if (suspect_.rows < kRows || suspect_.batches < kBatches) return {};
  return fail(Verdict::configuration, "BO538",
              fmt::format("The target refuses every row, with one and the same error for the last {}, so it is not the "
                          "rows that are wrong; correct the table: {}, SQLSTATE {}",
                          suspect_.rows, name(), state));
}

Result<> PostgresOutput::refuse(const Block& block, std::size_t row, std::uint64_t number, const Refused& why,
                                Rejects& rejects) {
  rejects.push_back(refused_row(block, row, why.error));
  counter_.refuse_number(number);
  return suspect(why.state);
}

// Staged rows are merged once per batch, whatever number of blocks they came in. Runs of their numbers are what can be
// attempted again.
Result<> PostgresOutput::finish(Rejects& rejects) {
  const std::vector<Staged> staged = std::exchange(staged_, {});
  late_.clear();
  counter_.end();
  if (generation_ != store_.generation()) return {};  // Nothing was written since.
  BATCHOUT_TRY(Connection * connection, store_.connection());
  if (std::exchange(refused_by_us_, false)) BATCHOUT_CHECK(check_unchanged(*connection));
  store_.waiting().stored_others();
  if (staged.empty()) return {};
  postponed_ = merge_.has_kinds() && store_.has_children(this);
  waits_from_ = std::numeric_limits<std::int64_t>::max();
  BATCHOUT_CHECK(prepare_merge(*connection));
  std::optional<std::int64_t> waits_from = staged.front().start;
  if (!store_.holds(this)) {
    BATCHOUT_TRY(waits_from,
                 isolate_staged(
                     *connection, staged, true, [&](const StageRows& rows) { return merge(*connection, rows); },
                     [&](const StagedRow& row, const Refused& why) {
                       const auto number = static_cast<std::uint64_t>(row.sequence - batch_start_);
                       return refuse(*row.block, row.row, number, why, rejects);
                     }));
  }
  if (waits_from) BATCHOUT_CHECK(let_staged_wait(*connection, staged, *waits_from));
  if (!postponed_) return {};
  late_ = staged;
  store_.waiting().add_late(*this);
  return {};
}

// What is refused now is so for good.
Result<> PostgresOutput::finish_late(Rejects& rejects) {
  counter_.end();
  if (generation_ != store_.generation()) return {};
  BATCHOUT_TRY(const std::vector<WaitingRow> refused, store_.waiting().end(*this));
  for (const WaitingRow& row : refused) BATCHOUT_CHECK(refuse(*row.block, row.row, row.number, *row.why, rejects));
  arranged_.clear();
  BATCHOUT_TRY(Connection * connection, store_.connection());
  return drop_index(*connection);
}

// What a later payload has taken out of its list is among the deletions that wait.
Result<> PostgresOutput::remove(Connection& connection, StageRows rows) {
  rows.kind = merge_.removes ? RowKind::removed_late : RowKind::removed;
  std::string sql = remove_sql(merge_, rows);
  if (!merge_.within.empty()) sql += "; " + replace_sql(merge_, rows);
  return connection.run(writing_, sql);
}

Result<> PostgresOutput::prepare_merge(Connection& connection) {
  if (merge_.folding == Folding::in_turns) BATCHOUT_CHECK(connection.run(writing_, number_turns_sql(merge_)));
  if (!merge_.within.empty()) BATCHOUT_CHECK(connection.run(writing_, fold_lists_sql(merge_)));
  if (postponed_ && merge_.removes) BATCHOUT_CHECK(connection.run(writing_, postpone_removals_sql(merge_)));
  return {};
}

// All staged rows are stored by `store` but those that it refuses, and those that wait: returns the number of the first
// of them.
Result<std::optional<std::int64_t>> PostgresOutput::isolate_staged(Connection& connection,
                                                                   const std::vector<Staged>& staged,
                                                                   bool may_wait_for_others, const StoreStaged& store,
                                                                   const RefuseStaged& refuse) {
  const std::int64_t start = staged.front().start;
  const auto end = staged.back().start + static_cast<std::int64_t>(staged.back().block->rows());
  std::optional<std::int64_t> waits_from;
  BATCHOUT_CHECK(merging_.store(
      static_cast<std::size_t>(end - start),
      [&](std::size_t first, std::size_t last) -> std::optional<Refused> {
        const StageRows rows{start + static_cast<std::int64_t>(first), start + static_cast<std::int64_t>(last)};
        auto failed = store_.attempt(writing_, PostgresStore::Keys::as_they_are, [&] { return store(rows); });
        if (!failed && (last - first > 1 || row_of(staged, rows.first))) suspect_ = {};
        if (!failed || (failed->error.verdict != Verdict::row && !failed->too_many())) return failed;
        if (may_wait_for_others) may_wait(*failed);
        if (failed->waits) waits_from = rows.first;
        if (failed->waits) return failed;
        // Many attempts may follow, each with a few of the rows.
        if (const Result<> done = index(connection); !done) return Refused{done.error(), std::nullopt, {}};
        return failed;
      },
      [&](std::size_t number, const Refused& why) -> Result<> {
        const auto row = row_of(staged, start + static_cast<std::int64_t>(number));
        // Not in the stage; a trigger fires even without rows.
        return row ? refuse(*row, why) : Result<>{};
      }));
  BATCHOUT_CHECK(drop_index(connection));
  return waits_from;
}

Result<> PostgresOutput::index(Connection& connection) {
  if (std::exchange(indexed_, true)) return {};
  return connection.run(writing_, index_stage_sql(merge_));
}

Result<> PostgresOutput::drop_index(Connection& connection) {
  if (!std::exchange(indexed_, false)) return {};
  return connection.run(writing_, drop_stage_index_sql(merge_));
}

// Turns in their order, so that each row of a key meets what the one before has made of it.
Result<> PostgresOutput::merge(Connection& connection, StageRows rows) {
  if (!merge_.within.empty() && !postponed_) {
    rows.kind = RowKind::removed;
    BATCHOUT_CHECK(connection.run(writing_, replace_sql(merge_, rows) + "; " + remove_sql(merge_, rows)));
    rows.kind = RowKind::row;
  }
  if (merge_.folding != Folding::in_turns) {
    StageRows removed = rows;
    removed.kind = RowKind::removed;
    if (merge_.removes) BATCHOUT_CHECK(connection.run(writing_, remove_sql(merge_, removed)));
    return connection.run(writing_, merge_sql(merge_, rows));
  }
  BATCHOUT_TRY(const Rows turns, connection.query(writing_, turns_sql(merge_, rows)));
  for (std::size_t i = 0; i < turns.size(); ++i) {
    rows.turn = turns.at(i, 0);
    rows.kind = RowKind::removed;
    if (merge_.removes) BATCHOUT_CHECK(connection.run(writing_, remove_sql(merge_, rows)));
    rows.kind = RowKind::row;
    BATCHOUT_CHECK(connection.run(writing_, merge_sql(merge_, rows)));
  }
  return {};
}

/// The row of a number in the stage; nothing if it was not sent.
std::optional<PostgresOutput::StagedRow> PostgresOutput::row_of(const std::vector<Staged>& staged,
                                                                std::int64_t sequence) {
  const auto after = std::ranges::upper_bound(staged, sequence, {}, &Staged::start);
  if (after == staged.begin()) return std::nullopt;
  const Staged& owner = *std::prev(after);
  const auto row = static_cast<std::size_t>(sequence - owner.start);
  if (row >= owner.block->rows() || std::ranges::binary_search(owner.left_out, row)) return std::nullopt;
  return StagedRow{owner.block, row, sequence};
}

// Rows are refused by what the catalog said when the table was opened. Somebody may have widened a column since; then
// the batch is tried again with what the catalog says now. Reading it takes four answers of the server, its mark one.
Result<> PostgresOutput::check_unchanged(Connection& connection) {
  BATCHOUT_TRY(std::string mark, read_mark(connection, target_));
  if (!mark.empty() && mark == mark_) return {};
  BATCHOUT_TRY(const Target now, read_target(connection, config_.schema, config_.table));
  if (now != target_)
    return fail(Verdict::environment, "BO535",
                fmt::format("The table was altered while rows were written, the batch is tried again: {}", name()));
  mark_ = std::move(mark);
  return {};
}

}  // namespace batchout::postgres
