// Time, as the engine sees it. A test passes a clock that jumps instead of waiting.

#pragma once

#include <chrono>
#include <stop_token>

#include "base/wait.h"

namespace batchout {

/// Called from the engine's thread only.
class Clock {
 public:
  using Time = std::chrono::steady_clock::time_point;

  virtual ~Clock() = default;

  /// Never goes back.
  virtual Time now() const = 0;

  /// Returns at `time`, or earlier if `stop` is requested.
  virtual void sleep_until(Time time, const std::stop_token& stop) = 0;
};

/// Monotonic time of the machine: setting the wall clock changes no timeout.
class SteadyClock final : public Clock {
 public:
  Time now() const override { return std::chrono::steady_clock::now(); }
  void sleep_until(Time time, const std::stop_token& stop) override { wait_until(time, stop); }
};

}  // namespace batchout
