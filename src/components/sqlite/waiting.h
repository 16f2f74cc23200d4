// Rows that cannot be stored in their place, because a foreign key wants other rows to come or to go first.

#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "batchout/component.h"

namespace batchout {

class SqliteStore;

/// Stores a row once more.
class SqliteRowWriter {
 public:
  virtual ~SqliteRowWriter() = default;

  /// An error with the verdict `row` if the table refuses it.
  virtual Result<> store_again(const Block& block, std::size_t row) = 0;
};

struct SqliteWaitingRow {
  SqliteRowWriter* writer = nullptr;
  Block block;
  std::size_t row = 0;
  /// As in RefusedRows.
  std::uint64_t number = 0;
  /// Keys of the row, as one text. Rows of one key are stored in their order; empty: there are none.
  std::string key;
  /// It means nothing once a later row of its key is stored.
  bool yields = false;
  /// Why it could not be stored when that was tried last.
  Error why;
  /// Which of the writers in their order, from 0.
  std::size_t turn = 0;
};

/// The rows of a batch that wait, over all tables of a store. They are tried again as long as that helps, those of the
/// tables that were written last first: deletions of children make way for those of parents. Where foreign keys are
/// checked with each row, rows that need each other are tried together: all of them, then those of each payload.
class SqliteWaiting {
 public:
  explicit SqliteWaiting(SqliteStore& store) : store_(store) {}

  void clear();
  void add(SqliteWaitingRow row);
  bool empty() const { return rows_.empty(); }
  /// Whether a row with this key waits, which a later one must not overtake.
  bool holds(const SqliteRowWriter& writer, const std::string& key) const;

  /// Ends the waiting for the rows of a writer, and returns those that cannot be stored.
  Result<std::vector<SqliteWaitingRow>> end(const SqliteRowWriter& writer);

 private:
  Result<> retry();
  Result<bool> pass(bool forwards);
  Result<> try_groups();
  Result<bool> stored(SqliteWaitingRow& row);
  Result<bool> stored_together(std::size_t first, std::size_t last);

  SqliteStore& store_;
  std::vector<SqliteWaitingRow> rows_;
  /// Of the rows.
  std::set<std::pair<const SqliteRowWriter*, std::string>> keys_;
};

}  // namespace batchout
