// One loop: bad rows that are known bound the next attempt, the others are found by its size.

#include "components/postgres/isolate.h"

#include <algorithm>
#include <set>

#include "base/failpoint.h"

namespace batchout::postgres {

Result<> isolate(std::size_t rows, const Attempt& attempt, const Refuse& refuse) {
  constexpr std::size_t kRunMin = 8;
  std::set<std::size_t> known;  // Rows that are likely to fail.
  std::size_t run = rows;       // How many are attempted at most.
  for (std::size_t at = 0; at < rows;) {
    const bool suspect = !known.empty() && *known.begin() == at;
    const std::size_t end = suspect ? at + 1 : std::min({rows, at + run, known.empty() ? rows : *known.begin()});
    if (suspect) known.erase(known.begin());
    const auto failed = attempt(at, end);
    if (!failed) {
      at = end;
      if (!suspect) run = std::min(rows, run * 2);
    } else if (failed->error.verdict != Verdict::row) {
      return std::unexpected(failed->error);
    } else if (end - at == 1 || failpoint("no_isolation")) {
      for (; at < end; ++at) BATCHOUT_CHECK(refuse(at, *failed));
    } else if (failed->row && *failed->row >= at && *failed->row < end) {
      // How far the first bad row was away tells how far the next one may be.
      run = std::max(kRunMin, std::min((end - at) / 4, 2 * (*failed->row - at)));
      known.insert(*failed->row);
    } else {
      run = (end - at) / 2;
    }
  }
  return {};
}

}  // namespace batchout::postgres
