// The rows that an output was given, for letters of those that it refused.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "batchout/block.h"

namespace batchout {

/// Rows of one writer in a batch, by selection, in the order in which the output got them. Rows of one payload follow
/// each other.
class GivenRows {
 public:
  explicit GivenRows(std::vector<std::vector<Block>> selections);

  struct Place {
    /// Of the payload: which of its rows it is, from 0, and how many there are.
    std::int64_t row = 0;
    std::int64_t rows = 0;
  };
  /// `number` counts all rows of the writer, from 0.
  Place place_of(std::uint64_t number) const;

  /// The cells of a row as a JSON object that every database takes, by column; long ones are cut, and columns beyond
  /// kValuesMax bytes are left out.
  std::string values_of(std::uint64_t number) const;
  static constexpr std::size_t kValuesMax = 4096;

 private:
  std::vector<Block> blocks_;
  /// Number of the first row of each block.
  std::vector<std::uint64_t> firsts_;
  /// Where the rows of each payload begin, and where the last ones end.
  std::vector<std::uint64_t> begins_;
};

}  // namespace batchout
