// Events in every order that the contract allows: revocations in the middle of a batch, stale payloads, stragglers.

#include "sim_input.h"

#include <algorithm>

#include <fmt/format.h>

namespace batchout::sim {

SimInput::SimInput(World& world, Source& source) : world_(world), source_(source) {
  source_.member = this;
  if (source_.finite) return;
  for (UnitLog& log : source_.logs) {
    if (log.owner != UnitLog::Owner::nobody) continue;
    log.owner = UnitLog::Owner::us;
    gain(log);
  }
}

SimInput::~SimInput() {
  source_.member = nullptr;
}

InputTraits SimInput::traits() const {
  InputTraits traits;
  traits.resumes = true;
  if (source_.finite) return traits;
  traits.endless = true;
  traits.round_quiet = std::chrono::seconds{2};
  return traits;
}

bool SimInput::shares_units() const {
  return !source_.finite;
}

Result<> SimInput::start_round() {
  world_.step("start_round");
  BATCHOUT_CHECK(fails("start_round"));
  if (!source_.finite) return {};
  changes_.clear();
  units_.clear();
  asked_.clear();
  for (UnitLog& log : source_.logs) gain(log);
  return {};
}

Result<Event> SimInput::pull(const Budget& budget, Time deadline, std::stop_token stop) {
  world_.step("pull");
  if (!asked_.empty()) world_.break_promise("pull before assign");
  if (!taken_.empty()) world_.break_promise("pull before release");
  BATCHOUT_CHECK(fails("pull"));
  if (!changes_.empty()) return tell_change();
  const bool straggles = paused_ && world_.chance(1, 20);
  if (straggles) ++world_.counts.stragglers;
  if (!paused_ || straggles) {
    if (auto event = gap()) return std::move(*event);
    Payloads payloads = read(straggles ? Budget{1, 1} : budget);
    if (!payloads.empty()) return payloads;
    if (!paused_ && at_end()) return End{};
  }
  world_.clock.sleep_until(deadline, stop);
  return Idle{};
}

Event SimInput::tell_change() {
  const Change::Kind kind = changes_.front().kind;
  std::vector<UnitLog*> logs;
  while (!changes_.empty() && changes_.front().kind == kind && (logs.empty() || world_.random.chance(2, 3))) {
    logs.push_back(changes_.front().log);
    changes_.pop_front();
  }
  if (kind == Change::Kind::gained) {
    Assigned assigned;
    for (UnitLog* log : logs) {
      Unit unit = log->unit;
      unit.id = UnitId{static_cast<std::uint32_t>(log - source_.logs.data()) + 1};
      units_[unit.id] = {log, Position::kUnset};
      asked_.push_back(unit.id);
      world_.note(fmt::format("assigned {}", log->key()));
      assigned.units.push_back(std::move(unit));
    }
    return assigned;
  }
  Revoked revoked;
  revoked.lost = kind == Change::Kind::lost;
  for (const UnitLog* log : logs) {
    const auto found = std::ranges::find_if(units_, [&](const auto& entry) { return entry.second.log == log; });
    world_.note("revoked " + log->key());
    revoked.units.push_back(found->first);
    taken_.push_back(found->first);
  }
  return revoked;
}

std::optional<Event> SimInput::gap() {
  for (auto& [id, reading] : units_) {
    if (reading.next >= reading.log->low) continue;
    if (source_.skips_gaps) {
      ++world_.counts.gaps_skipped;
      world_.note(fmt::format("skips {}@{} to {}", reading.log->key(), reading.next, reading.log->low));
      Payloads payloads;
      payloads.append({}, id, reading.next, reading.log->low, Payloads::State::missing, "messages are gone");
      reading.next = reading.log->low;
      return payloads;
    }
    ++world_.counts.gaps;
    return Gap{id, reading.next, reading.log->low};
  }
  return std::nullopt;
}

Payloads SimInput::read(const Budget& budget) {
  Payloads payloads;
  const std::size_t most = std::min<std::size_t>(budget.payloads, 1 + world_.random.below(5));
  for (auto& [id, reading] : units_) {
    const auto& messages = reading.log->messages;
    for (std::size_t i = 0; i < reading.log->visible && payloads.count() < most; ++i) {
      // A stale fetch: what came before comes once more.
      const bool again = messages[i].offset < reading.next && messages[i].offset >= reading.log->low;
      if (again && !world_.chance(1, 40)) continue;
      if (messages[i].offset < reading.next && !again) continue;
      append(payloads, id, *reading.log, messages[i]);
      reading.next = std::max(reading.next, messages[i].offset + 1);
    }
    if (!payloads.empty() && world_.random.chance(1, 4)) break;
  }
  return payloads;
}

/// A payload says what becomes of it: unit, offset, fate, and number of rows.
void SimInput::append(Payloads& payloads, UnitId id, const UnitLog& log, const Message& message) {
  const bool tombstone = message.fate == Message::Fate::tombstone;
  const char fate = message.fate == Message::Fate::refused ? 'x' : '-';
  const std::string text =
      tombstone ? std::string{} : fmt::format("{}@{} {} {}", log.key(), message.offset, fate, message.rows);
  payloads.append(text, id, message.offset, message.offset + 1,
                  tombstone ? Payloads::State::missing : Payloads::State::usable);
}

bool SimInput::at_end() const {
  return source_.finite &&
         std::ranges::all_of(units_, [](const auto& entry) { return entry.second.next >= entry.second.log->end(); });
}

Result<std::vector<Position>> SimInput::assign(std::span<const Position> positions) {
  world_.step("assign");
  if (positions.size() != asked_.size()) world_.break_promise("assign does not answer what was asked");
  BATCHOUT_CHECK(fails("assign"));
  std::vector<Position> starts(positions.begin(), positions.end());
  for (Position& start : starts) {
    Reading& reading = units_.at(start.unit);
    const std::int64_t default_start = source_.finite ? 0 : std::max(reading.log->acknowledged, reading.log->low);
    if (start.number == Position::kUnset) start.number = default_start;
    reading.next = start.number;
  }
  asked_.clear();
  world_.step("assigned");
  return starts;
}

void SimInput::release(std::span<const UnitId> units) {
  world_.step("release");
  for (const UnitId id : units) {
    if (std::erase(taken_, id) == 0) world_.break_promise("release of a unit that was not revoked");
    UnitLog& log = *units_.at(id).log;
    units_.erase(id);
    if (log.owner != UnitLog::Owner::us) continue;
    // Nobody else is left to take it when the world is calm. (If it is ours again, it has been lost and regained.)
    const auto regained = [&](const Change& change) { return change.log == &log; };
    if (std::ranges::any_of(changes_, regained)) continue;
    if (world_.calm)
      gain(log);
    else
      log.owner = UnitLog::Owner::rival;
  }
}

Result<> SimInput::seek(std::span<const Position> positions) {
  world_.step("seek");
  BATCHOUT_CHECK(fails("seek"));
  for (const Position& position : positions) {
    if (!units_.contains(position.unit)) {
      world_.break_promise("seek in a unit that is not assigned");
      continue;
    }
    ++world_.counts.rewinds;
    world_.note(fmt::format("seek {} to {}", units_[position.unit].log->key(), position.number));
    if (world_.ablation != Ablation::no_rewind) units_[position.unit].next = position.number;
  }
  world_.step("sought");
  return {};
}

void SimInput::pause(bool on) {
  paused_ = on;
}

Result<> SimInput::acknowledge(std::span<const Position> positions) {
  world_.step("acknowledge");
  BATCHOUT_CHECK(fails("acknowledge"));
  for (const Position& position : positions) {
    if (!units_.contains(position.unit)) {
      world_.break_promise("acknowledgement of a unit that is not assigned");
      continue;
    }
    UnitLog& log = *units_[position.unit].log;
    world_.check_acknowledged(log, position.number);
    // A group ignores members that it has written off.
    if (source_.finite || log.owner == UnitLog::Owner::us) log.acknowledged = position.number;
  }
  world_.step("acknowledged");
  return {};
}

void SimInput::gain(UnitLog& log) {
  changes_.push_back({Change::Kind::gained, &log});
}

void SimInput::lose(UnitLog& log, bool lost) {
  const auto last = std::ranges::find(changes_.rbegin(), changes_.rend(), &log, &Change::log);
  if (last == changes_.rend()) {
    const auto of_log = [&](UnitId id) { return units_.at(id).log == &log; };
    if (std::ranges::any_of(taken_, of_log)) return;  // The engine is just letting go of it.
    changes_.push_back({lost ? Change::Kind::lost : Change::Kind::revoked, &log});
  } else if (last->kind == Change::Kind::gained) {
    // We have not heard of it, and never will.
    changes_.erase(std::next(last).base());
    log.owner = UnitLog::Owner::rival;
  }
}

Result<> SimInput::fails(const char* call) {
  if (!world_.unwell()) return {};
  return fail(Verdict::environment, "BO599", fmt::format("{} of {} fails", call, source_.name));
}

}  // namespace batchout::sim
