// Positions in the database, looked at and changed by hand.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "components/postgres/connection.h"
#include "data/position_book.h"

namespace batchout::postgres {

/// As PositionBook::kept. Nothing if there is no table.
Result<std::vector<KeptPosition>> kept_positions(Connection& connection, const std::string& pipeline);

/// As PositionBook::change, outside a transaction. Waits for those that move the units, as long as the session waits
/// for locks.
Result<> change_positions(Connection& connection, const std::string& pipeline, std::span<const PositionChange> changes);

}  // namespace batchout::postgres
