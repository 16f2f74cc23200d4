// Dead letters in the database that takes the rows: the table `batchout_delivery.dead_letter`.

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "components/postgres/connection.h"
#include "data/dead_letters.h"
#include "data/letter_book.h"

namespace batchout::postgres {

/// What makes the table where it is missing, and adds what one of an earlier version lacks.
std::string dead_letter_table_sql();

/// BO539: the role may not make the table, or may not write to the one that is there. Makes nothing; outside of a
/// transaction.
Result<> check_dead_letters(Connection& connection);

/// What letters are kept with, and which are there already: nobody else has kept some of our units since it was told to
/// forget.
class LetterReach {
 public:
  /// For each record whether a letter that is new says the same. The table must be complete. Asks the server for
  /// records that are not behind all letters of their unit, and once for each unit.
  Result<std::vector<bool>> alike(Connection& connection, const std::string& pipeline,
                                  std::span<const DeadLetterRecord> records);
  /// Nothing has to be done to the table.
  bool complete() const { return complete_; }
  void note_complete() { complete_ = true; }
  void forget() {
    reach_.clear();
    complete_ = false;
  }

 private:
  static constexpr std::int64_t kNowhere = std::numeric_limits<std::int64_t>::min();

  Result<> look(Connection& connection, const std::string& pipeline, std::span<const DeadLetterRecord> records);

  /// By source and unit: no letter has a greater position.
  std::map<std::pair<std::string, std::string>, std::int64_t> reach_;
  bool complete_ = false;
};

/// Adds `letters` in the open transaction, but for those that are there. The table is made if it is missing. BO539: the
/// role may not make it, or may not write to it. A table of an earlier version that belongs to somebody else gets what
/// it has columns for.
Result<> keep_dead_letters(Connection& connection, const std::string& pipeline, std::span<const NewLetter> letters,
                           LetterReach& reach);

/// As those of LetterBook; the first one in no transaction, the others in the open one.
Result<> read_dead_letters(Connection& connection, const std::string& pipeline, const LetterFilter& filter,
                           bool payloads, const LetterSink& sink);
Result<> resolve_dead_letters(Connection& connection, const std::string& pipeline, std::span<const std::int64_t> ids,
                              std::string_view status);
Result<> note_letter_failure(Connection& connection, const std::string& pipeline, std::span<const std::int64_t> ids,
                             const Reject& reject);
Result<std::size_t> prune_dead_letters(Connection& connection, const std::string& pipeline, std::int64_t until);

}  // namespace batchout::postgres
