// The engine on scripted components: the order of its calls, and what it says when something goes wrong.

#include "engine/engine.h"

#include <gtest/gtest.h>

#include "fakes.h"

namespace batchout {
namespace {

using fakes::kUnit;
using fakes::payloads;
using fakes::World;

using Calls = std::vector<std::string>;

class Engines : public ::testing::Test {
 protected:
  void tells(std::function<Result<Event>()> event) { world_.script.push_back(std::move(event)); }
  void assigned() {
    tells([] { return Assigned{{kUnit}}; });
  }
  void gives(std::int64_t first, std::vector<std::string> texts) {
    tells([=] { return payloads(first, texts); });
  }

  /// One round of a new engine.
  Result<> run(const std::function<void(Plan&)>& change = [](Plan&) {}) {
    plan_ = fakes::plan_of(world_);
    change(plan_);
    engine_.emplace(plan_, fakes::runtime_of(world_));
    return engine_->run_round({});
  }
  const Summary& summary() const { return engine_->summary(); }

  World world_;
  Plan plan_;
  std::optional<Engine> engine_;
};

TEST_F(Engines, StoreOneBatchAndAcknowledgeLast) {
  assigned();
  gives(0, {"apple", "pear"});
  gives(2, {"plum"});
  ASSERT_TRUE(run());
  EXPECT_EQ(world_.rows, (Calls{"apple", "pear", "plum"}));
  EXPECT_EQ(world_.calls, (Calls{"assign -1", "acknowledge 0", "begin", "open", "commit -", "acknowledge 3"}));
  EXPECT_EQ(summary().payloads, 3u);
  EXPECT_EQ(summary().rows_written.at("basket"), 3u);
  EXPECT_EQ(summary().batches, 1u);
}

TEST_F(Engines, StoreTheStartOfAUnitBeforeItsFirstPayload) {
  world_.keeps_positions = true;
  world_.traits = {.endless = true, .round_payloads = {}, .round_quiet = std::chrono::seconds{2}};
  assigned();
  ASSERT_TRUE(run());
  EXPECT_EQ(world_.calls, (Calls{"claim", "assign -1", "begin", "commit 0"}));
}

// One position for both would make each skip what the other has read.
TEST_F(Engines, RefuseTwoInputsThatReadOneUnit) {
  world_.keeps_positions = true;
  assigned();
  tells([] { return End{}; });
  assigned();
  const auto ended = run([](Plan& plan) {
    plan.inputs.push_back(plan.inputs[0]);
    plan.inputs.back().name = "berries";
  });
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, "BO504");
  EXPECT_EQ(ended.error().message,
            "Two inputs read the same unit, whose position is kept only once; read it by one, or set delivery: "
            "at_least_once: inputs.fruits reads list:fruits, unit \"0\", too");
}

TEST_F(Engines, StoreTheStartOfAUnitInARoundThatMayTakeNothing) {
  world_.traits = {.endless = true, .round_payloads = 0, .round_quiet = std::chrono::seconds{2}};
  assigned();
  ASSERT_TRUE(run());
  EXPECT_EQ(world_.calls, (Calls{"assign -1", "acknowledge 0"}));
}

TEST_F(Engines, GoOnFromTheStoredPositionAndSkipWhatIsBelow) {
  world_.keeps_positions = true;
  world_.stored = Position{UnitId{}, 2, {}};
  assigned();
  gives(1, {"pear", "plum"});
  ASSERT_TRUE(run());
  EXPECT_EQ(world_.rows, Calls{"plum"});
  EXPECT_EQ(world_.calls, (Calls{"claim", "assign 2", "begin", "open", "commit 3", "acknowledge 3"}));
  EXPECT_EQ(summary().payloads_skipped, 1u);
}

TEST_F(Engines, StartAboveWhatIsStoredOnlyInAnotherFile) {
  const auto code = [&](std::int64_t stored, const std::string& token, bool endless) {
    world_.keeps_positions = true;
    world_.stored = Position{UnitId{}, stored, "first=1"};
    world_.start = 5;
    world_.start_token = token;
    world_.traits = {};
    if (endless) world_.traits = {.endless = true, .round_payloads = {}, .round_quiet = std::chrono::seconds{2}};
    assigned();
    const Result<> result = run();
    return result ? std::string() : result.error().code;
  };
  EXPECT_EQ(code(5, "first=1", false), "");
  EXPECT_EQ(code(4, "first=1", false), "BO502");
  EXPECT_EQ(code(4, "first=2", false), "");
  EXPECT_EQ(code(4, "first=2", true), "BO502");
}

TEST_F(Engines, StartWhereTheInputSaysIfThatIsBelowWhatIsStored) {
  world_.keeps_positions = true;
  world_.stored = Position{UnitId{}, 5, {}};
  world_.start = 0;
  assigned();
  gives(0, {"apple"});
  ASSERT_TRUE(run());
  EXPECT_EQ(world_.rows, Calls{"apple"});
  EXPECT_EQ(world_.calls,
            (Calls{"claim", "assign 5", "begin", "commit 0", "begin", "open", "commit 1", "acknowledge 1"}));
}

TEST_F(Engines, CutARoundIntoBatches) {
  assigned();
  for (std::int64_t i = 0; i < 5; ++i) gives(i, {"apple"});
  ASSERT_TRUE(run([](Plan& plan) { plan.batch.payloads = 2; }));
  EXPECT_EQ(summary().batches, 3u);
  EXPECT_EQ(world_.rows.size(), 5u);
}

// A text is in the payload and in its row, and takes 9 bytes more there and 4 of a selection.
TEST_F(Engines, StoreABatchWhenItsPayloadsAndRowsReachTheLimitOfMemory) {
  assigned();
  for (std::int64_t i = 0; i < 5; ++i) gives(i, {std::string(100'000, 'x')});
  ASSERT_TRUE(run([](Plan& plan) { plan.batch.memory = 300'000; }));
  EXPECT_EQ(summary().batches, 3u);
  EXPECT_EQ(world_.rows.size(), 5u);
  // Of nothing known, of all but what the first payload took with its row, and of an empty batch.
  ASSERT_GE(world_.budgets.size(), 4u);
  EXPECT_EQ(world_.budgets[1], 32u << 10);
  EXPECT_NEAR(static_cast<double>(world_.budgets[2]), 50'000, 100);
  EXPECT_NEAR(static_cast<double>(world_.budgets[3]), 150'000, 100);
}

TEST_F(Engines, TakeAPayloadThatIsLargerThanTheMemoryOfABatch) {
  assigned();
  gives(0, {std::string(1'000'000, 'x')});
  gives(1, {"apple"});
  ASSERT_TRUE(run([](Plan& plan) { plan.batch.memory = 1; }));
  EXPECT_EQ(summary().batches, 2u);
  EXPECT_EQ(world_.rows.size(), 2u);
}

TEST_F(Engines, TryTheSameBatchAgainAfterAnErrorOfTheEnvironment) {
  int failures = 2;
  world_.write = [&]() -> Result<> {
    if (failures-- > 0) return fail(Verdict::environment, "BO500", "The basket is away");
    return {};
  };
  assigned();
  gives(0, {"apple"});
  ASSERT_TRUE(run());
  EXPECT_EQ(world_.rows, Calls{"apple"});
  EXPECT_EQ(summary().retries, 2u);
  ASSERT_EQ(world_.log.size(), 2u);
  EXPECT_TRUE(world_.log[0].starts_with("outputs.basket: The basket is away [BO500]; trying again in 1"))
      << world_.log[0];
}

TEST_F(Engines, GiveUpWhenTheEnvironmentStaysUnwell) {
  world_.write = []() -> Result<> { return fail(Verdict::environment, "BO500", "The basket is away"); };
  assigned();
  gives(0, {"apple"});
  const Result<> result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().verdict, Verdict::environment);
  EXPECT_EQ(result.error().place, "outputs.basket");
  EXPECT_TRUE(world_.rows.empty());
}

TEST_F(Engines, SayThatARefusedRowEndsTheRun) {
  world_.write = []() -> Result<> { return fail(Verdict::row, "BO450", "value too long"); };
  assigned();
  gives(0, {"apple"});
  const Result<> result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().verdict, Verdict::row);
  EXPECT_EQ(
      result.error().message,
      "The target refused a row, and no single row can be left out of this batch, so nothing of it was stored and "
      "the run ends; batch 1: value too long");
}

TEST_F(Engines, NameThePayloadOfARefusedRowIfTheOutputDoes) {
  world_.write = []() -> Result<> { return fail(Verdict::row, "BO450", "value too long"); };
  world_.blamed.emplace();
  world_.blamed->code = "BO450";
  world_.blamed->unit = kUnit.id;
  world_.blamed->position = 1;
  assigned();
  gives(0, {"apple", "pear"});
  const Result<> result = run();
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().message.ends_with("value too long; payload: " + kUnit.source + ", unit \"" + kUnit.name +
                                               "\", position 1"))
      << result.error().message;
}

TEST_F(Engines, NameTheComponentThatThrows) {
  tells([]() -> Result<Event> { throw std::runtime_error("worm"); });
  const Result<> result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().verdict, Verdict::internal);
  EXPECT_EQ(result.error().place, "inputs.fruits");
  EXPECT_EQ(result.error().message, "The component threw an exception, which is a bug in it: worm");
}

TEST_F(Engines, StoreWhatCameBeforeAGapAndStop) {
  assigned();
  gives(0, {"apple"});
  tells([] { return Gap{kUnit.id, 1, 9}; });
  const Result<> result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message,
            "The source no longer has what comes next, so payloads would be missing; unit \"0\" of list:fruits, "
            "expected 1, found 9");
  EXPECT_EQ(world_.rows, Calls{"apple"});
}

TEST_F(Engines, KeepRefusedPayloadsAsDeadLettersAndLogTheFirst) {
  assigned();
  gives(0, {"apple", "bad one", "bad two"});
  ASSERT_TRUE(run());
  EXPECT_EQ(world_.dead_letters, (Calls{"0: bad one", "0: bad two"}));
  EXPECT_EQ(summary().rejects.at("BO400"), 2u);
  EXPECT_EQ(world_.log,
            Calls{"inputs.fruits: Refused [BO400]: bad fruit; list:fruits, unit \"0\", position 1; 1 more of "
                  "this kind in the batch"});
}

TEST_F(Engines, GoOnWithoutDeadLettersWhereTheStoreMayNotKeepThem) {
  world_.no_letters = Error{Verdict::configuration, "BO539", "no right", {}};
  assigned();
  gives(0, {"apple", "bad one"});
  ASSERT_TRUE(run());
  EXPECT_EQ(world_.rows, Calls{"apple"});
  EXPECT_EQ(world_.dead_letters, Calls{});
  EXPECT_EQ(summary().rejects.at("BO400"), 1u);
  ASSERT_EQ(world_.log.size(), 2u);
  EXPECT_EQ(world_.log[0], "outputs.basket: no right; until then they are only logged and counted");
}

TEST_F(Engines, EndAtOnceWithoutDeadLettersWhereNothingMayBeMissing) {
  world_.no_letters = Error{Verdict::configuration, "BO539", "no right", {}};
  const auto exactly_once = [](Plan& plan) { plan.delivery = DeliveryLevel::exactly_once; };
  const auto in_so_many_words = [](Plan& plan) { plan.insists_on_letters = true; };
  for (const std::function<void(Plan&)>& insists :
       {std::function<void(Plan&)>(exactly_once), std::function<void(Plan&)>(in_so_many_words)}) {
    world_.script.clear();
    assigned();
    gives(0, {"apple"});
    const auto ended = run(insists);
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, "BO539");
    EXPECT_EQ(ended.error().place, "outputs.basket");
    EXPECT_EQ(world_.rows, Calls{});
  }
  world_.script.clear();
  assigned();
  gives(0, {"apple"});
  ASSERT_TRUE(run([](Plan& plan) {
    plan.delivery = DeliveryLevel::exactly_once;
    plan.dead_letters = false;
  }));
}

// What the second store refuses is known only once it has been asked to commit, and the first one keeps the letters.
TEST_F(Engines, KeepALetterOfARowThatAnotherStoreRefusesOnlyAtItsCommit) {
  World barrel;
  barrel.commit = [&]() -> Result<Outcome> {
    if (barrel.late) return Outcome::committed;
    barrel.late.emplace();
    barrel.late->code = "BO534";
    barrel.late->unit = kUnit.id;
    barrel.late->position = 1;
    return fail(Verdict::environment, "BO540", "checked too late");
  };
  assigned();
  gives(0, {"apple", "pear"});
  ASSERT_TRUE(run([&](Plan& plan) {
    fakes::add_store(plan, "barrel", barrel);
    plan.writers[0].outputs.push_back(1);
  }));
  EXPECT_EQ(world_.rows, (Calls{"apple", "pear"}));
  EXPECT_EQ(world_.dead_letters, Calls{"0: pear"});
}

// The output blames a payload that is not to blame, so leaving it out changes nothing.
TEST_F(Engines, LeaveAPayloadOutOnceHoweverOftenItIsBlamed) {
  world_.late.emplace();
  world_.late->code = "BO534";
  world_.late->unit = kUnit.id;
  world_.late->position = 1;
  assigned();
  gives(0, {"apple", "pear", "fig"});
  ASSERT_TRUE(run([](Plan& plan) { plan.on_row_error = RowErrors::payload; }));
  EXPECT_EQ(world_.rows, (Calls{"apple", "fig"}));
  EXPECT_EQ(world_.dead_letters, (Calls{"0: pear", "0: pear"}));
}

// In a chain of payloads each is refused only once the one before has gone.
TEST_F(Engines, WriteABatchAgainOnlyAsLongAsItMayBeStored) {
  int tries = 0;
  world_.write = [&]() -> Result<> {
    world_.late.emplace();
    world_.late->code = "BO534";
    world_.late->unit = kUnit.id;
    world_.late->position = tries++;
    return {};
  };
  assigned();
  gives(0, std::vector<std::string>(20, "apple"));
  const Result<> ended = run([](Plan& plan) {
    plan.on_row_error = RowErrors::payload;
    plan.reject_limit.count = 3;
  });
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, "BO505");
  EXPECT_EQ(tries, 4);
  EXPECT_EQ(world_.rows, Calls{});
}

TEST_F(Engines, EndWithARefusedPayloadWhereItEndsTheBatch) {
  assigned();
  gives(0, {"apple", "bad one"});
  const Result<> result = run([](Plan& plan) { plan.on_row_error = RowErrors::batch; });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().verdict, Verdict::row);
  EXPECT_EQ(result.error().code, "BO505");
  EXPECT_EQ(result.error().place, "inputs.fruits");
  EXPECT_EQ(result.error().message,
            "A payload was refused, and on_row_error: batch ends the run; nothing of the batch was stored: BO400: bad "
            "fruit; payload: list:fruits, unit \"0\", position 1");
  EXPECT_TRUE(world_.rows.empty());
}

TEST_F(Engines, LeaveOutThePayloadOfARefusedValueWhereItsRowsBelongTogether) {
  assigned();
  gives(0, {"apple", "half pear"});
  ASSERT_TRUE(run([](Plan& plan) { plan.on_row_error = RowErrors::payload; }));
  EXPECT_EQ(world_.rows, Calls{"apple"});
  EXPECT_EQ(world_.dead_letters, Calls{"0: half pear"});
}

TEST_F(Engines, LeaveTheOtherRowsOfARefusedValueWhereTheyStandAlone) {
  assigned();
  gives(0, {"apple", "half pear"});
  ASSERT_TRUE(run([](Plan& plan) { plan.on_row_error = RowErrors::row; }));
  EXPECT_EQ(world_.rows, (Calls{"apple", "half pear"}));
  EXPECT_EQ(world_.dead_letters, Calls{"0: half pear"});
}

TEST_F(Engines, DoNotEndTheBatchForAPayloadWithoutAValue) {
  assigned();
  tells([] {
    Payloads made = payloads(0, {"apple"});
    made.append({}, kUnit.id, 1, 2, Payloads::State::missing);
    return made;
  });
  ASSERT_TRUE(run([](Plan& plan) { plan.on_row_error = RowErrors::batch; }));
  EXPECT_EQ(world_.rows, Calls{"apple"});
  EXPECT_EQ(summary().rejects.at("BO403"), 1u);
}

TEST_F(Engines, CountAndExplainFailedCasts) {
  assigned();
  gives(0, {"apple", "pear"});
  ASSERT_TRUE(run([](Plan& plan) {
    TableShape shape = *plan.inputs[0].shape;
    shape.columns[0].kind = Kind::integer;
    plan.inputs[0].shape = std::make_shared<TableShape>(shape);
    plan.inputs[0].steps.emplace_back().cast.kind = Kind::integer;
  }));
  EXPECT_EQ(summary().failed_casts.at("fruit"), 2u);
  EXPECT_EQ(world_.log, Calls{"inputs.fruits: column \"fruit\": 2 values could not be cast to integer, for example "
                              "\"apple\"; is the column's type right?"});
}

TEST_F(Engines, DropEmptyRowsWhereThePlanSaysSo) {
  assigned();
  gives(0, {"apple", ""});
  ASSERT_TRUE(run([](Plan& plan) { plan.drop_empty_rows = true; }));
  EXPECT_EQ(world_.rows, Calls{"apple"});
  EXPECT_EQ(summary().rows_dropped, 1u);
}

TEST_F(Engines, CallOutputsWithoutRowsOnlyInTheOldestDialect) {
  ASSERT_TRUE(run());
  EXPECT_TRUE(world_.calls.empty());
  ASSERT_TRUE(run([](Plan& plan) { plan.dialect = Dialect::v0_0_1; }));
  EXPECT_EQ(world_.calls, (Calls{"begin", "open", "commit -"}));
}

TEST_F(Engines, AskTheStoreAfterALostAnswer) {
  world_.keeps_positions = true;
  world_.stored = Position{UnitId{}, 0, {}};
  bool lost = false;
  world_.commit = [&] {
    if (std::exchange(lost, true)) return Outcome::committed;
    world_.stored->number = 1;  // It did happen.
    return Outcome::in_doubt;
  };
  assigned();
  gives(0, {"apple"});
  ASSERT_TRUE(run());
  EXPECT_EQ(world_.calls,
            (Calls{"claim", "assign 0", "begin", "open", "commit 1", "rollback", "claim", "seek 1", "acknowledge 1"}));
  EXPECT_EQ(summary().batches, 1u);
}

// The server has ended its session while the other store was written, which took longer than it lets transactions idle.
TEST_F(Engines, CommitNothingWhereTheTransactionOfTheAuthorityIsGone) {
  World barrel;
  world_.keeps_positions = true;
  world_.stored = Position{UnitId{}, 0, {}};
  bool gone = false;
  world_.check = [&]() -> Result<> {
    if (std::exchange(gone, true)) return {};
    return fail(Verdict::environment, "BO530", "terminating connection due to idle-in-transaction timeout");
  };
  assigned();
  gives(0, {"apple"});
  ASSERT_TRUE(run([&](Plan& plan) {
    fakes::add_store(plan, "barrel", barrel);
    plan.writers[0].outputs.push_back(1);
  }));
  EXPECT_TRUE(world_.expects_idleness && barrel.expects_idleness);
  EXPECT_EQ(barrel.calls, (Calls{"begin", "open", "rollback", "begin", "open", "commit -"}));
  EXPECT_EQ(barrel.rows, Calls{"apple"});
  EXPECT_EQ(world_.rows, Calls{"apple"});
}

// Rows that a deferred constraint refuses, whichever store it is that has them.
TEST_F(Engines, CommitNothingBeforeAllStoresHaveTakenTheirRows) {
  for (const bool of_authority : {true, false}) {
    World barrel;
    world_ = World();
    world_.keeps_positions = true;
    world_.stored = Position{UnitId{}, 0, {}};
    bool told = false;
    World& refusing = of_authority ? world_ : barrel;
    refusing.check = [&]() -> Result<> {
      if (std::exchange(told, true)) return {};
      EXPECT_TRUE(world_.rows.empty() && barrel.rows.empty());
      refusing.late.emplace();
      refusing.late->code = "BO534";
      refusing.late->unit = kUnit.id;
      refusing.late->position = 1;
      return fail(Verdict::environment, "BO540", "checked too late");
    };
    assigned();
    gives(0, {"apple", "pear"});
    ASSERT_TRUE(run([&](Plan& plan) {
      fakes::add_store(plan, "barrel", barrel);
      plan.writers[0].outputs.push_back(1);
      plan.on_row_error = RowErrors::payload;
    }));
    EXPECT_TRUE(told);
    EXPECT_EQ(world_.rows, Calls{"apple"});
    EXPECT_EQ(barrel.rows, Calls{"apple"});
  }
}

TEST_F(Engines, KeepTransactionsShortWhereThereIsOneStore) {
  ASSERT_TRUE(run());
  EXPECT_FALSE(world_.expects_idleness);
}

// A connection that breaks at each COMMIT, say for a proxy that cuts it.
TEST_F(Engines, GiveUpWhenNoCommitArrives) {
  world_.keeps_positions = true;
  world_.stored = Position{UnitId{}, 0, {}};
  int commits = 0;
  world_.commit = [&] {
    gives(0, {"apple"});
    return ++commits < 1'000 ? Outcome::in_doubt : Outcome::committed;
  };
  assigned();
  gives(0, {"apple"});
  const Clock::Time start = world_.clock.now();
  const Result<> result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().verdict, Verdict::environment);
  EXPECT_EQ(result.error().code, "BO501");
  EXPECT_EQ(result.error().place, "outputs.basket");
  EXPECT_TRUE(result.error().message.starts_with(
      "The answer to a commit was lost, and its batch is not known to be stored, so it is read again; batch "))
      << result.error().message;
  EXPECT_LT(commits, 100);
  EXPECT_GT(world_.clock.now() - start, std::chrono::minutes{5});
}

TEST_F(Engines, BeginWithShortPausesAfterACommitThatArrived) {
  world_.keeps_positions = true;
  world_.stored = Position{UnitId{}, 0, {}};
  int commits = 0;
  world_.commit = [&] {
    world_.clock.sleep_until(world_.clock.now() + std::chrono::minutes{1}, {});
    const std::int64_t position = commits / 2;
    if (++commits % 2 == 0) return Outcome::committed;
    world_.script.push_front([=] { return payloads(position, {"apple"}); });
    return Outcome::in_doubt;
  };
  assigned();
  for (std::int64_t i = 0; i < 10; ++i) gives(i, {"apple"});
  ASSERT_TRUE(run([](Plan& plan) { plan.batch.payloads = 1; }));
  EXPECT_EQ(summary().retries, 10u);
}

TEST_F(Engines, DropABatchWhenOneOfItsUnitsIsTaken) {
  world_.traits = {.endless = true, .round_payloads = {}, .round_quiet = std::chrono::seconds{2}};
  assigned();
  gives(0, {"apple"});
  tells([] { return Revoked{{kUnit.id}, false}; });
  ASSERT_TRUE(run());
  EXPECT_TRUE(world_.rows.empty());
  EXPECT_EQ(world_.calls, (Calls{"assign -1", "acknowledge 0", "release"}));
}

TEST_F(Engines, EndWhenAnotherProcessClaimsTheUnitOfAFiniteInput) {
  world_.keeps_positions = true;
  world_.stored = Position{UnitId{}, 0, {}};
  world_.commit = [] { return Outcome::fenced; };
  assigned();
  gives(0, {"apple"});
  const Result<> result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().verdict, Verdict::fenced);
  EXPECT_EQ(result.error().message,
            "Another process has claimed a unit that this one reads, so the batch was dropped; batch 1");
}

TEST_F(Engines, NeverBlameARowForAClaim) {
  world_.keeps_positions = true;
  world_.claim_fails = Error{Verdict::row, "BO530", "a name is no text", ""};
  assigned();
  const Result<> result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().verdict, Verdict::configuration);
}

TEST_F(Engines, EndWhereTheStoreHasGoneBack) {
  world_.keeps_positions = true;
  world_.group = true;
  world_.stored = Position{UnitId{}, 0, {}};
  world_.traits = {.endless = true, .round_payloads = {}, .round_quiet = std::chrono::seconds{2}};
  world_.commit = [&] {
    world_.epoch = -10;
    return Outcome::fenced;
  };
  assigned();
  gives(0, {"apple"});
  const Result<> result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().verdict, Verdict::fenced);
  EXPECT_EQ(result.error().code, "BO506");
  EXPECT_EQ(result.error().message,
            "The positions of the store have gone back, as after a backup that was restored or a file that was "
            "replaced; start again to read on from there; unit \"0\" of list:fruits, claimed 1 times before and -8 "
            "times now");
}

TEST_F(Engines, EndWithTheWordsOfAFencingStoreWhereNobodyKeepsPositions) {
  world_.traits = {.endless = true, .round_payloads = {}, .round_quiet = std::chrono::seconds{2}};
  world_.commit = [] { return fail(Verdict::fenced, "BO536", "the epoch of a unit has changed"); };
  assigned();
  gives(0, {"apple"});
  const Result<> result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().verdict, Verdict::fenced);
  EXPECT_EQ(result.error().code, "BO536");
  EXPECT_EQ(result.error().place, "outputs.basket");
  EXPECT_TRUE(world_.rows.empty());
}

// Partitions that the configuration names: both would claim them in turns for ever.
TEST_F(Engines, EndWhenAnotherProcessClaimsTheUnitOfATopicThatNoGroupSharesOut) {
  world_.keeps_positions = true;
  world_.stored = Position{UnitId{}, 0, {}};
  world_.traits = {.endless = true, .round_payloads = {}, .round_quiet = std::chrono::seconds{2}};
  bool taken = true;
  world_.commit = [&] { return std::exchange(taken, false) ? Outcome::fenced : Outcome::committed; };
  assigned();
  gives(0, {"apple"});
  gives(0, {"apple"});
  const Result<> result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().verdict, Verdict::fenced);
  EXPECT_EQ(result.error().code, "BO503");
  EXPECT_TRUE(world_.rows.empty());
}

TEST_F(Engines, ClaimAUnitOfAGroupAgainAfterAFence) {
  world_.keeps_positions = true;
  world_.group = true;
  world_.stored = Position{UnitId{}, 0, {}};
  world_.traits = {.endless = true, .round_payloads = {}, .round_quiet = std::chrono::seconds{2}};
  bool taken = true;
  world_.commit = [&] { return std::exchange(taken, false) ? Outcome::fenced : Outcome::committed; };
  assigned();
  gives(0, {"apple"});
  gives(0, {"apple"});
  ASSERT_TRUE(run([](Plan& plan) { plan.batch.payloads = 1; }));
  EXPECT_EQ(world_.rows, Calls{"apple"});
  EXPECT_EQ(world_.calls, (Calls{"claim", "assign 0", "begin", "open", "commit 1", "rollback", "claim", "seek 0",
                                 "begin", "open", "commit 1", "acknowledge 1"}));
}

TEST_F(Engines, MakeARowForEachPayloadThatNothingLooksInto) {
  assigned();
  gives(0, {"apple", "bad pear"});
  ASSERT_TRUE(run([](Plan& plan) {
    PlannedInput& input = plan.inputs[0];
    input.extractor = nullptr;
    input.projection.columns.clear();
    OriginColumn& everywhere = input.projection.origins.emplace_back();
    everywhere.source = OriginColumn::Source::resolved_path;
    everywhere.path.pieces.emplace_back("everywhere");
  }));
  EXPECT_EQ(world_.rows, (Calls{"everywhere", "everywhere"}));
}

TEST_F(Engines, DoNotTakeTheTimeOfStoringForQuiet) {
  world_.traits = {.endless = true, .round_payloads = {}, .round_quiet = std::chrono::seconds{2}};
  world_.commit = [&] {
    world_.clock.sleep_until(world_.clock.now() + std::chrono::minutes{1}, {});
    return Outcome::committed;
  };
  assigned();
  gives(0, {"apple"});
  gives(1, {"pear"});
  ASSERT_TRUE(run([](Plan& plan) { plan.batch.payloads = 1; }));
  EXPECT_EQ(world_.rows, (Calls{"apple", "pear"}));
}

// An input may ask its group for a minute where it has stopped, and be answered that this is not known yet.
TEST_F(Engines, DoNotTakeTheTimeOfSettlingForQuiet) {
  world_.traits = {.endless = true, .round_payloads = {}, .round_quiet = std::chrono::seconds{2}};
  int asked = 0;
  world_.assign = [&]() -> Result<> {
    world_.clock.sleep_until(world_.clock.now() + std::chrono::seconds{5}, {});
    if (++asked < 3) return fail(Verdict::environment, "BO515", "the coordinator loads");
    return {};
  };
  assigned();
  // What was asked for is still on its way.
  tells([] { return Idle{}; });
  gives(0, {"apple"});
  ASSERT_TRUE(run());
  EXPECT_EQ(world_.rows, Calls{"apple"});
}

TEST_F(Engines, DoNotTakeAnOutageOfAnInputForQuiet) {
  world_.traits = {.endless = true, .round_payloads = {}, .round_quiet = std::chrono::seconds{2}};
  assigned();
  for (int i = 0; i < 10; ++i)
    tells([&]() -> Result<Event> {
      world_.clock.sleep_until(world_.clock.now() + std::chrono::seconds{5}, {});
      return fail(Verdict::environment, "BO515", "nobody answers");
    });
  // Back, but what was asked for is still on its way.
  tells([] { return Idle{}; });
  gives(0, {"apple"});
  ASSERT_TRUE(run());
  EXPECT_EQ(world_.rows, Calls{"apple"});
}

TEST_F(Engines, EndWithTheErrorOfAnInputThatDoesNotComeBack) {
  world_.traits = {.endless = true, .round_payloads = {}, .round_quiet = std::chrono::seconds{2}};
  for (int i = 0; i < 1000; ++i)
    tells([]() -> Result<Event> { return fail(Verdict::environment, "BO515", "nobody answers"); });
  const auto ended = run();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().message, "nobody answers");
}

TEST_F(Engines, ReadOnWhereTheInputKnowsThatItIsNotAtItsEnd) {
  world_.traits = {.endless = true, .round_payloads = {}, .round_quiet = std::chrono::seconds{2}};
  assigned();
  for (int i = 0; i < 10; ++i)
    tells([&] {
      world_.clock.sleep_until(world_.clock.now() + std::chrono::seconds{1}, {});
      return Payloads{};
    });
  gives(0, {"apple"});
  ASSERT_TRUE(run());
  EXPECT_EQ(world_.rows, Calls{"apple"});
}

// The input may say now and then that it waits: only what it tells of its works ends the outage.
TEST_F(Engines, CountTheTimeOfAnOutageThroughWhatIsNotHeard) {
  world_.traits = {.endless = true, .round_payloads = {}, .round_quiet = std::chrono::seconds{2}};
  assigned();
  for (int i = 0; i < 1000; ++i) {
    tells([]() -> Result<Event> { return fail(Verdict::environment, "BO515", "nobody answers"); });
    tells([&] {
      world_.clock.sleep_until(world_.clock.now() + std::chrono::seconds{30}, {});
      return Payloads{};
    });
  }
  const auto ended = run();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().message, "nobody answers");
  EXPECT_GT(world_.script.size(), 1900u) << "that it waits has not begun the time anew";
}

TEST_F(Engines, DoNotEndWhereOnlyTheCourtesyOfAnAcknowledgementIsRefused) {
  world_.keeps_positions = true;
  world_.acknowledge = [] { return fail(Verdict::configuration, "BO511", "no right to the group"); };
  assigned();
  gives(0, {"apple"});
  gives(1, {"pear"});
  ASSERT_TRUE(run([](Plan& plan) { plan.batch.payloads = 1; }));
  EXPECT_EQ(world_.rows, (Calls{"apple", "pear"}));
  EXPECT_EQ(std::ranges::count(world_.log,
                               "inputs.fruits: no right to the group [BO511]; the outputs keep the positions, so no "
                               "row is concerned"),
            1);
}

TEST_F(Engines, EndWhereARefusedAcknowledgementIsWhatMovesThePosition) {
  world_.acknowledge = [] { return fail(Verdict::configuration, "BO511", "no right to the group"); };
  assigned();
  gives(0, {"apple"});
  const auto ended = run();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, "BO511");
}

TEST_F(Engines, EndARunThatIsIdleForTooLong) {
  world_.traits = {.endless = true, .round_payloads = {}, .round_quiet = std::chrono::seconds{1}};
  assigned();
  gives(0, {"apple"});
  plan_ = fakes::plan_of(world_);
  Runtime runtime = fakes::runtime_of(world_);
  runtime.options.idle_max = std::chrono::seconds{30};
  engine_.emplace(plan_, std::move(runtime));
  ASSERT_TRUE(engine_->run_forever({}));
  EXPECT_EQ(world_.rows, Calls{"apple"});
  EXPECT_GE(engine_->summary().time, std::chrono::seconds{30});
  EXPECT_LT(engine_->summary().time, std::chrono::seconds{35});
}

TEST_F(Engines, DoNotTakeAnOutageForIdleness) {
  world_.traits = {.endless = true, .round_payloads = {}, .round_quiet = std::chrono::seconds{1}};
  assigned();
  for (int i = 0; i < 100; ++i)
    tells([]() -> Result<Event> { return fail(Verdict::environment, "BO515", "nobody answers"); });
  gives(0, {"apple"});
  plan_ = fakes::plan_of(world_);
  Runtime runtime = fakes::runtime_of(world_);
  runtime.options.retry_max = {};
  runtime.options.idle_max = std::chrono::seconds{30};
  engine_.emplace(plan_, std::move(runtime));
  ASSERT_TRUE(engine_->run_forever({}));
  EXPECT_EQ(world_.rows, Calls{"apple"});
}

TEST_F(Engines, LetTheStoreHearAStopAndGiveItsBatchBack) {
  std::stop_source stop;
  assigned();
  gives(0, {"apple"});
  world_.commit = [&]() -> Result<Outcome> {
    stop.request_stop();
    if (!world_.heard.stop_requested()) return Outcome::committed;
    return fail(Verdict::environment, "BO571", "nobody answered");
  };
  plan_ = fakes::plan_of(world_);
  engine_.emplace(plan_, fakes::runtime_of(world_));
  ASSERT_TRUE(engine_->run_forever(stop.get_token()));
  EXPECT_EQ(world_.rows, Calls{});
  EXPECT_EQ(world_.log.back(), "test: Stopped before batch 1 could be stored; its payloads will be read again");
}

TEST_F(Engines, StopCleanlyBetweenPayloads) {
  std::stop_source stop;
  world_.traits.endless = true;
  assigned();
  gives(0, {"apple"});
  tells([&]() -> Result<Event> {
    stop.request_stop();
    return Idle{};
  });
  plan_ = fakes::plan_of(world_);
  engine_.emplace(plan_, fakes::runtime_of(world_));
  ASSERT_TRUE(engine_->run_forever(stop.get_token()));
  EXPECT_EQ(world_.rows, Calls{"apple"});
}

}  // namespace
}  // namespace batchout
