// Extractors that find things without keys.

#pragma once

#include <optional>
#include <string_view>

#include "data/projection.h"

namespace batchout {

/// A side of an extractor, found by dynamic_cast: an index over keys (for_object) may never make a row, whatever the
/// payload is.
class Keyless {
 public:
  virtual ~Keyless() = default;

  /// What to do in place of such an index over what `path`, which has been checked, finds; none if that may have keys.
  /// Here: nothing that the extractor finds has any.
  virtual std::optional<std::string_view> keyless(const Template& /*path*/) const {
    return "use for_list or from_list";
  }
};

}  // namespace batchout
