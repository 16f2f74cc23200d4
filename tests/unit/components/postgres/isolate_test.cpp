// Bad rows among good ones: all of them are found, no good one is lost, and few attempts are needed.

#include "components/postgres/isolate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "base/random.h"

namespace batchout::postgres {
namespace {

struct Table {
  std::set<std::size_t> bad;
  bool names_rows = true;
  std::vector<std::size_t> stored, refused;
  int attempts = 0;
  std::size_t attempted = 0;  // Rows, once for each attempt.
  Isolation isolation{};
  std::set<std::size_t> likely{};

  Result<> store(std::size_t rows) {
    return isolation.store(
        rows,
        [&](std::size_t first, std::size_t last) -> std::optional<Refused> {
          ++attempts;
          attempted += last - first;
          const auto at = bad.lower_bound(first);
          if (at != bad.end() && *at < last)
            return Refused{{Verdict::row, "BO534", "bad", {}}, names_rows ? std::optional(*at) : std::nullopt, "23514"};
          for (std::size_t row = first; row < last; ++row) stored.push_back(row);
          return std::nullopt;
        },
        [&](std::size_t row, const Refused&) -> Result<> {
          refused.push_back(row);
          return {};
        },
        likely);
  }
};

TEST(Isolate, OneAttemptIsEnoughWithoutBadRows) {
  Table table;
  ASSERT_TRUE(table.store(16'000));
  EXPECT_EQ(table.attempts, 1);
  EXPECT_EQ(table.stored.size(), 16'000u);
  EXPECT_TRUE(Table{}.store(0));
}

TEST(Isolate, EveryBadRowIsFoundAndEveryGoodOneStored) {
  Random random(7);
  for (const bool names_rows : {true, false}) {
    for (const std::uint64_t share : {0u, 1u, 10u, 500u, 1000u}) {
      Table table;
      table.names_rows = names_rows;
      for (std::size_t row = 0; row < 500; ++row)
        if (random.chance(share, 1000)) table.bad.insert(row);
      ASSERT_TRUE(table.store(500));
      EXPECT_EQ(std::set(table.refused.begin(), table.refused.end()), table.bad);
      EXPECT_EQ(table.refused.size(), table.bad.size());
      EXPECT_EQ(table.stored.size() + table.bad.size(), 500u);
      EXPECT_TRUE(std::ranges::is_sorted(table.stored));
    }
  }
}

TEST(Isolate, OneBadRowOfManyCostsFewAttempts) {
  Table named;
  named.bad = {9'000};
  ASSERT_TRUE(named.store(16'000));
  EXPECT_LE(named.attempts, 5);
  Table unnamed;
  unnamed.bad = {9'000};
  unnamed.names_rows = false;
  ASSERT_TRUE(unnamed.store(16'000));
  EXPECT_LE(unnamed.attempts, 45);
}

// A stream of blocks with one bad row in a thousand, of which the server does not say which: each row is sent not much
// more than twice.
TEST(Isolate, BadRowsOfManyBlocksCostFewAttempts) {
  Random random(7);
  int attempts = 0;
  std::size_t attempted = 0;
  Isolation isolation;
  for (int block = 0; block < 50; ++block) {
    Table table;
    table.names_rows = false;
    table.isolation = isolation;
    for (std::size_t row = 0; row < 5'000; ++row)
      if (random.chance(1, 1'000)) table.bad.insert(row);
    ASSERT_TRUE(table.store(5'000));
    EXPECT_EQ(table.refused.size(), table.bad.size());
    isolation = table.isolation;
    attempts += table.attempts;
    attempted += table.attempted;
  }
  EXPECT_LT(attempts, 50 * 80);
  EXPECT_LT(attempted, std::size_t{50 * 5'000 * 5 / 2});
}

// A duplicate is named, but what it is a duplicate of turns out to be bad itself.
TEST(Isolate, ARowThatWasNamedBesideOthersIsAttemptedAlone) {
  std::vector<std::size_t> stored, refused;
  ASSERT_TRUE(Isolation().store(
      100,
      [&](std::size_t first, std::size_t last) -> std::optional<Refused> {
        const auto has = [&](std::size_t row) { return first <= row && row < last; };
        if (has(10) && has(70)) return Refused{{Verdict::row, "BO534", "duplicate", {}}, 70, "23505"};
        if (has(10)) return Refused{{Verdict::row, "BO534", "no parent", {}}, {}, "23503"};
        for (std::size_t row = first; row < last; ++row) stored.push_back(row);
        return std::nullopt;
      },
      [&](std::size_t row, const Refused&) -> Result<> {
        refused.push_back(row);
        return {};
      }));
  EXPECT_EQ(refused, std::vector<std::size_t>{10});
  EXPECT_EQ(stored.size(), 99u);
}

TEST(Isolate, RowsThatAreLikelyToFailAreAttemptedAlone) {
  Table table;
  table.names_rows = false;
  table.bad = {100, 5'000, 5'001, 15'999};
  table.likely = {100, 4'000, 5'000, 5'001, 15'999};
  ASSERT_TRUE(table.store(16'000));
  EXPECT_EQ(table.refused, (std::vector<std::size_t>{100, 5'000, 5'001, 15'999}));
  EXPECT_EQ(table.stored.size(), 15'996u);
  EXPECT_EQ(table.attempted, 16'000u);
  EXPECT_EQ(table.attempts, 5 + 4);
}

TEST(Isolate, WhatIsLikelyIsForgottenWhereItIsWrong) {
  Table table;
  for (std::size_t row = 0; row < 5'000; ++row) table.likely.insert(row);
  ASSERT_TRUE(table.store(10'000));
  EXPECT_EQ(table.stored.size(), 10'000u);
  EXPECT_LT(table.attempts, 10);
}

// For the next rows, too, but not for ever.
TEST(Isolate, RowsThatAStatementHasNoTimeForAreHalved) {
  std::size_t time_for = 3'000, stored = 0;
  int attempts = 0, late = 0;
  Isolation isolation;
  const auto store = [&](std::size_t rows) {
    return isolation.store(
        rows,
        [&](std::size_t first, std::size_t last) -> std::optional<Refused> {
          ++attempts;
          late += last - first > time_for ? 1 : 0;
          if (last - first > time_for) return Refused{{Verdict::environment, "BO530", "", {}}, {}, "57014"};
          stored += last - first;
          return std::nullopt;
        },
        [](std::size_t, const Refused&) -> Result<> { return {}; });
  };
  ASSERT_TRUE(store(16'000));
  EXPECT_EQ(stored, 16'000u);
  EXPECT_EQ(late, 3);
  EXPECT_EQ(attempts, 3 + 8);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(store(16'000));
  EXPECT_LE(late, 4);
  time_for = 100'000;
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(store(16'000));
  attempts = 0;
  ASSERT_TRUE(store(16'000));
  EXPECT_EQ(attempts, 1);
  time_for = 0;
  const auto ended = store(16'000);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().verdict, Verdict::environment);
}

TEST(Isolate, OtherFailuresEndIt) {
  const auto ended = Isolation().store(
      10,
      [](std::size_t, std::size_t) { return std::optional(Refused{{Verdict::environment, "BO530", "", {}}, {}, {}}); },
      [](std::size_t, const Refused&) -> Result<> { return {}; });
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, "BO530");
}

}  // namespace
}  // namespace batchout::postgres
