// The SQL that brings rows from a staging table into their target. COPY alone cannot resolve conflicts.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "components/postgres/stage.h"

namespace batchout::postgres {

/// Inserts new keys and updates known ones; the statements belong together.
std::string merge_sql(const Merge& merge, const StageRows& rows);

/// Deletes what the rows say, each for its own key; of the kind that `rows` names.
std::string remove_sql(const Merge& merge, const StageRows& rows);

/// With `within`: deletes what has left the lists that have rows among these.
std::string replace_sql(const Merge& merge, const StageRows& rows);

}  // namespace batchout::postgres
