// The naive evaluator, which judges the extractor elsewhere, answers the same suite.

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

constexpr std::size_t kCasesExpected = 699;
// It takes regular expressions for those of ECMAScript, which has no categories of Unicode.
constexpr const char* kNotJudged[] = {
    "functions, match, filter, match function, unicode char class, uppercase",
    "functions, match, filter, match function, unicode char class negated, uppercase",
    "functions, search, filter, search function, unicode char class, uppercase",
    "functions, search, filter, search function, unicode char class negated, uppercase",
};

std::string suite_text() {
  std::ifstream in(BATCHOUT_CONFORMANCE_FOLDER "/jsonpath/cts.json", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::optional<naive::Nodes> found(const std::string& path, const naive::Value& document) {
  return naive::find({path, {path}}, {}, true, document);
}

// One case, which it reads itself; the answer is compared by another reader.
void check(const naive::Value& own, const Json& test, const std::string& selector) {
  const auto written = found("$.document", own).value();
  const auto document = naive::read(written.empty() ? "null" : written[0]->source);
  const auto nodes = found(selector, *document);
  ASSERT_EQ(nodes.has_value(), test.find("invalid_selector") == nullptr);
  if (!nodes) return;
  std::vector<std::string_view> values;
  for (const naive::Value* value : *nodes) values.push_back(value->source);
  const std::string text = fmt::format("[{}]", fmt::join(values, ","));
  const Json* const several = test.find("results");
  const bool among = several != nullptr && std::ranges::find(several->items, json_of(text)) != several->items.end();
  EXPECT_TRUE(several != nullptr ? among : json_of(text) == *test.find("result")) << text;
}

TEST(NaiveEvaluator, AnswersEveryCaseOfTheComplianceSuite) {
  const std::string text = suite_text();
  const auto suite = naive::read(text);
  ASSERT_NE(suite, nullptr);
  const Json cases = json_of(text);
  const auto& tests = cases.find("tests")->items;
  const naive::Nodes own = found("$.tests[*]", *suite).value();
  ASSERT_EQ(own.size(), tests.size());
  std::size_t judged = 0;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    const std::string& name = tests[i].find("name")->text;
    const std::string& selector = tests[i].find("selector")->text;
    if (std::ranges::find(kNotJudged, name) != std::end(kNotJudged)) continue;
    SCOPED_TRACE(fmt::format("{}: {}", name, selector));
    check(*own[i], tests[i], selector);
    ++judged;
  }
  EXPECT_EQ(judged, kCasesExpected);
  EXPECT_EQ(judged + std::size(kNotJudged), tests.size());
}

// The suite has no such cases.
TEST(NaiveEvaluator, RefusesBlanksInBracketsOfQueriesThatAreValues) {
  const auto document = naive::read("[{}]");
  for (const char* path : {"$[?@[ 'a' ] == 1]", "$[?@['a' ]==1]", "$[?@[ 0]==1]", "$[?1==@.b[0\n]]",
                           "$[?@['a'][\t'b']<$['c']]", "$[?length(@[ 'a'])==1]", "$[?match('a', @['a'\r])]"})
    EXPECT_FALSE(found(path, *document)) << path;
  for (const char* path : {"$[?@[ 'a' ]]", "$[?!@[ 'a' ]]", "$[?count(@[ 'a' ])==1]", "$[?value(@[ 'a' ])==1]",
                           "$[ 'a' ]", "$[?@ ['a'] [0]==1]", "$[?@['a'] == $['b']]", "$[?@[ ?@['x']==1 ]&&@['a']==1]",
                           "$[?length(@ ['a'])==count(@[ 'a' ])]", "$[ ?@[ 'a' ]&&@.b==1 ]", "$[?@['a b ']==1]"})
    EXPECT_TRUE(found(path, *document)) << path;
}

}  // namespace
}  // namespace batchout::conformance
