// What happens outside of the process, and the checks made whenever a transaction is committed.

#include "world.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "sim_input.h"

namespace batchout::sim {

namespace {

// `elsewhere`: a row is refused by another database than the one that counts, which has it, then, too.
std::vector<std::string> traces_of(const UnitLog& log, const Message& message, bool whole_payloads, bool elsewhere) {
  const std::string name = fmt::format("{}@{}", log.key(), message.offset);
  if (message.fate == Message::Fate::refused || message.fate == Message::Fate::tombstone) return {name + "!"};
  if (whole_payloads && message.fate == Message::Fate::one_row_refused && message.rows > 0) return {name + "!"};
  std::vector<std::string> traces;
  for (int row = 0; row < message.rows; ++row) traces.push_back(fmt::format("{}#{}", name, row));
  if (message.fate != Message::Fate::one_row_refused || traces.empty()) return traces;
  if (elsewhere)
    traces.push_back(name + "!");
  else
    traces.front() = name + "!";
  return traces;
}

}  // namespace

void Counts::add(const Counts& other) {
  steps += other.steps;
  crashes += other.crashes;
  fenced += other.fenced;
  doubts += other.doubts;
  doubts_kept += other.doubts_kept;
  failures += other.failures;
  revoked += other.revoked;
  lost += other.lost;
  gaps += other.gaps;
  rewinds += other.rewinds;
  stops += other.stops;
  commits += other.commits;
  rival_commits += other.rival_commits;
  stragglers += other.stragglers;
  gaps_skipped += other.gaps_skipped;
}

World::World(std::uint64_t seed, Ablation which) : random(seed), ablation(which) {
  chaos_steps_ = 100 + random.below(900);
  crash_odds_ = random.chance(1, 5) ? 1'000'000 : 60 + random.below(400);
  unwell_odds_ = random.chance(1, 5) ? 1'000'000 : 15 + random.below(150);
  // Three kinds of plans: one store with positions, one without, and two of which either may have them.
  const auto kind = random.below(6);
  databases.resize(kind < 3 ? 1 : 2);
  if (kind != 2) authority_number = kind == 4 ? 1 : 0;
  databases[authority_number].keeps_positions = kind != 2 && kind != 5;
  whole_payloads = random.chance(1, 3);
  // Where nobody keeps positions, letters and refusals may be matters of different stores.
  Random apart(seed);
  refusing_number = kind == 5 ? apart.below(2) : authority_number;
  refuses_late = kind == 5 && apart.chance(1, 2);
  make_sources();
}

void World::make_sources() {
  sources.resize(random.chance(1, 4) ? 2 : 1);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    Source& source = sources[i];
    source.name = fmt::format("source{}", i);
    source.finite = random.chance(1, 4);
    source.skips_gaps = random.chance(1, 2);
    source.logs.resize(1 + random.below(4));
    for (std::size_t number = 0; number < source.logs.size(); ++number) {
      UnitLog& log = source.logs[number];
      log.unit = {UnitId{}, source.name, std::to_string(number)};
      make_messages(log);
      if (!source.finite) continue;
      log.visible = log.messages.size();
      log.low = 0;
    }
  }
}

void World::make_messages(UnitLog& log) {
  std::int64_t offset = static_cast<std::int64_t>(random.below(3));
  log.low = offset;
  for (std::uint64_t left = random.below(40); left > 0; --left) {
    Message& message = log.messages.emplace_back();
    message.offset = offset;
    message.rows = static_cast<int>(random.below(4));
    if (random.chance(1, 10)) message.fate = Message::Fate::refused;
    if (random.chance(1, 15)) message.fate = Message::Fate::tombstone;
    if (random.chance(1, 15)) message.fate = Message::Fate::one_row_refused;
    message.traces = traces_of(log, message, whole_payloads, refusing_number != authority_number);
    expected_.insert(message.traces.begin(), message.traces.end());
    // Offsets have holes: compaction, markers of transactions.
    offset += 1 + static_cast<std::int64_t>(random.chance(1, 6) ? random.below(5) : 0);
  }
}

void World::step(std::string_view call) {
  if (crashed) throw Crash{};
  ++counts.steps;
  if (verbose) note(call);
  clock.sleep_until(clock.now() + std::chrono::milliseconds{random.below(40)}, {});
  if (calm) return;
  move_on();
  if (chance(1, crash_odds_)) {
    note("crash");
    ++counts.crashes;
    crashed = true;
    throw Crash{};
  }
  if (counts.steps >= chaos_steps_) calm_down();
}

void World::move_on() {
  for (Source& source : sources)
    for (UnitLog& log : source.logs)
      if (random.chance(1, 6) && log.visible < log.messages.size()) ++log.visible;
  if (chance(1, 40)) rebalance();
  if (chance(1, 12)) rival_acts();
  if (chance(1, 400)) trim();
  if (chance(1, 500) && stop != nullptr) {
    note("stop");
    ++counts.stops;
    stop->request_stop();
  }
  for (Database& database : databases)
    if (!database.limbo.empty() && chance(1, 10)) end_limbo(database, {});
}

bool World::unwell() {
  if (!chance(1, unwell_odds_)) return false;
  note("fails");
  ++counts.failures;
  return true;
}

void World::break_promise(std::string what) {
  note("VIOLATION: " + what);
  if (violation.empty()) violation = std::move(what);
}

void World::note(std::string_view what) const {
  if (!verbose) return;
  const std::chrono::duration<double> time = clock.now().time_since_epoch();
  fmt::print(stderr, "{:>5} {:.3f} {}\n", counts.steps, time.count(), what);
}

UnitLog* World::find(const std::string& key) {
  for (Source& source : sources)
    for (UnitLog& log : source.logs)
      if (log.key() == key) return &log;
  return nullptr;
}

Source& World::source_of(const UnitLog& log) {
  return *std::ranges::find(sources, log.unit.source, &Source::name);
}

void World::start_process() {
  crashed = false;
  note("process starts");
  for (Source& source : sources)
    for (UnitLog& log : source.logs)
      if (log.owner == UnitLog::Owner::us || calm) log.owner = UnitLog::Owner::nobody;
}

// ------------------------------------------------------------------------------------------------- units change hands

void World::rebalance() {
  Source& source = sources[random.below(sources.size())];
  if (source.finite || source.member == nullptr) return;
  UnitLog& log = source.logs[random.below(source.logs.size())];
  if (log.owner == UnitLog::Owner::rival) {
    log.owner = UnitLog::Owner::us;
    source.member->gain(log);
  } else if (log.owner == UnitLog::Owner::us && chance(1, 3)) {
    ++counts.lost;
    log.owner = UnitLog::Owner::rival;
    source.member->lose(log, true);
  } else if (log.owner == UnitLog::Owner::us) {
    ++counts.revoked;
    source.member->lose(log, false);
  }
}

/// Retention takes messages that have not been read.
void World::trim() {
  Source& source = sources[random.below(sources.size())];
  UnitLog& log = source.logs[random.below(source.logs.size())];
  if (source.finite || log.visible == 0) return;
  note("trim");
  log.low = std::max(log.low, log.messages[random.below(log.visible)].offset);
  for (Message& message : log.messages) message.excused = message.excused || message.offset < log.low;
}

void World::rival_acts() {
  Source& source = sources[random.below(sources.size())];
  UnitLog& log = source.logs[random.below(source.logs.size())];
  // A finite source has no group: now and then, somebody simply starts the same job. And a rival that has lost a unit
  // may not know it yet.
  const bool reads = log.owner == UnitLog::Owner::rival || chance(1, source.finite ? 30 : 15);
  if (!reads) return;
  if (!rival_.contains(log.key()) || chance(1, 4))
    rival_claims(log);
  else
    rival_commits(log);
}

void World::rival_claims(UnitLog& log) {
  Rival& rival = rival_[log.key()];
  if (!authority().keeps_positions) {
    rival.next = std::max(log.acknowledged, log.low);
    return;
  }
  note("rival claims " + log.key());
  end_limbo(authority(), log.key());
  Database::Row& row = authority().positions[log.key()];
  rival.epoch = ++row.epoch;
  if (!row.position) row.position = Position{UnitId{}, log.low, {}};
  rival.next = row.position->number;
}

void World::rival_commits(UnitLog& log) {
  Rival& rival = rival_[log.key()];
  if (rival.next < log.low) return;
  std::vector<Transaction> transactions(databases.size());
  Transaction& main = transactions[authority_number];
  std::int64_t next = rival.next;
  for (std::size_t i = 0, taken = 0; i < log.visible && taken < 3; ++i) {
    if (log.messages[i].offset < rival.next) continue;
    for (Transaction& transaction : transactions)
      for (const std::string& trace : log.messages[i].traces) transaction.traces.push_back(trace);
    next = log.messages[i].offset + 1;
    ++taken;
  }
  if (next == rival.next) return;
  if (authority().keeps_positions) main.steps.push_back({log.key(), rival.epoch, rival.next, {UnitId{}, next, {}}});
  for (std::size_t i = 0; i < databases.size(); ++i)
    if (i != authority_number) apply(databases[i], transactions[i]);
  note("rival commits " + log.key());
  if (!apply(authority(), main)) {
    rival_.erase(log.key());
    return;
  }
  ++counts.rival_commits;
  rival.next = next;
  if (log.owner == UnitLog::Owner::rival) log.acknowledged = std::max(log.acknowledged, next);
}

void World::calm_down() {
  if (calm) return;
  note("calm");
  calm = true;
  rival_.clear();
  for (Database& database : databases) end_limbo(database, {});
  for (Source& source : sources) {
    for (UnitLog& log : source.logs) {
      log.visible = log.messages.size();
      if (log.owner != UnitLog::Owner::rival) continue;
      log.owner = UnitLog::Owner::us;
      if (source.member != nullptr && !source.finite) source.member->gain(log);
    }
  }
}

void World::repair_gaps() {
  for (Source& source : sources) {
    for (UnitLog& log : source.logs) {
      if (log.acknowledged < log.low) log.acknowledged = log.low;
      Database::Row& row = authority().positions[log.key()];
      if (row.position && row.position->number < log.low) row.position->number = log.low;
    }
  }
}

// ---------------------------------------------------------------------------------------------------------- database

void World::end_limbo(Database& database, const std::string& unit) {
  for (std::size_t i = 0; i < database.limbo.size();) {
    const auto& steps = database.limbo[i].steps;
    const bool holds = std::ranges::any_of(steps, [&](const auto& step) { return step.unit == unit; });
    if (!unit.empty() && !holds) {
      ++i;
      continue;
    }
    Transaction transaction = std::move(database.limbo[i]);
    database.limbo.erase(database.limbo.begin() + static_cast<std::ptrdiff_t>(i));
    if (random.chance(1, 2) && apply(database, transaction)) ++counts.doubts_kept;
  }
}

bool World::apply(Database& database, Transaction& transaction) {
  if (database.keeps_positions && ablation != Ablation::no_fence)
    for (const Transaction::Step& step : transaction.steps)
      if (database.positions[step.unit].epoch != step.epoch) return false;
  for (const std::string& trace : transaction.traces) {
    const bool gone = trace.starts_with("gone ");
    if (++database.traces[trace] > 1 && gone && database.keeps_positions) break_promise("twice told: " + trace);
    // Rows are refused by the store that counts; those of an echo are checked with the row that they belong to.
    if (&database == &authority() && std::ranges::count(trace, '#') < 2 && !gone && !expected_.contains(trace))
      break_promise(trace + " is stored and should not be");
  }
  // Without the transaction, a process can die between rows and positions.
  if (ablation == Ablation::position_outside && chance(1, 20)) {
    crashed = true;
    throw Crash{};
  }
  for (const Transaction::Step& step : transaction.steps) {
    auto& position = database.positions[step.unit].position;
    const std::int64_t before = position ? position->number : Position::kUnset;
    if (before != step.from) break_promise(fmt::format("{} moves from {} and is at {}", step.unit, step.from, before));
    if (step.to.number < before)
      break_promise(fmt::format("{} falls from {} to {}", step.unit, before, step.to.number));
    position = step.to;
    if (const UnitLog* log = find(step.unit)) check_unit(database, *log, step.to.number);
  }
  return true;
}

/// Everything below the position is stored once, everything above it is not; other databases may only be ahead.
void World::check_unit(const Database& database, const UnitLog& log, std::int64_t position) {
  for (const Message& message : log.messages) {
    for (const std::string& trace : message.traces) {
      const auto found = database.traces.find(trace);
      const int count = found == database.traces.end() ? 0 : found->second;
      const bool below = message.offset < position;
      if (count > 1 || (count == 1 && !below) || (count == 0 && below && !message.excused))
        break_promise(fmt::format("{} is stored {} times, the position is {}", trace, count, position));
      if (count == 0 || !trace.contains('#')) continue;
      for (const Database& other : databases)
        if (!other.traces.contains(trace)) break_promise(fmt::format("{} is missing in a second store", trace));
    }
  }
}

void World::check_acknowledged(const UnitLog& log, std::int64_t position) {
  const auto stored = authority().positions.find(log.key());
  if (authority().keeps_positions)
    if (stored == authority().positions.end() || !stored->second.position || stored->second.position->number < position)
      break_promise(fmt::format("{} is acknowledged up to {}, which is not stored", log.key(), position));
  for (const Message& message : log.messages)
    for (const std::string& trace : message.traces)
      if (message.offset < position && !message.excused && !authority().traces.contains(trace))
        break_promise(fmt::format("{} is acknowledged and missing", trace));
}

std::string World::missing() const {
  for (const Source& source : sources)
    for (const UnitLog& log : source.logs)
      for (const Message& message : log.messages)
        for (const std::string& trace : message.traces)
          for (const Database& database : databases) {
            // Dead letters are kept by the store that counts.
            if (trace.ends_with('!') && &database != &databases[authority_number]) continue;
            const bool refused = message.fate == Message::Fate::one_row_refused && trace.ends_with("#0");
            if (refused && &database == &databases[refusing_number]) continue;
            if (!message.excused && !database.traces.contains(trace)) return trace + " is missing";
          }
  return {};
}

}  // namespace batchout::sim
