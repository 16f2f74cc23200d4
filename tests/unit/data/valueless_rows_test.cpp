// Payloads without a value get entries in their places, and nothing else moves.

#include "data/valueless_rows.h"

#include <gtest/gtest.h>

namespace batchout {
namespace {

constexpr UnitId kUnit{3};

/// Two payload columns, and one level with a column below.
Projection projection() {
  Projection made;
  made.levels.resize(2);
  for (const LevelId level : {0U, 0U, 1U}) made.columns.emplace_back().level = level;
  return made;
}

/// 'v' has a value, '0' has none, 'x' is refused by the program, 'g' is missing with a fault.
Payloads payloads(std::string_view kinds) {
  Payloads made;
  std::int64_t position = 0;
  for (const char kind : kinds) {
    using State = Payloads::State;
    made.append("", kUnit, position, position + 1, kind == '0' || kind == 'g' ? State::missing : State::usable,
                kind == 'g' ? "gone" : "");
    ++position;
  }
  return made;
}

/// What a program makes of 'v': number and a failed cell, and two entries below.
void run(const Payloads& payloads, std::string_view kinds, Extraction& out) {
  for (std::uint32_t i = 0; i < payloads.count(); ++i) {
    if (kinds[i] != 'v') continue;
    out.payloads.push_back(i);
    out.values->units.push_back(kUnit);
    out.values->positions.push_back(i);
    out.values->columns[0].append_integer(i);
    out.values->columns[1].append_failed("bad" + std::to_string(i));
    out.values->columns[2].append_integer(10 * i);
    out.values->columns[2].append_integer(10 * i + 1);
    out.levels[0].count += 1;
    out.levels[1].count += 2;
    out.levels[1].begin.push_back(out.levels[1].count);
  }
}

TEST(ValuelessRows, StandWhereTheyCame) {
  const Projection map = projection();
  const std::string_view kinds = "0v0xgv0";
  const Payloads given = payloads(kinds);
  Extraction extraction(map);
  run(given, kinds, extraction);
  add_valueless(map, given, extraction);
  EXPECT_EQ(extraction.payloads, (std::vector<std::uint32_t>{0, 1, 2, 5, 6}));
  EXPECT_EQ(extraction.values->positions, (std::vector<std::int64_t>{0, 1, 2, 5, 6}));
  EXPECT_EQ(extraction.values->units, std::vector<UnitId>(5, kUnit));
  EXPECT_EQ(extraction.levels[0].count, 5U);
  EXPECT_EQ(extraction.levels[1].count, 4U);
  EXPECT_EQ(extraction.levels[1].begin, (std::vector<std::uint32_t>{0, 0, 2, 2, 4, 4}));
  const Column& numbers = extraction.values->columns[0];
  ASSERT_EQ(numbers.size(), 5U);
  EXPECT_EQ(numbers.tag(0), Tag::absent);
  EXPECT_EQ(numbers.integer(1), 1);
  EXPECT_EQ(numbers.tag(2), Tag::absent);
  EXPECT_EQ(numbers.integer(3), 5);
  EXPECT_EQ(numbers.tag(4), Tag::absent);
  const Column& bad = extraction.values->columns[1];
  EXPECT_FALSE(bad.failed(0));
  EXPECT_TRUE(bad.failed(3));
  EXPECT_EQ(bad.excerpt(3), "bad5");
  EXPECT_EQ(extraction.values->columns[2].size(), 4U);
}

TEST(ValuelessRows, AloneTheyHaveNothingBelow) {
  const Projection map = projection();
  const Payloads given = payloads("00");
  Extraction extraction(map);
  add_valueless(map, given, extraction);  // Nor has a program that found nothing set any beginnings.
  EXPECT_EQ(extraction.levels[0].count, 2U);
  EXPECT_EQ(extraction.levels[1].begin, (std::vector<std::uint32_t>{0, 0, 0}));
  EXPECT_EQ(extraction.values->columns[0].size(), 2U);
}

TEST(ValuelessRows, WithoutAnyNothingIsTouched) {
  const Projection map = projection();
  const Payloads given = payloads("vxg");
  Extraction extraction(map);
  run(given, "vxg", extraction);
  const Column* before = extraction.values->columns.data();
  add_valueless(map, given, extraction);
  EXPECT_EQ(extraction.payloads, (std::vector<std::uint32_t>{0}));
  EXPECT_EQ(extraction.values->columns.data(), before);
}

}  // namespace
}  // namespace batchout
