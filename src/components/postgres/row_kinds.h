// What each row of a block is there for, and to which payload it belongs.

#pragma once

#include <cstdint>
#include <optional>

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
  DeleteMarks marks_;
  /// With `within`.
  std::optional<ListRows> lists_;
  std::int64_t sequence_ = 0;
};

}  // namespace batchout::postgres
