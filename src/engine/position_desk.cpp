// Looks at the same store as a run would: the rules are those of delivery.cpp.

#include "engine/position_desk.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/guard.h"
#include "engine/letters.h"

namespace batchout {
namespace {

constexpr std::size_t kShown = 10;

std::unexpected<Error> nothing_kept(std::string_view why) {
  return fail(Verdict::configuration, "BO580", fmt::format("Nothing keeps positions of this pipeline: {}", why));
}

const KeptPosition* find_kept(std::span<const KeptPosition> kept, std::string_view source, std::string_view unit) {
  const auto found = std::ranges::find_if(
      kept, [&](const KeptPosition& position) { return position.source == source && position.unit == unit; });
  return found == kept.end() ? nullptr : &*found;
}

std::string full_name(std::string_view source, std::string_view unit) {
  return fmt::format("{}/{}", source, unit);
}

std::string names_of(std::span<const KeptPosition> kept) {
  std::vector<std::string> names;
  for (const KeptPosition& position : kept.first(std::min(kept.size(), kShown)))
    names.push_back(full_name(position.source, position.unit));
  const std::string more = kept.size() > kShown ? fmt::format(" and {} more", kept.size() - kShown) : "";
  return kept.empty() ? "none is kept yet" : fmt::format("kept are {}{}", fmt::join(names, ", "), more);
}

}  // namespace

Result<PositionDesk> PositionDesk::open(Plan plan, const LogSink& log) {
  PositionDesk desk(std::move(plan));
  BATCHOUT_CHECK(desk.build(log));
  return desk;
}

Result<> PositionDesk::build(const LogSink& log) {
  if (plan_->dialect != Dialect::v1)
    return nothing_kept(
        "in the old dialects Kafka's committed offsets are the positions, which kafka-consumer-groups shows and "
        "resets; "
        "`batchout convert` makes a configuration that keeps its own");
  if (plan_->delivery == DeliveryLevel::at_least_once)
    return nothing_kept(
        "delivery: at_least_once leaves them to Kafka's committed offsets, which kafka-consumer-groups shows and "
        "resets");
  BATCHOUT_CHECK(build_inputs(log));
  return build_store(log);
}

Result<> PositionDesk::build_inputs(const LogSink& log) {
  bool resumes = false;
  for (const PlannedInput& planned : plan_->inputs) {
    const std::string place = "inputs." + planned.name;
    const Context context{planned.name, plan_->name, plan_->dialect, plan_->folder, Log(log, place)};
    Named& named = inputs_.emplace_back();
    named.name = planned.name;
    BATCHOUT_TRY(named.input, guarded(place, [&] { return planned.make(context); }));
    BATCHOUT_TRY(const InputTraits traits, guarded(place, [&] { return named.input->traits(); }));
    resumes = resumes || traits.resumes;
    if (traits.resumes) named.units = dynamic_cast<const NamedUnits*>(named.input.get());
  }
  if (resumes) return {};
  return nothing_kept(
      "no input goes on where another run has ended; those of Kafka, files with `resume`, and queries "
      "with `cursor` do");
}

Result<> PositionDesk::build_store(const LogSink& log) {
  std::vector<std::unique_ptr<Store>> stores;
  std::vector<StoreTraits> traits;
  for (const PlannedStore& planned : plan_->stores) {
    const std::string place = "outputs." + planned.name;
    const Context context{planned.name, plan_->name, plan_->dialect, plan_->folder, Log(log, place)};
    BATCHOUT_TRY(stores.emplace_back(), guarded(place, [&] { return planned.make(context); }));
    BATCHOUT_TRY(traits.emplace_back(), guarded(place, [&] { return stores.back()->traits(); }));
  }
  const auto authority = parts_of(*plan_, traits, true).authority;
  if (!authority)
    return nothing_kept("no output can; outputs into PostgreSQL, SQLite, or a csv or jsonl file that grows do");
  place_ = "outputs." + plan_->stores[*authority].name;
  store_ = std::move(stores[*authority]);
  book_ = dynamic_cast<PositionBook*>(store_.get());
  if (book_ == nullptr) return nothing_kept(fmt::format("{} keeps them, and cannot show them", place_));
  return {};
}

Result<std::vector<KeptPosition>> PositionDesk::kept() {
  return guarded(place_, [&] { return book_->kept(); });
}

Result<> PositionDesk::take(std::span<const PositionStep> steps) {
  std::vector<PositionChange> changes;
  for (const PositionStep& step : steps) changes.push_back(step.to);
  return guarded(place_, [&] { return book_->change(changes); });
}

/// An input that knows a unit is asked first: it can say where the unit may go on. What is kept may be of an input that
/// is no longer there.
std::expected<PositionDesk::Found, std::string> PositionDesk::find(std::span<const KeptPosition> kept,
                                                                   std::string_view text) const {
  std::vector<Found> found;
  const auto add = [&](Found unit) {
    if (std::ranges::find(found, unit) == found.end()) found.push_back(std::move(unit));
  };
  const auto ask = [&](const Named& named, std::string_view name) {
    if (named.units == nullptr) return;
    if (const auto unit = named.units->unit_named(name)) add({unit->source, unit->name, named.units});
  };
  for (const Named& named : inputs_) {
    ask(named, text);
    if (text.starts_with(named.name + ":")) ask(named, text.substr(named.name.size() + 1));
  }
  for (const KeptPosition& position : kept)
    if (text == position.unit || text == full_name(position.source, position.unit))
      add({position.source, position.unit});
  if (found.size() == 1) return found.front();
  if (found.empty()) return std::unexpected(fmt::format("no input reads a unit \"{}\"; {}", text, names_of(kept)));
  std::vector<std::string> names;
  for (const Found& unit : found) names.push_back(full_name(unit.source, unit.unit));
  return std::unexpected(fmt::format("several units could be meant by \"{}\": {}", text, fmt::join(names, ", ")));
}

PositionDesk::Steps PositionDesk::set(std::span<const KeptPosition> kept, std::span<const PositionWish> wishes) const {
  std::vector<PositionStep> steps;
  for (const PositionWish& wish : wishes) {
    const auto unit = find(kept, wish.unit);
    if (!unit) return std::unexpected(unit.error());
    const auto same = [&](const PositionStep& step) {
      return step.to.source == unit->source && step.to.unit == unit->unit;
    };
    if (std::ranges::any_of(steps, same))
      return std::unexpected(fmt::format("a unit is given twice: {}", full_name(unit->source, unit->unit)));
    const KeptPosition* now = find_kept(kept, unit->source, unit->unit);
    PositionStep& step = steps.emplace_back();
    if (now != nullptr) step.from = now->number;
    step.to = {unit->source, unit->unit, wish.number, now == nullptr ? "" : now->token};
    if (unit->units == nullptr && !wish.token) continue;
    if (unit->units == nullptr)
      return std::unexpected(fmt::format("no input reads the unit, so its token cannot be checked: {}", wish.unit));
    auto token = unit->units->token_at({{}, unit->source, unit->unit}, wish.number, wish.token, step.to.token);
    if (!token)
      return std::unexpected(
          fmt::format("{} cannot be set to {}: {}", full_name(unit->source, unit->unit), wish.number, token.error()));
    step.to.token = *std::move(token);
  }
  return steps;
}

// What has no position stays as it is: there is nothing to forget.
PositionDesk::Steps PositionDesk::forget(std::span<const KeptPosition> kept, std::span<const std::string> units,
                                         std::span<const std::string> sources) const {
  std::vector<const KeptPosition*> meant;
  for (const std::string& text : units) {
    const auto unit = find(kept, text);
    if (!unit) return std::unexpected(unit.error());
    const KeptPosition* found = find_kept(kept, unit->source, unit->unit);
    if (found == nullptr)
      return std::unexpected(fmt::format("nothing is kept of the unit \"{}\"; {}", text, names_of(kept)));
    meant.push_back(found);
  }
  for (const std::string& source : sources) {
    const std::size_t before = meant.size();
    for (const KeptPosition& position : kept)
      if (position.source == source) meant.push_back(&position);
    if (meant.size() == before)
      return std::unexpected(fmt::format("nothing is kept of the source \"{}\"; {}", source, names_of(kept)));
  }
  std::vector<PositionStep> steps;
  for (const KeptPosition& position : kept) {
    const bool all = units.empty() && sources.empty();
    if (!position.number || (!all && std::ranges::find(meant, &position) == meant.end())) continue;
    steps.push_back({{position.source, position.unit, std::nullopt, {}}, position.number});
  }
  return steps;
}

std::vector<std::string> PositionDesk::first_starts() const {
  std::vector<std::string> lines;
  for (const Named& named : inputs_)
    if (named.units != nullptr)
      lines.push_back(fmt::format("inputs.{} begins {}", named.name, named.units->first_start()));
  return lines;
}

}  // namespace batchout
