// The SQL that brings rows from a staging table into their target. COPY alone cannot resolve conflicts.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "components/postgres/stage.h"

namespace batchout::postgres {

/// Inserts new keys and updates known ones; the statements belong together.
std::string merge_sql(const Merge& merge, const StageRows& rows);

}  // namespace batchout::postgres
