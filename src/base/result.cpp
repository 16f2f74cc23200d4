// Texts of problems, and the end of the process when an invariant is broken.

#include "batchout/result.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

namespace batchout {

// file:line:column: severity: key: message; hint [code], what is not known left out. Editors jump to the first part.
// Nothing is escaped here; whoever prints it does that.
std::string Problem::text() const {
  std::string out = file;
  if (line > 0) out += fmt::format("{}{}:{}", out.empty() ? "" : ":", line, column);
  if (!out.empty()) out += ": ";
  if (severity == Severity::warning) out += "warning: ";
  if (!path.empty()) out += path + ": ";
  out += message;
  if (!hint.empty()) out += "; " + hint;
  if (!code.empty()) out += fmt::format(" [{}]", code);
  return out;
}

bool has_errors(const Problems& problems) {
  return std::ranges::any_of(problems, [](const Problem& p) { return p.severity == Problem::Severity::error; });
}

void assertion_failed(const char* expression, const char* file, int line) {
  // The one place where the library speaks for itself: whoever called it can not be trusted to do so any more.
  std::fprintf(stderr, "batchout: internal error [BO901]: %s does not hold (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace batchout
