// The smallest components that an engine can run: an input that tells a given list of events, a store that counts, an
// output that remembers texts, and a map with one text column: one row per payload, "bad…" is refused, of
// "half…" a value with one of its rows, "" is absent.

#pragma once

#include <deque>
#include <functional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "batchout/component.h"
#include "engine/engine.h"
#include "plan/plan.h"
#include "registry/group_member.h"
#include "registry/idle_transaction.h"
#include "registry/letter_check.h"
#include "registry/stop_listener.h"

namespace batchout::fakes {

/// Jumps instead of waiting.
class JumpingClock final : public Clock {
 public:
  Time now() const override { return now_; }
  void sleep_until(Time time, const std::stop_token&) override { now_ = std::max(now_, time); }

 private:
  Time now_{std::chrono::hours{1}};
};

/// What all fakes share: the script of the input, the answers of store and output, and everything that was called.
struct World {
  JumpingClock clock;
  InputTraits traits;
  std::deque<std::function<Result<Event>()>> script;  ///< When it is empty: End, or Idle at the deadline.
  std::function<Result<Outcome>()> commit = [] { return Outcome::committed; };
  std::function<Result<>()> write = [] { return Result<>{}; };
  std::function<Result<>()> check = [] { return Result<>{}; };  ///< Of the open transaction.
  bool expects_idleness = false;
  std::optional<Reject> blamed;  ///< Row that a failed write names.
  std::optional<Reject> late;    ///< Of every finish.
  bool keeps_positions = false;
  bool group = false;  ///< The input shares its units.
  std::optional<Error> claim_fails;
  std::stop_token heard;  ///< By the store.
  std::int64_t epoch = 0;
  std::optional<Position> stored;
  std::optional<std::int64_t> start;       ///< Where the input starts, whatever it is asked.
  std::optional<std::string> start_token;  ///< What it says beside.
  std::function<Result<>()> assign = [] { return Result<>{}; };
  std::function<Result<>()> acknowledge = [] { return Result<>{}; };
  std::vector<std::string> calls;
  std::vector<std::size_t> budgets;        ///< Bytes that the input was asked for.
  std::vector<std::string> pending, rows;  ///< Of the open transaction; committed.
  std::vector<std::string> dead_letters;
  std::optional<Error> no_letters;  ///< Why the store may not keep them.
  std::vector<std::string> log;
};

inline const Unit kUnit{UnitId{7}, "list:fruits", "0"};

inline Payloads payloads(std::int64_t first, const std::vector<std::string>& texts) {
  Payloads made;
  for (const std::string& text : texts) {
    made.append(text, kUnit.id, first, first + 1);
    ++first;
  }
  return made;
}

class ScriptedInput final : public Input, public GroupMember {
 public:
  explicit ScriptedInput(World& world) : world_(world) {}

  bool shares_units() const override { return world_.group; }

  InputTraits traits() const override {
    InputTraits traits = world_.traits;
    traits.resumes = true;
    return traits;
  }
  Result<> start_round() override { return {}; }
  Result<Event> pull(const Budget& budget, Time deadline, std::stop_token stop) override {
    world_.budgets.push_back(budget.bytes);
    if (!world_.script.empty() && !paused_) {
      const auto next = world_.script.front();
      world_.script.pop_front();
      return next();
    }
    if (!world_.traits.endless) return End{};
    world_.clock.sleep_until(deadline, stop);
    return Idle{};
  }
  Result<std::vector<Position>> assign(std::span<const Position> positions) override {
    std::vector<Position> starts(positions.begin(), positions.end());
    for (Position& start : starts)
      start = {start.unit, world_.start.value_or(std::max<std::int64_t>(start.number, 0)),
               world_.start_token.value_or(start.token)};
    world_.calls.push_back("assign " + std::to_string(positions[0].number));
    BATCHOUT_CHECK(world_.assign());
    return starts;
  }
  void release(std::span<const UnitId>) override { world_.calls.push_back("release"); }
  Result<> seek(std::span<const Position> positions) override {
    world_.calls.push_back("seek " + std::to_string(positions[0].number));
    return {};
  }
  void pause(bool on) override { paused_ = on; }
  Result<> acknowledge(std::span<const Position> positions) override {
    world_.calls.push_back("acknowledge " + std::to_string(positions[0].number));
    return world_.acknowledge();
  }

 private:
  World& world_;
  bool paused_ = false;
};

class CountingStore final : public Store, public StopListener, public LetterCheck, public IdleTransaction {
 public:
  explicit CountingStore(World& world) : world_(world) {}

  void listen(std::stop_token stop) override { world_.heard = std::move(stop); }
  Result<> check_letters() override {
    if (world_.no_letters) return std::unexpected(*world_.no_letters);
    return {};
  }
  void expect_idleness() override { world_.expects_idleness = true; }
  Result<> check_transaction() override { return world_.check(); }

  StoreTraits traits() const override {
    return {.transactional = true, .keeps_positions = world_.keeps_positions, .keeps_dead_letters = true};
  }
  Result<std::vector<Claim>> claim(std::span<const Unit>) override {
    world_.calls.push_back("claim");
    if (world_.claim_fails) return std::unexpected(*world_.claim_fails);
    return std::vector<Claim>{{++world_.epoch, world_.stored}};
  }
  Result<> begin(std::uint64_t) override {
    world_.calls.push_back("begin");
    return {};
  }
  Result<Outcome> commit(std::span<const Move> moves, std::span<const DeadLetter> dead_letters) override {
    world_.calls.push_back("commit " + (moves.empty() ? "-" : std::to_string(moves[0].to.number)));
    Result<Outcome> outcome = world_.commit();
    if (!outcome || *outcome != Outcome::committed) return outcome;
    for (std::string& row : world_.pending) world_.rows.push_back(std::move(row));
    world_.pending.clear();
    if (world_.keeps_positions && !moves.empty()) world_.stored = moves[0].to;
    for (const DeadLetter& letter : dead_letters)
      world_.dead_letters.push_back(letter.unit.name + ": " + std::string(letter.payload));
    return outcome;
  }
  void rollback() override {
    world_.calls.push_back("rollback");
    world_.pending.clear();
  }

 private:
  World& world_;
};

class RememberingOutput final : public Output {
 public:
  explicit RememberingOutput(World& world) : world_(world) {}

  Result<> open(const TableShape&) override {
    world_.calls.push_back("open");
    return {};
  }
  Result<std::uint64_t> write(const Block& block, Rejects& rejects) override {
    if (world_.blamed) rejects.push_back(*world_.blamed);
    BATCHOUT_CHECK(world_.write());
    for (std::size_t row = 0; row < block.rows(); ++row) world_.pending.emplace_back(block.column(0).cell(row).text);
    return block.rows();
  }
  Result<> finish(Rejects& rejects) override {
    if (world_.late) rejects.push_back(*world_.late);
    return {};
  }

 private:
  World& world_;
};

class TextProgram final : public Program {
 public:
  void run(const Payloads& payloads, Extraction& out) override {
    for (std::size_t i = 0; i < payloads.count(); ++i) {
      const Payloads::Entry& entry = payloads.entry(i);
      if (entry.state != Payloads::State::usable) continue;
      if (payloads.bytes(i).starts_with("bad")) {
        Reject& reject = out.rejects.emplace_back();
        reject.code = "BO400";
        reject.message = "bad fruit";
        reject.unit = entry.unit;
        reject.position = entry.position;
        continue;
      }
      if (payloads.bytes(i).starts_with("half")) {
        Reject& reject = out.rejects.emplace_back();
        reject.stage = Reject::Stage::cast;
        reject.code = "BO411";
        reject.message = "half a fruit";
        reject.unit = entry.unit;
        reject.position = entry.position;
      }
      out.payloads.push_back(static_cast<std::uint32_t>(i));
      out.values->units.push_back(entry.unit);
      out.values->positions.push_back(entry.position);
      ++out.levels[kPayloadLevel].count;
      Column& column = out.values->columns[0];
      payloads.bytes(i).empty() ? column.append_absent() : column.append_text(Tag::text, payloads.bytes(i));
    }
  }
};

class TextExtractor : public Extractor {
 public:
  std::optional<PathProblem> check(const Template&) const override { return std::nullopt; }
  std::expected<std::vector<Found>, FindProblem> find(const Template&, std::string_view) const override { return {}; }
  std::unique_ptr<Program> compile(const Projection&) const override { return std::make_unique<TextProgram>(); }
  std::vector<std::string> explain(const Projection&) const override { return {}; }
};

/// A store of its own with one output. `world` must outlive the plan.
inline void add_store(Plan& plan, const std::string& name, World& world) {
  plan.stores.push_back({name, [&world](const Context&) -> Result<std::unique_ptr<Store>> {
                           return std::make_unique<CountingStore>(world);
                         }});
  PlannedOutput& output = plan.outputs.emplace_back();
  output.name = name;
  output.store = plan.stores.size() - 1;
  output.make.output = [&world](const Context&, Store&) -> Result<std::unique_ptr<Output>> {
    return std::make_unique<RememberingOutput>(world);
  };
}

/// Input "fruits" into output "basket", as the engine gets it. `world` must outlive the plan.
inline Plan plan_of(World& world) {
  Plan plan;
  plan.name = "test";
  plan.delivery = DeliveryLevel::best;
  PlannedInput& input = plan.inputs.emplace_back();
  input.name = "fruits";
  input.make = [&world](const Context&) -> Result<std::unique_ptr<Input>> {
    return std::make_unique<ScriptedInput>(world);
  };
  input.extractor = std::make_shared<TextExtractor>();
  input.projection.levels.resize(1);
  input.projection.columns.resize(1);
  input.projection.columns[0].name = "fruit";
  TableShape shape;
  shape.name = "fruits";
  shape.columns.push_back({.name = "fruit"});
  input.shape = std::make_shared<TableShape>(shape);
  input.order = {0};
  add_store(plan, "basket", world);
  plan.writers.push_back({"basket", {{0, {0}, input.shape}}, {0}});
  return plan;
}

inline Runtime runtime_of(World& world) {
  RunOptions options;
  options.log = [&world](const LogRecord& record) {
    world.log.push_back(std::string(record.place) + ": " + std::string(record.text));
  };
  options.lanes = 1;  // The world is not made for threads.
  return {world.clock, Random{1}, std::move(options)};
}

}  // namespace batchout::fakes
