// Extractors whose payloads have no keys.

#pragma once

namespace batchout {

/// A side of an extractor, found by dynamic_cast: nothing that it reads has members with keys, so an index over them
/// (for_object) would never make a row.
class Keyless {
 public:
  virtual ~Keyless() = default;
};

}  // namespace batchout
