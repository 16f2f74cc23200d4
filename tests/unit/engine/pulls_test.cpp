// Inputs with parameters that are pulled by several threads at a time: what comes out, and that it is the same.

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "engine/parameters.h"

namespace batchout {
namespace {

using Texts = std::vector<std::string>;
using Clock = std::chrono::steady_clock;

/// Counts those that are inside at a time, and keeps them there until a number of them has come or the time is over.
class Meeting {
 public:
  explicit Meeting(std::size_t expected) : expected_(expected) {}

  void join() {
    std::unique_lock lock(mutex_);
    most_ = std::max(most_, ++inside_);
    changed_.notify_all();
    changed_.wait_for(lock, std::chrono::seconds{10}, [&] { return most_ >= expected_; });
    --inside_;
  }
  std::size_t most() const { return most_; }

 private:
  std::size_t expected_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t inside_ = 0;
  std::size_t most_ = 0;
};

struct Answers {
  std::function<Result<>(const std::string& name, const std::stop_token& stop)> answer;
  /// Two threads in one instance would be noticed.
  std::atomic<int> shared = 0;
};

/// Gives its name twice, as two payloads in pulls of their own.
class Slow final : public Input {
 public:
  Slow(Answers& answers, std::string name) : answers_(answers), name_(std::move(name)) {}

  InputTraits traits() const override { return {}; }
  Result<> start_round() override { return {}; }
  Result<Event> pull(const Budget&, Time, std::stop_token stop) override {
    if (inside_.exchange(true)) ++answers_.shared;
    Result<Event> event = next(stop);
    inside_ = false;
    return event;
  }
  Result<std::vector<Position>> assign(std::span<const Position> positions) override {
    BATCHOUT_CHECK(seek(positions));
    return std::vector<Position>{{UnitId{3}, next_, {}}};
  }
  void release(std::span<const UnitId>) override {}
  Result<> seek(std::span<const Position> positions) override {
    if (inside_.exchange(true)) ++answers_.shared;
    next_ = std::max<std::int64_t>(positions[0].number, 0);
    inside_ = false;
    return {};
  }
  void pause(bool) override {}
  Result<> acknowledge(std::span<const Position>) override { return {}; }

 private:
  Result<Event> next(const std::stop_token& stop) {
    if (!std::exchange(announced_, true)) return Assigned{{Unit{UnitId{3}, "slow:" + name_, "0"}}};
    if (next_ == 2) return End{};
    BATCHOUT_CHECK(answers_.answer(name_, stop));
    if (stop.stop_requested()) return Idle{};
    Payloads payloads;
    payloads.append(name_, UnitId{3}, next_, next_ + 1);
    ++next_;
    return payloads;
  }

  Answers& answers_;
  std::string name_;
  bool announced_ = false;
  std::int64_t next_ = 0;
  std::atomic<bool> inside_ = false;
};

class ParallelPulls : public ::testing::Test {
 protected:
  void begin(std::size_t threads, const Texts& names) {
    planned_.parameters.emplace();
    planned_.parameters->same_round = true;
    planned_.parameters->threads = threads;
    planned_.make = [this](const Context&) -> Result<std::unique_ptr<Input>> {
      return std::make_unique<Slow>(answers_, "");
    };
    planned_.parameters->make = [this](const ParameterRow& row) -> Result<std::optional<Make<Input>>> {
      return [this, name = *row.at(0).second](const Context&) -> Result<std::unique_ptr<Input>> {
        return std::make_unique<Slow>(answers_, name);
      };
    };
    input_.emplace(planned_, Context{});
    ASSERT_TRUE(input_->prepare());
    give(names);
  }

  void give(const Texts& names) {
    std::vector<ParameterRow> rows;
    for (const std::string& name : names) rows.push_back({{"name", name}});
    input_->set_rows(std::move(rows));
    ASSERT_TRUE(input_->start_round());
  }

  /// The next event, with units answered as the engine does.
  Result<Event> pull(std::stop_token stop = {}) {
    auto event = input_->pull({1000, 1 << 20}, Clock::now() + std::chrono::seconds{20}, std::move(stop));
    if (!event) return event;
    if (const auto* assigned = std::get_if<Assigned>(&*event)) {
      for (const Unit& unit : assigned->units) units_.push_back(unit);
      std::vector<Position> positions;
      for (const Unit& unit : assigned->units) positions.push_back({unit.id, Position::kUnset, {}});
      BATCHOUT_TRY(const auto starts, input_->assign(positions));
      EXPECT_EQ(starts.at(0).unit, positions.at(0).unit);
    }
    return event;
  }

  /// Everything to the end.
  Texts read() {
    Texts texts;
    for (;;) {
      auto event = pull();
      if (!event) {
        texts.push_back("error " + event.error().message);
        continue;
      }
      if (std::holds_alternative<End>(*event)) return texts;
      const auto* payloads = std::get_if<Payloads>(&*event);
      for (std::size_t i = 0; payloads != nullptr && i < payloads->count(); ++i)
        texts.push_back(unit_of(payloads->entry(i).unit) + " " + std::string(payloads->bytes(i)));
    }
  }

  std::string unit_of(UnitId id) const {
    const auto unit = std::ranges::find(units_, id, &Unit::id);
    return unit == units_.end() ? "nobody" : unit->source;
  }

  Answers answers_{[](const std::string&, const std::stop_token&) { return Result<>{}; }};
  PlannedInput planned_;
  std::vector<Unit> units_;
  std::optional<ParameterInput> input_;
};

TEST_F(ParallelPulls, AskSeveralAtATimeAndKeepTheOrderOfTheRows) {
  Meeting meeting(3);
  answers_.answer = [&](const std::string&, const std::stop_token&) -> Result<> {
    meeting.join();
    return {};
  };
  begin(3, {"a", "b", "c", "d", "e"});
  EXPECT_EQ(read(), (Texts{"slow:a a", "slow:a a", "slow:b b", "slow:b b", "slow:c c", "slow:c c", "slow:d d",
                           "slow:d d", "slow:e e", "slow:e e"}));
  EXPECT_EQ(meeting.most(), 3u);
  EXPECT_EQ(answers_.shared, 0);
}

TEST_F(ParallelPulls, GiveTheSameWithAnyNumberOfThreads) {
  Texts names, expected;
  for (int i = 0; i < 200; ++i) names.push_back("n" + std::to_string(i));
  for (const std::string& name : names) expected.insert(expected.end(), 2, "slow:" + name + " " + name);
  for (const std::size_t threads : {1u, 2u, 7u, 64u, 1000u}) {
    units_.clear();
    begin(threads, names);
    EXPECT_EQ(read(), expected) << threads;
    for (std::size_t i = 0; i < units_.size(); ++i) EXPECT_EQ(std::to_underlying(units_[i].id), i) << threads;
  }
  EXPECT_EQ(answers_.shared, 0);
}

TEST_F(ParallelPulls, ReadForEqualRowsOnceButForThoseOfTheRoundBefore) {
  begin(2, {"a", "b", "a", "a", "b"});
  EXPECT_EQ(read(), (Texts{"slow:a a", "slow:a a", "slow:b b", "slow:b b"}));
  planned_.parameters->same_round = false;
  give({"a", "a"});
  EXPECT_EQ(read(), (Texts{"slow:a a", "slow:a a", "slow:a a", "slow:a a"}));
}

TEST_F(ParallelPulls, TellAnErrorWhenItIsTheTurnOfItsInput) {
  std::atomic<int> failures = 1;
  answers_.answer = [&](const std::string& name, const std::stop_token&) -> Result<> {
    if (name == "c" && failures-- > 0) return fail(Verdict::environment, "BO560", "c is away");
    return {};
  };
  begin(4, {"a", "b", "c"});
  EXPECT_EQ(read(), (Texts{"slow:a a", "slow:a a", "slow:b b", "slow:b b", "error c is away", "slow:c c", "slow:c c"}));
}

TEST_F(ParallelPulls, GoBackWhileOthersAreUnderWay) {
  begin(4, {"a", "b", "c", "d", "e", "f"});
  Texts first;
  while (first.size() < 3) {
    const auto event = pull();
    ASSERT_TRUE(event);
    if (const auto* payloads = std::get_if<Payloads>(&*event)) first.push_back(std::string(payloads->bytes(0)));
  }
  EXPECT_EQ(first, (Texts{"a", "a", "b"}));
  ASSERT_TRUE(input_->seek(std::vector<Position>{{units_[0].id, 1, {}}, {units_[1].id, 0, {}}}));
  EXPECT_EQ(read(), (Texts{"slow:a a", "slow:b b", "slow:b b", "slow:c c", "slow:c c", "slow:d d", "slow:d d",
                           "slow:e e", "slow:e e", "slow:f f", "slow:f f"}));
  EXPECT_EQ(answers_.shared, 0);
}

TEST_F(ParallelPulls, StopAllThatAreUnderWay) {
  std::stop_source stop;
  std::atomic<int> stopped = 0;
  answers_.answer = [&](const std::string&, const std::stop_token& own) -> Result<> {
    stop.request_stop();
    const auto late = Clock::now() + std::chrono::seconds{20};
    while (!own.stop_requested() && Clock::now() < late) std::this_thread::yield();
    if (own.stop_requested()) ++stopped;
    return {};
  };
  begin(3, {"a", "b", "c"});
  const auto start = Clock::now();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(pull(stop.get_token()));
  EXPECT_LT(Clock::now() - start, std::chrono::seconds{10});
  input_.reset();  // Pulls that are under way use what is declared here.
  EXPECT_GE(stopped, 1);
}

TEST_F(ParallelPulls, EndWhileOthersAreUnderWay) {
  answers_.answer = [&](const std::string& name, const std::stop_token& own) -> Result<> {
    while (name != "a" && !own.stop_requested()) std::this_thread::yield();
    return {};
  };
  begin(3, {"a", "b", "c"});
  for (int payloads = 0; payloads < 2;) {
    const auto event = pull();
    ASSERT_TRUE(event);
    if (std::holds_alternative<Payloads>(*event)) ++payloads;
  }
  input_.reset();
}

TEST_F(ParallelPulls, TellAnExceptionAsAnError) {
  answers_.answer = [](const std::string& name, const std::stop_token&) -> Result<> {
    if (name == "b") throw std::runtime_error("no more");
    return {};
  };
  begin(2, {"a", "b"});
  Result<Event> event = pull();
  while (event && !std::holds_alternative<End>(*event)) event = pull();
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().code, "BO904");
}

}  // namespace
}  // namespace batchout
