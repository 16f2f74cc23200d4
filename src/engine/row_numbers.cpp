// One pass over the origins of the rows; made only once a row has been refused.

#include "engine/row_numbers.h"

#include <algorithm>
#include <utility>

namespace batchout {

RowNumbers::RowNumbers(const Batch& batch, std::size_t writer) {
  std::uint64_t number = 0;
  for (const std::vector<Block>& selection : batch.tables[writer]) {
    std::pair<UnitId, std::int64_t> payload;
    bool known = false;  // Whether the row before has a payload.
    for (const Block& block : selection) {
      for (const std::uint32_t origin : block.origins()) {
        std::pair<UnitId, std::int64_t> own;
        const bool has = origin != Block::kNone;
        if (has) own = {block.values().units[origin], block.values().positions[origin]};
        if (!has || !known || own != payload) begins_.push_back(number);
        payload = own;
        known = has;
        ++number;
      }
    }
  }
  begins_.push_back(number);
}

RowNumbers::Place RowNumbers::of(std::uint64_t number) const {
  const auto end = std::ranges::upper_bound(begins_, number);
  if (end == begins_.begin() || end == begins_.end()) return {};
  const std::uint64_t begin = *std::prev(end);
  return {static_cast<std::int64_t>(number - begin), static_cast<std::int64_t>(*end - begin)};
}

}  // namespace batchout
