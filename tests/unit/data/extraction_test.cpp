// Rows from entries: chains, products, branches, nesting across levels, limits.

#include "data/extraction.h"

#include <gtest/gtest.h>

namespace batchout {
namespace {

/// A projection over numbered levels; level n hangs at parents[n - 1].
Projection levels(std::vector<LevelId> parents) {
  Projection projection;
  projection.levels.resize(1 + parents.size());
  for (std::size_t i = 0; i < parents.size(); ++i) projection.levels[i + 1].parent = parents[i];
  return projection;
}

RowShape::Node node(LevelId level, std::vector<std::vector<RowShape::Node>> groups = {}) {
  return {level, false, std::move(groups)};
}

/// Sets how many entries each parent entry has.
void set_entries(Extraction& extraction, LevelId level, std::vector<std::uint32_t> counts) {
  auto& entries = extraction.levels[level];
  for (const std::uint32_t count : counts) entries.begin.push_back(entries.count += count);
}

class Rows {
 public:
  explicit Rows(Projection projection, std::size_t payloads)
      : projection_(std::move(projection)), extraction_(projection_) {
    for (std::size_t i = 0; i < payloads; ++i) {
      payloads_.append("{}", UnitId{7}, static_cast<std::int64_t>(i), static_cast<std::int64_t>(i) + 1);
      extraction_.payloads.push_back(static_cast<std::uint32_t>(i));
      extraction_.values->units.push_back(UnitId{7});
      extraction_.values->positions.push_back(static_cast<std::int64_t>(i));
    }
    extraction_.levels[kPayloadLevel].count = static_cast<std::uint32_t>(payloads);
  }

  Extraction& extraction() { return extraction_; }
  Projection& projection() { return projection_; }

  /// Each row as the entries of its levels, "-" for none.
  std::vector<std::string> texts() {
    auto shape = std::make_shared<TableShape>();
    std::vector<Block> blocks;
    expand(projection_, shape, payloads_, extraction_, blocks);
    std::vector<std::string> out;
    for (const Block& block : blocks) {
      EXPECT_LE(block.rows(), Block::kRowsMax);
      for (std::size_t row = 0; row < block.rows(); ++row) {
        std::string text;
        for (const auto& selection : block.selections())
          text += selection[row] == Block::kNone ? "-" : std::to_string(selection[row]);
        out.push_back(std::move(text));
      }
    }
    return out;
  }

 private:
  Projection projection_;
  Payloads payloads_;
  Extraction extraction_;
};

using Texts = std::vector<std::string>;

TEST(Expand, APayloadWithoutIndexesIsOneRow) {
  Rows rows(levels({}), 2);
  EXPECT_EQ(rows.texts(), (Texts{"0", "1"}));
}

TEST(Expand, AChainRepeatsParentsInDocumentOrder) {
  Rows rows(levels({0, 1}), 3);
  rows.projection().rows.root.groups = {{node(1, {{node(2)}})}};
  set_entries(rows.extraction(), 1, {2, 0, 1});
  set_entries(rows.extraction(), 2, {1, 2, 1});
  EXPECT_EQ(rows.texts(), (Texts{"000", "011", "012", "223"}));
}

TEST(Expand, PayloadsWithoutElementsHaveNoRows) {
  Rows rows(levels({0}), 3);
  rows.projection().rows.root.groups = {{node(1)}};
  set_entries(rows.extraction(), 1, {0, 0, 0});
  EXPECT_TRUE(rows.texts().empty());
}

TEST(Expand, GroupsMultiplyWithTheLastOneFastest) {
  Rows rows(levels({0, 0}), 1);
  rows.projection().rows.root.groups = {{node(1)}, {node(2)}};
  set_entries(rows.extraction(), 1, {2});
  set_entries(rows.extraction(), 2, {3});
  EXPECT_EQ(rows.texts(), (Texts{"000", "001", "002", "010", "011", "012"}));
}

TEST(Expand, BranchesFollowEachOtherAndKnowNothingOfEachOther) {
  Rows rows(levels({0, 0}), 1);
  rows.projection().rows.root.groups = {{node(1), node(2)}};
  set_entries(rows.extraction(), 1, {1});
  set_entries(rows.extraction(), 2, {2});
  EXPECT_EQ(rows.texts(), (Texts{"00-", "0-0", "0-1"}));
}

TEST(Expand, ARestrictedSelectionIsEmptyInOtherBranches) {
  Rows rows(levels({0, 0}), 1);
  rows.projection().rows.root.groups = {{node(1), node(2)}};
  rows.projection().restrictions = {{kPayloadLevel, {1}}};
  set_entries(rows.extraction(), 1, {1});
  set_entries(rows.extraction(), 2, {1});
  EXPECT_EQ(rows.texts(), (Texts{"00-0", "0-0-"}));
}

TEST(Expand, BothSidesOfAProductMayBeNested) {
  Rows rows(levels({0, 1, 0, 3}), 1);
  rows.projection().rows.root.groups = {{node(1, {{node(2)}})}, {node(3, {{node(4)}})}};
  set_entries(rows.extraction(), 1, {2});
  set_entries(rows.extraction(), 2, {1, 1});
  set_entries(rows.extraction(), 3, {1});
  set_entries(rows.extraction(), 4, {2});
  EXPECT_EQ(rows.texts(), (Texts{"00000", "00001", "01100", "01101"}));
}

TEST(Expand, AnInnerLevelMayReadFromAnOuterEntry) {
  Rows rows(levels({0, 0}), 1);  // Level 2 is nested under 1 in the map, but its path starts at the payload.
  rows.projection().rows.root.groups = {{node(1, {{node(2)}})}};
  set_entries(rows.extraction(), 1, {2});
  set_entries(rows.extraction(), 2, {2});
  EXPECT_EQ(rows.texts(), (Texts{"000", "001", "010", "011"}));
}

TEST(Expand, AnOuterIndexWithoutElementsKeepsTheParent) {
  Rows rows(levels({0}), 2);
  rows.projection().rows.root.groups = {{node(1)}};
  rows.projection().rows.root.groups[0][0].outer = true;
  set_entries(rows.extraction(), 1, {0, 1});
  EXPECT_EQ(rows.texts(), (Texts{"0-", "10"}));
}

TEST(Expand, ATooLargeProductIsARejectOfThatPayloadAlone) {
  Rows rows(levels({0, 0}), 2);
  rows.projection().rows.root.groups = {{node(1)}, {node(2)}};
  rows.projection().limits.product_max = 5;
  set_entries(rows.extraction(), 1, {3, 1});
  set_entries(rows.extraction(), 2, {2, 1});
  EXPECT_EQ(rows.texts(), (Texts{"132"}));
  ASSERT_EQ(rows.extraction().rejects.size(), 1U);
  EXPECT_EQ(rows.extraction().rejects[0].code, "BO410");
  EXPECT_EQ(rows.extraction().rejects[0].position, 0);
  EXPECT_EQ(rows.extraction().rejects[0].message, "lists that multiply each other would make 6 rows, allowed are 5");
}

TEST(Expand, AChainOverTheRowLimitIsARejectOfThatPayloadAlone) {
  Rows rows(levels({0}), 2);
  rows.projection().rows.root.groups = {{node(1)}};
  rows.projection().limits.rows_per_payload_max = 2;
  set_entries(rows.extraction(), 1, {3, 2});
  EXPECT_EQ(rows.texts(), (Texts{"13", "14"}));
  EXPECT_EQ(rows.extraction().rejects.size(), 1U);
}

TEST(Expand, ManyRowsAreCutIntoBlocks) {
  Rows rows(levels({0}), 1);
  rows.projection().rows.root.groups = {{node(1)}};
  set_entries(rows.extraction(), 1, {40'000});
  EXPECT_EQ(rows.texts().size(), 40'000U);
}

TEST(Column, TruncatingForgetsTheTextsToo) {
  Column column;
  column.append_text(Tag::text, "first");
  column.append_integer(7);
  column.append_text(Tag::text, "second");
  column.truncate(1);
  column.append_text(Tag::text, "third");
  EXPECT_EQ(column.text(0), "first");
  EXPECT_EQ(column.text(1), "third");
  EXPECT_EQ(column.bytes(), 2U * 9 + 10);
}

TEST(Payloads, KeepASeparatorAfterEachAndPaddingAfterTheLast) {
  Payloads payloads;
  payloads.append("ab", UnitId{1}, 0, 1);
  payloads.append("", UnitId{1}, 1, 2, Payloads::State::missing);
  EXPECT_EQ(payloads.arena(), std::string_view("ab\n\x01\n\n\x01\n", 8));
  EXPECT_EQ(payloads.arena().data()[8 + 63], ' ');
  EXPECT_EQ(payloads.bytes(0), "ab");
  EXPECT_TRUE(payloads.fits(Payloads::kArenaSize - 200));
  EXPECT_FALSE(payloads.fits(Payloads::kArenaSize));
}

}  // namespace
}  // namespace batchout
