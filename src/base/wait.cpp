// Waiting that ends early when a stop is requested.

#include "base/wait.h"

#include <condition_variable>
#include <mutex>

namespace batchout {

void wait_until(std::chrono::steady_clock::time_point deadline, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any nobody;
  std::unique_lock lock(mutex);
  nobody.wait_until(lock, stop, deadline, [] { return false; });
}

}  // namespace batchout
