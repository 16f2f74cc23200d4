// Builds the plan, and plays the operator: starts the process again whenever it has died or given up.

#include "sim_plan.h"

#include <charconv>
#include <memory>

#include <fmt/format.h>

#include "echo.h"
#include "engine/engine.h"
#include "sim_input.h"
#include "sim_store.h"

namespace batchout::sim {

namespace {

constexpr LevelId kRows = 1;

class SimProgram final : public Program {
 public:
  explicit SimProgram(World& world) : world_(world) {}

  void run(const Payloads& payloads, Extraction& out) override {
    world_.step("program");
    for (std::uint32_t i = 0; i < payloads.count(); ++i)
      if (payloads.entry(i).state == Payloads::State::usable) extract(payloads, i, out);
  }

 private:
  static void extract(const Payloads& payloads, std::uint32_t i, Extraction& out) {
    const Payloads::Entry& entry = payloads.entry(i);
    const std::string_view text = payloads.bytes(i);
    const std::size_t end = text.find(' ');
    if (text[end + 1] == 'x') {
      Reject& reject = out.rejects.emplace_back();
      reject.code = "BO400";
      reject.message = "the payload is bad";
      reject.unit = entry.unit;
      reject.position = entry.position;
      return;
    }
    out.payloads.push_back(i);
    out.values->units.push_back(entry.unit);
    out.values->positions.push_back(entry.position);
    ++out.levels[kPayloadLevel].count;
    int rows = 0;
    std::from_chars(text.data() + end + 3, text.data() + text.size(), rows);
    for (int row = 0; row < rows; ++row)
      out.values->columns[0].append_text(Tag::text, fmt::format("{}#{}", text.substr(0, end), row));
    out.levels[kRows].count += static_cast<std::uint32_t>(rows);
    out.levels[kRows].begin.push_back(out.levels[kRows].count);
  }

  World& world_;
};

class SimExtractor final : public Extractor {
 public:
  explicit SimExtractor(World& world) : world_(world) {}

  std::optional<PathProblem> check(const Template&) const override { return std::nullopt; }
  std::expected<std::vector<Found>, FindProblem> find(const Template&, std::string_view) const override { return {}; }
  std::unique_ptr<Program> compile(const Projection&) const override { return std::make_unique<SimProgram>(world_); }
  std::vector<std::string> explain(const Projection&) const override { return {}; }

 private:
  World& world_;
};

Projection projection() {
  Projection made;
  made.levels.resize(2);
  made.levels[kRows].index = "row";
  made.columns.resize(1);
  made.columns[0].name = "trace";
  made.columns[0].level = kRows;
  made.rows.root.groups.resize(1);
  made.rows.root.groups[0].emplace_back().level = kRows;
  return made;
}

std::shared_ptr<const TableShape> shape() {
  TableShape made;
  made.name = "traces";
  made.levels = 2;
  made.columns.emplace_back().name = "trace";
  made.columns[0].level = kRows;
  return std::make_shared<TableShape>(std::move(made));
}

/// One life of the process: rounds of one engine, until it dies, fails, or nothing is left to do.
void live(World& world, const Plan& plan) {
  RunOptions options;
  options.retry_max = std::chrono::seconds{world.random.chance(1, 2) ? 3 : 300};
  options.rounds_max = 2;
  options.lanes = 1;  // One thread, so that a seed is a course of events.
  options.wait_min = std::chrono::milliseconds{world.random.below(3'000)};
  if (world.verbose)
    options.log = [&world](const LogRecord& record) { world.note(fmt::format("{}: {}", record.place, record.text)); };
  Engine engine(plan, {world.clock, Random{world.random.next()}, std::move(options)});
  for (int run = 0; run < 4; ++run) {
    std::stop_source stop;
    world.stop = &stop;
    const bool once = world.random.chance(1, 2);
    const Result<> result = once ? engine.run_round(stop.get_token()) : engine.run_forever(stop.get_token());
    world.stop = nullptr;
    if (world.crashed || !world.violation.empty()) return;
    if (result) continue;
    world.note("ended: " + result.error().place + ": " + result.error().message);
    if (result.error().code == "BO502") return world.repair_gaps();
    const bool excused = result.error().verdict == Verdict::environment || result.error().verdict == Verdict::fenced;
    if (!excused) return world.break_promise("the run ends with " + result.error().message);
    if (world.random.chance(1, 2)) return;
  }
}

}  // namespace

Plan plan_of(World& world) {
  Plan plan;
  plan.name = "sim";
  plan.delivery = DeliveryLevel::best;
  plan.batch.payloads = 1 + world.random.below(15);
  plan.batch.rows = 1 + world.random.below(40);
  plan.on_row_error = world.whole_payloads ? RowErrors::payload : RowErrors::row;
  plan.dialect = world.random.chance(1, 3) ? Dialect::v0_0_1 : Dialect::v1;
  const auto table = shape();
  PlannedWriter& writer = plan.writers.emplace_back();
  for (Source& source : world.sources) {
    PlannedInput& input = plan.inputs.emplace_back();
    input.name = source.name;
    input.make = [&](const Context&) -> Result<std::unique_ptr<Input>> {
      return std::make_unique<SimInput>(world, source);
    };
    input.extractor = std::make_shared<SimExtractor>(world);
    input.projection = projection();
    input.shape = table;
    input.order = {0};
    writer.selections.push_back({plan.inputs.size() - 1, {0}, table});
  }
  for (Database& database : world.databases) {
    const std::string name = fmt::format("store{}", plan.stores.size());
    plan.stores.push_back({name, [&](const Context&) -> Result<std::unique_ptr<Store>> {
                             return std::make_unique<SimStore>(world, database);
                           }});
    PlannedOutput& output = plan.outputs.emplace_back();
    output.name = name;
    output.store = plan.stores.size() - 1;
    output.make.output = [](const Context&, Store& store) -> Result<std::unique_ptr<Output>> {
      return std::make_unique<SimOutput>(static_cast<SimStore&>(store));
    };
    writer.outputs.push_back(plan.outputs.size() - 1);
  }
  return plan;
}

Finding run_seed(std::uint64_t seed, Ablation ablation, bool verbose, bool echoes) {
  World world(seed, ablation);
  world.verbose = verbose;
  world.echoes = echoes;
  Plan plan = plan_of(world);
  if (echoes) add_echo(world, plan);
  // Once the world is calm, two lives have to be enough to read everything.
  for (int calm_lives = 0; calm_lives < 2 && world.violation.empty();) {
    if (world.calm) ++calm_lives;
    world.start_process();
    live(world, plan);
  }
  if (world.violation.empty())
    if (std::string missing = world.missing(); !missing.empty()) world.break_promise(std::move(missing));
  return {world.violation, world.counts};
}

}  // namespace batchout::sim
