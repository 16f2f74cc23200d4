// How long tries are apart.

#include "engine/backoff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace batchout {
namespace {

using std::chrono::milliseconds;

// Each delay is drawn between the least and three times the one before, whichever way chance went until then.
TEST(Backoff, GrowsFromTheDelayBefore) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    Random random(seed);
    Backoff backoff(Clock::Time{});
    milliseconds before = Backoff::kDelayMin;
    for (int tries = 0; tries < 30; ++tries) {
      const milliseconds delay = backoff.next(random);
      ASSERT_GE(delay, Backoff::kDelayMin);
      ASSERT_LE(delay, std::min(Backoff::kDelayMax, before * 3)) << seed << ", try " << tries;
      before = delay;
    }
  }
}

TEST(Backoff, ReachesBothEndsOfItsRange) {
  std::vector<milliseconds> first, later;
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
    Random random(seed);
    Backoff backoff(Clock::Time{});
    first.push_back(backoff.next(random));
    for (int tries = 1; tries < 40; ++tries) later.push_back(backoff.next(random));
  }
  EXPECT_EQ(std::ranges::min(first), Backoff::kDelayMin);
  EXPECT_EQ(std::ranges::max(first), Backoff::kDelayMin * 3);
  EXPECT_EQ(std::ranges::max(later), Backoff::kDelayMax);
  EXPECT_LT(std::ranges::min(later), Backoff::kDelayMin * 2) << "a delay may always become short again";
}

// Those that were cut off together do not come back together.
TEST(Backoff, IsAnotherOneForEachSeed) {
  std::vector<milliseconds> sums;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Random random(seed);
    Backoff backoff(Clock::Time{});
    milliseconds sum{0};
    for (int tries = 0; tries < 8; ++tries) sum += backoff.next(random);
    sums.push_back(sum);
  }
  std::ranges::sort(sums);
  EXPECT_GT(std::ranges::unique(sums).begin() - sums.begin(), 90);
}

}  // namespace
}  // namespace batchout
