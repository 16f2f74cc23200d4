// What some processors can say beside their work.

#pragma once

#include <cstddef>
#include <vector>

namespace batchout {

/// A processor that gives up values on which it would take too long.
class StepLimited {
 public:
  virtual ~StepLimited() = default;

  /// Which cells of the last `apply` were appended as failed for that, in order. Such a value is never passed over: its
  /// payload is refused where the column has no policy for bad values.
  virtual const std::vector<std::size_t>& given_up() const = 0;
};

}  // namespace batchout
