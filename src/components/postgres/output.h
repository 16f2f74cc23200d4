// Writes the blocks of one table with COPY, straight into the target or, for an upsert, by way of a temporary table.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "batchout/component.h"
#include "components/postgres/copy.h"
#include "components/postgres/merge.h"
#include "components/postgres/store.h"

namespace batchout::postgres {

/// Rows are checked by us first, so that a bad value costs one row and not the batch.
class PostgresOutput final : public Output {
 public:
  PostgresOutput(const Config& config, PostgresStore& store, const Context& context);

  Result<> open(const TableShape& shape) override;
  Result<std::uint64_t> write(const Block& block, Rejects& rejects) override;
  Result<> finish() override;

 private:
  Result<> prepare(const TableShape& shape);
  Result<> create_table(Connection& connection, const TableShape& shape);
  Result<> check_columns(const TableShape& shape);
  Result<> check_keys();
  Result<> make_stage(Connection& connection);
  void warn(const std::string& text);
  Result<std::uint64_t> copy(Connection& connection, const Block& block, Rejects& rejects);
  Result<> check_unchanged(Connection& connection);
  void blame_row(const Block& block, std::uint64_t line, const Error& error, Rejects& rejects) const;
  Reject reject_of(const Block& block, std::size_t row, const RefusedCell& refused) const;
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
  /// No ON CONFLICT: update first, then insert.
  bool two_steps_ = false;
  /// Rows of this batch in the temporary table.
  std::uint64_t staged_ = 0;
  /// In this batch, because of what the catalog said.
  bool refused_by_us_ = false;

  /// Of the temporary table; empty: rows go into the target.
  std::string stage_;
  /// Number of the last row, over all batches.
  std::int64_t sequence_ = 0;
  /// Texts of warnings given before.
  std::vector<std::string> warned_;
  /// What is to be sent next.
  std::string buffer_;
  /// Rows of the block at hand that were not sent, in order.
  std::vector<std::size_t> left_out_;
};

}  // namespace batchout::postgres
