// What stores and outputs can do whose tables depend on each other.

#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "batchout/component.h"

namespace batchout {

/// A store that knows in which order its outputs are to be written.
class WriteOrder {
 public:
  virtual ~WriteOrder() = default;

  /// Asked within the transaction of each batch, before its first row. An output may be there twice. Returns every
  /// place in `outputs` once, the first to be written first.
  virtual Result<std::vector<std::size_t>> order(std::span<const Output* const> outputs) = 0;
};

/// An output with work that has to wait until the other outputs of its store have been written.
class LateWork {
 public:
  virtual ~LateWork() = default;

  /// Called after `Output::finish`, the last output first. Rows that turn out not to fit become rejects.
  virtual Result<> finish_late(Rejects& rejects) = 0;
};

}  // namespace batchout
