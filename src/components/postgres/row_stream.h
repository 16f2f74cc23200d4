// The rows of a query through a cursor of the server, in one snapshot, however many there are.

#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "components/postgres/connection.h"

namespace batchout::postgres {

struct RowQuery {
  /// A SELECT without an end, and the values of $1, $2, …
  std::string sql;
  std::vector<std::string> values;
  /// For each step of the server.
  std::chrono::milliseconds patience{0};
};

/// A transaction that only reads, on a connection of its own.
class RowStream {
 public:
  static Result<RowStream> open(const Address& address, const Log& log, RowQuery query);

  /// Begins anew behind the first `skipped` rows, in the same snapshot.
  Result<> restart(std::size_t skipped);

  /// At most `rows_max` of the next rows; no rows: that was all. Nothing: they have not come before `deadline` or
  /// `stop`, and are still to be asked for.
  Result<std::optional<Rows>> next(std::size_t rows_max, Time deadline, const std::stop_token& stop);

  Connection& connection() { return connection_; }

  RowStream(RowStream&& other) noexcept;
  RowStream& operator=(RowStream&&) = delete;
  ~RowStream();

 private:
  enum class Waiting : std::uint8_t { nothing, skipping, rows };

  RowStream(Connection connection, RowQuery query) : connection_(std::move(connection)), query_(std::move(query)) {}
  Result<> begin();
  void drop_waiting();

  Connection connection_;
  RowQuery query_;
  /// For what the server works.
  Waiting waiting_ = Waiting::nothing;
};

}  // namespace batchout::postgres
