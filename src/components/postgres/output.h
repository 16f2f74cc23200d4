// Writes the blocks of one table with COPY, straight into the target or, for an upsert, by way of a temporary table.

#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "batchout/component.h"
#include "components/postgres/copy.h"
#include "components/postgres/isolate.h"
#include "components/postgres/merge.h"
#include "components/postgres/row_kinds.h"
#include "components/postgres/store.h"
#include "components/postgres/waiting.h"
#include "registry/refused_rows.h"
#include "registry/target_name.h"

namespace batchout::postgres {

/// Rows are checked by us first, so that most bad values cost no statement; the others are singled out by attempts.
/// Where rows of the batch may need each other, or deletions, all that were not stored at once wait for the end.
class PostgresOutput final : public Output,
                             public LateWork,
                             public RefusedRows,
                             public TargetName,
                             private WaitingWriter {
 public:
  PostgresOutput(const Config& config, PostgresStore& store, const Context& context);

  Result<> open(const TableShape& shape) override;
  Result<std::uint64_t> write(const Block& block, Rejects& rejects) override;
  Result<> finish(Rejects& rejects) override;
  /// Deletes what rows of other tables referred to until now, and ends the waiting of rows.
  Result<> finish_late(Rejects& rejects) override;

  std::span<const std::uint64_t> refused_rows() const override { return counter_.refused(); }
  Rewrite rewrite() const override;
  std::string target() const override { return name(); }

 private:
  /// Blocks of this batch that have rows in the temporary table, and the number of their first row.
  struct Staged {
    std::int64_t start = 0;
    std::shared_ptr<const Block> block;
    std::vector<std::size_t> left_out;  ///< Rows that were refused before; in order.
  };
  struct StagedRow {
    std::shared_ptr<const Block> block;
    std::size_t row = 0;
    std::int64_t sequence = 0;
  };
  /// A COPY, which begins with the first piece that is sent.
  struct Sending {
    Format format = Format::text;
    bool any = false;  ///< There are rows in it.
    bool started = false;
  };
  using StoreStaged = std::function<Result<>(const StageRows& rows)>;
  using RefuseStaged = std::function<Result<>(const StagedRow& row, const Refused& why)>;

  Result<> prepare(const TableShape& shape);
  Result<> create_table(Connection& connection, const TableShape& shape);
  void warn(const std::string& text);
  Result<std::uint64_t> copy(Connection& connection, const Block& block, Rejects& rejects);
  Result<std::optional<std::size_t>> copy_attempts(Connection& connection, const Block& block);
  Result<> copy_rows(Connection& connection, const Block& block, std::size_t first, std::size_t last);
  Result<std::size_t> copy_arranged(Connection& connection, std::size_t first, std::size_t last);
  Sending start_sending(const Block& block);
  Result<> send_row(Connection& connection, const Block& block, std::size_t row, Sending& sending);
  Result<> send(Connection& connection, Sending& sending);
  Result<> end_sending(Connection& connection, Sending& sending);
  void let_rows_wait(const Block& block, std::size_t first);
  void may_wait(Refused& failed);
  std::size_t row_of_line(std::size_t first, std::uint64_t line) const;
  Result<> suspect(const std::string& state);
  static std::optional<StagedRow> row_of(const std::vector<Staged>& staged, std::int64_t sequence);
  Result<> check_unchanged(Connection& connection);
  Result<> prepare_merge(Connection& connection);
  Result<> remove(Connection& connection, StageRows rows);
  Result<std::optional<std::int64_t>> isolate_staged(Connection& connection, const std::vector<Staged>& staged,
                                                     bool may_wait_for_others, const StoreStaged& store,
                                                     const RefuseStaged& refuse);
  Result<> let_staged_wait(Connection& connection, const std::vector<Staged>& staged, std::int64_t first);
  WaitingRow waiting_row(const StagedRow& row);
  Result<> index(Connection& connection);
  Result<> drop_index(Connection& connection);
  Result<> refuse(const Block& block, std::size_t row, std::uint64_t number, const Refused& why, Rejects& rejects);
  Result<> merge(Connection& connection, StageRows rows);
  bool append_row(const Block& block, std::size_t row);

  const TableName& table() const override { return table_; }
  bool append_key(const WaitingRow& row, std::span<const std::string> columns, std::string& out) const override;
  std::span<const std::string> meeting_columns() const override;
  bool yields(const WaitingRow& row) override;
  Result<> remove_late() override;
  Result<> arrange(std::span<WaitingRow* const> rows) override;
  Result<> store_arranged(std::size_t first, std::size_t last) override;
  std::optional<std::size_t> failed_row() const override { return failed_row_; }

  std::string name() const { return config_.schema + "." + config_.table; }

  Config config_;
  TableName table_;
  PostgresStore& store_;
  Dialect dialect_;
  Log log_;
  /// Beginning of errors.
  std::string writing_;

  // Of one generation of the store.
  std::uint64_t generation_ = 0;
  Target target_;
  /// Of the catalog when it last said the same as `target_`; empty: not known.
  std::string mark_;
  Merge merge_;
  std::optional<CopyEncoder> encoder_;
  RowKinds kinds_;
  /// In order.
  std::vector<Staged> staged_;
  /// Those whose deletions wait.
  std::vector<Staged> late_;
  /// Deletions of the batch come late.
  bool postponed_ = false;
  /// From this number on all rows of the batch wait.
  std::int64_t waits_from_ = std::numeric_limits<std::int64_t>::max();
  /// The stage has an index.
  bool indexed_ = false;
  /// Rows that wait, as arranged: without a stage the rows themselves, with one the first of their numbers.
  std::vector<std::pair<std::shared_ptr<const Block>, std::size_t>> arranged_;
  std::int64_t arranged_start_ = 0;
  /// In this batch, because of what the catalog said.
  bool refused_by_us_ = false;

  /// Of the temporary table; empty: rows go into the target.
  std::string stage_;
  /// Number of the next row, over all batches, and of the first of the block at hand.
  std::int64_t sequence_ = 0;
  std::int64_t block_start_ = 0;
  /// The same number of the first row since the last `finish`.
  std::int64_t batch_start_ = 0;
  RowCounter counter_;
  /// The last rows that the server itself refused, as long as they have one SQLSTATE.
  struct Suspicion {
    std::string state;
    std::uint64_t rows = 0;
    std::uint64_t batches = 0;
    std::uint64_t last_batch = 0;  ///< Batches are numbered from 1.
  };
  Suspicion suspect_;
  /// Of the block at hand, by row.
  std::map<std::size_t, Reject> refused_;
  Isolation copying_, merging_;
  /// At which the last COPY failed.
  std::optional<std::size_t> failed_row_;
  /// Texts of warnings given before.
  std::vector<std::string> warned_;
  /// What is to be sent next.
  std::string buffer_;
  /// Rows of the block at hand that were not sent, in order.
  std::vector<std::size_t> left_out_;
};

}  // namespace batchout::postgres
