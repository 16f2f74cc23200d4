// Instances stay until the round ends, since a batch that could not be stored is read once more from all of them.

#include "engine/parameters.h"

#include <algorithm>
#include <array>
#include <ranges>

#include <fmt/format.h>

namespace batchout {

Result<> ParameterInput::prepare() {
  BATCHOUT_TRY(plain_, planned_.make(context_));
  return {};
}

Result<> ParameterInput::start_round() {
  if (plain_->traits().endless) return plain_->start_round();
  instances_.clear();
  sources_.clear();
  current_ = 0;
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
      instances_.push_back(std::move(*instance));
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

Result<Event> ParameterInput::pull(const Budget& budget, Time deadline, std::stop_token stop) {
  if (plain_->traits().endless) return plain_->pull(budget, deadline, std::move(stop));
  if (current_ == instances_.size()) {
    BATCHOUT_CHECK(next_instance());
    if (current_ == instances_.size()) return End{};
  }
  BATCHOUT_TRY(Event event, instances_[current_]->pull(budget, deadline, std::move(stop)));
  if (!std::holds_alternative<End>(event)) return renumbered(std::move(event));
  ++current_;
  return Idle{};
}

Event ParameterInput::renumbered(Event event) {
  if (const auto* units = std::get_if<Assigned>(&event)) return renumbered(*units);
  if (const auto* payloads = std::get_if<Payloads>(&event)) return renumbered(*payloads);
  return event;
}

Assigned ParameterInput::renumbered(const Assigned& event) {
  Assigned all;
  for (const Unit& unit : event.units) {
    const UnitId number{units_++};
    sources_[number] = {current_, unit.id};
    all.units.push_back({number, unit.source, unit.name});
  }
  return all;
}

/// Headers are left behind: only endless inputs have them.
Payloads ParameterInput::renumbered(const Payloads& payloads) const {
  constexpr std::array kFields{MetaField::topic, MetaField::partition, MetaField::offset, MetaField::timestamp,
                               MetaField::key,   MetaField::file,      MetaField::status};
  Payloads copy;
  for (std::size_t i = 0; i < payloads.count(); ++i) {
    const Payloads::Entry& entry = payloads.entry(i);
    copy.append(payloads.bytes(i), number_of(entry.unit), entry.position, entry.next, entry.state, payloads.fault(i));
    for (const MetaField field : kFields)
      if (const MetaValue value = payloads.metadata(i, field); !std::holds_alternative<std::monostate>(value))
        copy.note(field, value);
  }
  return copy;
}

/// The latest number counts: an instance that announces a unit again starts it over.
UnitId ParameterInput::number_of(UnitId unit) const {
  for (const auto& [number, source] : std::views::reverse(sources_))
    if (source.instance == current_ && source.unit == unit) return number;
  return UnitId{units_};
}

std::vector<Position> ParameterInput::positions_of(std::size_t instance, std::span<const Position> positions) const {
  std::vector<Position> own;
  for (const Position& position : positions)
    if (const auto source = sources_.find(position.unit);
        source != sources_.end() && source->second.instance == instance)
      own.push_back({source->second.unit, position.number, position.token});
  return own;
}

Result<std::vector<Position>> ParameterInput::assign(std::span<const Position> positions) {
  if (plain_->traits().endless) return plain_->assign(positions);
  BATCHOUT_TRY(std::vector<Position> starts, instances_[current_]->assign(positions_of(current_, positions)));
  for (std::size_t i = 0; i < starts.size(); ++i) starts[i].unit = positions[i].unit;
  return starts;
}

void ParameterInput::release(std::span<const UnitId> units) {
  if (plain_->traits().endless) return plain_->release(units);
  for (const UnitId unit : units) {
    const auto source = sources_.find(unit);
    if (source == sources_.end()) continue;
    instances_[source->second.instance]->release(std::array{source->second.unit});
    sources_.erase(source);
  }
}

/// What follows the first instance that goes back is read once more as far as it goes back itself; others have ended.
Result<> ParameterInput::seek(std::span<const Position> positions) {
  if (plain_->traits().endless) return plain_->seek(positions);
  for (std::size_t instance = instances_.size(); instance-- > 0;) {
    const std::vector<Position> own = positions_of(instance, positions);
    if (own.empty()) continue;
    BATCHOUT_CHECK(instances_[instance]->seek(own));
    current_ = std::min(current_, instance);
  }
  return {};
}

void ParameterInput::pause(bool on) {
  paused_ = on;
  if (plain_->traits().endless) return plain_->pause(on);
  for (const auto& instance : instances_) instance->pause(on);
}

Result<> ParameterInput::acknowledge(std::span<const Position> positions) {
  if (plain_->traits().endless) return plain_->acknowledge(positions);
  for (std::size_t instance = 0; instance < instances_.size(); ++instance) {
    const std::vector<Position> own = positions_of(instance, positions);
    if (!own.empty()) BATCHOUT_CHECK(instances_[instance]->acknowledge(own));
  }
  return {};
}

}  // namespace batchout
