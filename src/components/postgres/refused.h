// Rows that do not go into the target, as rejects.

#pragma once

#include <cstddef>
#include <string>

#include "batchout/block.h"
#include "batchout/payloads.h"
#include "batchout/result.h"
#include "components/postgres/copy.h"

namespace batchout::postgres {

/// A row that the server refused.
Reject refused_row(const Block& block, std::size_t row, const Error& error);

/// A row that we refuse for one of its cells; `column` is that of the cell, `table` its name for messages.
Reject refused_cell(const Block& block, std::size_t row, const RefusedCell& refused, const Merge::Column& column,
                    const std::string& table);

}  // namespace batchout::postgres
