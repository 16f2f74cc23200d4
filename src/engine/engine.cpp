// Rounds: which input is read, what its events mean, and how payloads become the rows of a batch.

#include "engine/engine.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/failpoint.h"
#include "engine/accounts.h"
#include "engine/guard.h"
#include "engine/rows.h"

namespace batchout {
namespace {

/// The unit must have one.
std::size_t last_of(const Payloads& payloads, UnitId unit) {
  std::size_t last = payloads.count() - 1;
  while (last > 0 && payloads.entry(last).unit != unit) --last;
  return last;
}

/// A sink that may throw would turn a warning into the end of the run. Processors log from their lanes.
LogSink quiet_sink(LogSink sink) {
  if (!sink) return sink;
  return [sink = std::move(sink), mutex = std::make_shared<std::mutex>()](const LogRecord& record) {
    const std::scoped_lock lock(*mutex);
    (void)guarded("log", [&] { sink(record); });
  };
}

// 0 stands for the default. A machine that does not tell its processors has one.
std::size_t lane_count(std::size_t asked) {
  // By default; reading and writing need processors, too.
  constexpr std::size_t kLanesMax = 8;
  return asked > 0 ? asked : std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kLanesMax);
}

}  // namespace

// The plan is only remembered: what can fail waits for `prepare`.
Engine::Engine(const Plan& plan, Runtime runtime)
    : plan_(plan),
      clock_(runtime.clock),
      random_(runtime.random),
      options_(std::move(runtime.options)),
      delivery_(plan),
      lanes_(plan),
      queries_(plan) {
  options_.log = quiet_sink(std::move(options_.log));
  log_ = Log(options_.log, plan.name);
  batch_ = empty_batch(plan_, ++batches_);
}

Result<> Engine::prepare() {
  BATCHOUT_CHECK(queries_.prepare());
  std::vector<Context> contexts;
  for (const PlannedInput& input : plan_.inputs) {
    contexts.push_back(
        {input.name, plan_.name, plan_.dialect, plan_.folder, Log(options_.log, "inputs." + input.name)});
    readers_.push_back(std::make_unique<Reader>(input, plan_, options_.from_start));
    BATCHOUT_CHECK(readers_.back()->prepare(contexts.back()));
  }
  expansions_.resize(plan_.inputs.size());
  const bool resumes = std::ranges::any_of(readers_, [](const auto& reader) { return reader->resumes(); });
  BATCHOUT_CHECK(delivery_.prepare(options_.log, resumes && plan_.delivery != DeliveryLevel::at_least_once));
  delivery_.tell_sources([this](std::string_view source) {
    return std::ranges::any_of(readers_, [&](const auto& reader) { return reader->reads_source(source); });
  });
  std::vector<bool> valueless;
  for (const auto& reader : readers_) valueless.push_back(reader->takes_valueless());
  return lanes_.prepare(lane_count(options_.lanes > 0 ? options_.lanes : plan_.lanes), contexts, valueless);
}

// Counters of the summary grow from round to round; its time counts rounds only, not the pauses between them.
Result<> Engine::run_round(std::stop_token stop) {
  if (!prepared_) prepared_ = prepare();
  BATCHOUT_CHECK(*prepared_);
  delivery_.listen(stop);
  doubts_.reset();
  round_start_ = clock_.now();
  time_before_ = summary_.time;
  Result<> result = start_round(stop);
  if (result) result = read_round(stop);
  // Also after a stop request: what was read before it is stored or given back.
  if (result) ++summary_.rounds;
  if (result && !stored_in_round_) queries_.forget();
  // Whatever is left was not stored: it is read again, be it by the next round or by another process.
  give_up_batch(true);
  failure_.reset();
  summary_.time = time_before_ + (clock_.now() - *round_start_);
  round_start_.reset();
  return result;
}

// The first round begins at once. Idle time is counted across rounds, from the last payload that was stored.
Result<> Engine::run_forever(std::stop_token stop) {
  Clock::Time last_payload = clock_.now();
  rounds_follow_ = options_.retry_max.count() == 0 && options_.rounds_max < 0 && options_.idle_max.count() == 0;
  for (std::int64_t round = 0; round != options_.rounds_max && !stop.stop_requested(); ++round) {
    if (round > 0) {
      const auto extra = random_.below(static_cast<std::uint64_t>(options_.wait_extra.count()) + 1);
      const auto pause = options_.wait_min + std::chrono::milliseconds{extra};
      BATCHOUT_CHECK(wait(clock_.now() + std::max<std::chrono::milliseconds>(pause, least_pause()), stop));
      if (stop.stop_requested()) break;
    }
    const std::uint64_t payloads_before = summary_.payloads;
    BATCHOUT_CHECK(run_round(stop));
    if (summary_.payloads != payloads_before) last_payload = clock_.now();
    if (options_.idle_max.count() > 0 && clock_.now() - last_payload >= options_.idle_max) break;
  }
  return {};
}

/// Nothing in a finite input waits for news, so reading it again and again would take a whole processor.
std::chrono::milliseconds Engine::least_pause() const {
  const bool waits = std::ranges::any_of(readers_, [](const auto& reader) { return reader->endless(); });
  return waits ? std::chrono::milliseconds{0} : std::chrono::milliseconds{1'000};
}

// Each input by itself: those that have begun wait for the one that cannot, which may last.
Result<> Engine::start_round(const std::stop_token& stop) {
  stored_in_round_ = false;
  for (std::size_t number = 0; number < readers_.size(); ++number) {
    const auto& reader = readers_[number];
    std::vector<ParameterRow> parameters;
    if (!reader->takes_parameters()) {
      BATCHOUT_TRY(parameters, queries_.parameters_of(number, batch_, stop));
    }
    std::optional<Backoff> backoff;
    for (;;) {
      const Result<> started = reader->start_round(parameters, clock_.now());
      if (started) break;
      if (started.error().verdict != Verdict::environment) return started;
      if (!backoff) backoff.emplace(clock_.now());
      BATCHOUT_CHECK(back_off(*backoff, started.error(), stop));
      if (stop.stop_requested()) return {};
    }
  }
  return {};
}

// One step at a time until nothing is left to read or to store. Stopping and failing let the batch at hand be stored
// first, since its payloads are good. Returns with `batch_` empty, or with an error.
Result<> Engine::read_round(const std::stop_token& stop) {
  for (;;) {
    const bool ending = stop.stop_requested() || failure_;
    if (const auto reader = next_reader(); reader && !ending) {
      BATCHOUT_CHECK(step(*reader, stop));
      const bool crowded = plan_.tables.empty() && !batch_.empty() && batch_.waiting_bytes == 0 && room(*reader) == 0;
      if (crowded || batch_.full(plan_.batch, clock_.now())) {
        if (!plan_.tables.empty()) return queries_.too_large(batch_);
        BATCHOUT_CHECK(deliver(stop));
      }
      BATCHOUT_CHECK(report_progress(false));
      continue;
    }
    if (ending) drop_half_round();
    // Storing the last batch may send units back, and then there is more to read.
    if (!batch_.empty()) {
      BATCHOUT_CHECK(deliver(stop));
    } else if (failure_) {
      return std::unexpected(*std::exchange(failure_, std::nullopt));
    } else if (ending) {
      return {};
    } else {
      const Clock::Time start = clock_.now();
      BATCHOUT_CHECK(settle(stop));
      postpone_quiet(start);
      if (next_reader() || failure_ || stop.stop_requested()) continue;
      if (!batch_.touch_outputs || stored_in_round_) return {};
      BATCHOUT_CHECK(deliver(stop));
    }
  }
}

/// Rows of inputs that give others their parameters are not stored before those have been read: the next round would
/// not see them any more.
void Engine::drop_half_round() {
  const auto waits = [now = clock_.now()](const auto& reader) {
    return reader->takes_parameters() && !reader->done(now);
  };
  if (batch_.empty() || std::ranges::none_of(readers_, waits)) return;
  log_.warning(fmt::format("Stopped before all inputs of the round were read; payloads will be read again; batch {}",
                           batch_.number));
  give_up_batch(true);
}

// In the order of the plan: an input has its turn to the end of its round before the next one begins. What comes to an
// earlier one after parameters were made of its rows (a partition that is assigned late) belongs into the next round.
// An endless input that fails is not heard, which is not quiet: a round that may be the last does not end well with it.
// Else the next round tries again, so that other inputs have their turns.
std::optional<std::size_t> Engine::next_reader() const {
  const Clock::Time now = clock_.now();
  std::size_t first = 0;
  for (std::size_t i = 0; i < readers_.size(); ++i)
    if (readers_[i]->takes_parameters() && !readers_[i]->parameters_due()) first = i;
  for (std::size_t i = first; i < readers_.size(); ++i)
    if (!readers_[i]->done(now)) return i;
  for (std::size_t i = first; i < readers_.size() && !rounds_follow_; ++i)
    if (readers_[i]->stalled()) return i;
  return std::nullopt;
}

// The others are looked at once per tick, and are paused in between: only one input fills the batch.
Result<> Engine::step(std::size_t reader, const std::stop_token& stop) {
  const Clock::Time start = clock_.now();
  const bool look_round = start - last_keep_alive_ >= kTick;
  if (look_round) last_keep_alive_ = start;
  for (std::size_t other = 0; other < readers_.size(); ++other)
    if (look_round && other != reader) BATCHOUT_CHECK(keep_alive(other, stop));
  BATCHOUT_CHECK(settle(stop));
  postpone_quiet(start);
  if (stop.stop_requested() || failure_) return {};
  if (readers_[reader]->parameters_due()) return give_parameters(reader, stop);
  for (std::size_t other = 0; other < readers_.size(); ++other)
    BATCHOUT_CHECK(readers_[other]->pause(other != reader && readers_[other]->endless()));
  return pull(reader, stop);
}

// Storing a batch and settling units may take minutes, in which no input was asked for anything: without the correction
// each of them would seem quiet, and its round would end with payloads left in the topic.
void Engine::postpone_quiet(Clock::Time since) {
  const Clock::Time now = clock_.now();
  for (const auto& reader : readers_) reader->postpone_quiet(now - since, now);
}

/// The tables of the round have to be complete as far as the inputs before this one go. If the batch has been given up
/// meanwhile, those are to be read first.
Result<> Engine::give_parameters(std::size_t number, const std::stop_token& stop) {
  if (next_reader() != number) return {};
  BATCHOUT_CHECK(collect(true));
  auto rows = queries_.parameters_of(number, batch_, stop);
  if (!rows && stop.stop_requested()) return {};
  BATCHOUT_CHECK(rows);
  return readers_[number]->start_with(std::move(*rows), clock_.now());
}

// Waits for the first of: news, the tick, the age of the batch, the end of the round's quiet.
Result<> Engine::pull(std::size_t number, const std::stop_token& stop) {
  Reader& reader = *readers_[number];
  const Clock::Time now = clock_.now();
  reader.begin_turn(now);
  // What waits may make fewer rows than expected.
  if (batch_.waiting_bytes > 0 && room(number) == 0) return collect(true);
  Clock::Time deadline = now + kTick;
  if (!batch_.empty()) deadline = std::min(deadline, batch_.first_payload + plan_.batch.age);
  if (const auto quiet = reader.quiet_until()) deadline = std::min(deadline, *quiet);
  Budget budget;
  // No subtraction wraps: a batch that has reached a limit is delivered before the next pull.
  budget.payloads = std::min<std::size_t>(plan_.batch.payloads - batch_.payloads, reader.payloads_left());
  budget.bytes = std::min<std::size_t>(plan_.batch.bytes - batch_.bytes, room(number));
  Result<Event> event = reader.pull(budget, deadline, stop);
  if (const std::uint64_t refused = reader.take_refused_parameters(); refused > 0) summary_.rejects["BO446"] += refused;
  reader.heard(event, clock_.now());
  if (event) return handle(number, std::move(*event));
  if (event.error().verdict != Verdict::environment) return std::unexpected(std::move(event).error());
  return back_off(reader.stall(), event.error(), stop);
}

// Idle says nothing but that time has passed, which the loop sees by itself.
Result<> Engine::handle(std::size_t number, Event event) {
  Reader& reader = *readers_[number];
  if (auto* payloads = std::get_if<Payloads>(&event))
    return payloads->empty() ? Result<>{} : take(number, std::move(*payloads));
  if (const auto* units = std::get_if<Assigned>(&event)) assigned(number, *units);
  if (const auto* units = std::get_if<Revoked>(&event)) return revoked(number, *units);
  if (const auto* found = std::get_if<Gap>(&event)) return gap(reader, *found);
  if (std::holds_alternative<End>(event)) reader.ended();
  return {};
}

// A unit that comes back while its payloads wait in the batch starts over, so they must not be stored.
void Engine::assigned(std::size_t reader, const Assigned& event) {
  const auto in_batch = [&](const Unit& unit) { return batch_.has_unit(reader, unit.id); };
  if (std::ranges::any_of(event.units, in_batch)) give_up_batch(false);
  readers_[reader]->assigned(event, delivery_.keeps_positions() && readers_[reader]->resumes(), clock_.now());
}

// Payloads of a unit that somebody else may read by now are not stored; those of the others come again.
Result<> Engine::revoked(std::size_t reader, const Revoked& event) {
  const auto in_batch = [&](UnitId unit) { return batch_.has_unit(reader, unit); };
  if (std::ranges::any_of(event.units, in_batch) && !failpoint("revoked_kept")) give_up_batch(false);
  return readers_[reader]->revoked(event);
}

// The payloads before the gap are good: they are stored before the run ends.
Result<> Engine::gap(Reader& reader, const Gap& event) {
  const OwnedUnit* owned = reader.find(event.unit);
  const Unit unit = owned != nullptr ? owned->unit : Unit{event.unit, "a unit that is not ours", {}};
  failure_ = reader.gap(unit, event.expected, event.found).error();
  return {};
}

// Payloads are counted against the round when they go into the batch, and given back with it.
Result<> Engine::take(std::size_t reader, Payloads payloads) {
  failpoint("payloads_taken");
  readers_[reader]->took(0, clock_.now());
  if (sent_back(reader, payloads)) return {};
  BATCHOUT_CHECK(sift(reader, payloads));
  if (payloads.empty()) return {};
  if (batch_.empty()) batch_.first_payload = clock_.now();
  readers_[reader]->took(payloads.count(), clock_.now());
  batch_.payloads += payloads.count();
  batch_.bytes += payloads.metadata_bytes();
  for (std::size_t i = 0; i < payloads.count(); ++i) batch_.bytes += payloads.entry(i).size;
  batch_.waiting_bytes += payloads.arena().size();
  batch_.parts.push_back({reader, std::move(payloads)});
  lanes_.put(reader, batch_.parts.back().payloads);
  return collect(!expansions_[reader].known());
}

/// Bytes that the next payloads of an input may have, so that the batch stays within its memory with their rows. Before
/// the first rows nothing is known of these, so little is asked for. 0: nothing more, or nothing before those that wait
/// have become rows.
std::size_t Engine::room(std::size_t reader) const {
  constexpr std::size_t kFirst = 32 << 10, kLeast = 16 << 10;
  const Expansion& expansion = expansions_[reader];
  const double used = static_cast<double>(batch_.bytes + batch_.row_bytes) + expansion.rows_of(batch_.waiting_bytes);
  const double left = static_cast<double>(plan_.batch.memory) - used;
  if (left < expansion.total_of(kLeast)) return 0;
  return expansion.known() ? static_cast<std::size_t>(left / expansion.total_of(1)) : kFirst;
}

/// Adds the rows of what the lanes have finished, in order; of everything that was handed in, if `all`.
Result<> Engine::collect(bool all) {
  while (auto mapped = lanes_.take(all || lanes_.full())) BATCHOUT_CHECK(add_rows(std::move(*mapped)));
  return {};
}

/// Payloads that came although the input is paused, or before their unit was ready, have no place: they have to come
/// again. If one of their units is in the batch, the batch goes with them: its payloads would leave a hole behind them.
/// Nothing is counted against the round.
bool Engine::sent_back(std::size_t number, const Payloads& payloads) {
  Reader& reader = *readers_[number];
  std::vector<OwnedUnit*> units;
  bool ready = !reader.paused();
  for (std::size_t i = 0; i < payloads.count(); ++i) {
    OwnedUnit* unit = reader.find(payloads.entry(i).unit);
    if (unit == nullptr) continue;
    if (units.empty() || units.back() != unit) units.push_back(unit);
    ready = ready && unit->settled();
  }
  if (ready || failpoint("stragglers_taken")) return false;
  const auto in_batch = [&](const OwnedUnit* unit) { return batch_.has_unit(number, unit->unit.id); };
  if (std::ranges::any_of(units, in_batch)) give_up_batch(false);
  for (OwnedUnit* unit : units) unit->seek_due = true;
  return true;
}

/// Leaves the payloads that belong into the batch, and notes how far they bring their units. The arena is copied only
/// if a payload has to go.
Result<> Engine::sift(std::size_t reader, Payloads& payloads) {
  std::vector<bool> keep(payloads.count());
  bool all = true;
  for (std::size_t i = 0; i < payloads.count(); ++i) {
    BATCHOUT_TRY(const bool good, wanted(reader, payloads.entry(i)));
    keep[i] = good;
    all = all && good;
  }
  for (const auto& [unit, token] : payloads.tokens()) {
    const auto move = batch_.moves.find({reader, unit});
    if (move != batch_.moves.end() && (all || keep[last_of(payloads, unit)])) move->second.to.token = token;
  }
  if (all) return {};
  Payloads kept;
  for (std::size_t i = 0; i < payloads.count(); ++i)
    if (keep[i]) kept.append(payloads, i);
  payloads = std::move(kept);
  return {};
}

// Says whether the payload is new, and notes in the batch how far its unit has come. What was taken before, which a
// source may deliver once more, is only counted. Gaps between positions are fine, as compaction and transactions leave
// them in a topic; only a step back is a mistake of the input.
Result<bool> Engine::wanted(std::size_t number, const Payloads::Entry& entry) {
  Reader& reader = *readers_[number];
  OwnedUnit* unit = reader.find(entry.unit);
  if (unit == nullptr || entry.next < entry.position)
    return fail_at(reader.place(), Verdict::internal, "BO902",
                   fmt::format("An input gave a payload of a unit that is not assigned, or that leads back; unit {}, "
                               "position {}, next {}",
                               std::to_underlying(entry.unit), entry.position, entry.next));
  if (entry.position < unit->expected && !failpoint("repeats_taken")) {
    ++summary_.payloads_skipped;
    return false;
  }
  const auto [move, added] = batch_.moves.try_emplace({number, entry.unit});
  // What the authority has now, and where the unit stands; `to` moves with each payload.
  if (added) move->second = {unit->unit, unit->epoch, unit->at.number, unit->at};
  move->second.to.number = entry.next;
  unit->expected = entry.next;
  return true;
}

// In the order of `put`, so rows of a unit keep the order of its payloads whatever the lanes do. A value with
// `on_error: stop` ends the run here, with the batch unstored.
Result<> Engine::add_rows(Lanes::Mapped mapped) {
  BATCHOUT_CHECK(mapped.result);
  const std::size_t row_bytes = bytes_of(mapped.tables);
  batch_.row_bytes += row_bytes;
  batch_.waiting_bytes -= mapped.bytes;
  expansions_[mapped.input].note(mapped.bytes, row_bytes);
  if (mapped.stopped) return stop_at(plan_, batch_, {mapped.input, std::move(*mapped.stopped)});
  batch_.rows_refused += mapped.rows_refused;
  for (std::size_t table = 0; table < mapped.tables.size(); ++table) {
    for (Block& block : mapped.tables[table]) {
      if (plan_.drop_empty_rows) batch_.rows_dropped += drop_empty_rows(block, mapped.valueless);
      batch_.rows += block.rows();
    }
    add_blocks(mapped, table);
  }
  for (Reject& reject : mapped.rejects) batch_.rejects.push_back({mapped.input, std::move(reject)});
  for (std::size_t column = 0; column < mapped.failures.size(); ++column) {
    CastFailures& total = batch_.failures[mapped.input][column];
    if (total.count == 0) total.sample = mapped.failures[column].sample;
    total.count += mapped.failures[column].count;
  }
  return {};
}

// Values are never copied: writers get selections over the same ones. A selection drops rows that are empty under its
// own columns, though the input's row had a value elsewhere.
void Engine::add_blocks(const Lanes::Mapped& mapped, std::size_t table) {
  const std::vector<Block>& blocks = mapped.tables[table];
  queries_.add(mapped.input, table, blocks, batch_);
  for (std::size_t writer = 0; writer < plan_.writers.size(); ++writer) {
    const auto& selections = plan_.writers[writer].selections;
    for (std::size_t selection = 0; selection < selections.size(); ++selection) {
      if (selections[selection].input != mapped.input || selections[selection].table != table) continue;
      for (const Block& block : blocks) {
        Block picked = block.projected(selections[selection].shape, selections[selection].columns);
        if (plan_.drop_empty_rows) batch_.rows_dropped += drop_empty_rows(picked, mapped.valueless);
        if (picked.rows() > 0) batch_.tables[writer][selection].push_back(std::move(picked));
      }
    }
  }
}

}  // namespace batchout
