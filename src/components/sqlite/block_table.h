// The blocks of a batch as a table of SQLite, where they are: a virtual table.
//
// SQLite asks for single cells, so only the columns that a query uses are touched, and nothing is copied. A comparison
// for equality is answered by a hash over the column, built when it is first asked for; other comparisons skip rows
// before SQLite sees them. Both may let rows pass that do not match, since SQLite checks again: it converts types in
// ways that depend on the expression, and a skipped row would be lost.

#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "batchout/block.h"
#include "components/sqlite/cell_index.h"

namespace batchout {

/// A table for the length of a query. The addresses of it and of its blocks are known to SQLite while it runs.
class BlockTable {
 public:
  BlockTable(std::string name, std::shared_ptr<const TableShape> shape)
      : name_(std::move(name)), shape_(std::move(shape)) {}

  const std::string& name() const { return name_; }
  const TableShape& shape() const { return *shape_; }

  /// Other rows: from now on the table shows `blocks`, which must outlive what reads it, as must what `stopped` refers
  /// to. It is asked now and then while rows are passed over, and ends the query.
  void show(std::span<const Block> blocks, std::function<bool()> stopped);

  bool stopped() const { return stopped_ && stopped_(); }

  std::size_t rows() const { return rows_; }
  std::span<const Block> blocks() const { return blocks_; }

  /// The hash over one column, built at the first call.
  const CellIndex& index(std::size_t column);

 private:
  std::string name_;
  std::shared_ptr<const TableShape> shape_;
  std::span<const Block> blocks_;
  std::size_t rows_ = 0;
  std::function<bool()> stopped_;
  std::vector<std::unique_ptr<CellIndex>> indexes_;
};

/// Makes `table` known to `connection` under its name. It must outlive the connection.
int add_block_table(sqlite3* connection, BlockTable& table);

}  // namespace batchout
