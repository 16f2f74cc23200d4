// Finds rows without values column by column, and stops looking as soon as every row has one.

#include "engine/rows.h"

#include <vector>

namespace batchout {
namespace {

bool has_any_value(const Block& block, std::size_t row) {
  for (std::size_t column = 0; column < block.shape().columns.size(); ++column)
    if (block.column(column).tag(row) > Tag::null) return true;
  return false;
}

bool is_of(const PayloadSet& payloads, const Block& block, std::size_t row) {
  const std::uint32_t origin = block.origins()[row];
  return origin != Block::kNone && payloads.contains({block.values().units[origin], block.values().positions[origin]});
}

}  // namespace

// `empty` counts the rows that no column so far has a value for.
std::uint64_t drop_empty_rows(Block& block, const PayloadSet& valueless) {
  std::vector<bool> keep(block.rows(), false);
  std::size_t empty = block.rows();
  bool counting = false;
  const auto& columns = block.shape().columns;
  for (std::size_t column = 0; column < columns.size() && empty > 0; ++column) {
    if (!columns[column].counts) continue;
    counting = true;
    const Block::View cells = block.column(column);
    for (std::size_t row = 0; row < keep.size(); ++row) {
      // Absent and null are the first two tags.
      if (keep[row] || cells.tag(row) <= Tag::null) continue;
      keep[row] = true;
      --empty;
    }
  }
  // The block stays as it is, and its selections are not copied.
  if (!counting || empty == 0) return 0;
  for (std::size_t row = 0; row < keep.size() && !valueless.empty(); ++row) {
    if (keep[row] || !is_of(valueless, block, row) || !has_any_value(block, row)) continue;
    keep[row] = true;
    --empty;
  }
  if (empty == 0) return 0;
  block = block.filtered(keep);
  return empty;
}

}  // namespace batchout
