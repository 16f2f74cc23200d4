// A hash over one column of a table: from a value to the rows that may hold it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "batchout/block.h"

namespace batchout {

/// A row of a list of blocks.
struct RowPlace {
  std::uint32_t block = 0;
  std::uint32_t row = 0;
};

class CellIndex {
 public:
  static constexpr std::uint32_t kEnd = 0xFFFFFFFF;

  /// Nulls are left out: they equal nothing. The blocks are read here only.
  CellIndex(std::span<const Block> blocks, std::size_t column);

  /// An entry of the chain that holds every row with that key (see equality_key), and rows with others; or kEnd.
  std::uint32_t first(std::uint64_t key) const { return heads_[key & mask_]; }
  /// The next one of the chain; rows come in their order.
  std::uint32_t next(std::uint32_t entry) const { return entries_[entry].next; }

  std::uint64_t key(std::uint32_t entry) const { return entries_[entry].key; }
  RowPlace place(std::uint32_t entry) const { return entries_[entry].place; }

 private:
  struct Entry {
    std::uint64_t key;
    RowPlace place;
    std::uint32_t next;
  };

  std::vector<std::uint32_t> heads_;
  std::vector<Entry> entries_;
  std::uint64_t mask_ = 0;
};

}  // namespace batchout
