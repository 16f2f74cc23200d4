// Sums over blocks and columns, a few for each arena of payloads; never over rows.

#include "engine/memory.h"

#include <cstdint>
#include <set>

namespace batchout {

std::size_t bytes_of(std::span<const std::vector<Block>> tables) {
  std::size_t bytes = 0;
  std::set<const Values*> counted;
  for (const std::vector<Block>& blocks : tables)
    for (const Block& block : blocks) {
      bytes += block.rows() * block.selections().size() * sizeof(std::uint32_t);
      if (!counted.insert(&block.values()).second) continue;
      for (const Column& column : block.values().columns) bytes += column.bytes();
    }
  return bytes;
}

}  // namespace batchout
