// Instances stay until the round ends, since a batch that could not be stored is read once more from all of them.

#include "engine/parameters.h"

#include <algorithm>
#include <array>
#include <ranges>
#include <set>

#include <fmt/format.h>

namespace batchout {
namespace {

/// What an instance may hold until its turn comes, unless one payload is larger.
constexpr std::size_t kBytesAhead = 4 << 20;

}  // namespace

Result<> ParameterInput::prepare() {
  BATCHOUT_TRY(plain_, planned_.make(context_));
  return {};
}

void ParameterInput::set_rows(std::vector<ParameterRow> rows) {
  if (planned_.parameters->same_round) {
    std::set<ParameterRow> known;
    std::erase_if(rows, [&](const ParameterRow& row) { return !known.insert(row).second; });
  }
  rows_ = std::move(rows);
}

Result<> ParameterInput::start_round() {
  if (plain_->traits().endless) return plain_->start_round();
  pulls_.clear();
  sources_.clear();
  failure_.reset();
  current_ = 0;
  announced_ = 0;
  next_row_ = 0;
  refused_in_round_ = 0;
  return {};
}

/// Begins with the next row that suits, if there is one. A row that failed for reasons that may pass stays the next.
Result<> ParameterInput::next_instance() {
  const ParameterRow none;
  const bool configured = rows_.empty() && !planned_.parameters->same_round;
  const std::size_t count = configured ? 1 : rows_.size();
  while (next_row_ < count) {
    auto instance = instance_of(configured ? none : rows_[next_row_]);
    if (!instance && instance.error().verdict != Verdict::row) return std::unexpected(std::move(instance).error());
    ++next_row_;
    if (!instance) {
      refuse(instance.error(), configured);
    } else if (*instance != nullptr) {
      pulls_.add(std::move(*instance));
      return {};
    }
  }
  tell_refused();
  return {};
}

/// Null if a parameter that the input has is null.
Result<std::unique_ptr<Input>> ParameterInput::instance_of(const ParameterRow& row) {
  BATCHOUT_TRY(const auto make, planned_.parameters->make(row));
  if (!make) return nullptr;
  BATCHOUT_TRY(std::unique_ptr<Input> instance, (*make)(context_));
  BATCHOUT_CHECK(instance->start_round());
  instance->pause(paused_);
  return instance;
}

/// `configured`: there are no rows, and what the configuration gives is not enough to read anything.
void ParameterInput::refuse(const Error& error, bool configured) {
  if (configured) return context_.log.warning(error.message);
  ++refused_;
  if (++refused_in_round_ == 1)
    context_.log.warning(fmt::format("Refused [BO446]: {}; row {} of selector \"{}\"", error.message, next_row_,
                                     planned_.parameters->query.selector));
}

/// How many there were besides the first one, which has been logged; once a round.
void ParameterInput::tell_refused() {
  if (refused_in_round_ > 1)
    context_.log.warning(fmt::format("Refused [BO446]: {} more row{} of selector \"{}\"", refused_in_round_ - 1,
                                     refused_in_round_ == 2 ? "" : "s", planned_.parameters->query.selector));
  refused_in_round_ = std::min<std::uint64_t>(refused_in_round_, 1);
}

/// Begins instances until there are as many as may be pulled at a time, or no more rows.
Result<> ParameterInput::fill_window() {
  while (!failure_ && pulls_.count() < current_ + pulls_.threads()) {
    const std::size_t before = pulls_.count();
    const Result<> begun = next_instance();
    if (!begun) failure_ = begun.error();
    if (pulls_.count() == before) break;
  }
  if (!failure_ || current_ < pulls_.count()) return {};
  return std::unexpected(*std::exchange(failure_, std::nullopt));
}

Result<Event> ParameterInput::pull(const Budget& budget, Time deadline, std::stop_token stop) {
  if (plain_->traits().endless) return plain_->pull(budget, deadline, std::move(stop));
  const bool alone = pulls_.threads() == 1;
  const Budget each{budget.payloads, alone ? budget.bytes : std::min(budget.bytes, kBytesAhead)};
  for (bool waited = false;; waited = true) {
    BATCHOUT_CHECK(fill_window());
    if (current_ == pulls_.count()) return End{};
    const std::size_t end = std::min(pulls_.count(), current_ + pulls_.threads());
    for (std::size_t number = current_; number < end; ++number) pulls_.begin(number, each, deadline, stop);
    const std::size_t before = current_;
    if (auto event = next_event()) return std::move(*event);
    if (current_ != before || waited) return Idle{};
    pulls_.wait(current_, announced_ < end ? announced_ : current_, deadline, stop);
  }
}

/// What is the next to be told, if it is there. Passes to the next instance at the end of one, and says nothing then.
std::optional<Result<Event>> ParameterInput::next_event() {
  for (; announced_ < pulls_.count() && pulls_.ready(announced_); ++announced_) {
    if (!pulls_.announces(announced_)) continue;
    BATCHOUT_TRY(Event event, pulls_.take(announced_));
    return renumbered(announced_++, std::move(event));
  }
  if (!pulls_.ready(current_)) return std::nullopt;
  Result<Event> event = pulls_.take(current_);
  if (!event) return event;
  if (!std::holds_alternative<End>(*event)) return renumbered(current_, std::move(*event));
  ++current_;
  return std::nullopt;
}

Event ParameterInput::renumbered(std::size_t instance, Event event) {
  if (const auto* units = std::get_if<Assigned>(&event)) return renumbered(instance, *units);
  if (const auto* payloads = std::get_if<Payloads>(&event)) return renumbered(instance, *payloads);
  return event;
}

Assigned ParameterInput::renumbered(std::size_t instance, const Assigned& event) {
  Assigned all;
  for (const Unit& unit : event.units) {
    const UnitId number{units_++};
    sources_[number] = {instance, unit.id};
    all.units.push_back({number, unit.source, unit.name});
  }
  return all;
}

/// Headers are left behind: only endless inputs have them.
Payloads ParameterInput::renumbered(std::size_t instance, const Payloads& payloads) const {
  constexpr std::array kFields{MetaField::topic, MetaField::partition, MetaField::offset, MetaField::timestamp,
                               MetaField::key,   MetaField::file,      MetaField::status};
  Payloads copy;
  for (std::size_t i = 0; i < payloads.count(); ++i) {
    const Payloads::Entry& entry = payloads.entry(i);
    copy.append(payloads.bytes(i), number_of(instance, entry.unit), entry.position, entry.next, entry.state,
                payloads.fault(i));
    for (const MetaField field : kFields)
      if (const MetaValue value = payloads.metadata(i, field); !std::holds_alternative<std::monostate>(value))
        copy.note(field, value);
  }
  return copy;
}

/// The latest number counts: an instance that announces a unit again starts it over.
UnitId ParameterInput::number_of(std::size_t instance, UnitId unit) const {
  for (const auto& [number, source] : std::views::reverse(sources_))
    if (source.instance == instance && source.unit == unit) return number;
  return UnitId{units_};
}

std::map<std::size_t, ParameterInput::Own> ParameterInput::by_instance(std::span<const Position> positions) const {
  std::map<std::size_t, Own> all;
  for (std::size_t place = 0; place < positions.size(); ++place) {
    const auto source = sources_.find(positions[place].unit);
    if (source == sources_.end()) continue;
    Own& own = all[source->second.instance];
    own.positions.push_back({source->second.unit, positions[place].number, positions[place].token});
    own.places.push_back(place);
  }
  return all;
}

Result<std::vector<Position>> ParameterInput::assign(std::span<const Position> positions) {
  if (plain_->traits().endless) return plain_->assign(positions);
  std::vector<Position> starts(positions.begin(), positions.end());
  for (const auto& [instance, own] : by_instance(positions)) {
    BATCHOUT_TRY(const std::vector<Position> found, pulls_.at(instance).assign(own.positions));
    if (found.size() != own.places.size()) return found;  // The reader reports it.
    for (std::size_t i = 0; i < found.size(); ++i) {
      starts[own.places[i]].number = found[i].number;
      starts[own.places[i]].token = found[i].token;
    }
  }
  return starts;
}

void ParameterInput::release(std::span<const UnitId> units) {
  if (plain_->traits().endless) return plain_->release(units);
  for (const UnitId unit : units) {
    const auto source = sources_.find(unit);
    if (source == sources_.end()) continue;
    pulls_.at(source->second.instance).release(std::array{source->second.unit});
    sources_.erase(source);
  }
}

/// What follows the first instance that goes back is read once more as far as it goes back itself; others have ended.
/// An event that is still to be told is older than the new position.
Result<> ParameterInput::seek(std::span<const Position> positions) {
  if (plain_->traits().endless) return plain_->seek(positions);
  for (const auto& [instance, own] : by_instance(positions)) {
    BATCHOUT_CHECK(pulls_.at(instance).seek(own.positions));
    pulls_.forget(instance);
    current_ = std::min(current_, instance);
  }
  return {};
}

void ParameterInput::pause(bool on) {
  paused_ = on;
  if (plain_->traits().endless) return plain_->pause(on);
  for (std::size_t instance = current_; instance < pulls_.count(); ++instance) pulls_.at(instance).pause(on);
}

Result<> ParameterInput::acknowledge(std::span<const Position> positions) {
  if (plain_->traits().endless) return plain_->acknowledge(positions);
  for (const auto& [instance, own] : by_instance(positions))
    BATCHOUT_CHECK(pulls_.at(instance).acknowledge(own.positions));
  return {};
}

}  // namespace batchout
