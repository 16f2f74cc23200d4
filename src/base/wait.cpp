// Waiting that ends early when a stop is requested.

#include "base/wait.h"

#include <condition_variable>
#include <mutex>

namespace batchout {

// A condition that never comes true: condition_variable_any is what the standard library wakes by a stop token. A
// deadline in the past returns at once.
void wait_until(std::chrono::steady_clock::time_point deadline, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any nobody;
  std::unique_lock lock(mutex);
  nobody.wait_until(lock, stop, deadline, [] { return false; });
}

}  // namespace batchout
