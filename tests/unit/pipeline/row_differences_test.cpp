// Rows are matched before they are compared, so that what is told is what has changed.

#include "pipeline/row_differences.h"

#include <gtest/gtest.h>

namespace batchout {
namespace {

/// Rows of one column.
ShownRows shown(const std::vector<std::string>& values) {
  ShownRows out{{"n"}, {}};
  for (const std::string& value : values) out.rows.push_back({value});
  return out;
}

ExpectedRows expected(const std::vector<std::string>& values) {
  ExpectedRows out;
  out.columns = {0};
  for (const std::string& value : values) out.rows.push_back({{}, {{0, value, {}}}});
  return out;
}

std::vector<std::string> told(const std::vector<std::string>& wanted, const std::vector<std::string>& came,
                              bool ordered = true) {
  std::vector<std::string> texts;
  for (const Problem& difference : row_differences("t", expected(wanted), shown(came), ordered, {}))
    texts.push_back(difference.text());
  return texts;
}

using Texts = std::vector<std::string>;

TEST(RowDifferences, EqualRowsAreNoneInTheirOrderOnly) {
  EXPECT_EQ(told({"1", "2"}, {"1", "2"}), Texts{});
  EXPECT_EQ(told({"1", "2", "2"}, {"2", "1", "2"}, false), Texts{});
  EXPECT_EQ(told({}, {}), Texts{});
}

TEST(RowDifferences, AMissingRowDoesNotMoveTheOthers) {
  EXPECT_EQ(told({"1", "2", "3", "4"}, {"1", "3", "4"}),
            (Texts{"t, rows: expected 4, got 3", "t, row 2: missing: {n: 2}"}));
  EXPECT_EQ(told({"1", "3", "4", "6"}, {"1", "2", "3", "5", "4", "6"}),
            (Texts{"t, rows: expected 4, got 6", "t, row 2: not expected: {n: 2}", "t, row 4: not expected: {n: 5}"}));
}

TEST(RowDifferences, RowsBetweenEqualOnesArePaired) {
  EXPECT_EQ(told({"1", "2", "3"}, {"1", "7", "3"}), (Texts{"t, row 2, n: expected 2, got 7"}));
  EXPECT_EQ(told({"9", "1", "2", "8", "3"}, {"1", "7", "3"}),
            (Texts{"t, rows: expected 5, got 3", "t, row 1: missing: {n: 9}", "t, row 3, n: expected 2, got 7",
                   "t, row 4: missing: {n: 8}"}));
}

TEST(RowDifferences, OfRowsInAnyOrderThoseWithoutAnEqualOneAreTold) {
  EXPECT_EQ(told({"1", "2", "2"}, {"2", "3", "1"}, false), (Texts{"t, row 3, n: expected 2, got 3"}));
}

TEST(RowDifferences, ManyRowsInAnyOrderAreFoundByTheirTexts) {
  std::vector<std::string> wanted, came;
  for (int i = 0; i < 50'000; ++i) {
    wanted.push_back(std::to_string(i));
    came.push_back(std::to_string(49'999 - i) + ".0");
  }
  EXPECT_EQ(told(wanted, came, false), Texts{});
  came[17] = "-1";
  EXPECT_EQ(told(wanted, came, false), (Texts{"t, row 49983, n: expected 49982, got -1"}));
}

TEST(RowDifferences, LongValuesAreShownWhereTheyDiffer) {
  const std::string begin(300, 'a');
  const Texts texts = told({"\"" + begin + "b\""}, {"\"" + begin + "c\""});
  ASSERT_EQ(texts.size(), 1u);
  EXPECT_LT(texts.front().size(), 200u);
  EXPECT_TRUE(texts.front().contains("aab\", got")) << texts.front();
  EXPECT_TRUE(texts.front().ends_with("aac\"")) << texts.front();
}

TEST(RowDifferences, ManyRowsArePairedInOrder) {
  std::vector<std::string> wanted, came;
  for (int i = 0; i < 3000; ++i) {
    wanted.push_back(std::to_string(i));
    came.push_back(std::to_string(i + 10'000));
  }
  const Texts texts = told(wanted, came);
  ASSERT_EQ(texts.size(), 21u);
  EXPECT_EQ(texts.front(), "t, row 1, n: expected 0, got 10000");
  EXPECT_EQ(texts.back(), "t: 2980 more differences");
}

}  // namespace
}  // namespace batchout
