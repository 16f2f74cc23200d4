// Rows of a payload follow each other, in one block or in several that share their values.

#include "components/postgres/row_kinds.h"

#include <algorithm>

namespace batchout::postgres {

RowKinds::RowKinds(const Merge& merge, const UpsertRules& rules, const TableShape& shape)
    : marks_(rules, shape), numbers_payloads_(!merge.within.empty()) {
  if (!numbers_payloads_) return;
  for (const Merge::Column& column : merge.columns)
    if (merge.is_key(column.target) && std::ranges::find(merge.within, column.target) == merge.within.end())
      others_.push_back(column.source);
}

// Rows that a query has made have no payload: all of them are one list.
void RowKinds::start(const Block& block, std::int64_t sequence) {
  sequence_ = sequence;
  marks_.start(block);
  views_.clear();
  for (const std::size_t column : others_) views_.push_back(block.column(column));
  payloads_.clear();
  if (!numbers_payloads_) return;
  for (const std::uint32_t origin : block.origins()) {
    const bool same = origin == origin_ && (origin == Block::kNone || &block.values() == values_);
    if (!same) ++payload_;
    origin_ = origin;
    values_ = &block.values();
    payloads_.push_back(payload_);
  }
}

CopyEncoder::Tail RowKinds::tail(std::size_t row) {
  CopyEncoder::Tail tail{sequence_ + static_cast<std::int64_t>(row)};
  if (numbers_payloads_) tail.payload = payloads_[row];
  if (marks_.marks(row)) tail.kind = RowKind::removed;
  if (empties(row)) tail.kind = RowKind::emptied;
  return tail;
}

// What an empty list leaves of its parent: nothing that would tell a row of it from others.
bool RowKinds::empties(std::size_t row) const {
  return !views_.empty() &&
         std::ranges::all_of(views_, [&](const Block::View& view) { return view.cell(row).empty(); });
}

}  // namespace batchout::postgres
