// Inputs that take their parameters from rows of the same round: users, the pages of each user, the notes of each page.

#include <gtest/gtest.h>

#include "fakes.h"

namespace batchout {
namespace {

using fakes::World;

using Texts = std::vector<std::string>;

/// What all inputs share besides the world.
struct Library {
  /// Of users, pages and notes: what there is to read for a parameter; users have the parameter "".
  std::array<std::map<std::string, Texts>, 3> texts;
  /// Every beginning of an instance, as "level parameter".
  Texts begun;
  /// Called before an instance begins, and before it gives its payloads.
  std::function<Result<>(const std::string&)> begin = [](const std::string&) { return Result<>{}; };
  std::function<Result<>(const std::string&)> read = [](const std::string&) { return Result<>{}; };
};

/// One unit with one payload per text.
class Shelf final : public Input {
 public:
  Shelf(Library& library, std::size_t level, std::string parameter)
      : library_(library), level_(level), parameter_(std::move(parameter)) {}

  InputTraits traits() const override {
    InputTraits traits;
    traits.resumes = true;
    return traits;
  }
  Result<> start_round() override {
    BATCHOUT_CHECK(library_.begin(parameter_));
    library_.begun.push_back(std::to_string(level_) + " " + parameter_);
    announced_ = false;
    next_ = 0;
    return {};
  }
  Result<Event> pull(const Budget&, Time, std::stop_token) override {
    if (!std::exchange(announced_, true)) return Assigned{{Unit{UnitId{0}, "shelf:" + parameter_, "0"}}};
    BATCHOUT_CHECK(library_.read(parameter_));
    const Texts& texts = library_.texts[level_][parameter_];
    if (next_ >= texts.size()) return End{};
    Payloads payloads;
    for (; next_ < texts.size(); ++next_) {
      const auto position = static_cast<std::int64_t>(next_);
      payloads.append(texts[next_], UnitId{0}, position, position + 1);
    }
    return payloads;
  }
  Result<std::vector<Position>> assign(std::span<const Position> positions) override {
    BATCHOUT_CHECK(seek(positions));
    return std::vector<Position>{{UnitId{0}, static_cast<std::int64_t>(next_), {}}};
  }
  void release(std::span<const UnitId>) override {}
  Result<> seek(std::span<const Position> positions) override {
    next_ = static_cast<std::size_t>(std::max<std::int64_t>(positions[0].number, 0));
    return {};
  }
  void pause(bool) override {}
  Result<> acknowledge(std::span<const Position>) override { return {}; }

 private:
  Library& library_;
  std::size_t level_;
  std::string parameter_;
  bool announced_ = false;
  std::size_t next_ = 0;
};

/// `select * from` one of the tables.
class AllRows final : public Query {
 public:
  explicit AllRows(std::size_t table) : table_(table) {}
  Result<std::vector<Block>> run(std::span<const std::span<const Block>> tables, const std::stop_token&) override {
    return std::vector<Block>(tables[table_].begin(), tables[table_].end());
  }

 private:
  std::size_t table_;
};

class ReaderGraphs : public ::testing::Test {
 protected:
  ReaderGraphs() {
    library_.texts[0][""] = {"ann"};
    library_.texts[1]["ann"] = {"ann.1"};
    library_.texts[2]["ann.1"] = {"ann.1.a"};
  }

  /// One round of a new engine.
  Result<> run(std::stop_token stop = {}) {
    make_plan();
    engine_.emplace(plan_, fakes::runtime_of(world_));
    return engine_->run_round(std::move(stop));
  }

  void make_plan() {
    plan_ = fakes::plan_of(world_);
    plan_.batch = kWholeRound;
    if (rows_max_) plan_.batch.rows = *rows_max_;
    const PlannedInput first = plan_.inputs.front();
    plan_.inputs.clear();
    plan_.writers.front().selections.clear();
    for (std::size_t level = 0; level < 3; ++level) {
      PlannedInput& input = plan_.inputs.emplace_back(first);
      input.name = "level" + std::to_string(level);
      input.make = shelf(level, "");
      if (level > 0) input.parameters = parameters(level);
      plan_.tables.push_back({input.name, input.shape, {{level, {0}, input.shape}}});
      plan_.writers.front().selections.push_back({level, {0}, input.shape});
    }
  }

  Make<Input> shelf(std::size_t level, std::string parameter) {
    return [this, level, parameter](const Context&) -> Result<std::unique_ptr<Input>> {
      return std::make_unique<Shelf>(library_, level, parameter);
    };
  }

  PlannedParameters parameters(std::size_t level) {
    PlannedQuery query{"above", plan_.inputs.front().shape,
                       [level]() -> Result<std::unique_ptr<Query>> { return std::make_unique<AllRows>(level - 1); }};
    const auto make = [this, level](const ParameterRow& row) -> Result<std::optional<Make<Input>>> {
      if (row.at(0).second->starts_with("refused")) return fail(Verdict::row, "BO446", "that is no name");
      return shelf(level, *row.at(0).second);
    };
    return {std::move(query), make, true, {}, 1};
  }

  World world_;
  Library library_;
  Plan plan_;
  std::optional<std::size_t> rows_max_;
  std::optional<Engine> engine_;
};

TEST_F(ReaderGraphs, ReadEachLevelAfterTheOneAboveInOneBatch) {
  library_.texts[0][""] = {"ann", "bob", "cyd"};
  library_.texts[1]["bob"] = {"bob.1", "bob.2"};
  library_.texts[2]["bob.2"] = {"bob.2.a"};
  ASSERT_TRUE(run());
  EXPECT_EQ(library_.begun, (Texts{"0 ", "1 ann", "1 bob", "1 cyd", "2 ann.1", "2 bob.1", "2 bob.2"}));
  EXPECT_EQ(world_.rows, (Texts{"ann", "bob", "cyd", "ann.1", "bob.1", "bob.2", "ann.1.a", "bob.2.a"}));
  EXPECT_EQ(engine_->summary().batches, 1u);
}

TEST_F(ReaderGraphs, ReadNothingForNoRows) {
  library_.texts[1].clear();
  ASSERT_TRUE(run());
  EXPECT_EQ(library_.begun, (Texts{"0 ", "1 ann"}));
  EXPECT_EQ(world_.rows, Texts{"ann"});
}

TEST_F(ReaderGraphs, TakeTheRowsOfTheirOwnRoundOnly) {
  ASSERT_TRUE(run());
  library_.texts[0][""] = {"bob"};
  library_.begun.clear();
  ASSERT_TRUE(engine_->run_round({}));
  EXPECT_EQ(library_.begun, (Texts{"0 ", "1 bob"}));
}

TEST_F(ReaderGraphs, TryOneInputAgainWithoutReadingTheOnesAbove) {
  int failures = 2;
  library_.read = [&](const std::string& parameter) -> Result<> {
    if (parameter != "ann" || failures-- <= 0) return {};
    return fail(Verdict::environment, "BO560", "the shelf is locked");
  };
  ASSERT_TRUE(run());
  EXPECT_EQ(library_.begun, (Texts{"0 ", "1 ann", "2 ann.1"}));
  EXPECT_EQ(world_.rows, (Texts{"ann", "ann.1", "ann.1.a"}));
  EXPECT_EQ(engine_->summary().retries, 2u);
}

TEST_F(ReaderGraphs, DoNotLoseTheRowWhoseInputCannotBegin) {
  library_.texts[0][""] = {"ann", "bob"};
  library_.texts[1]["bob"] = {"bob.1"};
  int failures = 1;
  library_.begin = [&](const std::string& parameter) -> Result<> {
    if (parameter != "ann" || failures-- <= 0) return {};
    return fail(Verdict::environment, "BO560", "the shelf is locked");
  };
  ASSERT_TRUE(run());
  EXPECT_EQ(world_.rows, (Texts{"ann", "bob", "ann.1", "bob.1", "ann.1.a"}));
}

TEST_F(ReaderGraphs, LeaveOutTheRowsThatAnInputRefuses) {
  library_.texts[0][""] = {"refused.1", "ann", "refused.2", "refused.3"};
  ASSERT_TRUE(run());
  EXPECT_EQ(library_.begun, (Texts{"0 ", "1 ann", "2 ann.1"}));
  EXPECT_EQ(engine_->summary().rejects.at("BO446"), 3u);
  EXPECT_EQ(world_.log, (Texts{"inputs.level1: Refused [BO446]: that is no name; row 1 of selector \"above\"",
                               "inputs.level1: Refused [BO446]: 2 more rows of selector \"above\""}));
}

TEST_F(ReaderGraphs, ReadAllLevelsAgainIfTheBatchIsLost) {
  world_.keeps_positions = true;
  bool lost = false;
  world_.commit = [&] {
    return !world_.pending.empty() && !std::exchange(lost, true) ? Outcome::in_doubt : Outcome::committed;
  };
  // The second look finds somebody else.
  library_.read = [&](const std::string&) -> Result<> {
    if (lost) library_.texts[0][""] = {"bob"};
    if (lost) library_.texts[1]["bob"] = {"bob.1"};
    return {};
  };
  ASSERT_TRUE(run());
  EXPECT_EQ(library_.begun, (Texts{"0 ", "1 ann", "2 ann.1", "1 bob", "2 bob.1"}));
  EXPECT_EQ(world_.rows, (Texts{"bob", "bob.1"}));
  EXPECT_EQ(engine_->summary().batches, 1u);
}

TEST_F(ReaderGraphs, ReadNothingAgainIfTheLostAnswerWasGood) {
  world_.keeps_positions = true;
  bool lost = false;
  world_.commit = [&] {
    if (world_.pending.empty() || std::exchange(lost, true)) return Outcome::committed;
    world_.rows = std::exchange(world_.pending, {});
    world_.stored = Position{UnitId{}, 1, {}};
    return Outcome::in_doubt;
  };
  ASSERT_TRUE(run());
  EXPECT_EQ(library_.begun, (Texts{"0 ", "1 ann", "2 ann.1"}));
  EXPECT_EQ(world_.rows, (Texts{"ann", "ann.1", "ann.1.a"}));
  EXPECT_EQ(engine_->summary().batches, 1u);
}

TEST_F(ReaderGraphs, StoreNothingOfARoundThatIsStoppedHalfWay) {
  std::stop_source stop;
  library_.read = [&](const std::string& parameter) -> Result<> {
    if (parameter == "ann") stop.request_stop();
    return {};
  };
  ASSERT_TRUE(run(stop.get_token()));
  EXPECT_TRUE(world_.rows.empty());
  EXPECT_EQ(world_.log, (Texts{"test: Stopped before all inputs of the round were read; payloads will be read again; "
                               "batch 1"}));
}

TEST_F(ReaderGraphs, EndAtTheLimitOfRowsInARound) {
  library_.texts[0][""] = {"ann", "bob", "cyd"};
  rows_max_ = 2;
  const Result<> result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "BO445");
  EXPECT_EQ(result.error().place, "selectors.above");
  EXPECT_EQ(result.error().message,
            "A query needs all rows of a round at once, and this round is too large for that; limit 2 rows");
  EXPECT_TRUE(world_.rows.empty());
}

}  // namespace
}  // namespace batchout
