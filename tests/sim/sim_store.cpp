// Transactions as a database has them: all or nothing, gone with the connection, and sometimes without an answer.

#include "sim_store.h"

#include <algorithm>

#include <fmt/format.h>

#include "echo.h"

namespace batchout::sim {

namespace {

std::unexpected<Error> lost_connection(std::string_view call) {
  return fail(Verdict::environment, "BO598", fmt::format("{}: the connection is lost", call));
}

std::string key_of(const Unit& unit) {
  return unit.source + "/" + unit.name;
}

}  // namespace

StoreTraits SimStore::traits() const {
  return {.transactional = true, .keeps_positions = database_.keeps_positions, .keeps_dead_letters = true};
}

/// One transaction per unit: an error leaves the units before it claimed.
Result<std::vector<Claim>> SimStore::claim(std::span<const Unit> units) {
  std::vector<Claim> claims;
  for (const Unit& unit : units) {
    world_.step("claim");
    if (in_transaction_) world_.break_promise("claim inside of a transaction");
    if (loses_connection()) return lost_connection("claim");
    Database::Row& row = database_.positions[key_of(unit)];
    const std::optional<Position> before = row.position;
    world_.end_limbo(database_, key_of(unit));
    claims.push_back({++row.epoch, world_.ablation == Ablation::read_first ? before : row.position});
    world_.note(fmt::format("claimed {}, epoch {}, position {}", key_of(unit), row.epoch,
                            row.position ? row.position->number : Position::kUnset));
    world_.step("claimed");
    if (loses_connection()) return lost_connection("claimed");
  }
  return claims;
}

Result<> SimStore::begin(std::uint64_t batch) {
  world_.step("begin");
  batch_ = batch;
  refuses_at_commit_ = false;
  if (in_transaction_) world_.break_promise("begin inside of a transaction");
  if (!connected_) ++connection_;
  connected_ = true;
  if (loses_connection()) return lost_connection("begin");
  in_transaction_ = true;
  return {};
}

Result<Outcome> SimStore::commit(std::span<const Move> advance, std::span<const DeadLetter> dead_letters) {
  world_.step("commit");
  if (!in_transaction_) world_.break_promise("commit outside of a transaction");
  if (loses_connection()) return lost_connection("commit");
  if (refuses_at_commit_) {
    refused_batch_ = batch_;
    return fail(Verdict::environment, "BO540", "the table refuses a row");
  }
  for (const Move& move : advance) pending_.steps.push_back({key_of(move.unit), move.epoch, move.from, move.to});
  for (const DeadLetter& letter : dead_letters) {
    const bool gone = letter.reject->code == "BO413";
    pending_.traces.push_back(
        fmt::format("{}{}@{}{}", gone ? "gone " : "", key_of(letter.unit), letter.reject->position, gone ? "" : "!"));
    const std::string start = fmt::format("{}@{} ", key_of(letter.unit), letter.reject->position);
    if (!letter.payload.empty() && !letter.payload.starts_with(start))
      world_.break_promise("a dead letter has the payload of another message: " + std::string(letter.payload));
  }
  return send();
}

Result<Outcome> SimStore::send() {
  in_transaction_ = false;
  Transaction transaction = std::exchange(pending_, {});
  if (world_.echoes)
    if (const std::string alone = without_echo(transaction); !alone.empty())
      world_.break_promise(alone + " is stored without what it leads to");
  if (world_.chance(1, 15)) {
    // The answer gets lost, with the connection or with ourselves.
    ++world_.counts.doubts;
    connected_ = false;
    database_.limbo.push_back(std::move(transaction));
    if (world_.random.chance(1, 2)) world_.end_limbo(database_, {});
    world_.step("commit in doubt");
    in_transaction_ = true;
    return Outcome::in_doubt;
  }
  const bool committed = world_.apply(database_, transaction);
  ++(committed ? world_.counts.commits : world_.counts.fenced);
  world_.note(committed ? "committed" : "fenced");
  world_.step("commit answered");
  in_transaction_ = !committed;
  return committed ? Outcome::committed : Outcome::fenced;
}

void SimStore::rollback() {
  world_.step("rollback");
  in_transaction_ = false;
  pending_ = {};
}

bool SimStore::puts_off_refusing() {
  if (!world_.refuses_late || batch_ == refused_batch_) return false;
  refuses_at_commit_ = true;
  return true;
}

bool SimStore::loses_connection() {
  if (!world_.unwell()) return false;
  connected_ = false;
  pending_ = {};
  return true;
}

Result<> SimOutput::call(const char* name) {
  store_.world().step(name);
  if (!store_.in_transaction()) store_.world().break_promise(fmt::format("{} outside of a transaction", name));
  if (store_.loses_connection()) return lost_connection(name);
  return {};
}

Result<> SimOutput::open(const TableShape&) {
  BATCHOUT_CHECK(call("open"));
  connection_ = store_.connection();
  return {};
}

Result<std::uint64_t> SimOutput::write(const Block& block, Rejects& rejects) {
  BATCHOUT_CHECK(call("write"));
  if (connection_ != store_.connection()) store_.world().break_promise("write without open on this connection");
  std::uint64_t written = 0;
  for (std::size_t row = 0; row < block.rows(); ++row) {
    const std::string_view trace = block.column(0).cell(row).text;
    if (refused(block, row, trace, rejects)) continue;
    store_.pending().traces.emplace_back(trace);
    ++written;
  }
  return written;
}

bool SimOutput::refused(const Block& block, std::size_t row, std::string_view trace, Rejects& rejects) const {
  World& world = store_.world();
  const std::size_t at = trace.find('@');
  const UnitLog* log = world.find(std::string(trace.substr(0, at)));
  const std::uint32_t origin = block.origins()[row];
  const std::int64_t position = block.values().positions[origin];
  if (log == nullptr || trace.substr(at + 1, trace.find('#') - at - 1) != std::to_string(position)) {
    world.break_promise(fmt::format("row {} claims to come from position {}", trace, position));
    return true;
  }
  const bool echo = std::ranges::count(trace, '#') > 1;
  if (!store_.refuses() || echo || !trace.ends_with("#0")) return false;
  const auto message = std::ranges::find(log->messages, position, &Message::offset);
  if (message->fate != Message::Fate::one_row_refused || store_.puts_off_refusing()) return false;
  Reject& reject = rejects.emplace_back();
  reject.stage = Reject::Stage::write;
  reject.code = "BO450";
  reject.message = "the table refuses this row";
  reject.unit = block.values().units[origin];
  reject.position = position;
  return true;
}

Result<> SimOutput::finish(Rejects&) {
  return call("finish");
}

}  // namespace batchout::sim
