// Chains are built from the last row to the first, so that each one runs forwards.

#include "components/sqlite/cell_index.h"

#include <algorithm>
#include <bit>

#include "components/sqlite/cell_value.h"

namespace batchout {
CellIndex::CellIndex(std::span<const Block> blocks, std::size_t column) {
  std::size_t rows = 0;
  for (const Block& block : blocks) rows += block.rows();
  heads_.assign(std::bit_ceil(std::max<std::size_t>(rows, 1)), kEnd);
  mask_ = heads_.size() - 1;
  entries_.reserve(rows);
  char room[kPlainSizeMax];
  for (std::size_t b = blocks.size(); b-- > 0;) {
    const Block::View cells = blocks[b].column(column);
    const TimeZone* const zone = blocks[b].shape().columns[column].zone;
    for (std::size_t row = blocks[b].rows(); row-- > 0;) {
      const SqlValue value = sql_value(cells.cell(row), zone, room);
      if (value.type == SqlValue::Type::null) continue;
      const std::uint64_t key = equality_key(value);
      std::uint32_t& head = heads_[key & mask_];
      entries_.push_back({key, {static_cast<std::uint32_t>(b), static_cast<std::uint32_t>(row)}, head});
      head = static_cast<std::uint32_t>(entries_.size() - 1);
    }
  }
}

}  // namespace batchout
