// Positions of inputs in the database that takes the rows: the table, who owns a unit, and how far it has come.
//
// The owner of a unit holds its epoch, which every claim raises. A transaction that moves a unit names its epoch, and
// fails if another process has claimed the unit since: what a zombie wrote is rolled back with it.

#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "batchout/component.h"
#include "components/postgres/connection.h"

namespace batchout::postgres {

/// What makes the schema `batchout_delivery` and its tables where they are missing, for an administrator if our role
/// may not.
std::string position_tables_sql();

/// Makes them, outside a transaction. BO537: the role may not; BO531: it may not even look.
Result<> make_position_tables(Connection& connection);

/// The error of a statement about `source_position`: BO531 with what to grant, where the role lacks a right.
std::unexpected<Error> positions_refused(const Connection& connection, const Error& error);

class Positions {
 public:
  explicit Positions(std::string pipeline);

  /// One transaction per unit, in the order of their names; answers in the order of `units`. To be called outside a
  /// transaction. Waits for a transaction that moves the unit to end, ours included if its answer was lost: then a unit
  /// that somebody else has claimed since is an error with the verdict `fenced`, and the next claim takes it anew.
  /// BO537: the role may not make the tables; BO531: it may not use those that are there.
  Result<std::vector<Claim>> claim(Connection& connection, std::span<const Unit> units);

  /// Moves the units in the open transaction, or fails with SQLSTATE BO001; to be sent together with COMMIT.
  std::string advance_sql(std::span<const Move> moves) const;

  /// Nobody knows whether the transaction that moved these was committed.
  void doubt(std::span<const Move> moves);

 private:
  using Name = std::pair<std::string, std::string>;  // Source and unit.

  Result<Claim> claim_one(Connection& connection, const Unit& unit);

  std::string pipeline_;
  /// For people: which process it is.
  std::string owner_;
  bool has_tables_ = false;
  /// Epochs of units whose last move is in doubt.
  std::map<Name, std::int64_t> doubtful_;
};

}  // namespace batchout::postgres
