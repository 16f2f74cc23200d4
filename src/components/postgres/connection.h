// A connection to a PostgreSQL server: statements, COPY and the end of a transaction, with libpq's memory owned.
//
// Each call waits, but not without end: the session has timeouts of its own, so that a lost client frees its locks, and
// a server that does not keep to them, or that we are told to leave, is left.

#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "batchout/component.h"
#include "batchout/log.h"
#include "batchout/result.h"
#include "components/postgres/address.h"
#include "components/postgres/classify.h"

namespace batchout::postgres {

/// The rows of a query, as text. Views live as long as the object. Owns the result of libpq, which may also be that of
/// a statement without rows.
class Rows {
 public:
  explicit Rows(PGresult* result) : result_(result) {}

  std::size_t size() const { return static_cast<std::size_t>(PQntuples(result_.get())); }
  std::string_view at(std::size_t row, int column) const {
    const int number = static_cast<int>(row);
    return {PQgetvalue(result_.get(), number, column),
            static_cast<std::size_t>(PQgetlength(result_.get(), number, column))};
  }
  const PGresult* result() const { return result_.get(); }

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clear> result_;
};

/// How long a server is waited for.
struct Patience {
  /// For each answer, and for it to take what is sent; more than the server's own statement_timeout.
  std::chrono::milliseconds answer{270'000};
  /// After a stop request, for all that is still to be done.
  std::chrono::milliseconds stopped{20'000};
};

/// Every `doing` is the beginning of an error, for example "writing to public.sessions". Used by one thread. Moves, but
/// for its log, to which libpq holds a pointer.
class Connection {
 public:
  /// Connects and prepares the session. Records of the server go to `log`. A stop request ends it at once.
  static Result<Connection> open(const Address& address, const Log& log, std::stop_token stop = {});

  /// A stop request counts from now on, in the place of the one before.
  void listen(std::stop_token stop);
  /// From now on.
  void set_patience(Patience patience) { patience_ = patience; }

  /// False once the server is known to be gone, or has been waited for in vain. Known from the last call only: nothing
  /// is sent to find out.
  bool alive() const { return !left_ && PQstatus(handle_.get()) == CONNECTION_OK; }

  /// What people should know of a connection to `address`; empty: nothing.
  std::string trust_warning(const Address& address) const;

  /// One statement with text parameters $1, $2, …
  Result<Rows> query(std::string_view doing, const std::string& sql, std::span<const std::string> parameters = {});

  /// The same for what is asked with many batches: the server plans it once in a session. `sql` is one of few.
  Result<Rows> query_prepared(std::string_view doing, const std::string& sql,
                              std::span<const std::string> parameters = {});

  /// One or several statements without parameters; the first that fails ends them.
  Result<> run(std::string_view doing, const std::string& sql);

  /// The same as `query` in two steps, for answers that take their time. Nothing: it has not come before `deadline` or
  /// `stop`, and is still to be received.
  Result<> send(std::string_view doing, const std::string& sql, std::span<const std::string> parameters = {});
  Result<std::optional<Rows>> receive(std::string_view doing, Time deadline, const std::stop_token& stop);
  /// Ends the statement that was sent; its answer is thrown away. Waits for a few seconds at most, and the connection
  /// is of no use afterwards.
  void cancel();

  /// SQLSTATE of the last statement or COPY that failed; empty if the connection failed.
  const std::string& failed_state() const { return failed_state_; }
  /// The constraint that made it fail, as SQL names it; empty if there was none.
  const std::string& failed_constraint() const { return failed_constraint_; }

  /// COPY … FROM STDIN in three steps. After an error of the first or the last the connection can go on.
  Result<> start_copy(std::string_view doing, const std::string& sql);
  Result<> send_copy(std::string_view doing, std::string_view bytes);
  Result<> end_copy(std::string_view doing);
  /// The line, from 1, at which the server ended the last COPY that failed; none if it did not say.
  std::optional<std::uint64_t> failed_line() const { return failed_line_; }

  /// An error of the environment if the server has ended the session, say for a transaction that was idle for too long.
  /// Looks only at what has come; asks nothing.
  Result<> look(std::string_view doing);

  /// Lets transactions be idle for longer: other systems are written meanwhile.
  Result<> allow_idleness();

  /// COMMIT, in one message with a last statement if there is one: if that fails, nothing is committed. In doubt when
  /// the connection was lost after it had been sent.
  Result<Outcome> commit(const std::string& last = {});

  /// Ends whatever is going on. False if the connection is no longer of use.
  bool rollback();

 private:
  struct Finish {
    void operator()(PGconn* handle) const { PQfinish(handle); }
  };

  explicit Connection(PGconn* handle) : handle_(handle) {}
  Result<> finish_connecting(const Address& address);
  Result<> prepare_session();
  ServerFailure failure_of(const PGresult* result) const;
  std::unexpected<Error> failed(std::string_view doing, const PGresult* result);
  Error noted(std::string_view doing, const ServerFailure& failure);
  Result<Rows> answer(std::string_view doing);
  Result<> flush(std::string_view doing);
  Result<> await(std::string_view doing);
  Result<> look(std::string_view doing, bool sending, Time last, Time until = Time::max());
  bool has_come() const;  ///< Something is there to be read.
  std::unexpected<Error> leave(std::string_view doing, std::string why);
  Result<> drain(std::string_view doing);

  std::unique_ptr<PGconn, Finish> handle_;
  Patience patience_;
  std::stop_token stop_;
  /// Names of prepared statements, by their text.
  std::map<std::string, std::string> prepared_;
  /// When the stop request was seen.
  std::optional<Time> stopped_;
  /// When the statement of `send` was sent.
  Time sent_;
  /// The server has been waited for in vain.
  bool left_ = false;
  std::optional<std::uint64_t> failed_line_;
  std::string failed_state_;
  std::string failed_constraint_;
  /// Failures since the last COMMIT that may not pass by themselves.
  int open_failures_ = 0;
  // Where notices go: a place that does not move with the connection.
  std::unique_ptr<Log> log_;
};

}  // namespace batchout::postgres
