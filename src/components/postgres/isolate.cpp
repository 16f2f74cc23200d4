// One loop: bad rows that are known bound the next attempt, the others are found by its size.

#include "components/postgres/isolate.h"

#include <algorithm>
#include <utility>

#include "base/failpoint.h"

namespace batchout::postgres {

Result<> Isolation::store(std::size_t rows, const Attempt& attempt, const Refuse& refuse,
                          std::set<std::size_t> likely) {
  named_ = std::move(likely);
  errors_ = 0;
  bound_ = 0;
  most_ = std::min(kRunMax, most_ + most_ / 64 + 1);
  std::size_t begin = 0;  // Behind the last bad row.
  for (std::size_t at = 0; at < rows;) {
    const bool suspect = !named_.empty() && *named_.begin() == at;
    const std::size_t end = suspect ? at + 1 : end_of_attempt(at, rows);
    if (suspect) named_.erase(named_.begin());
    const auto failed = attempt(at, end);
    if (suspect) mind(failed.has_value());
    if (!failed) {
      at = end;
      if (bound_ <= at) bound_ = 0;
      if (!suspect && bound_ == 0) run_ = std::min(kRunMax, run_ + run_ / 2 + 1);
    } else if (failed->waits) {
      return {};
    } else if (failed->too_many() && end - at > 1) {
      most_ = (end - at) / 2;
    } else if (failed->error.verdict != Verdict::row) {
      return std::unexpected(failed->error);
    } else if (end - at == 1 || failpoint("no_isolation")) {
      // How far it was away tells how far the next one may be.
      if (!suspect) run_ = std::max<std::size_t>(1, (at - begin) / 2);
      for (; at < end; ++at) BATCHOUT_CHECK(refuse(at, *failed));
      begin = at;
      bound_ = 0;
    } else {
      learn(*failed, at, end);
    }
  }
  return {};
}

// Half of what is known to have a bad row, else as much as may go well.
std::size_t Isolation::end_of_attempt(std::size_t at, std::size_t rows) const {
  const std::size_t reach = bound_ == 0 ? run_ : std::max<std::size_t>(1, (bound_ - at) / 2);
  return std::min({rows, at + std::min(reach, most_), named_.empty() ? rows : *named_.begin()});
}

// Each that is good costs an attempt that would have been spared.
void Isolation::mind(bool failed) {
  constexpr int kErrorsMax = 8;
  errors_ += failed ? -1 : 1;
  if (errors_ >= kErrorsMax) named_.clear();
}

void Isolation::learn(const Refused& failed, std::size_t at, std::size_t end) {
  constexpr std::size_t kRunMin = 8;
  const bool named = failed.row && *failed.row >= at && *failed.row < end;
  bound_ = named ? 0 : end;
  if (!named) return;
  run_ = std::max(kRunMin, std::min((end - at) / 4, 2 * (*failed.row - at)));
  named_.insert(*failed.row);
}

}  // namespace batchout::postgres
