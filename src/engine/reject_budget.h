// How many payloads may be refused before a run ends.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <utility>

#include "batchout/result.h"
#include "engine/batch.h"
#include "plan/plan.h"

namespace batchout {

/// Refused payloads among the last ones that were stored. A payload counts once, however many of its rows are refused.
class RejectBudget {
 public:
  /// Payloads that the share is taken of, to the nearest batch.
  static constexpr std::uint64_t kWindow = 10'000;
  /// With fewer no share is told: some bad ones at the start of a run say nothing.
  static constexpr std::uint64_t kShareFrom = 1'000;

  explicit RejectBudget(const RejectLimit& limit) : limit_(limit) {}

  /// BO505 with the verdict `row` if the batch, with these rejects of its outputs beside its own, would go beyond the
  /// limit. Notes its numbers for `stored`.
  Result<> check(const Batch& batch, std::span<const Refused* const> of_outputs);
  /// The batch that was checked last is stored.
  void stored();

 private:
  struct Counts {
    std::uint64_t payloads = 0;
    std::uint64_t refused = 0;
  };

  RejectLimit limit_;
  /// Of batches, oldest first, and their sum.
  std::deque<Counts> window_;
  Counts sum_;
  Counts checked_;
  /// Of the whole run.
  std::uint64_t refused_ = 0;
};

}  // namespace batchout
