// The snapshot is given up as soon as nothing of it can be asked for again: a reader with many parameters has as many
// inputs in one round.

#include "data/row_input.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/percent.h"
#include "base/wait.h"

namespace batchout {
namespace {

constexpr std::size_t kPayloadMax = std::size_t{64} << 20;
constexpr std::size_t kKept = 256;
constexpr std::size_t kTokenMax = 4096;

/// Names and values of cursor columns as the query of a URL: `id=7&changed=2026-11-01`.
std::string token_of(const std::vector<std::string>& names, const std::vector<std::string>& values) {
  std::string token;
  for (std::size_t i = 0; i < names.size(); ++i)
    token += fmt::format("{}{}={}", i == 0 ? "" : "&", percent_encoded(names[i]), percent_encoded(values[i]));
  return token;
}

/// None if the token is one of other columns, or none at all.
std::optional<std::vector<std::string>> values_in(std::string_view token, const std::vector<std::string>& names) {
  std::vector<std::string> values;
  for (const std::string& name : names) {
    const std::string begin = (values.empty() ? "" : "&") + percent_encoded(name) + "=";
    if (!token.starts_with(begin)) return std::nullopt;
    token.remove_prefix(begin.size());
    const std::string_view encoded = token.substr(0, token.find('&'));
    auto value = percent_decoded(encoded);
    if (!value) return std::nullopt;
    values.push_back(*std::move(value));
    token.remove_prefix(encoded.size());
  }
  return token.empty() ? std::optional(std::move(values)) : std::nullopt;
}

}  // namespace

InputTraits RowInput::traits() const {
  InputTraits traits;
  traits.resumes = options_.resume && incremental();
  return traits;
}

void RowInput::warn_of_nothing(std::string_view why) const {
  context_.log.warning(fmt::format("A parameter does not suit the query, so nothing is read: {}", why));
}

Result<> RowInput::start_round() {
  close();
  if (!incremental()) acknowledged_ = 0;
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
    if (step == Step::row) BATCHOUT_CHECK(make_token());
    ready_ = step == Step::row;
    return step;
  }
  warned_ = true;
  context_.log.warning(
      fmt::format("The query has more rows than are read, as in the original; set `limit`: {}", *options_.rows_max));
  return Step::end;
}

/// Of the position behind the row that has been read. Of equal rows some would be passed over whenever reading goes on
/// between them.
Result<> RowInput::make_token() {
  if (!incremental()) return {};
  token_ = token_of(options_.cursor, cursor_);
  if (!marks_.empty() && marks_.back().next == next_ && marks_.back().values == cursor_)
    return fail(
        Verdict::configuration, "BO528",
        fmt::format("Two rows have the same values in the cursor columns, so that it cannot be told where to go "
                    "on; add columns that make them unique, such as the primary key: {}",
                    token_.substr(0, kKept)));
  if (!options_.resume || token_.size() <= kTokenMax) return {};
  return fail(Verdict::configuration, "BO526",
              fmt::format("The values of the cursor columns are too long to be kept; choose shorter columns, or set "
                          "resume: false: {} bytes encoded, at most {}",
                          token_.size(), kTokenMax));
}

void RowInput::give(Payloads& out) {
  const bool large = payload_.size() > kPayloadMax;
  out.append(std::string_view(payload_).substr(0, large ? kKept : std::string::npos), kUnit, next_, next_ + 1,
             large ? Payloads::State::too_large : Payloads::State::usable);
  ready_ = false;
  ++next_;
  if (!incremental()) return;
  marks_.push_back({next_, cursor_});
  out.set_token(kUnit, token_);
}

std::size_t RowInput::rows_left() const {
  constexpr std::size_t kAll = static_cast<std::size_t>(-1) / 2;
  const auto given = static_cast<std::size_t>(next_ - round_start_);
  return options_.rows_max ? *options_.rows_max - std::min(*options_.rows_max, given) : kAll;
}

/// What was read before is not in the next snapshot as it was.
std::unexpected<Error> RowInput::failed(Error error) {
  close();
  if (!incremental() && next_ > round_start_) start_over();
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
  if (incremental() || acknowledged_ == round_start_ || acknowledged_ == next_) close();
}

Result<std::vector<Position>> RowInput::assign(std::span<const Position> positions) {
  stage_ = Stage::reading;
  std::vector<Position> starts(positions.begin(), positions.end());
  for (Position& start : starts) {
    if (incremental() && start.number > next_) BATCHOUT_CHECK(go_behind(start));
    start.number = next_;
  }
  return starts;
}

/// To where another run has come, whose rows are not known here.
Result<> RowInput::go_behind(const Position& position) {
  auto values = values_in(position.token, options_.cursor);
  if (!values)
    return fail(Verdict::configuration, "BO526",
                fmt::format("The kept position is one of other cursor columns; read from the start with "
                            "`run --from-start`, or set `cursor` as it was: {}",
                            position.token));
  marks_.assign(1, {position.number, std::move(*values)});
  next_ = round_start_ = acknowledged_ = position.number;
  return {};
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
  if (incremental()) {
    close();
    if (target > next_) return go_behind(positions.front());
    while (!marks_.empty() && marks_.back().next > target) marks_.pop_back();
    next_ = target;
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

std::optional<Unit> RowInput::unit_named(std::string_view text) const {
  if (text != context_.name && text != options_.source + "/" + context_.name) return std::nullopt;
  return Unit{kUnit, options_.source, context_.name};
}

std::expected<std::string, std::string> RowInput::token_at(const Unit&, std::int64_t number,
                                                           const std::optional<std::string>& given,
                                                           const std::string&) const {
  if (number == 0 && !given) return std::string();
  std::string columns;
  for (const std::string& column : options_.cursor)
    columns += fmt::format("{}{}=…", columns.empty() ? "" : "&", percent_encoded(column));
  if (number == 0) return std::unexpected("position 0 is before the first row, and has no token");
  if (!given)
    return std::unexpected(
        fmt::format("a query goes on behind the row with certain values in its cursor columns; give them with --token, "
                    "in the form that `positions list --format json` shows: {}",
                    columns));
  if (!values_in(*given, options_.cursor))
    return std::unexpected(fmt::format("the token has to have the form {}, but is {}", columns, *given));
  if (given->size() > kTokenMax) return std::unexpected(fmt::format("a token has at most {} bytes", kTokenMax));
  return *given;
}

}  // namespace batchout
