// The end of the process when an invariant is broken.

#include "base/assertion.h"

#include <cstdio>
#include <cstdlib>

namespace batchout {

void assertion_failed(const char* expression, const char* file, int line) {
  // The one place where the library speaks for itself: whoever called it can not be trusted to do so any more.
  std::fprintf(stderr, "batchout: internal error [BO901]: %s does not hold (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace batchout
