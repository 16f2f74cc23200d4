// Which row of its payload each row of a table is.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/batch.h"

namespace batchout {

/// Of the rows that a writer has in a batch, in the order in which its outputs get them. Rows of one payload follow
/// each other.
class RowNumbers {
 public:
  RowNumbers(const Batch& batch, std::size_t writer);

  struct Place {
    /// Of the payload: which of its rows it is, from 0, and how many there are.
    std::int64_t row = 0;
    std::int64_t rows = 0;
  };
  /// `number` counts all rows of the writer, from 0.
  Place of(std::uint64_t number) const;

 private:
  /// Where the rows of each payload begin, and where the last ones end.
  std::vector<std::uint64_t> begins_;
};

}  // namespace batchout
