// Thousands of worlds, each decided by its seed: whatever fails, dies or changes hands, no row is lost and, where the
// store keeps positions, none is stored twice.
//
// Each safeguard, when it is off, has to be missed within so many worlds.
//
// BATCHOUT_SIM_SEEDS: how many seeds. BATCHOUT_SIM_SEED: only this one, telling all that happens.

#include <cstdlib>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/failpoint.h"
#include "sim_plan.h"

namespace batchout::sim {
namespace {

std::uint64_t number_from(const char* variable, std::uint64_t fallback) {
  const char* text = std::getenv(variable);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

std::uint64_t seeds() {
  return number_from("BATCHOUT_SIM_SEEDS", 2'000);
}

/// Seeds that must be tried until one of them shows what is missing; 0: none does.
std::uint64_t caught_after(Ablation ablation) {
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed)
    if (!run_seed(seed, ablation).violation.empty()) return seed;
  return 0;
}

TEST(Simulation, KeepsEveryPromise) {
  const std::uint64_t only = number_from("BATCHOUT_SIM_SEED", 0);
  Counts counts;
  for (std::uint64_t seed = only == 0 ? 1 : only; seed <= (only == 0 ? seeds() : only); ++seed) {
    const Finding finding = run_seed(seed, Ablation::none, only != 0);
    ASSERT_EQ(finding.violation, "") << "to see it: BATCHOUT_SIM_SEED=" << seed;
    counts.add(finding.counts);
  }
  fmt::print(
      "{} steps, {} commits, {} crashes, {} failures, {} commits in doubt of which {} happened, {} fenced, "
      "{} revoked, {} lost, {} gaps, {} skipped, {} rewinds, {} stops, {} stragglers, {} commits of the rival\n",
      counts.steps, counts.commits, counts.crashes, counts.failures, counts.doubts, counts.doubts_kept, counts.fenced,
      counts.revoked, counts.lost, counts.gaps, counts.gaps_skipped, counts.rewinds, counts.stops, counts.stragglers,
      counts.rival_commits);
  if (only != 0 || seeds() < 500) return;
  for (const std::uint64_t happened :
       {counts.crashes, counts.failures, counts.doubts, counts.doubts_kept, counts.fenced, counts.revoked, counts.lost,
        counts.gaps, counts.gaps_skipped, counts.rewinds, counts.stops, counts.stragglers, counts.rival_commits})
    EXPECT_GT(happened, 20u) << "a fault that never happens proves nothing";
}

TEST(Simulation, KeepsRowsTogetherWithWhatTheyLeadTo) {
  const std::uint64_t only = number_from("BATCHOUT_SIM_SEED", 0);
  Counts counts;
  for (std::uint64_t seed = only == 0 ? 1 : only; seed <= (only == 0 ? seeds() / 10 : only); ++seed) {
    const Finding finding = run_seed(seed, Ablation::none, only != 0, true);
    ASSERT_EQ(finding.violation, "") << "to see it: BATCHOUT_SIM_SEED=" << seed;
    counts.add(finding.counts);
  }
  if (only != 0 || seeds() < 2'000) return;
  for (const std::uint64_t happened : {counts.commits, counts.crashes, counts.failures, counts.doubts,
                                       counts.doubts_kept, counts.fenced, counts.revoked, counts.stops})
    EXPECT_GT(happened, 20u) << "a fault that never happens proves nothing";
}

// In this world a stop request comes between two stores that commit a batch without rows; the next round brings some.
TEST(Simulation, ABatchAfterAnEmptyOneThatWasGivenUpIsStoredEverywhere) {
  EXPECT_EQ(run_seed(5845, Ablation::none).violation, "");
}

TEST(Simulation, RepeatsItselfForASeed) {
  EXPECT_EQ(run_seed(42, Ablation::none).counts.steps, run_seed(42, Ablation::none).counts.steps);
}

TEST(Simulation, NoticesPositionsOutsideOfTheTransaction) {
  EXPECT_GT(caught_after(Ablation::position_outside), 0u);
}

TEST(Simulation, NoticesABatchDroppedWithoutRewind) {
  EXPECT_GT(caught_after(Ablation::no_rewind), 0u);
}

TEST(Simulation, NoticesAStoreWithoutFence) {
  EXPECT_GT(caught_after(Ablation::no_fence), 0u);
}

TEST(Simulation, NoticesAClaimThatReadsTooEarly) {
  EXPECT_GT(caught_after(Ablation::read_first), 0u);
}

// Those of the engine itself, by the names of its failpoints.
class EngineSafeguard : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!set_failpoints(GetParam())) GTEST_SKIP() << "this build has no failpoints";
  }
  void TearDown() override { set_failpoints(""); }
};

TEST_P(EngineSafeguard, IsMissed) {
  const std::uint64_t seed = caught_after(Ablation::none);
  EXPECT_GT(seed, 0u);
  RecordProperty("seed", static_cast<int>(seed));
}

INSTANTIATE_TEST_SUITE_P(Simulation, EngineSafeguard,
                         ::testing::Values("positions_apart", "dead_letters_apart", "no_rewind", "no_reclaim",
                                           "doubt_is_success", "doubt_is_retried", "starts_not_stored",
                                           "acknowledged_first", "stragglers_taken", "payloads_kept"),
                         [](const auto& named) { return std::string(named.param); });

using EngineSafeguardDeathTest = EngineSafeguard;

// An assertion ends the process, be it that somebody else's claim has not ended the batch before.
TEST_P(EngineSafeguardDeathTest, IsMissed) {
  EXPECT_DEATH(
      {
        if (caught_after(Ablation::none) > 0) std::abort();
      },
      "");
}

INSTANTIATE_TEST_SUITE_P(Simulation, EngineSafeguardDeathTest, ::testing::Values("revoked_kept", "repeats_taken"),
                         [](const auto& named) { return std::string(named.param); });

}  // namespace
}  // namespace batchout::sim
