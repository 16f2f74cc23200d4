// Invariants of ours, checked in every build.

#pragma once

namespace batchout {

/// Stops the process: an invariant of ours is broken, so nothing after it can be trusted.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace batchout

/// On in every build: ends the process with the expression when it does not hold.
#define BATCHOUT_ASSERT(expression) \
  ((expression) ? void() : ::batchout::assertion_failed(#expression, __FILE__, __LINE__))
