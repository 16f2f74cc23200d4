// Which rows of many a server refuses, found with few statements.

#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "batchout/result.h"

namespace batchout::postgres {

/// Why an attempt failed and, if that is known, at which row.
struct Refused {
  Error error;
  std::optional<std::size_t> row;
  std::string state;  ///< SQLSTATE.
};

/// Stores the rows from `first` to before `last`, or none of them.
using Attempt = std::function<std::optional<Refused>(std::size_t first, std::size_t last)>;

/// Told in order; may end the search.
using Refuse = std::function<Result<>(std::size_t row, const Refused& why)>;

/// Stores all of `rows` rows but those that `attempt` fails at with the verdict `row`, which `refuse` is told. Any
/// other failure is returned. Rows are attempted in order; where the bad row is known the rows around it are attempted
/// in larger and larger runs, where it is not, halves are. A row that was named beside others is attempted alone before
/// it is refused: it may be a duplicate of one that was not stored, or only the last one that was read.
Result<> isolate(std::size_t rows, const Attempt& attempt, const Refuse& refuse);

}  // namespace batchout::postgres
