// Which row of its payload a row is, and what it says.

#include "engine/given_rows.h"

#include <gtest/gtest.h>

#include <memory>

namespace batchout {
namespace {

// A block of one text column, a row for each pair of a unit and a position.
Block block_of(const std::vector<std::pair<std::uint32_t, std::int64_t>>& payloads) {
  auto shape = std::make_shared<TableShape>();
  shape->name = "t";
  shape->columns = {{"name", Kind::text}};
  auto values = std::make_shared<Values>();
  values->columns.resize(1);
  std::vector<std::uint32_t> rows;
  for (const auto& [unit, position] : payloads) {
    values->units.push_back(UnitId{unit});
    values->positions.push_back(position);
    values->columns[0].append_text(Tag::text, "row");
    rows.push_back(static_cast<std::uint32_t>(rows.size()));
  }
  return {shape, values, {rows}};
}

void expect(const GivenRows& rows, std::uint64_t number, std::int64_t row, std::int64_t count) {
  const GivenRows::Place place = rows.place_of(number);
  EXPECT_EQ(place.row, row) << number;
  EXPECT_EQ(place.rows, count) << number;
}

TEST(GivenRows, CountRowsOfAPayloadOverBlocks) {
  const GivenRows rows({{block_of({{0, 5}, {0, 5}}), block_of({{0, 5}, {0, 9}})}});
  expect(rows, 1, 1, 3);
  expect(rows, 2, 2, 3);
  expect(rows, 3, 0, 1);
  EXPECT_EQ(rows.values_of(3), R"({"name":"row"})");
  EXPECT_EQ(rows.values_of(4), "");
}

// Units have numbers within their input only.
TEST(GivenRows, OfTwoSelectionsAreNeverOfOnePayload) {
  const GivenRows rows({{block_of({{0, 5}})}, {block_of({{0, 5}, {0, 5}})}});
  expect(rows, 0, 0, 1);
  expect(rows, 1, 0, 2);
  expect(rows, 2, 1, 2);
}

}  // namespace
}  // namespace batchout
