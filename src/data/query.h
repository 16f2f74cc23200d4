// What a selector's query is to the rest: checked against the tables it may read when a plan is made, run over the
// blocks of a batch.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/block.h"
#include "batchout/result.h"

namespace batchout {

/// A table that a query may read. Names compare without regard to ASCII case.
struct QueryTable {
  std::string name;
  std::shared_ptr<const TableShape> shape;
};

/// Against queries that would never end, or fill the memory.
struct QueryLimits {
  std::chrono::milliseconds time{60'000};
  /// Of SQLite's machine, the same on every computer, however busy it is.
  std::uint64_t steps_max = 20'000'000'000;
  /// Bytes of all values of one result.
  std::size_t result_size_max = std::size_t{512} << 20;
};

/// A query at work. Not thread-safe; one per engine.
class Query {
 public:
  virtual ~Query() = default;

  /// The result over the rows of each table, in the order in which the tables were given to `compile`. The blocks are
  /// borrowed for the call; the result shares nothing with them. A query that is over a limit, or fails over the data
  /// at hand, is an error with the verdict `configuration`; a stop request is one with the verdict `environment`.
  virtual Result<std::vector<Block>> run(std::span<const std::span<const Block>> tables,
                                         const std::stop_token& stop) = 0;
};

/// Why a query is refused.
struct QueryProblem {
  enum class Kind : std::uint8_t {
    /// Not SQL, not one SELECT, or something that a selector may not do.
    statement,
    /// `name` is no table.
    table,
    /// `name` is no column, maybe with its table before a dot.
    column,
  };
  Kind kind = Kind::statement;
  std::string message;
  std::string name;
  /// Byte of the query at which it was noticed, from 0.
  std::optional<std::size_t> offset;
};

/// A query that has been checked.
struct CompiledQuery {
  /// Of the result, in order. A column that is a column of a table, as it is, keeps its kind; all others are dynamic.
  std::vector<ColumnShape> columns;
  /// `shape` names the result's columns anew, as many as there are or the first of them.
  std::function<Result<std::unique_ptr<Query>>(std::shared_ptr<const TableShape> shape, const QueryLimits& limits)>
      make;
};

/// Checks `sql`, one SELECT, against `tables`, and touches nothing else.
using QueryCompiler =
    std::function<std::expected<CompiledQuery, QueryProblem>(std::string_view sql, std::span<const QueryTable> tables)>;

}  // namespace batchout
