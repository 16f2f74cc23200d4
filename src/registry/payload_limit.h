// What inputs can do whose payloads may be larger than there is memory for.

#pragma once

#include <cstddef>

namespace batchout {

/// An input that takes large payloads into memory whole.
class PayloadLimit {
 public:
  virtual ~PayloadLimit() = default;

  /// From now on a payload of more than `bytes` is a reject, whatever the input takes else. To be called before the
  /// first pull.
  virtual void limit_payloads(std::size_t bytes) = 0;
};

}  // namespace batchout
