// The walk, the tree and the naive evaluator agree on random maps over random documents. A failure names its seed;
// BATCHOUT_PROPERTY_SEED runs that one alone, BATCHOUT_PROPERTY_COUNT other numbers of them.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "scenario.h"

namespace batchout::property {
namespace {

constexpr std::uint32_t kCount = 1000;

std::uint32_t from_environment(const char* name, std::uint32_t otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10)) : otherwise;
}

std::string failure(std::uint32_t seed, Tally* tally = nullptr) {
  Seeded choices(seed);
  const Scenario scenario = scenario_of(choices);
  if (disagreement(scenario, tally).empty()) return "";
  const Scenario smallest = shrunk(scenario);
  return fmt::format("seed {}\n{}{}", seed, text_of(smallest), disagreement(smallest));
}

TEST(Property, WalkTreeAndNaiveEvaluatorAgree) {
  const std::uint32_t first = from_environment("BATCHOUT_PROPERTY_SEED", 0);
  const bool one = std::getenv("BATCHOUT_PROPERTY_SEED") != nullptr;
  const std::uint32_t count = from_environment("BATCHOUT_PROPERTY_COUNT", one ? 1 : kCount);
  Tally tally;
  int failed = 0;
  for (std::uint32_t seed = first; seed < first + count && failed < 3; ++seed) {
    const std::string found = failure(seed, &tally);
    EXPECT_EQ(found, "");
    failed += found.empty() ? 0 : 1;
  }
  fmt::print("{} maps fused, {} documents good, {} refused, {} rows, {} of them deep, {} values\n", tally.fused,
             tally.good, tally.refused, tally.rows, tally.deep_rows, tally.values);
  fmt::print("{} values through filters, {} through operators\n", tally.filtered, tally.operated);
  if (count < kCount) return;
  // The scenarios are worth something.
  EXPECT_GT(tally.fused, 600u);
  EXPECT_GT(tally.good, 2000u);
  EXPECT_GT(tally.refused, 800u);
  EXPECT_GT(tally.deep_rows, 700u);
  EXPECT_GT(tally.values, 2200u);
  EXPECT_GT(tally.filtered, 100u);
  EXPECT_GT(tally.operated, 100u);
}

}  // namespace
}  // namespace batchout::property
