// Positions beside the rows of a SQLite file: who owns a unit, and what a process that does not own it may store.

#include "../harness.h"

namespace batchout {

void add_sqlite(Registry&);

namespace {

using namespace testing;

class SqlitePositions : public ::testing::Test {
 protected:
  Target open() {
    return make_output(add_sqlite, "sqlite", Node::mapping({{"path", "out.db"}, {"table", "rows"}}),
                       context(Dialect::v1, folder_.path()));
  }

  Claim claim(Target& target) {
    auto claims = target.store->claim({&unit_, 1});
    if (claims) return claims->front();
    ADD_FAILURE() << claims.error().message;
    return {};
  }

  /// Writes a row and moves the unit; "" or the code of the error, after a rollback.
  std::string store(Target& target, const Move& move) {
    const auto stored = [&]() -> Result<Outcome> {
      BATCHOUT_CHECK(target.store->begin(1));
      Rejects rejects;
      const Block block = block_of({{"id", Kind::integer}}, {{integer(1)}});
      BATCHOUT_CHECK(target.output->open(block.shape()));
      BATCHOUT_CHECK(target.output->write(block, rejects));
      BATCHOUT_CHECK(target.output->finish(rejects));
      return target.store->commit({&move, 1}, {});
    }();
    if (stored) return "";
    target.store->rollback();
    return stored.error().verdict == Verdict::fenced ? "fenced" : stored.error().code;
  }

  TemporaryFolder folder_;
  Unit unit_{UnitId{3}, "kafka:it's", "0"};
};

TEST_F(SqlitePositions, MoveWithTheRows) {
  Target target = open();
  const Claim first = claim(target);
  EXPECT_FALSE(first.position);
  EXPECT_EQ(store(target, {unit_, first.epoch, Position::kUnset, {unit_.id, 10, "here"}}), "");
  EXPECT_EQ(store(target, {unit_, first.epoch, 10, {unit_.id, 20, "there"}}), "");
  Target other = open();
  const Claim second = claim(other);
  EXPECT_GT(second.epoch, first.epoch);
  ASSERT_TRUE(second.position);
  EXPECT_EQ(second.position->number, 20);
  EXPECT_EQ(second.position->token, "there");
}

TEST_F(SqlitePositions, AProcessThatWasReplacedStoresNothing) {
  Target zombie = open(), heir = open();
  const Claim old = claim(zombie);
  const Claim present = claim(heir);
  EXPECT_EQ(store(zombie, {unit_, old.epoch, Position::kUnset, {unit_.id, 10, {}}}), "fenced");
  EXPECT_EQ(store(heir, {unit_, present.epoch, Position::kUnset, {unit_.id, 10, {}}}), "");
  EXPECT_EQ(store(heir, {unit_, present.epoch, Position::kUnset, {unit_.id, 10, {}}}), "fenced");
  EXPECT_EQ(claim(zombie).position->number, 10);
}

}  // namespace
}  // namespace batchout
