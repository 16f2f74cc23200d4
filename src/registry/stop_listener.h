// What some stores can do beside their work.

#pragma once

#include <stop_token>

namespace batchout {

/// A store whose calls may wait for long, and end early where the run is to end.
class StopListener {
 public:
  virtual ~StopListener() = default;

  /// Counts from now on, and takes the place of the one before. Where a call ends early because of it, it fails with
  /// the verdict `environment`: what it was to do may have been done.
  virtual void listen(std::stop_token stop) = 0;
};

}  // namespace batchout
