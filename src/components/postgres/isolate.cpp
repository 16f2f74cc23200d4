// One loop: bad rows that are known bound the next attempt, the others are found by its size.

#include "components/postgres/isolate.h"

#include <algorithm>
#include <map>

namespace batchout::postgres {

Result<> isolate(std::size_t rows, const Attempt& attempt,
                 const std::function<Result<>(std::size_t row, const Error& error)>& refuse) {
  constexpr std::size_t kRunMin = 8;
  std::map<std::size_t, Error> known;  // Rows that will fail.
  std::size_t run = rows;              // How many are attempted at most.
  for (std::size_t at = 0; at < rows;) {
    if (!known.empty() && known.begin()->first == at) {
      BATCHOUT_CHECK(refuse(at, known.begin()->second));
      known.erase(known.begin());
      ++at;
      continue;
    }
    const std::size_t end = std::min({rows, at + run, known.empty() ? rows : known.begin()->first});
    const auto failed = attempt(at, end);
    if (!failed) {
      at = end;
      run = std::min(rows, run * 2);
    } else if (failed->error.verdict != Verdict::row) {
      return std::unexpected(failed->error);
    } else if (failed->row && *failed->row >= at && *failed->row < end) {
      // How far the first bad row was away tells how far the next one may be.
      run = std::max(kRunMin, std::min((end - at) / 4, 2 * (*failed->row - at)));
      known.emplace(*failed->row, failed->error);
    } else if (end - at == 1) {
      known.emplace(at, failed->error);
    } else {
      run = (end - at) / 2;
    }
  }
  return {};
}

}  // namespace batchout::postgres
