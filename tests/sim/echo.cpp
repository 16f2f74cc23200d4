// The position of an echo is that of the message it comes from, since the simulated output compares them.

#include "echo.h"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

namespace batchout::sim {

namespace {

class EchoInput final : public Input {
 public:
  EchoInput(World& world, std::string row) : world_(world), row_(std::move(row)) {
    const std::size_t at = row_.find('@') + 1;
    std::from_chars(row_.data() + at, row_.data() + row_.size(), position_);
  }

  InputTraits traits() const override {
    InputTraits traits;
    traits.resumes = true;
    return traits;
  }
  Result<> start_round() override { return call("echo starts"); }
  Result<Event> pull(const Budget&, Time, std::stop_token) override {
    BATCHOUT_CHECK(call("echo"));
    if (!std::exchange(announced_, true)) return Assigned{{Unit{UnitId{0}, "echo", row_}}};
    if (std::exchange(given_, true)) return End{};
    Payloads payloads;
    payloads.append(row_ + " - 1", UnitId{0}, position_, position_ + 1);
    return payloads;
  }
  Result<std::vector<Position>> assign(std::span<const Position>) override {
    return std::vector<Position>{{UnitId{0}, position_, {}}};
  }
  void release(std::span<const UnitId>) override {}
  Result<> seek(std::span<const Position> positions) override {
    given_ = positions[0].number > position_;
    return call("echo goes back");
  }
  void pause(bool) override {}
  Result<> acknowledge(std::span<const Position>) override { return call("echo is stored"); }

 private:
  Result<> call(const char* name) {
    world_.step(name);
    if (!world_.unwell()) return {};
    return fail(Verdict::environment, "BO599", fmt::format("{}: fails", name));
  }

  World& world_;
  std::string row_;
  std::int64_t position_ = 0;
  bool announced_ = false;
  bool given_ = false;
};

/// Rows of all tables but the last, which is the echo's own.
class RowsOfSources final : public Query {
 public:
  Result<std::vector<Block>> run(std::span<const std::span<const Block>> tables, const std::stop_token&) override {
    std::vector<Block> rows;
    for (const auto& table : tables.first(tables.size() - 1)) rows.insert(rows.end(), table.begin(), table.end());
    return rows;
  }
};

}  // namespace

void add_echo(World& world, Plan& plan) {
  const auto table = plan.inputs.front().shape;
  PlannedInput echo = plan.inputs.front();
  echo.name = "echo";
  echo.make = [&world](const Context&) -> Result<std::unique_ptr<Input>> {
    return std::make_unique<EchoInput>(world, "nothing@0");
  };
  PlannedParameters parameters;
  parameters.query = {"rows", table,
                      []() -> Result<std::unique_ptr<Query>> { return std::make_unique<RowsOfSources>(); }};
  parameters.make = [&world](const ParameterRow& row) -> Result<std::optional<Make<Input>>> {
    return [&world, name = *row.at(0).second](const Context&) -> Result<std::unique_ptr<Input>> {
      return std::make_unique<EchoInput>(world, name);
    };
  };
  parameters.same_round = true;
  echo.parameters = std::move(parameters);
  plan.inputs.push_back(std::move(echo));
  plan.writers.front().selections.push_back({plan.inputs.size() - 1, {0}, table});
  for (std::size_t i = 0; i < plan.inputs.size(); ++i)
    plan.tables.push_back({plan.inputs[i].name, table, {{i, {0}, table}}});
  plan.batch = kWholeRound;
  plan.dialect = Dialect::v1;
}

std::string without_echo(const Transaction& transaction) {
  const std::set<std::string> traces(transaction.traces.begin(), transaction.traces.end());
  for (const std::string& trace : transaction.traces)
    if (std::ranges::count(trace, '#') == 1 && !traces.contains(trace + "#0")) return trace;
  return {};
}

}  // namespace batchout::sim
