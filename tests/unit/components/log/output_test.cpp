// Outputs that keep nothing.

#include "../harness.h"

namespace batchout {

void add_log(Registry&);

namespace {

using namespace testing;
using Lines = std::vector<std::string>;

TEST(LoggerOutput, ShowsRowsAsATable) {
  Records records;
  Target target = make_output(add_log, "dummy", Node::mapping(), context(Dialect::v0_0_1, {}, records.log()));
  const Block block = block_of({{"id", Kind::integer}, {"name", Kind::text}},
                               {{integer(1), text("Zoë")}, {integer(12345), text("two\nlines")}, {null(), null()}});
  ASSERT_EQ(target.batch({block}), "");
  EXPECT_EQ(records.lines, (Lines{"debug id    | name", "debug ------+----------", "debug     1 | Zoë",
                                  "debug 12345 | two lines", "debug null  | null", "debug (3 rows)"}));
}

TEST(LoggerOutput, CountsTheRowsOfABatchAtTheLevelAskedFor) {
  Records records;
  Target target =
      make_output(add_log, "logger", Node::mapping({{"level", "info"}}), context(Dialect::v1, {}, records.log()));
  const Block block = block_of({{"f", Kind::real}}, {{real(1.5)}});
  ASSERT_EQ(target.batch({block, block}), "");
  ASSERT_EQ(target.batch({block}), "");
  EXPECT_EQ(records.lines, (Lines{"info f", "info ---", "info 1.5", "info f", "info ---", "info 1.5", "info (2 rows)",
                                  "info f", "info ---", "info 1.5", "info (1 row)"}));
}

TEST(LoggerOutput, CutsLongValues) {
  Records records;
  Target target =
      make_output(add_log, "logger", Node::mapping({{"width", 6}}), context(Dialect::v1, {}, records.log()));
  const Block block = block_of({{"a", Kind::text}}, {{text("äöüßäö")}, {text("äöüßäöü")}, {text("\xFF\x01z")}});
  ASSERT_EQ(target.batch({block}), "");
  EXPECT_EQ(records.lines,
            (Lines{"debug a", "debug ------", "debug äöüßäö", "debug äöü...", "debug   z", "debug (3 rows)"}));
}

TEST(LoggerOutput, RefusesAWidthWithoutRoomForDots) {
  EXPECT_NE(output_problems(add_log, "logger", Node::mapping({{"width", 3}})).find("width"), std::string::npos);
}

TEST(DiscardOutput, OnlyCounts) {
  Target target = make_output(add_log, "discard", Node::mapping());
  ASSERT_EQ(target.batch({block_of({{"a", Kind::text}}, {{text("x")}, {null()}})}), "");
  EXPECT_EQ(target.taken, 2U);
}

}  // namespace
}  // namespace batchout
