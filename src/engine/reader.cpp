// Talks to an input, and keeps the books about its units.

#include "engine/reader.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/failpoint.h"
#include "data/position_book.h"
#include "engine/guard.h"
#include "registry/group_member.h"
#include "registry/kept_positions.h"
#include "registry/payload_limit.h"
#include "registry/valueless_rows.h"

namespace batchout {

Result<> Reader::prepare(const Context& context) {
  log_ = context.log;
  dialect_ = context.dialect;
  if (input_.parameters) {
    auto parameterised = std::make_unique<ParameterInput>(input_, context);
    BATCHOUT_CHECK(guarded(place_, [&] { return parameterised->prepare(); }));
    parameterised_ = parameterised.get();
    component_ = std::move(parameterised);
  } else {
    BATCHOUT_TRY(component_, guarded(place_, [&] { return input_.make(context); }));
  }
  if (auto* const limited = dynamic_cast<PayloadLimit*>(component_.get())) limited->limit_payloads(plan_.payload_max);
  BATCHOUT_TRY(traits_, guarded(place_, [&] { return component_->traits(); }));
  whole_rounds_ = reads_whole_rounds(plan_, *component_);
  return {};
}

bool Reader::reads_source(std::string_view source) const {
  const auto* const units = dynamic_cast<const NamedUnits*>(component_.get());
  return traits_.resumes && units != nullptr && units->reads_source(source);
}

bool Reader::shares_units() const {
  const auto* const member = dynamic_cast<const GroupMember*>(component_.get());
  return member != nullptr && member->shares_units();
}

bool Reader::takes_valueless() const {
  const auto* const rows = dynamic_cast<const ValuelessRows*>(component_.get());
  return rows != nullptr && rows->rows_without_value();
}

Result<> Reader::start_round(std::vector<ParameterRow> rows, Clock::Time now) {
  if (parameterised_ != nullptr) parameterised_->set_rows(std::move(rows));
  parameters_due_ = takes_parameters();
  return begin_round(now);
}

bool Reader::takes_parameters() const {
  return parameterised_ != nullptr && input_.parameters->same_round && !endless();
}

Result<> Reader::start_with(std::vector<ParameterRow> rows, Clock::Time now) {
  parameterised_->set_rows(std::move(rows));
  parameters_due_ = false;
  return begin_round(now);
}

// Units stay until then: it may turn out that what was read is stored.
void Reader::parameters_lost() {
  if (!takes_parameters()) return;
  parameters_due_ = true;
  ended_ = false;
}

std::uint64_t Reader::take_refused_parameters() {
  return parameterised_ == nullptr ? 0 : parameterised_->take_refused();
}

// Units of a finite input are announced anew each round; an endless one keeps them. `active_` begins anew: the pause
// between rounds is no quiet of the topic.
Result<> Reader::begin_round(Clock::Time now) {
  ended_ = false;
  turn_begun_ = false;
  taken_ = 0;
  active_ = now;
  if (!traits_.endless) units_.clear();
  if (whole_rounds_) begun_.clear();
  Result<> begun = guarded(place_, [&] { return component_->start_round(); });
  if (begun || begun.error().verdict != Verdict::row) return begun;
  // Settings that lack a value, with no selector that could give it.
  begun.error().verdict = Verdict::configuration;
  if (dialect_ == Dialect::v1) return begun;
  log_.warning(begun.error().message);
  ended_ = true;
  return {};
}

// Inputs have their turns one after the other; the time before its turn must not count as quiet of an input.
void Reader::begin_turn(Clock::Time now) {
  if (turn_begun_) return;
  turn_begun_ = true;
  active_ = std::max(active_, now);
}

// Finite inputs say themselves when they are done; endless ones are done by count or by quiet.
bool Reader::done(Clock::Time now) const {
  if (!traits_.endless) return ended_;
  // A round that may take nothing still finds out where its units begin.
  if (payloads_left() == 0 && (had_units_ || taken_ > 0)) return true;
  const auto quiet = quiet_until();
  return turn_begun_ && quiet && now >= *quiet;
}

// Before the first assignment nothing can come, which takes a patience of its own.
std::optional<Clock::Time> Reader::quiet_until() const {
  if (!traits_.endless || !traits_.round_quiet || waiting_) return std::nullopt;
  if (!had_units_) return active_ + std::max<std::chrono::milliseconds>(*traits_.round_quiet, kAssignmentMax);
  return active_ + *traits_.round_quiet;
}

std::size_t Reader::payloads_left() const {
  if (!traits_.round_payloads) return std::numeric_limits<std::size_t>::max();
  return *traits_.round_payloads - std::min(*traits_.round_payloads, taken_);
}

Result<Event> Reader::pull(const Budget& budget, Clock::Time deadline, const std::stop_token& stop) {
  return guarded(place_, [&] { return component_->pull(budget, deadline, stop); });
}

// After an outage quiet begins anew: in it nothing could be heard.
void Reader::heard(const Result<Event>& event, Clock::Time now) {
  const auto* const payloads = event ? std::get_if<Payloads>(&*event) : nullptr;
  waiting_ = payloads != nullptr && payloads->empty();
  if (waiting_) return;
  if (!event && !stall_) stall_.emplace(now);
  if (!event) return;
  if (stall_) active_ = now;
  stall_.reset();
}

Result<> Reader::pause(bool on) {
  if (on == paused_) return {};
  paused_ = on;
  return guarded(place_, [&] { component_->pause(on); });
}

Result<> Reader::acknowledge(std::span<const Position> positions) {
  return guarded(place_, [&] { return component_->acknowledge(positions); });
}

// A unit that comes again starts over: nothing that was known of it holds.
void Reader::assigned(const Assigned& event, bool claim, Clock::Time now) {
  had_units_ = true;
  active_ = now;
  for (const Unit& unit : event.units) {
    OwnedUnit& owned = units_[unit.id];
    owned = OwnedUnit{};
    owned.unit = unit;
    owned.at.unit = unit.id;
    owned.claim_due = claim;
  }
}

// Forgotten first: a failing release must not leave a unit that looks like ours.
Result<> Reader::revoked(const Revoked& event) {
  for (const UnitId unit : event.units) units_.erase(unit);
  return guarded(place_, [&] { component_->release(event.units); });
}

// Claims first, because an input must not read what somebody else may still store; the answer even if they fail,
// because a group waits for it.
Result<> Reader::settle(Delivery& delivery) {
  const Result<> claimed = claim(delivery);
  if (!claimed && claimed.error().verdict != Verdict::environment) return claimed;
  BATCHOUT_CHECK(answer());
  BATCHOUT_CHECK(claimed);
  failpoint("units_assigned");
  BATCHOUT_CHECK(seek());
  BATCHOUT_CHECK(store_starts(delivery));
  failpoint("starts_stored");
  return {};
}

bool Reader::settled() const {
  return std::ranges::all_of(units_, [](const auto& entry) { return entry.second.settled(); });
}

bool Reader::answered() const {
  return std::ranges::none_of(units_, [](const auto& entry) { return entry.second.assign_due; });
}

OwnedUnit* Reader::find(UnitId unit) {
  const auto found = units_.find(unit);
  return found == units_.end() ? nullptr : &found->second;
}

// 0 payloads still count as a sign of life.
void Reader::took(std::size_t payloads, Clock::Time now) {
  taken_ += payloads;
  active_ = now;
}

// A finite input has more to read now, whatever it said about its end.
void Reader::gave_back(std::size_t payloads, Clock::Time now) {
  taken_ -= std::min(taken_, payloads);
  active_ = now;
  ended_ = false;
}

// Units for which `flag` is to be done and `unless` is not; pointers hold until units come or go.
std::vector<OwnedUnit*> Reader::due(Flag flag, Flag unless) {
  std::vector<OwnedUnit*> found;
  for (auto& [id, unit] : units_)
    if (unit.*flag && !(unless != nullptr && unit.*unless)) found.push_back(&unit);
  return found;
}

// A stored position wins over whatever the input would start with.
Result<> Reader::claim(Delivery& delivery) {
  const auto units = due(&OwnedUnit::claim_due);
  if (units.empty()) return {};
  std::vector<Unit> asked;
  for (const OwnedUnit* unit : units) asked.push_back(unit->unit);
  BATCHOUT_TRY(const std::vector<Claim> claims, delivery.claim(asked, place_));
  if (!delivery.keeps_positions()) {
    for (OwnedUnit* unit : units) unit->claim_due = false;
    return {};
  }
  if (auto* const others = dynamic_cast<KeptPositions*>(component_.get())) others->positions_are_kept();
  for (std::size_t i = 0; i < units.size(); ++i) {
    OwnedUnit& unit = *units[i];
    const Claim& claim = claims[i];
    // Rows and positions have gone back together, so another run goes on rightly. This one knows of batches that are
    // gone.
    if (claim.epoch <= unit.epoch)
      return fail_at(place_, Verdict::fenced, "BO506",
                     fmt::format("The positions of the store have gone back, as after a backup that was restored or a "
                                 "file that was replaced; start again to read on from there; unit \"{}\" of {}, "
                                 "claimed {} times before and {} times now",
                                 unit.unit.name, unit.unit.source, unit.epoch, claim.epoch));
    // What has been stored can only have been taken away on purpose: to put it back would undo that.
    if (unit.epoch > 0 && !unit.start_due && !claim.position)
      return fail_at(place_, Verdict::fenced, "BO503",
                     fmt::format("The position of a unit was reset while this process was reading it; the next run "
                                 "begins as a first one does; {}, unit \"{}\"",
                                 unit.unit.source, unit.unit.name));
    unit.epoch = claim.epoch;
    unit.stored = claim.position ? claim.position->number : Position::kUnset;
    const bool goes_on = claim.position && !begins_anew(unit.unit);
    unit.start_due = !goes_on;
    // Who waits for an answer gets the position with it; who reads already has to go back to it.
    unit.seek_due = !unit.assign_due;
    unit.claim_due = false;
    if (!goes_on) continue;
    unit.at = *claim.position;
    unit.at.unit = unit.unit.id;
  }
  return {};
}

// All units in one call: inputs may have to answer their group for all of them at once. Where nothing is stored the
// input resolves the position (Position::kUnset) and says what it chose.
Result<> Reader::answer() {
  const auto units = due(&OwnedUnit::assign_due);
  if (units.empty()) return {};
  std::vector<Position> positions;
  for (const OwnedUnit* unit : units) positions.push_back(unit->at);
  BATCHOUT_TRY(const std::vector<Position> starts, guarded(place_, [&] { return component_->assign(positions); }));
  if (starts.size() != units.size())
    return fail_at(place_, Verdict::internal, "BO902",
                   fmt::format("An input must say for every unit where it starts; asked for {}, answered {}",
                               units.size(), starts.size()));
  for (std::size_t i = 0; i < units.size(); ++i) {
    BATCHOUT_CHECK(start_found(*units[i], starts[i]));
    units[i]->assign_due = false;
  }
  return {};
}

// Until its start is stored, whatever a claim tells.
bool Reader::begins_anew(const Unit& unit) const {
  return (from_start_ || whole_rounds_) && !traits_.endless && !begun_.contains({unit.source, unit.name});
}

// An input may start below what is stored, if its payloads are not the same ones from run to run (standard input, or a
// file that has been replaced); above it, payloads would be missing, unless the token of a finite one tells of others
// (a file that was read under another name).
Result<> Reader::start_found(OwnedUnit& unit, const Position& start) const {
  const bool known = unit.at.number != Position::kUnset;
  const bool others = !traits_.endless && start.token != unit.at.token;
  if (known && start.number > unit.at.number && !others) return gap(unit.unit, unit.at.number, start.number);
  if (start.number != unit.at.number || start.token != unit.at.token) unit.start_due = true;
  unit.at.number = start.number;
  unit.at.token = start.token;
  unit.expected = start.number;
  return {};
}

Result<> Reader::gap(const Unit& unit, std::int64_t expected, std::int64_t found) const {
  return fail_at(
      place_, Verdict::configuration, "BO502",
      fmt::format("The source no longer has what comes next, so payloads would be missing; unit \"{}\" of {}, "
                  "expected {}, found {}",
                  unit.name, unit.source, expected, found));
}

// Not for units whose claim is open: where they go back to is not known yet.
Result<> Reader::seek() {
  const auto units = due(&OwnedUnit::seek_due, &OwnedUnit::claim_due);
  if (units.empty()) return {};
  std::vector<Position> positions;
  for (const OwnedUnit* unit : units) positions.push_back(unit->at);
  BATCHOUT_CHECK(guarded(place_, [&] { return component_->seek(positions); }));
  for (OwnedUnit* unit : units) {
    unit->expected = unit->at.number;
    unit->seek_due = false;
  }
  return {};
}

// Where reading begins is stored before the first payload: without it a crash before the first batch would begin
// elsewhere, for example at the new end of a topic.
Result<> Reader::store_starts(Delivery& delivery) {
  const auto units = due(&OwnedUnit::start_due, &OwnedUnit::claim_due);
  if (units.empty()) return {};
  if (delivery.keeps_positions() && resumes()) {
    std::vector<Move> moves;
    for (const OwnedUnit* unit : units) moves.push_back({unit->unit, unit->epoch, unit->stored, unit->at});
    Result<> stored = failpoint("starts_not_stored") ? Result<>{} : delivery.store_positions(moves);
    if (!stored) {
      // Nobody knows whether the store has them; the next claim tells.
      for (OwnedUnit* unit : units) unit->claim_due = true;
      return stored;
    }
  } else {
    std::vector<Position> positions;
    for (const OwnedUnit* unit : units) positions.push_back(unit->at);
    BATCHOUT_CHECK(acknowledge(positions));
  }
  for (OwnedUnit* unit : units) {
    unit->start_due = false;
    if (from_start_ || whole_rounds_) begun_.emplace(unit->unit.source, unit->unit.name);
  }
  return {};
}

}  // namespace batchout
