// The selectors of a plan that are queries: they see the rows of a whole batch at once.

#pragma once

#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "batchout/result.h"
#include "data/query.h"
#include "engine/batch.h"
#include "plan/plan.h"

namespace batchout {

class Queries {
 public:
  /// `plan` must outlive the queries.
  explicit Queries(const Plan& plan) : plan_(plan) {}

  /// Builds them. To be called once, before `run`; cheap if the plan has none.
  Result<> prepare();

  /// Keeps the rows that the reading with number `input` has given, of one of its tables, for the tables of this batch.
  void add(std::size_t input, std::size_t table, std::span<const Block> blocks, Batch& batch) const;

  /// Gives each writer with a query its rows, once a batch: they stay when the batch is stored another time.
  Result<> run(Batch& batch, const std::stop_token& stop);

  /// Keeps the tables of a batch that has been stored, if parameters of the next round come from them.
  void remember(Batch batch);
  /// The round had no rows at all.
  void forget() { before_.assign(plan_.tables.size(), {}); }

  /// Rows of parameters for the input with that number, over the tables of the round before or, if it takes them from
  /// the same round, those of `batch`; none if it has no parameters.
  Result<std::vector<ParameterRow>> parameters_of(std::size_t input, const Batch& batch, const std::stop_token& stop);

  /// The error of a round that is larger than the memory that one batch may have.
  std::unexpected<Error> too_large(const Batch& batch) const;

 private:
  const Plan& plan_;
  /// By writer; null for writers without one.
  std::vector<std::unique_ptr<Query>> queries_;
  /// By input; null for inputs without parameters.
  std::vector<std::unique_ptr<Query>> parameters_;
  /// Tables of the round before.
  std::vector<std::vector<Block>> before_;
};

}  // namespace batchout
