// Positions beside the rows: who owns a unit, and what becomes of a process that does not own it any more.

#include <unistd.h>

#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "integration/postgres/server.h"

namespace batchout::postgres {
namespace {

Block row(int id) {
  return block_of({{"id", Kind::integer}}, {{integer(id)}});
}

class PositionsTest : public PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    execute("CREATE TABLE output_test.t(id int)");
  }
  void TearDown() override {
    execute(fmt::format("DELETE FROM batchout_delivery.source_position WHERE source LIKE 'test:o%-{}'", ::getpid()));
    PostgresTest::TearDown();
  }

  Claim claim(Writer& writer) {
    auto claims = writer.store.claim({&unit, 1});
    if (!claims) {
      ADD_FAILURE() << claims.error().message;
      return {};
    }
    return claims->front();
  }

  /// Writes one row and moves the unit.
  Result<Outcome> store(Writer& writer, int id, Move move) {
    BATCHOUT_CHECK(writer.store.begin(1));
    BATCHOUT_TRY(const std::uint64_t rows, writer.output.write(row(id), writer.rejects));
    EXPECT_EQ(rows, 1u);
    BATCHOUT_CHECK(writer.output.finish(writer.rejects));
    auto outcome = writer.store.commit({&move, 1}, {});
    if (!outcome) writer.store.rollback();
    return outcome;
  }

  Unit unit{UnitId{7}, fmt::format("test:o'rder\\s-{}", ::getpid()), "0"};
};

TEST_F(PositionsTest, MoveWithTheRows) {
  Writer writer(settings("t"));
  const Claim first = claim(writer);
  EXPECT_FALSE(first.position);
  EXPECT_EQ(*store(writer, 1, {unit, first.epoch, Position::kUnset, {unit.id, 10, "it's \\here"}}), Outcome::committed);
  EXPECT_EQ(*store(writer, 2, {unit, first.epoch, 10, {unit.id, 20, "there"}}), Outcome::committed);
  Writer other(settings("t"));
  const Claim second = claim(other);
  EXPECT_GT(second.epoch, first.epoch);
  ASSERT_TRUE(second.position);
  EXPECT_EQ(second.position->number, 20);
  EXPECT_EQ(second.position->token, "there");
  EXPECT_EQ(second.position->unit, unit.id);
  EXPECT_EQ(table("SELECT id FROM output_test.t ORDER BY 1"), "1\n2");
}

TEST_F(PositionsTest, AProcessThatWasReplacedStoresNothing) {
  Writer zombie(settings("t")), heir(settings("t"));
  const Claim old = claim(zombie);
  const Claim present = claim(heir);
  const auto late = store(zombie, 1, {unit, old.epoch, Position::kUnset, {unit.id, 10, {}}});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().verdict, Verdict::fenced);
  EXPECT_EQ(late.error().code, "BO536");
  EXPECT_EQ(table("SELECT count(*) FROM output_test.t"), "0");
  EXPECT_EQ(*store(heir, 2, {unit, present.epoch, Position::kUnset, {unit.id, 10, {}}}), Outcome::committed);
  EXPECT_EQ(table("SELECT id FROM output_test.t"), "2");
}

TEST_F(PositionsTest, AMoveFromElsewhereStoresNothing) {
  Writer writer(settings("t"));
  const Claim mine = claim(writer);
  EXPECT_EQ(*store(writer, 1, {unit, mine.epoch, Position::kUnset, {unit.id, 10, {}}}), Outcome::committed);
  EXPECT_FALSE(store(writer, 1, {unit, mine.epoch, Position::kUnset, {unit.id, 10, {}}}));
  EXPECT_EQ(table("SELECT count(*) FROM output_test.t"), "1");
}

TEST_F(PositionsTest, AClaimWaitsForATransactionThatMovesTheUnit) {
  Writer writer(settings("t")), heir(settings("t"));
  const Claim mine = claim(writer);
  Connection slow = *Connection::open(settings("t").address({}, Dialect::v1), Log{});
  ASSERT_TRUE(slow.run("The test",
                       fmt::format("BEGIN; UPDATE batchout_delivery.source_position SET next_pos = 5 WHERE epoch = {} "
                                   "AND source LIKE 'test:o%-{}'",
                                   mine.epoch, ::getpid())));
  std::thread commits([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_TRUE(slow.run("The test", "COMMIT"));
  });
  const Claim after = claim(heir);
  commits.join();
  ASSERT_TRUE(after.position);
  EXPECT_EQ(after.position->number, 5);
}

TEST_F(PositionsTest, ARoleThatMayNotKeepThemIsToldWhatToGrant) {
  Writer owner(settings("t"));
  claim(owner);
  execute("DROP ROLE IF EXISTS batchout_test_reader; CREATE ROLE batchout_test_reader LOGIN PASSWORD 'x'");
  Config config = settings("t");
  config.user = "batchout_test_reader";
  config.password = Secret("x");
  {
    Writer stranger(config);
    const auto refused = stranger.store.claim({&unit, 1});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "BO531");
    EXPECT_EQ(refused.error().verdict, Verdict::configuration);
    EXPECT_TRUE(refused.error().message.contains("grant the role")) << refused.error().message;
  }
  execute("DROP ROLE batchout_test_reader");
}

}  // namespace
}  // namespace batchout::postgres
