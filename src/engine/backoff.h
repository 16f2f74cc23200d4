// How long to wait before the next try of something that a system refused: decorrelated jitter, so that many processes
// that were cut off together do not come back together.

#pragma once

#include <algorithm>
#include <chrono>

#include "base/clock.h"
#include "base/random.h"

namespace batchout {

/// One for each fault that lasts; a new fault begins with short delays again. The formula is that of the AWS
/// Architecture Blog, "Exponential Backoff And Jitter": the range grows from the delay that was drawn, not from the
/// number of the try. Not thread-safe.
class Backoff {
 public:
  /// A server that restarts in a second is not waited for longer than that.
  static constexpr std::chrono::milliseconds kDelayMin{100};
  /// So that somebody who has repaired a system sees the run go on within half a minute.
  static constexpr std::chrono::milliseconds kDelayMax{30'000};

  /// `since`: when the first try failed.
  explicit Backoff(Clock::Time since) : since_(since) {}

  Clock::Time since() const { return since_; }

  /// Between kDelayMin and three times the delay before.
  std::chrono::milliseconds next(Random& random) {
    /// One more than the width, since `below` leaves its bound out.
    const auto spread = static_cast<std::uint64_t>((delay_ * 3 - kDelayMin).count()) + 1;
    delay_ = std::min(kDelayMax, kDelayMin + std::chrono::milliseconds{random.below(spread)});
    return delay_;
  }

 private:
  Clock::Time since_;
  std::chrono::milliseconds delay_ = kDelayMin;
};

}  // namespace batchout
