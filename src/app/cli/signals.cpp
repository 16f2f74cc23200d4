// A thread that waits with a short timeout, so that it can be joined.

#include "app/cli/signals.h"

#include <unistd.h>
#include <csignal>
#include <ctime>

namespace batchout::cli {
namespace {

sigset_t handled() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

Signals::Signals() {
  // A broken pipe is an error of the write that met it, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  const sigset_t set = handled();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  waiter_ = std::jthread([this](const std::stop_token& ended) {
    const sigset_t waited = handled();
    const timespec slice{0, 100'000'000};
    while (!ended.stop_requested()) {
      const int signal = sigtimedwait(&waited, nullptr, &slice);
      if (signal <= 0) continue;
      if (!source_.request_stop()) _exit(128 + signal);
    }
  });
}

Signals::~Signals() = default;

}  // namespace batchout::cli
