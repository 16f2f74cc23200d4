// Rows stand behind what they need, and rows of a circle stand together.

#include "components/postgres/row_groups.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace batchout::postgres {
namespace {

using Groups = std::vector<std::vector<std::size_t>>;

TEST(RowGroups, RowsThatNeedNothingStayInTheirOrder) {
  EXPECT_EQ(groups_of({{}, {}, {}}), (Groups{{0}, {1}, {2}}));
  EXPECT_EQ(groups_of({}), Groups{});
}

TEST(RowGroups, ParentsComeFirstWhereverTheyAre) {
  EXPECT_EQ(groups_of({{2}, {}, {1}, {1}}), (Groups{{1}, {2}, {3}, {0}}));
}

TEST(RowGroups, CirclesAreOneGroup) {
  EXPECT_EQ(groups_of({{3}, {}, {0, 1}, {2}, {0}}), (Groups{{1}, {0, 2, 3}, {4}}));
  EXPECT_EQ(groups_of({{0}}), (Groups{{0}}));
}

TEST(RowGroups, AChainAsLongAsABatchIsNoDepth) {
  Groups needs(200'000);
  for (std::size_t row = 0; row + 1 < needs.size(); ++row) needs[row] = {row + 1};
  const Groups groups = groups_of(needs);
  ASSERT_EQ(groups.size(), needs.size());
  EXPECT_EQ(groups.front(), (std::vector<std::size_t>{199'999}));
  needs.back() = {0};
  EXPECT_EQ(groups_of(needs).size(), 1u);
}

// Against what groups are by their definition.
TEST(RowGroups, RandomNeedsAreFulfilled) {
  Random random(11);
  for (int round = 0; round < 200; ++round) {
    Groups needs(12);
    for (auto& row : needs)
      for (std::size_t other = 0; other < needs.size(); ++other)
        if (random.chance(1, 8)) row.push_back(other);
    std::vector<std::vector<bool>> leads(needs.size(), std::vector<bool>(needs.size()));
    for (std::size_t row = 0; row < needs.size(); ++row)
      for (const std::size_t other : needs[row]) leads[row][other] = true;
    for (std::size_t by = 0; by < needs.size(); ++by)
      for (std::size_t from = 0; from < needs.size(); ++from)
        for (std::size_t to = 0; to < needs.size(); ++to)
          if (leads[from][by] && leads[by][to]) leads[from][to] = true;
    const Groups groups = groups_of(needs);
    std::vector<std::size_t> group_of(needs.size(), needs.size());
    for (std::size_t group = 0; group < groups.size(); ++group)
      for (const std::size_t row : groups[group]) group_of[row] = group;
    for (std::size_t row = 0; row < needs.size(); ++row) {
      ASSERT_LT(group_of[row], groups.size());
      for (std::size_t other = 0; other < needs.size(); ++other) {
        const bool circle = row == other || (leads[row][other] && leads[other][row]);
        EXPECT_EQ(group_of[row] == group_of[other], circle);
        if (leads[row][other]) {
          EXPECT_LE(group_of[other], group_of[row]);
        }
      }
    }
  }
}

}  // namespace
}  // namespace batchout::postgres
