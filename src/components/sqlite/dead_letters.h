// Dead letters in the SQLite file that takes the rows: the table `batchout_dead_letter`.

#pragma once

#include <span>
#include <string>

#include "batchout/component.h"
#include "components/sqlite/store.h"

namespace batchout {

/// Adds `letters` in the open transaction, to a table that is made if it is missing.
Result<> keep_dead_letters_in(SqliteStore& store, const std::string& pipeline, std::span<const DeadLetter> letters);

}  // namespace batchout
