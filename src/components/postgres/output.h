// Writes the blocks of one table with COPY, straight into the target or, for an upsert, by way of a temporary table.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
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
#include "registry/refused_rows.h"

namespace batchout::postgres {

/// Rows are checked by us first, so that most bad values cost no statement; the others are singled out by attempts.
class PostgresOutput final : public Output, public LateWork, public RefusedRows {
 public:
  PostgresOutput(const Config& config, PostgresStore& store, const Context& context);

  Result<> open(const TableShape& shape) override;
  Result<std::uint64_t> write(const Block& block, Rejects& rejects) override;
  Result<> finish(Rejects& rejects) override;
  /// Deletes what rows of other tables referred to until now.
  Result<> finish_late(Rejects& rejects) override;

  std::span<const std::uint64_t> refused_rows() const override { return counter_.refused(); }
  Rewrite rewrite() const override;

 private:
  /// Blocks of this batch that have rows in the temporary table, and the number of their first row.
  struct Staged {
    std::int64_t start = 0;
    Block block;
    std::vector<std::size_t> left_out;  ///< Rows that were refused before; in order.
  };
  struct StagedRow {
    const Block* block = nullptr;
    std::size_t row = 0;
  };

  Result<> prepare(const TableShape& shape);
  Result<> create_table(Connection& connection, const TableShape& shape);
  void warn(const std::string& text);
  Result<std::uint64_t> copy(Connection& connection, const Block& block, Rejects& rejects);
  std::optional<Refused> attempt(Connection& connection, const std::function<Result<>()>& store);
  Result<> copy_rows(Connection& connection, const Block& block, std::size_t first, std::size_t last);
  std::size_t row_of_line(std::size_t first, std::uint64_t line) const;
  Result<> suspect(const std::string& state);
  static std::optional<StagedRow> row_of(const std::vector<Staged>& staged, std::int64_t sequence);
  Result<> check_unchanged(Connection& connection);
  Result<> prepare_merge(Connection& connection, bool late);
  Result<> remove_late(Connection& connection, StageRows rows);
  Result<> isolate_staged(Connection& connection, const std::vector<Staged>& staged, Rejects& rejects,
                          const std::function<Result<>(const StageRows&)>& store);
  Result<> merge(Connection& connection, StageRows rows, bool late);
  bool append_row(const Block& block, std::size_t row);
  std::string name() const { return config_.schema + "." + config_.table; }

  Config config_;
  PostgresStore& store_;
  Dialect dialect_;
  Log log_;
  /// Beginning of errors.
  std::string writing_;

  // Of one generation of the store.
  std::uint64_t generation_ = 0;
  Target target_;
  Merge merge_;
  std::optional<CopyEncoder> encoder_;
  RowKinds kinds_;
  /// In order.
  std::vector<Staged> staged_;
  /// Those whose deletions wait.
  std::vector<Staged> late_;
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
