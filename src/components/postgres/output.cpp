// The writer of one table: looks at the target once per connection, streams blocks, merges at the end of a batch.

#include "components/postgres/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "components/postgres/create.h"
#include "components/postgres/identifier.h"
#include "config/wording.h"
#include "data/render.h"

namespace batchout::postgres {
namespace {

// Large enough for the network, small enough for the cache.
constexpr std::size_t kChunkBytes = 128 * 1024;

struct RefusalWords {
  std::string_view code;
  std::string_view sentence;
};

RefusalWords words_of(const RefusedCell& refused) {
  if (refused.key) return {"BO421", "A key is null"};
  switch (refused.refusal) {
    case Refusal::null:
      return {"BO426", "A column that must not be null has no value"};
    case Refusal::range:
      return {"BO423", "A number is beyond the range of its column"};
    case Refusal::length:
      return {"BO425", "A text is longer than its column"};
    case Refusal::characters:
      return {"BO424", "A text has characters that the column cannot hold"};
    case Refusal::mismatch:
    case Refusal::none:
      break;
  }
  return {"BO427", "A value is not of its column's type"};
}

// The first bytes of a cell as text, cut at a whole character; what no log can show is a question mark.
std::string excerpt_of(const Cell& cell, const TimeZone* zone) {
  constexpr std::size_t kBytesMax = 256;
  if (cell.empty()) return {};
  std::string text;
  append_text(cell, zone, text);
  if (text.size() > kBytesMax) {
    std::size_t size = kBytesMax;
    while (size > kBytesMax - 4 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
    text.resize(size);
  }
  if (!storable_text(text)) std::ranges::replace_if(text, [](char c) { return c < 0x20 || c > 0x7E; }, '?');
  return text;
}

// Computed rows have no payload.
void name_origin(const Block& block, std::size_t row, Reject& reject) {
  const std::uint32_t origin = block.origins()[row];
  if (origin == Block::kNone) return;
  reject.unit = block.values().units[origin];
  reject.position = block.values().positions[origin];
}

std::vector<std::string> names_of(const std::vector<TargetColumn>& columns) {
  std::vector<std::string> names;
  for (const TargetColumn& column : columns) names.push_back(column.name);
  return names;
}

}  // namespace

PostgresOutput::PostgresOutput(const Config& config, PostgresStore& store, const Context& context)
    : config_(config),
      store_(store),
      dialect_(context.dialect),
      log_(context.log),
      writing_("Writing to " + name()),
      stage_(config.mode == WriteMode::upsert ? store.next_stage_name() : "") {}

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
  merge_ = {&target_, {}, {}, stage_, "batchout_sequence"};
  BATCHOUT_CHECK(check_columns(shape));
  BATCHOUT_CHECK(check_keys());
  if (!stage_.empty()) BATCHOUT_CHECK(make_stage(*connection));
  std::vector<CopyEncoder::Field> fields;
  for (const TargetColumn* column : merge_.columns)
    fields.push_back({column, std::ranges::find(merge_.keys, column) != merge_.keys.end()});
  encoder_.emplace(std::move(fields), !stage_.empty());
  generation_ = store_.generation();
  staged_.clear();
  refused_by_us_ = false;
  return {};
}

Result<> PostgresOutput::create_table(Connection& connection, const TableShape& shape) {
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

// In the order of the shape, which is that of the values in COPY.
Result<> PostgresOutput::check_columns(const TableShape& shape) {
  for (const ColumnShape& wanted : shape.columns) {
    const TargetColumn* column = target_.find(wanted.name);
    if (!column)
      return fail(Verdict::configuration, "BO532",
                  fmt::format("The table has no such column; add it or rename ours: {} of {}, which has {}",
                              wanted.name, name(), likely_names(wanted.name, names_of(target_.columns))));
    if (column->generated)
      return fail(Verdict::configuration, "BO532",
                  fmt::format("The server computes this column itself; leave it out: {} of {}", wanted.name, name()));
    merge_.columns.push_back(column);
  }
  return {};
}

Result<> PostgresOutput::check_keys() {
  for (const std::string& key : config_.keys) {
    const auto found = std::ranges::find(merge_.columns, key, [](const TargetColumn* column) { return column->name; });
    if (found != merge_.columns.end()) {
      merge_.keys.push_back(*found);
      continue;
    }
    std::vector<std::string> names;
    for (const TargetColumn* column : merge_.columns) names.push_back(column->name);
    std::string text = fmt::format("A key is not among the columns that are written, {}: {} for {}",
                                   suggestion(key, names, "these are"), key, name());
    if (config_.mode == WriteMode::upsert || dialect_ == Dialect::v1)
      return fail(Verdict::configuration, "BO533", std::move(text));
    warn(text);  // The original inserts such rows.
  }
  return {};
}

// Made inside the batch's transaction: a rollback takes it away, which the store's generation tells.
Result<> PostgresOutput::make_stage(Connection& connection) {
  while (target_.find(merge_.sequence)) merge_.sequence += '_';
  for (const TargetColumn* column : merge_.columns)
    if (column->identity_always && std::ranges::find(merge_.keys, column) == merge_.keys.end())
      return fail(
          Verdict::configuration, "BO532",
          fmt::format("An identity column (generated always) can only be updated as a key; leave it out: {} of {}",
                      column->name, name()));
  two_steps_ = !target_.unique_on(config_.keys);
  if (two_steps_)
    warn(fmt::format("No unique index on the keys, so the table is locked while a batch is merged; create one: {} ({})",
                     name(), fmt::join(config_.keys, ", ")));
  // ON CONFLICT would fail on rows that are there already, because it tries to insert first.
  for (const TargetColumn& column : target_.columns) {
    if (two_steps_ || !column.needs_value || target_.fills_rows) continue;
    two_steps_ = std::ranges::find(merge_.columns, &column) == merge_.columns.end();
    if (two_steps_)
      warn(fmt::format("A column without default is not written, so only rows that exist can be updated: {} of {}",
                       column.name, name()));
  }
  return connection.run("Creating the staging table for " + name(), create_stage_sql(merge_));
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
  refused_.clear();
  BATCHOUT_CHECK(isolate(
      block.rows(),
      [&](std::size_t first, std::size_t last) {
        return attempt(connection, [&] { return copy_rows(connection, block, first, last); });
      },
      [&](std::size_t row, const Refused& why) {
        refused_.insert_or_assign(row, refusal_of(block, row, why.error));
        return suspect(why.state);
      }));
  std::vector<std::size_t> left_out;
  for (auto& [row, reject] : refused_) {
    rejects.push_back(std::move(reject));
    left_out.push_back(row);
  }
  const std::uint64_t taken = block.rows() - refused_.size();
  if (!stage_.empty() && taken > 0) staged_.push_back({block_start_, block, std::move(left_out)});
  return taken;
}

// The row of a failure is that of the last COPY, if the server has named its line.
std::optional<Refused> PostgresOutput::attempt(Connection& connection, const std::function<Result<>()>& store) {
  failed_row_.reset();
  Result<> stored = connection.run(writing_, "SAVEPOINT batchout_rows");
  if (stored) stored = store();
  if (stored) stored = connection.run(writing_, "RELEASE SAVEPOINT batchout_rows");
  if (stored) return std::nullopt;
  Refused refused{std::move(stored).error(), failed_row_, connection.failed_state()};
  if (refused.error.verdict != Verdict::row) return refused;
  const Result<> undone =
      connection.run(writing_, "ROLLBACK TO SAVEPOINT batchout_rows; RELEASE SAVEPOINT batchout_rows");
  if (!undone) refused = {undone.error(), std::nullopt, {}};
  return refused;
}

// The server is not bothered for rows of which none is good.
Result<> PostgresOutput::copy_rows(Connection& connection, const Block& block, std::size_t first, std::size_t last) {
  buffer_.clear();
  left_out_.clear();
  const Format format = encoder_->start(block, buffer_);
  bool started = false, any = false;
  const auto send = [&]() -> Result<> {
    if (!std::exchange(started, true))
      BATCHOUT_CHECK(connection.start_copy(writing_, copy_sql(merge_, format == Format::binary)));
    BATCHOUT_CHECK(connection.send_copy(writing_, buffer_));
    buffer_.clear();
    return {};
  };
  for (std::size_t row = first; row < last; ++row) {
    const std::int64_t sequence = block_start_ + static_cast<std::int64_t>(row);
    if (const auto refused = encoder_->append_row(row, sequence, buffer_)) {
      refused_.insert_or_assign(row, reject_of(block, row, *refused));
      left_out_.push_back(row);
      refused_by_us_ = refused_by_us_ || !refused->key;
      continue;
    }
    any = true;
    if (buffer_.size() >= kChunkBytes) BATCHOUT_CHECK(send());
  }
  if (!any) return {};
  encoder_->end(buffer_);
  BATCHOUT_CHECK(send());
  Result<> ended = connection.end_copy(writing_);
  if (ended && stage_.empty())
    suspect_ = {};
  else if (const auto line = connection.failed_line())
    failed_row_ = row_of_line(first, *line);
  return ended;
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

Reject PostgresOutput::refusal_of(const Block& block, std::size_t row, const Error& error) const {
  Reject reject;
  reject.stage = Reject::Stage::write;
  reject.code = error.code;
  reject.message = error.message;
  name_origin(block, row, reject);
  return reject;
}

Reject PostgresOutput::reject_of(const Block& block, std::size_t row, const RefusedCell& refused) const {
  const TargetColumn& column = *merge_.columns[refused.column];
  const RefusalWords words = words_of(refused);
  Reject reject;
  reject.stage = Reject::Stage::write;
  reject.code = words.code;
  reject.column = column.name;
  reject.message = fmt::format("{}: {}.{} ({})", words.sentence, name(), column.name, column.type);
  reject.excerpt = excerpt_of(block.column(refused.column).cell(row), block.shape().columns[refused.column].zone);
  name_origin(block, row, reject);
  return reject;
}

// Staged rows are merged once per batch, whatever number of blocks they came in. Runs of their numbers are what can be
// attempted again.
Result<> PostgresOutput::finish(Rejects& rejects) {
  const std::vector<Staged> staged = std::exchange(staged_, {});
  if (generation_ != store_.generation()) return {};  // Nothing was written since.
  BATCHOUT_TRY(Connection * connection, store_.connection());
  if (std::exchange(refused_by_us_, false)) BATCHOUT_CHECK(check_unchanged(*connection));
  if (staged.empty()) return {};
  const std::int64_t start = staged.front().start;
  bool indexed = false;
  const auto merge = [&](std::size_t first, std::size_t last) {
    const SequenceRange range{start + static_cast<std::int64_t>(first), start + static_cast<std::int64_t>(last)};
    return connection->run(writing_, two_steps_ ? update_and_insert_sql(merge_, range) : upsert_sql(merge_, range));
  };
  BATCHOUT_CHECK(isolate(
      static_cast<std::size_t>(sequence_ - start),
      [&](std::size_t first, std::size_t last) -> std::optional<Refused> {
        auto failed = attempt(*connection, [&] { return merge(first, last); });
        if (!failed && (last - first > 1 || row_of(staged, start + static_cast<std::int64_t>(first)))) suspect_ = {};
        if (!failed || failed->error.verdict != Verdict::row || std::exchange(indexed, true)) return failed;
        // Many attempts may follow, each with a few of the rows.
        if (const Result<> done = connection->run(writing_, index_stage_sql(merge_)); !done)
          return Refused{done.error(), std::nullopt, {}};
        return failed;
      },
      [&](std::size_t number, const Refused& why) -> Result<> {
        const auto row = row_of(staged, start + static_cast<std::int64_t>(number));
        if (!row) return {};  // Not in the stage; a trigger fires even without rows.
        rejects.push_back(refusal_of(*row->block, row->row, why.error));
        return suspect(why.state);
      }));
  return indexed ? connection->run(writing_, drop_stage_index_sql(merge_)) : Result<>{};
}

/// The row of a number in the stage; nothing if it was not sent.
std::optional<PostgresOutput::StagedRow> PostgresOutput::row_of(const std::vector<Staged>& staged,
                                                                std::int64_t sequence) {
  const auto after = std::ranges::upper_bound(staged, sequence, {}, &Staged::start);
  if (after == staged.begin()) return std::nullopt;
  const Staged& owner = *std::prev(after);
  const auto row = static_cast<std::size_t>(sequence - owner.start);
  if (row >= owner.block.rows() || std::ranges::binary_search(owner.left_out, row)) return std::nullopt;
  return StagedRow{&owner.block, row};
}

// Rows are refused by what the catalog said when the table was opened. Somebody may have widened a column since; then
// the batch is tried again with what the catalog says now.
Result<> PostgresOutput::check_unchanged(Connection& connection) {
  BATCHOUT_TRY(const Target now, read_target(connection, config_.schema, config_.table));
  if (now == target_) return {};
  return fail(Verdict::environment, "BO535",
              fmt::format("The table was altered while rows were written, the batch is tried again: {}", name()));
}

}  // namespace batchout::postgres
