// Instances stay until the round ends, since a batch that could not be stored is read once more from all of them.

#include "engine/parameters.h"

#include <algorithm>
#include <array>
#include <ranges>

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
  return {};
}

/// Begins with the next row that suits, if there is one.
Result<> ParameterInput::next_instance() {
  const ParameterRow none;
  const std::size_t count = std::max<std::size_t>(rows_.size(), 1);
  while (next_row_ < count) {
    const ParameterRow& row = rows_.empty() ? none : rows_[next_row_];
    ++next_row_;
    BATCHOUT_TRY(const auto make, planned_.parameters->make(row));
    if (!make) continue;
    BATCHOUT_TRY(std::unique_ptr<Input> instance, (*make)(context_));
    BATCHOUT_CHECK(instance->start_round());
    instance->pause(paused_);
    instances_.push_back(std::move(instance));
    return {};
  }
  return {};
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
