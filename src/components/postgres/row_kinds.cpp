// Marks and lists of the rules, in the form that goes with each row into the stage.

#include "components/postgres/row_kinds.h"

#include <algorithm>
#include <utility>

namespace batchout::postgres {

namespace {

// Keys beside those that a list is replaced within, as columns of the shape.
ListRows lists_of(const Merge& merge) {
  std::vector<std::size_t> others;
  for (const Merge::Column& column : merge.columns)
    if (merge.is_key(column.target) && std::ranges::find(merge.within, column.target) == merge.within.end())
      others.push_back(column.source);
  return ListRows(std::move(others));
}

}  // namespace

RowKinds::RowKinds(const Merge& merge, const UpsertRules& rules, const TableShape& shape) : marks_(rules, shape) {
  if (!merge.within.empty()) lists_ = lists_of(merge);
}

void RowKinds::start(const Block& block, std::int64_t sequence) {
  sequence_ = sequence;
  marks_.start(block);
  if (lists_) lists_->start(block);
}

CopyEncoder::Tail RowKinds::tail(std::size_t row) {
  CopyEncoder::Tail tail{sequence_ + static_cast<std::int64_t>(row)};
  if (marks_.marks(row)) tail.kind = RowKind::removed;
  if (!lists_) return tail;
  tail.payload = lists_->payload(row);
  if (lists_->empties(row)) tail.kind = RowKind::emptied;
  return tail;
}

}  // namespace batchout::postgres
