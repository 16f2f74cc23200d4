// What tells expected rows from those that came.

#pragma once

#include <string>

#include "batchout/result.h"
#include "pipeline/expected_rows.h"

namespace batchout {

/// One sentence for each value, row or number of rows that differs, at the place where it is expected; none if the rows
/// are as expected. Rows are matched first, so that one that is missing does not make all behind it differ. `table` is
/// the writer's name, `whole` the place of the expectation as a whole.
Problems row_differences(const std::string& table, const ExpectedRows& expected, const ShownRows& shown, bool ordered,
                         Node::Mark whole);

}  // namespace batchout
