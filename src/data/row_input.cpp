// The snapshot is given up as soon as nothing of it can be asked for again: a reader with many parameters has as many
// inputs in one round.

#include "data/row_input.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/wait.h"

namespace batchout {
namespace {

constexpr std::size_t kPayloadMax = std::size_t{64} << 20;
constexpr std::size_t kKept = 256;

}  // namespace

void RowInput::warn_of_nothing(std::string_view why) const {
  context_.log.warning(fmt::format("A parameter does not suit the query, so nothing is read: {}", why));
}

Result<> RowInput::start_round() {
  close();
  if (!options_.incremental) acknowledged_ = 0;
  next_ = round_start_ = acknowledged_;
  stage_ = Stage::unannounced;
  return {};
}

void RowInput::close() {
  rows_.reset();
  ready_ = false;
  failure_.reset();
}

Result<Event> RowInput::pull(const Budget& budget, Time deadline, std::stop_token stop) {
  if (stage_ == Stage::unannounced) {
    stage_ = Stage::announced;
    return Assigned{{Unit{kUnit, options_.source, context_.name}}};
  }
  if (stage_ == Stage::done) return End{};
  if (paused_ || stage_ == Stage::announced || budget.payloads == 0) {
    wait_until(deadline, stop);
    return Idle{};
  }
  auto event = read(budget, deadline, stop);
  if (!event) return failed(std::move(event).error());
  return event;
}

Result<Event> RowInput::read(const Budget& budget, Time deadline, const std::stop_token& stop) {
  Payloads out;
  while (out.count() < budget.payloads) {
    if (!ready_) {
      // What has been read goes on its way before more of it is waited for.
      if (failure_) return std::unexpected(std::move(*failure_));
      auto step = fetch(out.empty() ? deadline : Time{}, stop);
      if (!step) {
        if (out.empty()) return std::unexpected(std::move(step).error());
        failure_ = std::move(step).error();
        break;
      }
      if (*step == RowSource::Step::waiting) break;
      if (*step == RowSource::Step::end) {
        end_round();
        return out.empty() ? Event(End{}) : Event(std::move(out));
      }
    }
    const bool room = out.arena().size() + payload_.size() <= budget.bytes && out.fits(payload_.size());
    if (!out.empty() && !room) break;
    give(out);
  }
  return out.empty() ? Event(Idle{}) : Event(std::move(out));
}

/// Makes the next row ready.
Result<RowSource::Step> RowInput::fetch(Time deadline, const std::stop_token& stop) {
  using Step = RowSource::Step;
  if (!rows_) {
    const auto mark = std::ranges::find(marks_, next_, &Mark::next);
    BATCHOUT_TRY(rows_, open(mark == marks_.end() ? std::vector<std::string>() : mark->values));
    if (!rows_) return Step::end;
    rows_start_ = next_;
  }
  const std::size_t left = rows_left();
  // One row more than wanted would be more than are read.
  if (left == 0 && !(options_.limit_is_news && !warned_)) return Step::end;
  BATCHOUT_TRY(const Step step, rows_->next(payload_, cursor_, left + 1, deadline, stop));
  if (left > 0 || step != Step::row) {
    ready_ = step == Step::row;
    return step;
  }
  warned_ = true;
  context_.log.warning(
      fmt::format("The query has more rows than are read, as in the original; set `limit`: {}", *options_.rows_max));
  return Step::end;
}

void RowInput::give(Payloads& out) {
  const bool large = payload_.size() > kPayloadMax;
  out.append(std::string_view(payload_).substr(0, large ? kKept : std::string::npos), kUnit, next_, next_ + 1,
             large ? Payloads::State::too_large : Payloads::State::usable);
  ready_ = false;
  ++next_;
  if (options_.incremental) marks_.push_back({next_, cursor_});
}

std::size_t RowInput::rows_left() const {
  constexpr std::size_t kAll = static_cast<std::size_t>(-1) / 2;
  const auto given = static_cast<std::size_t>(next_ - round_start_);
  return options_.rows_max ? *options_.rows_max - std::min(*options_.rows_max, given) : kAll;
}

/// What was read before is not in the next snapshot as it was.
std::unexpected<Error> RowInput::failed(Error error) {
  close();
  if (!options_.incremental && next_ > round_start_) start_over();
  return std::unexpected(std::move(error));
}

void RowInput::start_over() {
  context_.log.warning("The query is run once more from its first row");
  next_ = round_start_;
  stage_ = Stage::unannounced;
}

/// The snapshot is needed further only if a part of its rows is stored and the rest may have to be read once more.
void RowInput::end_round() {
  stage_ = Stage::done;
  if (options_.incremental || acknowledged_ == round_start_ || acknowledged_ == next_) close();
}

Result<std::vector<Position>> RowInput::assign(std::span<const Position> positions) {
  stage_ = Stage::reading;
  return std::vector<Position>(positions.size(), Position{kUnit, next_, {}});
}

void RowInput::release(std::span<const UnitId> units) {
  if (units.empty()) return;
  stage_ = Stage::done;
  close();
}

Result<> RowInput::seek(std::span<const Position> positions) {
  if (positions.empty()) return {};
  const std::int64_t target = std::max(positions.front().number, round_start_);
  if (target == next_) return {};
  ready_ = false;
  stage_ = Stage::reading;
  if (options_.incremental) {
    while (!marks_.empty() && marks_.back().next > target) marks_.pop_back();
    next_ = target;
    close();
  } else if (rows_) {
    // Kept until it has worked, so that it can be tried again.
    auto restarted = rows_->restart(static_cast<std::size_t>(target - rows_start_));
    if (!restarted) return failed(std::move(restarted).error());
    next_ = target;
  } else if (target == round_start_) {
    next_ = target;
  } else {
    start_over();
  }
  return {};
}

Result<> RowInput::acknowledge(std::span<const Position> positions) {
  for (const Position& position : positions) acknowledged_ = std::max(acknowledged_, position.number);
  while (!marks_.empty() && marks_.front().next < acknowledged_) marks_.pop_front();
  if (stage_ == Stage::done && acknowledged_ == next_) close();
  return {};
}

}  // namespace batchout
