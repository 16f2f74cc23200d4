// SIGTERM and SIGINT as a stop request. A second one ends the process at once.

#pragma once

#include <stop_token>
#include <thread>

namespace batchout::cli {

/// Blocks both signals in this thread and all threads started later, and waits for them in a thread of its own. To be
/// made before any other thread. Two would take each other's signals.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  std::stop_token stop() const { return source_.get_token(); }

 private:
  /// Before the thread, which uses it until it is joined.
  std::stop_source source_;
  std::jthread waiter_;
};

}  // namespace batchout::cli
