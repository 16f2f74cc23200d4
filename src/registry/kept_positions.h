// What inputs can do that tell others how far they have come, beside the engine.

#pragma once

namespace batchout {

/// An input whose acknowledged positions are kept by its source, too, for example by a consumer group.
class KeptPositions {
 public:
  virtual ~KeptPositions() = default;

  /// From now on outputs keep the positions of its units: what the source keeps is for people to look at, so telling it
  /// must neither wait nor fail. May be called more than once; before the first `acknowledge` that it concerns.
  virtual void positions_are_kept() = 0;
};

}  // namespace batchout
