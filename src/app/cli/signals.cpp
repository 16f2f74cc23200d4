// A thread that waits with a short timeout, so that it can be joined.

#include "app/cli/signals.h"

#include <unistd.h>
#include <csignal>

namespace batchout::cli {
namespace {

// Those that ask a service to end.
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
    for (int signal = 0;;) {
      if (sigwait(&waited, &signal) != 0 || ended.stop_requested()) return;
      // The stop was requested before, so this is the second signal. _exit, because other threads may hold locks that
      // exit would need; 128 and the number is what shells report.
      if (!source_.request_stop()) _exit(128 + signal);
    }
  });
}

// A signal of its own ends the wait, so that the end of the program does not have to wait for this thread.
Signals::~Signals() {
  waiter_.request_stop();
  pthread_kill(waiter_.native_handle(), SIGTERM);
}

}  // namespace batchout::cli
