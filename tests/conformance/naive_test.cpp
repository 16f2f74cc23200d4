// The naive evaluator, which judges the extractor elsewhere, answers the same suite, but for filters.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "json_value.h"
#include "naive/naive.h"

namespace batchout::conformance {
namespace {

constexpr std::size_t kCasesExpected = 167;

std::string suite_text() {
  std::ifstream in(BATCHOUT_CONFORMANCE_FOLDER "/jsonpath/cts.json", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string answer(const naive::Value& document, const std::string& selector) {
  std::vector<std::string> values;
  const auto path = naive::path_of({selector, {selector}}, {}, true);
  for (const naive::Value* value : naive::all_of(path, document)) values.emplace_back(value->source);
  return fmt::format("[{}]", fmt::join(values, ","));
}

TEST(NaiveEvaluator, AnswersEveryCaseOfTheComplianceSuiteThatHasNoFilter) {
  const std::string text = suite_text();
  // It reads the whole suite itself; the answers are compared by another reader.
  const auto suite = naive::read(text);
  ASSERT_NE(suite, nullptr);
  const Json cases = json_of(text);
  const auto& tests = cases.find("tests")->items;
  const naive::Value& own = *naive::all_of(naive::path_of({"$.tests", {"$.tests"}}, {}, true), *suite).at(0);
  std::size_t count = 0;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    const std::string& selector = tests[i].find("selector")->text;
    if (tests[i].find("invalid_selector") != nullptr || selector.contains('?')) continue;
    SCOPED_TRACE(fmt::format("{}: {}", tests[i].find("name")->text, selector));
    const auto document = naive::path_of({"$.document", {"$.document"}}, {}, true);
    const Json found = json_of(answer(*naive::all_of(document, *own.items[i]).at(0), selector));
    const Json* const several = tests[i].find("results");
    const bool among = several != nullptr && std::ranges::find(several->items, found) != several->items.end();
    EXPECT_TRUE(several != nullptr ? among : found == *tests[i].find("result"));
    ++count;
  }
  EXPECT_EQ(count, kCasesExpected);
}

}  // namespace
}  // namespace batchout::conformance
