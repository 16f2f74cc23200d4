// What each row of a block is there for, and to which payload it belongs.

#pragma once

#include <cstdint>
#include <vector>

#include "batchout/block.h"
#include "components/postgres/copy.h"
#include "components/postgres/stage.h"
#include "data/upsert_rules.h"

namespace batchout::postgres {

class RowKinds {
 public:
  RowKinds() = default;
  RowKinds(const Merge& merge, const UpsertRules& rules, const TableShape& shape);

  /// Turns to the rows of the next block, which must outlive the questions. Rows are numbered from `sequence` on.
  void start(const Block& block, std::int64_t sequence);

  CopyEncoder::Tail tail(std::size_t row);

 private:
  bool empties(std::size_t row) const;

  DeleteMarks marks_;
  /// With `within`: keys beside it, as columns of the shape.
  std::vector<std::size_t> others_;
  bool numbers_payloads_ = false;
  std::vector<Block::View> views_;
  std::int64_t sequence_ = 0;
  /// By row.
  std::vector<std::int64_t> payloads_;
  /// Of the row before, in this block or the one before.
  std::int64_t payload_ = 0;
  const Values* values_ = nullptr;
  std::uint32_t origin_ = Block::kNone;
};

}  // namespace batchout::postgres
