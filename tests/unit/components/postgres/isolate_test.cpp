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

  Result<> store(std::size_t rows) {
    return isolate(
        rows,
        [&](std::size_t first, std::size_t last) -> std::optional<Refused> {
          ++attempts;
          const auto at = bad.lower_bound(first);
          if (at != bad.end() && *at < last)
            return Refused{{Verdict::row, "BO534", "bad", {}}, names_rows ? std::optional(*at) : std::nullopt, "23514"};
          for (std::size_t row = first; row < last; ++row) stored.push_back(row);
          return std::nullopt;
        },
        [&](std::size_t row, const Refused&) -> Result<> {
          refused.push_back(row);
          return {};
        });
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

// A duplicate is named, but what it is a duplicate of turns out to be bad itself.
TEST(Isolate, ARowThatWasNamedBesideOthersIsAttemptedAlone) {
  std::vector<std::size_t> stored, refused;
  ASSERT_TRUE(isolate(
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

TEST(Isolate, OtherFailuresEndIt) {
  const auto ended = isolate(
      10,
      [](std::size_t, std::size_t) { return std::optional(Refused{{Verdict::environment, "BO530", "", {}}, {}, {}}); },
      [](std::size_t, const Refused&) -> Result<> { return {}; });
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, "BO530");
}

}  // namespace
}  // namespace batchout::postgres
