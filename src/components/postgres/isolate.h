// Which rows of many a server refuses, found with few statements.

#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "batchout/result.h"

namespace batchout::postgres {

/// How an attempt ended: nothing, or why it failed and, if that is known, at which row.
struct Refused {
  Error error;
  std::optional<std::size_t> row;
};

/// Stores the rows from `first` to before `last`, or none of them.
using Attempt = std::function<std::optional<Refused>(std::size_t first, std::size_t last)>;

/// Stores all of `rows` rows but those that `attempt` fails at with the verdict `row`, which `refuse` is told in order;
/// it may end the search. Any other failure is returned. Rows are attempted in order; where the bad row is known the
/// rows around it are attempted in larger and larger runs, where it is not, halves are.
Result<> isolate(std::size_t rows, const Attempt& attempt,
                 const std::function<Result<>(std::size_t row, const Error& error)>& refuse);

}  // namespace batchout::postgres
