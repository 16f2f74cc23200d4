// The life of a connection: opened by the first batch that needs it, dropped when it cannot be trusted any more.

#include "components/postgres/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "components/postgres/dead_letters.h"
#include "components/postgres/pipeline_name.h"
#include "components/postgres/position_book.h"

namespace batchout::postgres {
namespace {

// Statements see what others have committed before each of them, whatever the role's default is: the merge relies on
// it.
constexpr const char* kBegin = "BEGIN ISOLATION LEVEL READ COMMITTED";
constexpr std::string_view kBeginning = "Beginning a transaction";
// Of statements that write, on a server that only reads.
constexpr std::string_view kReadOnly = "25006";

// Of several servers the one that takes rows, whichever it is after a failover.
Address for_writing(Address address) {
  static constexpr std::string_view kAttributes = "target_session_attrs";
  const bool told =
      std::getenv("PGTARGETSESSIONATTRS") != nullptr ||
      std::ranges::any_of(address.options, [](const auto& option) { return option.first == kAttributes; });
  if (!told && address.host.contains(',')) address.options.emplace_back(kAttributes, "read-write");
  return address;
}

}  // namespace

PostgresStore::PostgresStore(const Config& config, const Context& context)
    : address_(for_writing(config.address(context.folder, context.dialect))),
      log_(context.log),
      pipeline_(context.pipeline),
      positions_(context.pipeline),
      place_(place_of_pipeline(context.folder)) {}

// Units change hands between batches, so a transaction that is still open is nobody's.
Result<std::vector<Claim>> PostgresStore::claim(std::span<const Unit> units) {
  if (begun_) rollback();
  if (!connection_) BATCHOUT_CHECK(connect());
  auto claimed = claim_in_session(units);
  if (!claimed && !of_use()) disconnect();
  return claimed;
}

// Once, since nothing of it changes while we run.
Result<std::vector<Claim>> PostgresStore::claim_in_session(std::span<const Unit> units) {
  if (!name_claimed_) {
    PipelineTraces now{.sources = {}, .targets = {}, .place = place_, .reads = reads_};
    for (const Unit& unit : units) now.sources.insert(unit.source);
    for (const auto& [output, table] : tables_)
      now.targets.insert(table.first.empty() ? table.second : table.first + "." + table.second);
    BATCHOUT_CHECK(claim_name(*connection_, pipeline_, now, log_));
  }
  name_claimed_ = true;
  reach_.forget();
  return positions_.claim(*connection_, units);
}

// An old transaction that nobody ended is dropped.
Result<> PostgresStore::begin(std::uint64_t batch) {
  batch_ = batch;
  waiting_.clear();
  if (begun_) rollback();
  if (batch != violated_batch_) violated_.clear();
  if (connection_) {
    auto begun = start();
    begun_ = begun.has_value();
    if (begun_) return {};
    const bool lost = !connection_->alive();
    disconnect();
    if (!lost) return begun;
  }
  // A connection that was lost while idle is no failure yet: nothing of this batch was in it.
  BATCHOUT_CHECK(connect());
  BATCHOUT_CHECK(start());
  begun_ = true;
  return {};
}

// A constraint that would be checked at COMMIT is checked with each statement where it has refused the batch before:
// then the row is found that it is about. Rows that may need each other can only be checked together.
Result<> PostgresStore::start() {
  holds_circles_ = false;
  BATCHOUT_CHECK(connection_->run(kBeginning, kBegin));
  if (violated_.empty()) return {};
  BATCHOUT_CHECK(read_keys_with(*connection_));
  std::set<std::string> others = violated_;
  const bool all = others.contains("ALL");
  for (const ForeignKey& key : circles_) holds_circles_ = others.erase(key.name) > 0 || all || holds_circles_;
  std::string sql;
  if (all)
    sql = "SET CONSTRAINTS ALL IMMEDIATE; ";
  else if (!others.empty())
    sql = fmt::format("SET CONSTRAINTS {} IMMEDIATE; ", fmt::join(others, ", "));
  if (all) sql += set_constraints(true, "DEFERRED");
  return sql.empty() ? Result<>{} : connection_->run(kBeginning, sql);
}

// Empty if circles have no such keys.
std::string PostgresStore::set_constraints(bool deferred, std::string_view when) const {
  std::string names;
  for (const ForeignKey& key : circles_)
    if (key.deferrable && key.deferred == deferred) names += (names.empty() ? "" : ", ") + key.name;
  return names.empty() ? "" : fmt::format("SET CONSTRAINTS {} {}; ", names, when);
}

// What is deferred is checked now: nothing is left to COMMIT that a row could be to blame for.
Result<> PostgresStore::check_transaction() {
  constexpr std::string_view kChecking = "Checking before COMMIT";
  BATCHOUT_TRY(Connection * connection, this->connection());
  BATCHOUT_CHECK(connection->look(kChecking));
  Result<> checked = connection->run(kChecking, "SET CONSTRAINTS ALL IMMEDIATE");
  if (checked) return {};
  return std::unexpected(checked_too_late(std::move(checked).error()));
}

// In doubt or not, a connection that did not say "committed" is not trusted again; a plain error leaves it in use if it
// can still roll back.
Result<Outcome> PostgresStore::commit(std::span<const Move> advance, std::span<const DeadLetter> dead_letters) {
  BATCHOUT_TRY(Connection * connection, this->connection());
  if (waiting_.any()) return fail(Verdict::internal, "BO931", "Rows still wait to be written");
  BATCHOUT_CHECK(keep(plain_letters(dead_letters)));
  auto outcome = connection->commit(advance.empty() ? "" : positions_.advance_sql(advance));
  if (outcome && *outcome == Outcome::in_doubt) positions_.doubt(advance);
  begun_ = false;
  if (!outcome) {
    outcome = std::unexpected(checked_too_late(std::move(outcome).error()));
    ++generation_;
    if (const bool good = of_use(); !connection->rollback() || !good) disconnect();
  } else if (*outcome != Outcome::committed) {
    disconnect();
  }
  return outcome;
}

// Nothing is stored, so the batch can be tried again with the constraint checked in time. What has been tried already
// stays the fault that it is.
Error PostgresStore::checked_too_late(Error error) {
  if (error.verdict != Verdict::row) return error;
  violated_batch_ = batch_;
  const std::string& constraint = connection_->failed_constraint();
  if (!violated_.insert(constraint.empty() ? "ALL" : constraint).second) return error;
  error.verdict = Verdict::environment;
  error.code = "BO540";
  error.message += "; the batch is tried again, and the constraint checked for each row";
  return error;
}

Result<std::vector<std::size_t>> PostgresStore::order(std::span<const Output* const> outputs) {
  BATCHOUT_CHECK(read_keys());
  std::vector<TableName> tables;
  for (const Output* output : outputs) tables.push_back(tables_.at(output));
  return parents_first(tables, references_);
}

Result<> PostgresStore::read_keys() {
  BATCHOUT_TRY(Connection * connection, this->connection());
  return read_keys_with(*connection);
}

// Tables that this very batch makes have no foreign keys.
Result<> PostgresStore::read_keys_with(Connection& connection) {
  if (keys_generation_ == generation_) return {};
  std::set<TableName> tables;
  for (const auto& [output, table] : tables_) tables.insert(table);
  BATCHOUT_TRY(keys_, read_foreign_keys(connection, tables));
  circles_ = circles_of(keys_);
  references_ = references_of(keys_);
  keys_generation_ = generation_;
  return {};
}

bool PostgresStore::holds(const Output* output) const {
  return holds_circles_ && std::ranges::any_of(circles_, [&](const ForeignKey& key) {
           return key.child == tables_.at(output) || key.parent == tables_.at(output);
         });
}

// What is deferred is no reason: then it was something else that refused the rows.
Result<bool> PostgresStore::lets_wait(const Output* output) {
  if (waiting_.any()) return true;
  BATCHOUT_CHECK(read_keys());
  const TableName& table = tables_.at(output);
  return std::ranges::any_of(
      circles_, [&](const ForeignKey& key) { return !key.deferred && (key.child == table || key.parent == table); });
}

std::optional<Refused> PostgresStore::attempt(std::string_view doing, Keys keys,
                                              const std::function<Result<>()>& work) {
  const bool late = keys == Keys::at_the_end;
  Connection& connection = *connection_;
  Result<> done = connection.run(doing, (late ? "SAVEPOINT batchout_rows; " : "SAVEPOINT batchout_rows") +
                                            (late ? set_constraints(false, "DEFERRED") : ""));
  if (done) done = work();
  if (done) {
    std::string end = late ? set_constraints(false, "IMMEDIATE") : "";
    if (holds_circles_) end += set_constraints(true, "IMMEDIATE");
    end += "RELEASE SAVEPOINT batchout_rows";
    if (holds_circles_) end += "; " + set_constraints(true, "DEFERRED");
    done = connection.run(doing, end);
  }
  if (done) return std::nullopt;
  Refused refused{std::move(done).error(), std::nullopt, connection.failed_state()};
  if (refused.error.verdict != Verdict::row && !refused.too_many()) return refused;
  const Result<> undone = connection.run(doing, "ROLLBACK TO SAVEPOINT batchout_rows; RELEASE SAVEPOINT batchout_rows");
  if (!undone) refused = {undone.error(), std::nullopt, {}};
  return refused;
}

bool PostgresStore::has_children(const Output* output) const {
  const auto table = tables_.find(output);
  return table != tables_.end() &&
         std::ranges::any_of(references_, [&](const auto& reference) { return reference.second == table->second; });
}

// Does not connect: without a connection the server has rolled back itself.
void PostgresStore::rollback() {
  waiting_.clear();
  if (!connection_ || !begun_) return;
  begun_ = false;
  ++generation_;
  if (const bool good = of_use(); !connection_->rollback() || !good) disconnect();
}

Result<> PostgresStore::check_letters() {
  if (begun_) rollback();
  if (!connection_) BATCHOUT_CHECK(connect());
  Result<> checked = check_dead_letters(*connection_);
  if (!checked && !of_use()) disconnect();
  return checked;
}

Result<> PostgresStore::keep(std::span<const NewLetter> letters) {
  BATCHOUT_TRY(Connection * connection, this->connection());
  return keep_dead_letters(*connection, pipeline_, letters, reach_);
}

Result<> PostgresStore::each(const LetterFilter& filter, bool payloads, const LetterSink& sink) {
  if (!connection_) BATCHOUT_CHECK(connect());
  Result<> read = read_dead_letters(*connection_, pipeline_, filter, payloads, sink);
  if (!read && !connection_->alive()) disconnect();
  return read;
}

Result<> PostgresStore::resolve(std::span<const std::int64_t> ids, std::string_view status) {
  BATCHOUT_TRY(Connection * connection, this->connection());
  return resolve_dead_letters(*connection, pipeline_, ids, status);
}

Result<> PostgresStore::note_failure(std::span<const std::int64_t> ids, const Reject& reject) {
  BATCHOUT_TRY(Connection * connection, this->connection());
  return note_letter_failure(*connection, pipeline_, ids, reject);
}

Result<std::size_t> PostgresStore::prune(std::int64_t until) {
  BATCHOUT_TRY(Connection * connection, this->connection());
  return prune_dead_letters(*connection, pipeline_, until);
}

Result<std::vector<KeptPosition>> PostgresStore::kept() {
  if (!connection_) BATCHOUT_CHECK(connect());
  return kept_positions(*connection_, pipeline_);
}

Result<> PostgresStore::change(std::span<const PositionChange> changes) {
  if (!connection_) BATCHOUT_CHECK(connect());
  return change_positions(*connection_, pipeline_, changes);
}

Result<Connection*> PostgresStore::connection() {
  if (connection_ && begun_) return &*connection_;
  return fail(Verdict::internal, "BO931", "The database is used outside a transaction");
}

std::string PostgresStore::next_stage_name() {
  return fmt::format("batchout_stage_{}", ++stages_);
}

Result<> PostgresStore::connect() {
  BATCHOUT_TRY(Connection connection, Connection::open(address_, log_, stop_));
  if (idles_) BATCHOUT_CHECK(connection.allow_idleness());
  connection_ = std::move(connection);
  if (!std::exchange(warned_, true))
    if (const std::string warning = connection_->trust_warning(address_); !warning.empty()) log_.warning(warning);
  ++generation_;
  references_.clear();
  keys_.clear();
  circles_.clear();
  return {};
}

void PostgresStore::listen(std::stop_token stop) {
  stop_ = std::move(stop);
  if (connection_) connection_->listen(stop_);
}

// After a failure. A session that only reads stays so: the server that writes is found by connecting anew.
bool PostgresStore::of_use() const {
  return connection_->alive() && connection_->failed_state() != kReadOnly;
}

void PostgresStore::disconnect() {
  connection_.reset();
  begun_ = false;
  ++generation_;
  reach_.forget();
}

}  // namespace batchout::postgres
