// What it costs to refuse configurations of many names: work is counted in allocations and hints, not in time.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

#include <fmt/format.h>

#include "../components/allocations.h"
#include "batchout/pipeline.h"
#include "config/wording.h"

namespace batchout {
namespace {

constexpr const char* kBegin =
    "batchout: 1\ninputs: {docs: {type: const, data: ['{}']}}\noutputs: {out: {type: logger}}\n";

/// Lines of a configuration, one for each number.
std::string lines(int count, const std::function<std::string(int)>& line) {
  std::string text;
  for (int i = 0; i < count; ++i) text += line(i);
  return text;
}

std::string nested_indexes(int count) {
  return std::string(kBegin) + "columns: {a: a}\nindexes:\n" + lines(count, [](int i) {
           return fmt::format("  index_{}: '{}'\n", i, i == 0 ? "xs" : fmt::format("xs[{{index_{}}}].x", i - 1));
         });
}

std::string indexes_that_are_not_declared(int count) {
  return std::string(kBegin) + "indexes:\n" +
         lines(count, [](int i) { return fmt::format("  index_{}: xs{}\n", i, i); }) + "columns:\n" +
         lines(count, [](int i) { return fmt::format("  column_{}: 'xs[{{indec_{}}}]'\n", i, i); });
}

std::string selectors_of_unknown_columns(int count) {
  return std::string(kBegin) + "columns:\n" + lines(count, [](int i) { return fmt::format("  column_{}: a\n", i); }) +
         "selectors:\n" + lines(count, [](int i) { return fmt::format("  out_{}: [kolumn_{}]\n", i, i); });
}

std::string outputs_of_unknown_selectors(int count) {
  return "batchout: 1\ninputs: {docs: {type: const, data: ['{}']}}\ncolumns: {a: a}\nselectors:\n" +
         lines(count, [](int i) { return fmt::format("  selector_{}: [a]\n", i); }) + "outputs:\n" +
         lines(count, [](int i) { return fmt::format("  out_{}: {{type: logger, selector: zelector_{}}}\n", i, i); });
}

std::string maps_of_unknown_columns(int count) {
  return std::string(kBegin) + "columns:\n" + lines(count, [](int i) { return fmt::format("  column_{}: a\n", i); }) +
         "maps:\n  docs:\n" + lines(count, [](int i) { return fmt::format("    - kolumn_{}\n", i); });
}

std::size_t allocations_of(const std::string& config) {
  const std::size_t before = testing::allocations;
  (void)Pipeline::from_text(config);
  return testing::allocations - before;
}

struct Named {
  const char* name;
  std::string (*config)(int);
};

class Efforts : public ::testing::TestWithParam<Named> {};

TEST_P(Efforts, GrowAsTheConfigurationDoes) {
  const std::size_t small = allocations_of(GetParam().config(200));
  const std::size_t large = allocations_of(GetParam().config(800));
  EXPECT_LT(large, small * 6) << small;
}

TEST_P(Efforts, EndAtTheNumberOfHintsThatAnybodyReads) {
  const auto refused = Pipeline::from_text(GetParam().config(800));
  if (refused) return;
  EXPECT_GE(refused.error().size(), 800u);
  const auto guesses = std::ranges::count_if(
      refused.error(), [](const Problem& problem) { return problem.hint.starts_with("did you mean"); });
  EXPECT_LE(static_cast<std::size_t>(guesses), kHintsMax);
}

INSTANTIATE_TEST_SUITE_P(Configurations, Efforts,
                         ::testing::Values(Named{"nested_indexes", nested_indexes},
                                           Named{"indexes_that_are_not_declared", indexes_that_are_not_declared},
                                           Named{"selectors_of_unknown_columns", selectors_of_unknown_columns},
                                           Named{"outputs_of_unknown_selectors", outputs_of_unknown_selectors},
                                           Named{"maps_of_unknown_columns", maps_of_unknown_columns}),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace batchout
