// libpq behind Result: connecting within a time, sending, receiving, and telling what failed.

#include "components/postgres/connection.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <future>
#include <thread>
#include <utility>
#include <vector>

#include "base/failpoint.h"
#include "components/postgres/identifier.h"

namespace batchout::postgres {
namespace {

using std::chrono::steady_clock;

// For all addresses of a host together; libpq's connect_timeout would count for each.
constexpr std::chrono::seconds kConnectTime{15};
// For a server that is asked to end a statement.
constexpr std::chrono::seconds kCancelTime{2};
// A stop request is seen this late at most.
constexpr std::chrono::milliseconds kLook{50};

// Borrowed from the result; empty if the server did not send it.
std::string_view field(const PGresult* result, int code) {
  const char* text = result ? PQresultErrorField(result, code) : nullptr;
  return text ? std::string_view(text) : std::string_view{};
}

bool succeeded(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN ||
         status == PGRES_EMPTY_QUERY;
}

// Warnings, also those that triggers raise; what is below them our session does not ask for.
void pass_notice(void* log, const PGresult* notice) {
  static_cast<const Log*>(log)->debug(field(notice, PG_DIAG_MESSAGE_PRIMARY));
}

// Null only without memory. The strings have to live until the call returns, no longer. Of equal names libpq takes the
// last.
PGconn* start_connecting(const Address& address) {
  std::vector<std::pair<const char*, const char*>> options = {
      {"host", address.host.c_str()},
      {"port", address.port.c_str()},
      {"dbname", address.dbname.c_str()},
      {"user", address.user.c_str()},
      {"application_name", "batchout"},
      // A server or network that vanishes is noticed within half a minute.
      {"keepalives_idle", "10"},
      {"keepalives_interval", "5"},
      {"keepalives_count", "3"},
      {"tcp_user_timeout", "30000"},
  };
  if (!address.password.empty()) options.emplace_back("password", address.password.c_str());
  for (const auto& [name, value] : address.options) options.emplace_back(name.c_str(), value.c_str());
  options.emplace_back("client_encoding", "UTF8");
  std::vector<const char*> keys, values;
  for (const auto& [key, value] : options) {
    keys.push_back(key);
    values.push_back(value);
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  return PQconnectStartParams(keys.data(), values.data(), 0);
}

// Borrowed.
std::vector<const char*> pointers_to(std::span<const std::string> texts) {
  std::vector<const char*> pointers;
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  return pointers;
}

// Waits until the socket is ready for `events`; false at the deadline. An interrupted poll counts as ready: libpq looks
// for itself and asks again.
bool wait_for(int socket, int events, Time deadline) {
  pollfd waiting{socket, static_cast<short>(events), 0};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
  if (left.count() <= 0) return false;
  return ::poll(&waiting, 1, static_cast<int>(left.count())) != 0;
}

// In a thread of its own, because libpq waits without end for a server that does not answer.
void ask_to_cancel(PGconn* handle) {
  PGcancel* const request = PQgetCancel(handle);
  if (request == nullptr) return;
  std::promise<void> done;
  const std::future<void> asked = done.get_future();
  std::thread([request, done = std::move(done)]() mutable {
    char why[256];  // Nobody wants to know: the connection is of no use after a failure anyway.
    PQcancel(request, why, sizeof why);
    PQfreeCancel(request);
    done.set_value();
  }).detach();
  asked.wait_for(kCancelTime);
}

}  // namespace

Result<Connection> Connection::open(const Address& address, const Log& log, std::stop_token stop) {
  Connection connection(start_connecting(address));
  if (!connection.handle_) return fail(Verdict::environment, "BO530", "Connecting failed: out of memory");
  connection.log_ = std::make_unique<Log>(log);
  connection.listen(std::move(stop));
  PQsetNoticeReceiver(connection.handle_.get(), &pass_notice, connection.log_.get());
  // The only way to the SQLSTATE of a refused login is its verbose message.
  PQsetErrorVerbosity(connection.handle_.get(), PQERRORS_VERBOSE);
  BATCHOUT_CHECK(connection.finish_connecting(address));
  PQsetErrorVerbosity(connection.handle_.get(), PQERRORS_DEFAULT);
  // Waiting is ours alone, also at the end, when libpq says good-bye to the server.
  PQsetnonblocking(connection.handle_.get(), 1);
  connection.patience_.answer = kConnectTime;
  BATCHOUT_CHECK(connection.prepare_session());
  connection.patience_ = {};
  return connection;
}

Result<> Connection::finish_connecting(const Address& address) {
  const std::string doing =
      fmt::format("Connecting to database {} at {}:{} as {}", address.dbname, address.host, address.port, address.user);
  const auto deadline = steady_clock::now() + kConnectTime;
  PostgresPollingStatusType polling = PGRES_POLLING_WRITING;
  while (PQstatus(handle_.get()) != CONNECTION_BAD && polling != PGRES_POLLING_OK) {
    if (polling == PGRES_POLLING_FAILED) break;
    const int events = polling == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    const Time now = steady_clock::now();
    if (stop_.stop_requested()) return leave(doing, "the run is to end");
    if (now >= deadline) return leave(doing, fmt::format("no answer within {} seconds", kConnectTime.count()));
    if (!wait_for(PQsocket(handle_.get()), events, std::min(deadline, now + kLook))) continue;
    polling = PQconnectPoll(handle_.get());
  }
  if (alive()) return {};
  return std::unexpected(to_connection_error(doing, parse_connection_text(PQerrorMessage(handle_.get()))));
}

// One round trip for all of them. The limits are for a client that vanishes or a lock that somebody else holds, not for
// honest batches; one statement is shorter than a consumer of Kafka may be silent.
Result<> Connection::prepare_session() {
  // search_path stays as the role has it, because triggers of the target may rely on it; our statements name schemas.
  return run("Preparing the session",
             "SET client_min_messages = warning; SET lock_timeout = '10s'; SET statement_timeout = '240s';"
             "SET idle_in_transaction_session_timeout = '60s'");
}

// Old dialects do as libpq does, which takes any server for the right one. Whoever says `disable` knows what it means.
std::string Connection::trust_warning(const Address& address) const {
  if (!address.is_elsewhere()) return {};
  if (address.leaves_trust_open())
    return "The server is not verified; set sslmode: verify-full, or another one to say that this is meant: " +
           address.host;
  const auto mode = std::ranges::find(address.options, "sslmode", &Options::value_type::first);
  const char* const variable = std::getenv("PGSSLMODE");
  const std::string_view told = mode != address.options.end() ? mode->second.c_str() : variable ? variable : "";
  if (told == "disable" || PQsslInUse(handle_.get()) == 1) return {};
  return "The connection is not encrypted, so rows and logins can be read on their way; set sslmode: verify-full, or "
         "disable to say that this is meant: " +
         address.host;
}

void Connection::listen(std::stop_token stop) {
  stop_ = std::move(stop);
  stopped_.reset();
}

// Waits for a moment until something comes, or can be sent, and takes what has come. After `last` the server is left.
Result<> Connection::look(std::string_view doing, bool sending, Time last, Time until) {
  const Time now = steady_clock::now();
  if (!stopped_ && stop_.stop_requested()) stopped_ = now;
  if (stopped_ && now >= *stopped_ + patience_.stopped) {
    ask_to_cancel(handle_.get());
    return leave(doing, "the run is to end, and the server has not answered");
  }
  if (now >= last)
    return leave(doing, fmt::format("no answer within {} seconds",
                                    std::chrono::ceil<std::chrono::seconds>(patience_.answer).count()));
  wait_for(PQsocket(handle_.get()), sending ? POLLIN | POLLOUT : POLLIN, std::min({last, until, now + kLook}));
  if (PQconsumeInput(handle_.get()) != 1) return failed(doing, nullptr);
  return {};
}

// Whatever libpq is asked to do with this connection from now on ends at once.
std::unexpected<Error> Connection::leave(std::string_view doing, std::string why) {
  left_ = true;
  ::shutdown(PQsocket(handle_.get()), SHUT_RDWR);
  failed_state_.clear();
  return std::unexpected(to_error(doing, {"", std::move(why), "", ""}));
}

// Until the server has taken all that was sent.
Result<> Connection::flush(std::string_view doing) {
  const Time last = steady_clock::now() + patience_.answer;
  for (;;) {
    const int left = PQflush(handle_.get());
    if (left == 0) return {};
    if (left < 0) return failed(doing, nullptr);
    BATCHOUT_CHECK(look(doing, true, last));
  }
}

// Until libpq has an answer in hand.
Result<> Connection::await(std::string_view doing) {
  const Time last = steady_clock::now() + patience_.answer;
  while (PQisBusy(handle_.get()) == 1) BATCHOUT_CHECK(look(doing, false, last));
  return {};
}

// The last one of all statements that were sent, or the first failure. COPY goes on after its answer.
Result<Rows> Connection::answer(std::string_view doing) {
  BATCHOUT_CHECK(flush(doing));
  Rows answered(nullptr);
  for (bool good = true;;) {
    if (Result<> ready = await(doing); !ready) {
      if (good) return std::unexpected(std::move(ready).error());
      break;  // What the server has said at last tells more than that it is gone.
    }
    Rows rows(PQgetResult(handle_.get()));
    if (rows.result() == nullptr) break;
    const bool copying = PQresultStatus(rows.result()) == PGRES_COPY_IN;
    if (std::exchange(good, good && succeeded(rows.result()))) answered = std::move(rows);
    if (copying) break;
  }
  if (!succeeded(answered.result())) return failed(doing, answered.result());
  return answered;
}

// Parameters must not contain NUL: libpq takes C strings.
Result<Rows> Connection::query(std::string_view doing, const std::string& sql,
                               std::span<const std::string> parameters) {
  BATCHOUT_CHECK(send(doing, sql, parameters));
  return answer(doing);
}

Result<Rows> Connection::query_prepared(std::string_view doing, const std::string& sql,
                                        std::span<const std::string> parameters) {
  auto known = prepared_.find(sql);
  if (known == prepared_.end()) {
    const std::string name = fmt::format("batchout_{}", prepared_.size());
    if (PQsendPrepare(handle_.get(), name.c_str(), sql.c_str(), 0, nullptr) != 1) return failed(doing, nullptr);
    BATCHOUT_CHECK(answer(doing));
    known = prepared_.emplace(sql, name).first;
  }
  const std::vector<const char*> values = pointers_to(parameters);
  if (PQsendQueryPrepared(handle_.get(), known->second.c_str(), static_cast<int>(values.size()), values.data(), nullptr,
                          nullptr, 0) != 1)
    return failed(doing, nullptr);
  return answer(doing);
}

Result<> Connection::run(std::string_view doing, const std::string& sql) {
  if (PQsendQuery(handle_.get(), sql.c_str()) != 1) return failed(doing, nullptr);
  BATCHOUT_CHECK(answer(doing));
  return {};
}

Result<> Connection::send(std::string_view doing, const std::string& sql, std::span<const std::string> parameters) {
  const std::vector<const char*> values = pointers_to(parameters);
  if (PQsendQueryParams(handle_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr,
                        nullptr, 0) != 1)
    return failed(doing, nullptr);
  sent_ = steady_clock::now();
  return flush(doing);
}

Result<std::optional<Rows>> Connection::receive(std::string_view doing, Time deadline, const std::stop_token& stop) {
  const Time last = sent_ + patience_.answer;
  if (PQconsumeInput(handle_.get()) != 1) return failed(doing, nullptr);
  while (PQisBusy(handle_.get()) == 1) {
    const Time now = steady_clock::now();
    if (now < last && (now >= deadline || stop.stop_requested())) return std::nullopt;
    // What has come counts, however late it is looked at.
    const bool late = now >= last && has_come();
    BATCHOUT_CHECK(look(doing, false, late ? now + kLook : last, deadline));
  }
  BATCHOUT_TRY(Rows rows, answer(doing));
  return rows;
}

void Connection::cancel() {
  ask_to_cancel(handle_.get());
  patience_.answer = kCancelTime;
  (void)answer("Ending the statement");
}

Result<> Connection::start_copy(std::string_view doing, const std::string& sql) {
  failed_line_.reset();
  return run(doing, sql);
}

// Waits until the bytes are on their way, so that libpq does not keep them. That the server has refused them shows in
// end_copy.
Result<> Connection::send_copy(std::string_view doing, std::string_view bytes) {
  if (PQputCopyData(handle_.get(), bytes.data(), static_cast<int>(bytes.size())) != 1) return failed(doing, nullptr);
  return flush(doing);
}

Result<> Connection::end_copy(std::string_view doing) {
  failpoint("copying");
  if (PQputCopyEnd(handle_.get(), nullptr) != 1) return failed(doing, nullptr);
  return drain(doing);
}

// Reads to the end, since the connection is of no use before; the first failure is told.
Result<> Connection::drain(std::string_view doing) {
  const Result<Rows> answered = answer(doing);
  if (!answered) return std::unexpected(answered.error());
  return {};
}

bool Connection::has_come() const {
  pollfd waiting{PQsocket(handle_.get()), POLLIN, 0};
  return ::poll(&waiting, 1, 0) > 0;
}

// What a server says unasked before it ends a session, and the end itself, may come apart.
Result<> Connection::look(std::string_view doing) {
  while (alive() && has_come())
    if (PQconsumeInput(handle_.get()) != 1) break;
  if (alive()) return {};
  return std::unexpected(to_error(doing, failure_of(nullptr)));
}

// For longer than three statements may take.
Result<> Connection::allow_idleness() {
  return run("Preparing the session", "SET idle_in_transaction_session_timeout = '900s'");
}

// By hand instead of PQexec, which does not tell whether the statement had been sent when the connection broke. The
// server answers COMMIT in a failed transaction with ROLLBACK, and no error.
Result<Outcome> Connection::commit(const std::string& last) {
  constexpr std::string_view doing = "Committing";
  BATCHOUT_CHECK(look(doing));
  const std::string statement = last.empty() ? "COMMIT" : last + "; COMMIT";
  failpoint("before_commit");
  if (PQsendQuery(handle_.get(), statement.c_str()) != 1) return Outcome::in_doubt;
  (void)flush(doing);
  failpoint("commit_sent");
  bool committed = false;
  Result<> answered;
  while (await(doing)) {
    const Rows rows(PQgetResult(handle_.get()));
    if (rows.result() == nullptr) break;
    committed = committed || std::string_view(PQcmdStatus(const_cast<PGresult*>(rows.result()))) == "COMMIT";
    if (succeeded(rows.result())) continue;
    answered = failed(doing, rows.result());
  }
  failpoint("commit_answered");
  if (committed) open_failures_ = 0;
  if (committed) return Outcome::committed;
  if (!alive()) return Outcome::in_doubt;
  if (!answered) return std::unexpected(std::move(answered).error());
  return fail(Verdict::environment, "BO530", "Committing failed: the server had already rolled the transaction back");
}

// A COPY that is under way has to be ended before the server takes a statement.
bool Connection::rollback() {
  if (!alive()) return false;
  if (PQtransactionStatus(handle_.get()) == PQTRANS_ACTIVE) {
    PQputCopyEnd(handle_.get(), "dropped by the client");
    (void)drain("Ending COPY");
  }
  if (PQtransactionStatus(handle_.get()) != PQTRANS_IDLE && !run("Rolling back", "ROLLBACK")) return false;
  return alive();
}

std::unexpected<Error> Connection::failed(std::string_view doing, const PGresult* result) {
  return std::unexpected(noted(doing, failure_of(result)));
}

// What does not pass by itself comes to an end, too: with the words of the server, as something to correct.
Error Connection::noted(std::string_view doing, const ServerFailure& failure) {
  constexpr int kTries = 5;
  failed_state_ = failure.sqlstate;
  failed_line_ = copy_line(failure);
  const bool named = !failure.constraint.empty() && !failure.schema.empty();
  failed_constraint_ = named ? qualified(failure.schema, failure.constraint) : "";
  Error error = to_error(doing, failure);
  if (!may_not_pass(failure) || ++open_failures_ < kTries) return error;
  error.message += fmt::format("; tried {} times", open_failures_);
  error.verdict = Verdict::configuration;
  error.code = "BO531";
  return error;
}

// Without a result the connection itself has failed, and libpq's own text says how.
ServerFailure Connection::failure_of(const PGresult* result) const {
  ServerFailure failure;
  failure.sqlstate = field(result, PG_DIAG_SQLSTATE);
  failure.text = field(result, PG_DIAG_MESSAGE_PRIMARY);
  failure.context = field(result, PG_DIAG_CONTEXT);
  failure.constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
  failure.schema = field(result, PG_DIAG_SCHEMA_NAME);
  failure.routine = field(result, PG_DIAG_SOURCE_FUNCTION);
  if (failure.text.empty()) failure.text = PQerrorMessage(handle_.get());
  if (failure.text.empty()) failure.text = "the connection was lost";
  return failure;
}

}  // namespace batchout::postgres
