// Texts of problems.

#include "batchout/result.h"

#include <algorithm>

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

}  // namespace batchout
