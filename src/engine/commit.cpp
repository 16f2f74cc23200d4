// How a batch ends: stored, given up together with a rewind, or tried again; and what happens while we wait.

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/assertion.h"
#include "base/failpoint.h"
#include "engine/accounts.h"
#include "engine/engine.h"
#include "engine/guard.h"

namespace batchout {
namespace {

/// More than a heartbeat of a group: if a unit was taken from us, we hear of it before we claim it again.
constexpr std::chrono::milliseconds kFenceWait{3'500};
/// Two processes that both insist would fence each other for ever.
constexpr int kFencesMax = 3;
/// A batch failed at COMMIT, and its rows will be checked one by one in the next try: as often as it has constraints.
constexpr std::string_view kCheckedTooLate = "BO540";
/// Events of a paused input that are handled in one go.
constexpr int kEventsMax = 16;

}  // namespace

Result<> Engine::deliver(const std::stop_token& stop) {
  const Clock::Time start = clock_.now();
  const Result<> result = deliver_batch(stop);
  postpone_quiet(start);
  return result;
}

// Tries until it is decided what became of the batch. When it returns without an error, `batch_` is a new one. The
// verdicts `row`, `configuration` and `internal` are not tried again: the same rows would fail the same way.
Result<> Engine::deliver_batch(const std::stop_token& stop) {
  BATCHOUT_CHECK(collect(true));
  const Result<> queried = queries_.run(batch_, stop);
  if (!queried && stop.stop_requested()) {
    give_up_batch(true);
    return {};
  }
  BATCHOUT_CHECK(queried);
  const std::uint64_t number = batch_.number;
  std::optional<Backoff> backoff;
  failpoint("batch_built");
  if (failpoint("acknowledged_first")) BATCHOUT_CHECK(acknowledge(batch_.moves, stop));
  for (;;) {
    Result<Outcome> outcome = delivery_.store(batch_);
    if (outcome) {
      if (*outcome == Outcome::committed) return committed(stop);
      return *outcome == Outcome::fenced ? fenced(stop) : resolve_doubt(stop);
    }
    if (outcome.error().verdict != Verdict::environment) return std::unexpected(std::move(outcome).error());
    if (stop.stop_requested()) {
      log_.warning(fmt::format("Stopped before batch {} could be stored; its payloads will be read again", number));
      give_up_batch(true);
      return {};
    }
    if (!backoff) backoff.emplace(clock_.now());
    BATCHOUT_CHECK(back_off(*backoff, outcome.error(), stop));
    if (batch_.number != number) return {};  // Given up meanwhile: a unit in it is no longer ours.
  }
}

// The positions move before the acknowledgement, and `batch_` is exchanged before it: an acknowledgement may have to
// wait, waiting may bring a Revoked, and that must not give up what is stored already.
Result<> Engine::committed(const std::stop_token& stop) {
  failpoint("committed");
  fences_ = 0;
  doubts_.reset();
  stored_in_round_ = true;
  account(plan_, batch_, delivery_, options_.log, summary_);
  for (const auto& [key, move] : batch_.moves) {
    OwnedUnit* unit = readers_[key.first]->find(key.second);
    BATCHOUT_ASSERT(unit != nullptr && unit->settled() && move.to.number >= unit->at.number);
    unit->at = move.to;
  }
  Batch stored = std::exchange(batch_, empty_batch(plan_, ++batches_));
  failpoint("acknowledging");
  BATCHOUT_CHECK(acknowledge(stored.moves, stop));
  failpoint("acknowledged");
  queries_.remember(std::move(stored));
  return report_progress(true);
}

// The verdict of an authority that found a newer epoch than ours. Nothing of the batch is in the authority; other
// stores may have its rows, which is what at-least-once allows.
Result<> Engine::fenced(const std::stop_token& stop) {
  const Batch lost = give_up_batch(true);
  const auto alone = [&](const Batch::Part& part) { return !readers_[part.input]->shares_units(); };
  Error error{Verdict::fenced, "BO503",
              fmt::format("Another process has claimed a unit that this one reads, so the batch was dropped; batch {}",
                          lost.number),
              delivery_.authority_place()};
  return count_fence(std::move(error), std::ranges::any_of(lost.parts, alone), stop);
}

/// `alone`: no group decides who reads what, so the other process wins. Returns without an error if it is worth while
/// to claim again, after a pause in which the input may hear that the unit has gone elsewhere. The random part keeps
/// two processes from fencing each other in step.
Result<> Engine::count_fence(Error error, bool alone, const std::stop_token& stop) {
  if (++fences_ >= kFencesMax || alone) return std::unexpected(std::move(error));
  Log(options_.log, error.place).warning(error.message);
  const std::chrono::milliseconds jitter{random_.below(1'000)};
  return wait(clock_.now() + kFenceWait + jitter, stop);
}

/// Nobody knows yet whether the batch was stored. Claiming its units again waits for its transaction to end, and tells.
/// If the claim does not come about, for a stop request, the batch counts as lost: whoever claims next is told the
/// truth by the authority and goes on from there.
Result<> Engine::resolve_doubt(const std::stop_token& stop) {
  if (failpoint("doubt_is_success")) return committed(stop);
  if (failpoint("doubt_is_retried")) return deliver_batch(stop);
  const Clock::Time since = clock_.now();
  Batch doubtful = give_up_batch(true);
  log_.warning(
      fmt::format("The answer to a commit was lost; the store is asked for its positions; batch {}", doubtful.number));
  BATCHOUT_CHECK(settle(stop));
  if (!arrived(doubtful)) return not_arrived(doubtful.number, since, stop);
  for (const auto& [key, move] : doubtful.moves) {
    OwnedUnit* unit = readers_[key.first]->find(key.second);
    if (move.epoch > 0 || unit == nullptr) continue;
    unit->at = move.to;
    unit->seek_due = true;
  }
  for (const auto& reader : readers_) reader->parameters_kept();
  stored_in_round_ = true;
  fences_ = 0;
  doubts_.reset();
  delivery_.note_stored();
  for (const Batch::Part& part : doubtful.parts) readers_[part.input]->took(part.payloads.count(), clock_.now());
  account(plan_, doubtful, delivery_, options_.log, summary_);
  BATCHOUT_CHECK(acknowledge(doubtful.moves, stop));
  queries_.remember(std::move(doubtful));
  return {};
}

// The moves were committed together, so all positions have moved or none. A unit that was taken away meanwhile cannot
// be asked for: then the counters miss the batch, while its rows are where they belong.
bool Engine::arrived(const Batch& batch) {
  return std::ranges::all_of(batch.moves, [&](const auto& entry) {
    const auto& [key, move] = entry;
    const OwnedUnit* unit = readers_[key.first]->find(key.second);
    if (move.epoch == 0) return true;  // Of an input that resumes nowhere: stored with the others or not at all.
    return unit != nullptr && !unit->claim_due && unit->at.number == move.to.number;
  });
}

/// What ends each commit would otherwise have the batch read again for ever, and written once more to the other stores
/// each time.
Result<> Engine::not_arrived(std::uint64_t batch, Clock::Time since, const std::stop_token& stop) {
  if (stop.stop_requested() || failure_) return {};
  if (!doubts_) doubts_.emplace(since);
  const Error error{
      Verdict::environment, "BO501",
      fmt::format("The answer to a commit was lost, and its batch is not known to be stored, so it is read again; "
                  "batch {}",
                  batch),
      delivery_.authority_place()};
  return back_off(*doubts_, error, stop);
}

/// With an authority this is a courtesy: what is refused is told once, and ends nothing. Without one it is what moves
/// the position, so it is tried again.
Result<> Engine::acknowledge(const std::map<UnitKey, Move>& moves, const std::stop_token& stop) {
  std::optional<Backoff> backoff;
  for (;;) {
    const Result<> done = acknowledge_once(moves);
    if (done || done.error().verdict == Verdict::internal || done.error().verdict == Verdict::fenced) return done;
    const Log log(options_.log, done.error().place);
    const bool passing = done.error().verdict == Verdict::environment;
    if (delivery_.keeps_positions() && !passing && !std::exchange(refusal_told_, true)) {
      log.warning(fmt::format("{} [{}]; the outputs keep the positions, so no row is concerned", done.error().message,
                              done.error().code));
      return {};
    }
    if (delivery_.keeps_positions() || (passing && stop.stop_requested())) {
      log.debug(done.error().message);
      return {};
    }
    if (!passing) return done;
    if (!backoff) backoff.emplace(clock_.now());
    BATCHOUT_CHECK(back_off(*backoff, done.error(), stop));
  }
}

// An input that fails does not keep the others from hearing of their positions; the first error is told. Units that are
// no longer ours are left out: they are confirmed by nobody, which is allowed.
Result<> Engine::acknowledge_once(const std::map<UnitKey, Move>& moves) {
  Result<> result;
  for (std::size_t reader = 0; reader < readers_.size(); ++reader) {
    std::vector<Position> positions;
    for (const auto& [key, move] : moves)
      if (key.first == reader && readers_[reader]->find(key.second) != nullptr) positions.push_back(move.to);
    if (positions.empty()) continue;
    Result<> done = readers_[reader]->acknowledge(positions);
    if (!done && result) result = std::move(done);
  }
  return result;
}

/// Drops the batch and makes every unit in it that is still ours go back to what is stored. `claim`: it is not known
/// what that is, or whether the unit is ours. Returns what was dropped. Lanes are stopped first, because they read the
/// payloads of the batch.
Batch Engine::give_up_batch(bool claim) {
  lanes_.drop();
  failpoint("giving_up");
  for (const auto& [key, move] : batch_.moves) {
    OwnedUnit* unit = readers_[key.first]->find(key.second);
    if (unit == nullptr) continue;
    if (failpoint("no_rewind")) continue;
    unit->seek_due = true;
    if (failpoint("no_reclaim")) continue;
    unit->claim_due = claim && delivery_.keeps_positions() && readers_[key.first]->resumes();
  }
  for (const Batch::Part& part : batch_.parts) readers_[part.input]->gave_back(part.payloads.count(), clock_.now());
  // An empty one may have been tried, too: a store that has committed it must not take the next one for the same.
  if (batch_.empty() && batch_.moves.empty() && !delivery_.has_tried(batch_.number)) return {};
  for (const auto& reader : readers_) reader->parameters_lost();
  return std::exchange(batch_, empty_batch(plan_, ++batches_));
}

// Every unit is settled afterwards, unless a stop is requested or a failure waits to end the run: then nothing may be
// read.
Result<> Engine::settle(const std::stop_token& stop) {
  std::optional<Backoff> backoff;
  for (;;) {
    Result<> settled = settle_once();
    if (settled) return {};
    Error& error = settled.error();
    if (error.verdict == Verdict::fenced) {
      const auto alone = [](const auto& reader) { return !reader->shares_units() && !reader->settled(); };
      BATCHOUT_CHECK(count_fence(std::move(error), std::ranges::any_of(readers_, alone), stop));
    } else if (error.verdict != Verdict::environment) {
      return settled;
    } else if (!stop.stop_requested()) {
      if (!backoff) backoff.emplace(clock_.now());
      BATCHOUT_CHECK(back_off(*backoff, error, stop));
    }
    if (stop.stop_requested() || failure_) return {};
  }
}

Result<> Engine::settle_once() {
  for (const auto& reader : readers_)
    if (!reader->settled()) BATCHOUT_CHECK(reader->settle(delivery_));
  return {};
}

// Waits for one delay of `backoff`; for nothing where the store knows by now which rows it has to look at. Fails with
// `error` itself when the time for trying is over, so that people read what the system said last.
Result<> Engine::back_off(Backoff& backoff, const Error& error, const std::stop_token& stop) {
  const bool limited = options_.retry_max.count() > 0;
  if (limited && clock_.now() - backoff.since() >= options_.retry_max) return std::unexpected(error);
  ++summary_.retries;
  if (error.code == kCheckedTooLate) {
    Log(options_.log, error.place).warning(fmt::format("{} [{}]; trying again at once", error.message, error.code));
    return wait(clock_.now(), stop);
  }
  const std::chrono::milliseconds delay = backoff.next(random_);
  Log(options_.log, error.place)
      .warning(fmt::format("{} [{}]; trying again in {} ms", error.message, error.code, delay.count()));
  return wait(clock_.now() + delay, stop);
}

// Events of endless inputs are handled meanwhile, so units may come and go and the batch may be given up: callers look
// again at what they knew. Returns early on a stop request, without an error.
Result<> Engine::wait(Clock::Time until, const std::stop_token& stop) {
  while (!stop.stop_requested() && clock_.now() < until) {
    for (std::size_t reader = 0; reader < readers_.size(); ++reader) BATCHOUT_CHECK(keep_alive(reader, stop));
    BATCHOUT_CHECK(report_progress(false));
    clock_.sleep_until(std::min(until, clock_.now() + kTick), stop);
  }
  return {};
}

/// Pulls a paused input without waiting, so that it keeps its place in its group and we hear of changes.
Result<> Engine::keep_alive(std::size_t number, const std::stop_token& stop) {
  Reader& reader = *readers_[number];
  if (!reader.endless()) return {};
  BATCHOUT_CHECK(reader.pause(true));
  for (int events = 0; events < kEventsMax; ++events) {
    const Result<> answered = reader.answer();
    if (!answered) return answered.error().verdict == Verdict::environment ? Result<>{} : answered;
    Result<Event> event = reader.pull({}, clock_.now(), stop);
    if (!event) {
      // If it lasts, the input's own turn brings it up.
      if (event.error().verdict == Verdict::environment) return {};
      return std::unexpected(std::move(event).error());
    }
    if (std::holds_alternative<Idle>(*event)) return {};
    BATCHOUT_CHECK(handle(number, std::move(*event)));
    // Whoever waits for nothing settles the unit next, with a claim; the others answer when they come by again.
    if (!reader.answered()) return {};
  }
  return {};
}

// `now`: also within a tick of the last report. The sink is foreign code: its exception ends the run as an internal
// error.
Result<> Engine::report_progress(bool now) {
  const Clock::Time time = clock_.now();
  if (!options_.progress || (!now && time - last_progress_ < kTick)) return {};
  last_progress_ = time;
  if (round_start_) summary_.time = time_before_ + (time - *round_start_);
  return guarded("progress", [&] { options_.progress(summary_); });
}

}  // namespace batchout
