// The input of texts from the configuration.

#include "../harness.h"

namespace batchout {

void add_constant(Registry&);

namespace {

using testing::make_input;
using testing::Read;
using testing::read_round;
using Texts = std::vector<std::string>;

Node data(std::vector<Node> texts) {
  return Node::mapping({{"data", Node::list(std::move(texts))}});
}

TEST(ConstantInput, GivesItsTextsInOrderAndAgainInEveryRound) {
  const auto input = make_input(add_constant, "const", data({"{\"n\": 1}", "{\"n\": 2}"}), Dialect::v0_3_0);
  for (int round = 0; round < 3; ++round) {
    const Read read = read_round(*input);
    EXPECT_EQ(read.payloads, (Texts{"{\"n\": 1}", "{\"n\": 2}"}));
    EXPECT_EQ(read.positions, (std::vector<std::int64_t>{0, 1}));
    EXPECT_EQ(read.next, 2);
    ASSERT_EQ(read.units.size(), 1U);
    EXPECT_EQ(read.units[0].source, "const:test");
    EXPECT_EQ(read.units[0].name, "0");
  }
}

TEST(ConstantInput, IsUsedUpAfterOneRoundInTheOldestDialect) {
  const auto input = make_input(add_constant, "dummy", data({"1", "2"}), Dialect::v0_0_1);
  EXPECT_EQ(read_round(*input).payloads, (Texts{"1", "2"}));
  EXPECT_EQ(read_round(*input).payloads, Texts{});
}

TEST(ConstantInput, TakesAPlainTextAsAListOfOne) {
  const auto input = make_input(add_constant, "const", Node::mapping({{"data", "abc"}}));
  EXPECT_EQ(read_round(*input).payloads, Texts{"abc"});
}

TEST(ConstantInput, PassesEmptyTextsOn) {
  const auto input = make_input(add_constant, "const", data({"", "x"}));
  EXPECT_EQ(read_round(*input).payloads, (Texts{"", "x"}));
}

TEST(ConstantInput, StartsAtTheBeginningWhateverPositionIsStored) {
  const auto input = make_input(add_constant, "const", data({"a", "b"}));
  EXPECT_EQ(read_round(*input, {100, 100}, 2).payloads, (Texts{"a", "b"}));
}

TEST(ConstantInput, KeepsToTheBudgetButAlwaysGivesAPayload) {
  const auto input = make_input(add_constant, "const", data({"aaaa", "bbbb", "cccc"}));
  EXPECT_EQ(read_round(*input, {2, 1}).payloads, (Texts{"aaaa", "bbbb", "cccc"}));
}

TEST(ConstantInput, GoesBackWhereItIsTold) {
  const auto input = make_input(add_constant, "const", data({"a", "b", "c"}));
  Read read = read_round(*input);
  const std::vector<Position> back{{read.units[0].id, 1, {}}};
  ASSERT_TRUE(input->seek(back));
  Read again;
  testing::drain(*input, again);
  EXPECT_EQ(again.payloads, (Texts{"b", "c"}));
}

TEST(ConstantInput, NeedsData) {
  const std::string problems = testing::input_problems(add_constant, "const", Node::mapping());
  EXPECT_NE(problems.find("data"), std::string::npos) << problems;
}

}  // namespace
}  // namespace batchout
