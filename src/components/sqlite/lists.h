// What `replace_within` does: the rows of a payload are all that the table is to have with their values of some
// columns.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "components/sqlite/store.h"
#include "data/upsert_rules.h"

namespace batchout {

/// Notes which rows each list of a batch has, in a temporary table, and deletes the others at the end of the batch. A
/// row that is refused afterwards has not left its list.
class SqliteLists {
 public:
  /// Without `replace_within` there is nothing to be noted.
  SqliteLists() = default;
  /// `output`: name of the output, which has a temporary table of its own. `shape` is what comes and is written, `keys`
  /// are places in it; the target has all of its columns.
  static Result<SqliteLists> open(SqliteStore& store, const SqliteConfig& config, const std::string& output,
                                  const TableShape& shape, const std::vector<std::size_t>& keys);

  bool used() const { return note_ != nullptr; }

  /// Turns to the rows of the next block, as they come; `first` is the number of its first row, as in RefusedRows.
  void start(const Block& block, std::uint64_t first);
  bool empties(std::size_t row) const { return rows_.empties(row); }

  /// The statement that notes a row. Parameter number i + 1 is the value of column i, of keys and lists only, which
  /// `bound` lists; those of keys beside the lists stay null where the list is empty.
  sqlite3_stmt* note(std::size_t row);
  const std::vector<std::size_t>& bound() const { return bound_; }
  /// Runs it.
  Result<> noted();

  /// A row of the block was refused, and no one has to be told twice.
  void refuse(std::size_t row) { blocks_.back().payloads[row] = 0; }

  /// Deletes what has left the lists of the batch. If the table refuses that, because rows of another table refer to
  /// it, `replace_late` does it.
  Result<> replace();

  /// Hears of a row whose list cannot be replaced: what has left it stays, as long as something refers to it.
  using Refuse = std::function<void(const Block& block, std::size_t row, std::uint64_t number, const Error& why)>;
  /// What `replace` could not do, list by list.
  Result<> replace_late(const Refuse& refuse);

 private:
  struct NotedBlock {
    Block block;
    std::uint64_t first = 0;
    /// Of each row, as ListRows counts them; 0: it was refused.
    std::vector<std::int64_t> payloads;
  };

  Result<> forget();
  static Result<> unless_ended(SqliteStore& store, Result<> done);

  SqliteStore* store_ = nullptr;
  ListRows rows_;
  std::vector<std::size_t> bound_;
  int payload_parameter_ = 0;
  SqliteStatement note_, delete_, delete_one_, forget_;
  std::vector<NotedBlock> blocks_;
  /// Something has been noted in this batch.
  bool any_ = false;
  bool late_ = false;
};

}  // namespace batchout
