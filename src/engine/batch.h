// A batch: what one transaction stores, and everything needed to store it again or to give it up.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "batchout/block.h"
#include "batchout/component.h"
#include "data/cast.h"
#include "data/letter_book.h"
#include "plan/plan.h"

namespace batchout {

/// A unit of one of the inputs: number of the input in the plan, then the unit.
using UnitKey = std::pair<std::size_t, UnitId>;

/// A reject, the input of its payload, which a reject alone does not know, and who refused: nothing if the input or the
/// extractor did.
struct Refused {
  std::size_t input = 0;
  Reject reject;
  std::string place{};
  /// As in NewLetter.
  std::int64_t row = kWholePayload;
  std::int64_t rows = 0;
  std::string writer{}, target{}, values{};
};

struct Batch {
  /// The payloads of one pull, kept for dead letters.
  struct Part {
    std::size_t input = 0;
    Payloads payloads;
  };

  /// From 1, another one for each batch: another try of a batch has its number, and so is known as one. 0 belongs to
  /// none.
  std::uint64_t number = 0;
  /// When the first payload came.
  Clock::Time first_payload{};
  // Lanes read them where they are while more are added.
  std::deque<Part> parts;
  /// By writer, then by its selection, in order of arrival.
  std::vector<std::vector<std::vector<Block>>> tables;
  /// By table of the plan: what its queries read.
  std::vector<std::vector<Block>> sources;
  /// The rows of the queries are in `tables`.
  bool queried = false;
  /// How far each unit gets with this batch. Empty only for batches without payloads.
  std::map<UnitKey, Move> moves;
  /// Of reading and extraction; those of the outputs stay with their stores until the commit.
  std::vector<Refused> rejects;
  /// By input, then by extracted column.
  std::vector<std::vector<CastFailures>> failures;
  /// Outputs are called even if there are no rows for them. Version 0.0.1 gave its outputs every batch, empty ones
  /// included.
  bool touch_outputs = false;

  // Totals of `parts` and of what was made of them; rows before they are given to several writers.
  std::uint64_t payloads = 0;
  std::uint64_t bytes = 0;
  std::uint64_t rows = 0;
  std::uint64_t row_bytes = 0;
  std::uint64_t rows_dropped = 0;
  std::uint64_t rows_refused = 0;
  /// Bytes of the payloads that have not become rows yet.
  std::uint64_t waiting_bytes = 0;

  bool empty() const { return parts.empty(); }

  /// At the first limit reached. A batch without payloads is never full, however old.
  bool full(const BatchLimits& limits, Clock::Time now) const {
    return !empty() && (payloads >= limits.payloads || bytes >= limits.bytes || rows >= limits.rows ||
                        bytes + row_bytes >= limits.memory || now - first_payload >= limits.age);
  }

  bool has_unit(std::size_t input, UnitId unit) const { return moves.contains({input, unit}); }

  /// Rows that each output of the writer gets. Counted anew at each call, a sum over blocks.
  std::uint64_t rows_of(std::size_t writer) const {
    std::uint64_t count = 0;
    for (const auto& selection : tables[writer])
      for (const Block& block : selection) count += block.rows();
    return count;
  }
};

/// A batch without payloads, shaped for `plan`.
inline Batch empty_batch(const Plan& plan, std::uint64_t number) {
  Batch batch;
  batch.number = number;
  batch.touch_outputs = plan.dialect == Dialect::v0_0_1;
  for (const PlannedWriter& writer : plan.writers) batch.tables.emplace_back(writer.selections.size());
  batch.sources.resize(plan.tables.size());
  for (const PlannedInput& input : plan.inputs) batch.failures.emplace_back(input.values());
  return batch;
}

}  // namespace batchout
