// One input in the engine: the component, and what we know about each of its units.

#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "batchout/component.h"
#include "batchout/log.h"
#include "batchout/result.h"
#include "engine/backoff.h"
#include "engine/delivery.h"
#include "engine/parameters.h"
#include "plan/plan.h"

namespace batchout {

/// A unit that is ours, and what is still to be done before it can be read. Steps are done in the order of the flags.
struct OwnedUnit {
  Unit unit;
  /// Fencing token of our claim; 0 before the first one and without an authority.
  std::int64_t epoch = 0;
  /// Where a rewind goes: what is stored, or where the unit starts.
  Position at;
  /// Number that the authority has, as far as a claim has told.
  std::int64_t stored = Position::kUnset;
  /// Payloads below this number have been taken before.
  std::int64_t expected = Position::kUnset;
  /// The epoch is not known to be ours.
  bool claim_due = false;
  /// The input waits for our answer.
  bool assign_due = true;
  /// The input reads from elsewhere than `at`.
  bool seek_due = false;
  /// `at` is not yet stored.
  bool start_due = true;

  bool settled() const { return !claim_due && !assign_due && !seek_due && !start_due; }
};

/// Called from the engine's thread only. Calls into the component are guarded, so errors carry the place
/// "inputs.<name>".
class Reader {
 public:
  /// `input` and `plan` must outlive the reader. `from_start`: units of a finite input begin once at their start,
  /// wherever they stand.
  Reader(const PlannedInput& input, const Plan& plan, bool from_start)
      : input_(input), place_("inputs." + input.name), plan_(plan), from_start_(from_start) {}

  /// Builds the component. To be called once, before everything else.
  Result<> prepare(const Context& context);

  /// To be called at the beginning of each round, before everything else of it. `rows` are the parameters of an input
  /// that takes them from the round before.
  Result<> start_round(std::vector<ParameterRow> rows, Clock::Time now);

  /// True if the input takes its parameters from the round at hand.
  bool takes_parameters() const;
  /// True from the beginning of the round on until `start_with` is called, and again after `parameters_lost`.
  bool parameters_due() const { return parameters_due_; }
  /// Gives the input that takes them its parameters. It is read from the start, whatever has been read.
  Result<> start_with(std::vector<ParameterRow> rows, Clock::Time now);
  /// The rows that parameters are made of will be read again, so what has been read with them is not the round's.
  void parameters_lost();
  /// It has turned out that those rows are stored.
  void parameters_kept() { parameters_due_ = false; }
  /// Rows of parameters refused since the last call.
  std::uint64_t take_refused_parameters();

  /// To be called before each pull that may give payloads; the first one begins the reader's turn in this round.
  void begin_turn(Clock::Time now);
  /// Time in which the engine did something else than listen to the input, until `now`, is not quiet.
  void postpone_quiet(Clock::Time::duration busy, Clock::Time now) { active_ = std::min(active_ + busy, now); }

  /// True once this round has nothing more to expect.
  bool done(Clock::Time now) const;
  /// When a round without payloads ends; none: never, or not while the input knows that there is more.
  std::optional<Clock::Time> quiet_until() const;
  /// Payloads that may still be taken in this round.
  std::size_t payloads_left() const;

  /// As Input::pull; the caller hands the event back to the functions below.
  Result<Event> pull(const Budget& budget, Clock::Time deadline, const std::stop_token& stop);
  /// Takes the outcome of such a pull into account. Payloads without a single one say that nothing came although the
  /// input knows that it has not been read to its end: that is not quiet, and does not end a row of failures either.
  void heard(const Result<Event>& event, Clock::Time now);
  /// True from a pull that failed until it is known that the input works again.
  bool stalled() const { return stall_.has_value(); }
  /// Tells the input, if that is news.
  Result<> pause(bool on);
  /// As Input::acknowledge: only units that are ours.
  Result<> acknowledge(std::span<const Position> positions);

  /// `claim`: an authority has to be asked first. A unit that was known starts over.
  void assigned(const Assigned& event, bool claim, Clock::Time now);
  /// Nothing is known of the units afterwards, and the input has its confirmation.
  Result<> revoked(const Revoked& event);
  void ended() { ended_ = true; }

  /// Does what is due for the units: claims them, answers the input, seeks, stores where they start. A claim that fails
  /// for reasons of the environment does not keep the input waiting for its answer.
  Result<> settle(Delivery& delivery);
  /// The same without talking to a store, for units whose input waits.
  Result<> answer();
  /// True if every unit may be read.
  bool settled() const;
  /// True if the input waits for no answer.
  bool answered() const;

  /// Null if the unit is not ours. Valid until units come or go.
  OwnedUnit* find(UnitId unit);

  /// The error of a unit whose next payload is gone.
  Result<> gap(const Unit& unit, std::int64_t expected, std::int64_t found) const;

  /// Counts payloads taken into a batch.
  void took(std::size_t payloads, Clock::Time now);
  /// The payloads go back: they will be read again.
  void gave_back(std::size_t payloads, Clock::Time now);

  bool endless() const { return traits_.endless; }
  bool resumes() const { return traits_.resumes; }
  /// A group decides who reads its units.
  bool shares_units() const;
  /// True if the input goes on where another run ended, and reads units of this source.
  bool reads_source(std::string_view source) const;
  /// Payloads without a value make rows.
  bool takes_valueless() const;
  bool paused() const { return paused_; }
  const std::string& place() const { return place_; }
  const Log& log() const { return log_; }
  /// Of pulls that fail one after the other, if the last one did.
  Backoff& stall() { return *stall_; }

 private:
  /// How long a round waits for units at all: after a crash, a group first waits out the session of the dead member,
  /// which is 45 s by default.
  static constexpr std::chrono::seconds kAssignmentMax{60};

  using Flag = bool OwnedUnit::*;
  std::vector<OwnedUnit*> due(Flag flag, Flag unless = nullptr);
  Result<> begin_round(Clock::Time now);
  Result<> claim(Delivery& delivery);
  Result<> seek();
  Result<> store_starts(Delivery& delivery);
  Result<> start_found(OwnedUnit& unit, const Position& start) const;
  bool begins_anew(const Unit& unit) const;

  const PlannedInput& input_;
  std::string place_;
  /// A finite input has to give all that it has in each of them: its units begin at their start once a round.
  bool whole_rounds_ = false;
  const Plan& plan_;
  bool from_start_ = false;
  /// Source and name of the units that have begun so, in this round or run.
  std::set<std::pair<std::string, std::string>> begun_;
  Log log_;
  Dialect dialect_ = Dialect::v1;
  std::unique_ptr<Input> component_;
  /// The same, if it has parameters.
  ParameterInput* parameterised_ = nullptr;
  InputTraits traits_;
  std::map<UnitId, OwnedUnit> units_;
  /// While pulling fails.
  std::optional<Backoff> stall_;
  bool parameters_due_ = false;
  bool paused_ = false;
  bool turn_begun_ = false;
  /// The last pull gave nothing, and there is more.
  bool waiting_ = false;
  bool ended_ = false;
  /// An assignment has come, be it of no units.
  bool had_units_ = false;
  /// Start of the turn, last assignment or last payload.
  Clock::Time active_{};
  /// Payloads in this round.
  std::size_t taken_ = 0;
};

}  // namespace batchout
