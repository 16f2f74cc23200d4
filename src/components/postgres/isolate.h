// Which rows of many a server refuses, found with few statements.

#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "batchout/result.h"

namespace batchout::postgres {

/// Why an attempt failed and, if that is known, at which row.
struct Refused {
  Error error;
  std::optional<std::size_t> row;
  std::string state;  ///< SQLSTATE.
  /// The rows from the first one of the attempt on are somebody else's from now on.
  bool waits = false;

  /// A statement has no time for so many rows.
  bool too_many() const { return state == "57014"; }
};

/// Stores the rows from `first` to before `last`, or none of them.
using Attempt = std::function<std::optional<Refused>(std::size_t first, std::size_t last)>;

/// Told in order; may end the search.
using Refuse = std::function<Result<>(std::size_t row, const Refused& why)>;

/// Remembers from call to call how many rows may go well together, so that a stream with bad rows is not attempted in
/// whole blocks, which fail. After rows without a bad one the attempts grow.
class Isolation {
 public:
  Isolation() = default;
  /// `run`: how many rows are attempted at first.
  explicit Isolation(std::size_t run) : run_(run) {}

  /// Stores all of `rows` rows but those that `attempt` fails at with the verdict `row`, which `refuse` is told. Rows
  /// that were too many are attempted in halves, and for some time not so many again. Any other failure is returned.
  /// Ends without one where rows wait. Rows are attempted in order; where the bad row is known the rows around it are
  /// attempted in larger and larger runs, where it is not, halves of those that failed are. A row that was named beside
  /// others is attempted alone before it is refused: it may be a duplicate of one that was not stored, or only the last
  /// one that was read. So are those that are `likely` to fail, until too many of them do not.
  Result<> store(std::size_t rows, const Attempt& attempt, const Refuse& refuse, std::set<std::size_t> likely = {});

 private:
  /// More than any block has.
  static constexpr std::size_t kRunMax = std::size_t{1} << 30;

  std::size_t end_of_attempt(std::size_t at, std::size_t rows) const;
  void learn(const Refused& failed, std::size_t at, std::size_t end);
  void mind(bool failed);

  std::size_t run_ = kRunMax;    ///< How many rows are attempted at most.
  std::size_t most_ = kRunMax;   ///< What a statement has time for.
  std::size_t bound_ = 0;        ///< A bad row is before this one; 0: not that we know.
  std::set<std::size_t> named_;  ///< Rows that are likely to fail.
  int errors_ = 0;               ///< How many of them have not failed, less those that have.
};

}  // namespace batchout::postgres
