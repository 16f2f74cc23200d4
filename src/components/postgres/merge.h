// The SQL that brings rows from a staging table into their target. COPY alone cannot resolve conflicts.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "components/postgres/target.h"

namespace batchout::postgres {

/// Borrows from `target`, which must stay where it is.
struct Merge {
  const Target* target = nullptr;
  /// Those that are written, in the order of the rows.
  std::vector<const TargetColumn*> columns;
  std::vector<const TargetColumn*> keys;
  /// Name of the temporary table.
  std::string stage;
  /// Its column with the number of each row: of equal keys the highest number wins.
  std::string sequence;
};

/// (Re-)creates the temporary table, which the server empties at the end of every transaction.
std::string create_stage_sql(const Merge& merge);

/// For many merges of few rows each, and what takes it away again.
std::string index_stage_sql(const Merge& merge);
std::string drop_stage_index_sql(const Merge& merge);

/// COPY into the stage or, without one, into the target.
std::string copy_sql(const Merge& merge, bool binary);

/// Rows of the stage by their numbers: from `first` to before `last`.
struct SequenceRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

/// Inserts new keys and updates known ones in one statement; needs a unique index on the keys. Rows that would not
/// change are left alone.
std::string upsert_sql(const Merge& merge, SequenceRange range);

/// The same without an index: locks the target against other writers, updates what is there, inserts the rest.
std::string update_and_insert_sql(const Merge& merge, SequenceRange range);

}  // namespace batchout::postgres
