// Memory that the rows of a batch take, and what the next payloads can be expected to take.

#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "batchout/block.h"

namespace batchout {

/// Bytes of the rows that were made in one go, without what the allocator keeps beside them. Values that several of the
/// blocks share count once.
std::size_t bytes_of(std::span<const std::vector<Block>> tables);

/// Bytes of rows that come of one byte of payloads of an input: what has come of the last ones. It follows a rise at
/// once and a fall slowly.
class Expansion {
 public:
  /// Something has been noted.
  bool known() const { return known_; }
  void note(std::size_t payload_bytes, std::size_t row_bytes) {
    const double factor = static_cast<double>(row_bytes) / static_cast<double>(std::max<std::size_t>(payload_bytes, 1));
    factor_ = std::max(factor, factor_ + (factor - factor_) * kWeight);
    known_ = true;
  }
  /// Bytes that payloads of so many bytes take with their rows.
  double total_of(std::size_t payload_bytes) const { return static_cast<double>(payload_bytes) * (1 + factor_); }
  /// Bytes of rows that they give.
  double rows_of(std::size_t payload_bytes) const { return static_cast<double>(payload_bytes) * factor_; }

 private:
  static constexpr double kWeight = 0.1;
  double factor_ = 0;
  bool known_ = false;
};

}  // namespace batchout
