// REPEATABLE READ keeps the snapshot, so that a part that is read once more is the same.

#include "components/postgres/row_stream.h"

#include <fmt/format.h>

#include <utility>

namespace batchout::postgres {
namespace {

constexpr std::string_view kReading = "Reading the rows of the query";
constexpr std::string_view kStarting = "Starting the query";

// The forms in which values are sent. Scans that begin where another one is would give another order when a part is
// read once more; a cursor is read to its end.
std::string session(std::chrono::milliseconds patience) {
  return fmt::format(
      "SET statement_timeout = {}; SET idle_in_transaction_session_timeout = '600s'; SET DateStyle = 'ISO';"
      "SET IntervalStyle = 'postgres'; SET bytea_output = 'hex'; SET extra_float_digits = 1;"
      "SET standard_conforming_strings = on; SET synchronize_seqscans = off; SET cursor_tuple_fraction = 1",
      patience.count());
}

// The server ends a step by itself, if it is well; 0: it has no limit.
std::chrono::milliseconds patience_for(std::chrono::milliseconds step) {
  constexpr std::chrono::hours kForever{24 * 365 * 100};
  constexpr std::chrono::seconds kMore{30};
  return step.count() == 0 || step > kForever ? std::chrono::milliseconds(kForever) : step + kMore;
}

}  // namespace

RowStream::RowStream(RowStream&& other) noexcept
    : connection_(std::move(other.connection_)),
      query_(std::move(other.query_)),
      waiting_(std::exchange(other.waiting_, Waiting::nothing)) {}

// A statement that is still being run would go on without us.
RowStream::~RowStream() {
  drop_waiting();
}

Result<RowStream> RowStream::open(const Address& address, const Log& log, RowQuery query) {
  BATCHOUT_TRY(Connection connection, Connection::open(address, log));
  RowStream stream(std::move(connection), std::move(query));
  stream.connection_.set_patience({.answer = patience_for(stream.query_.patience)});
  BATCHOUT_CHECK(stream.connection_.run("Preparing the session", session(stream.query_.patience)));
  BATCHOUT_CHECK(stream.connection_.run("Beginning a transaction", "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"));
  BATCHOUT_CHECK(stream.begin());
  return stream;
}

Result<> RowStream::begin() {
  // The query may end with a comment.
  auto begun =
      connection_.query(kStarting, "DECLARE batchout_rows NO SCROLL CURSOR FOR " + query_.sql + "\n", query_.values);
  if (!begun) return std::unexpected(std::move(begun).error());
  return {};
}

void RowStream::drop_waiting() {
  if (waiting_ != Waiting::nothing && connection_.alive()) connection_.cancel();
  waiting_ = Waiting::nothing;
}

// A statement that is broken off would end the transaction, and with it the snapshot; so it is waited for.
Result<> RowStream::restart(std::size_t skipped) {
  if (waiting_ != Waiting::nothing) {
    waiting_ = Waiting::nothing;
    BATCHOUT_CHECK(connection_.receive(kReading, Time::max(), {}));
  }
  BATCHOUT_CHECK(connection_.run(kStarting, "CLOSE batchout_rows"));
  BATCHOUT_CHECK(begin());
  if (skipped == 0) return {};
  waiting_ = Waiting::skipping;
  return connection_.send(kReading, fmt::format("MOVE FORWARD {} IN batchout_rows", skipped));
}

Result<std::optional<Rows>> RowStream::next(std::size_t rows_max, Time deadline, const std::stop_token& stop) {
  connection_.listen(stop);
  if (waiting_ == Waiting::skipping) {
    BATCHOUT_TRY(const auto skipped, connection_.receive(kReading, deadline, stop));
    if (!skipped) return std::nullopt;
    waiting_ = Waiting::nothing;
  }
  if (waiting_ == Waiting::nothing) {
    BATCHOUT_CHECK(connection_.send(kReading, fmt::format("FETCH FORWARD {} FROM batchout_rows", rows_max)));
    waiting_ = Waiting::rows;
  }
  auto rows = connection_.receive(kReading, deadline, stop);
  if (!rows || *rows) waiting_ = Waiting::nothing;
  return rows;
}

}  // namespace batchout::postgres
