// Dead letters in the database that takes the rows: the table `batchout_delivery.dead_letter`.

#pragma once

#include <span>
#include <string>

#include "batchout/component.h"
#include "components/postgres/connection.h"

namespace batchout::postgres {

/// What makes the table where it is missing.
std::string dead_letter_table_sql();

/// Adds `letters` in the open transaction. The table is made if it is missing. BO539: the role may not make it, or may
/// not write to it.
Result<> keep_dead_letters(Connection& connection, const std::string& pipeline, std::span<const DeadLetter> letters);

}  // namespace batchout::postgres
