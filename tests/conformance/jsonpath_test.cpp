// The JSONPath compliance test suite: values and, where given, normalised paths; invalid selectors are refused.
//
// The selectors go through the door that `batchout get` uses, and once more as the column of a map.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "batchout/pipeline.h"
#include "json_value.h"
#include "registry/registry.h"

namespace batchout::conformance {
namespace {

constexpr std::size_t kCasesExpected = 703;

std::string read(const std::string& file) {
  std::ifstream in(BATCHOUT_CONFORMANCE_FOLDER "/" + file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A value written again; the suite's documents are read by our own reader in this form.
std::string written(const Json& json) {
  switch (json.type) {
    case Json::Type::null:
      return "null";
    case Json::Type::boolean:
      return json.number != 0 ? "true" : "false";
    case Json::Type::number:
      return fmt::format("{}", json.number);
    case Json::Type::text: {
      std::string out = "\"";
      for (const char c : json.text)
        out += static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\' ? fmt::format("\\u{:04x}", c)
                                                                             : std::string(1, c);
      return out + "\"";
    }
    default:
      break;
  }
  std::vector<std::string> parts(json.items.size());
  for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = written(json.items[i]);
  if (json.type == Json::Type::list) return fmt::format("[{}]", fmt::join(parts, ","));
  for (const auto& [key, item] : json.keys) {
    Json name;
    name.type = Json::Type::text;
    name.text = key;
    parts[item] = written(name) + ":" + parts[item];
  }
  return fmt::format("{{{}}}", fmt::join(parts, ","));
}

std::string found(const std::vector<Match>& matches, bool paths) {
  std::vector<std::string> parts;
  for (const Match& match : matches) {
    Json path;
    path.type = Json::Type::text;
    path.text = match.path;
    parts.push_back(paths ? written(path) : match.value);
  }
  return fmt::format("[{}]", fmt::join(parts, ","));
}

// The answer is `one`, or any of `several`, where the order of members is open.
bool is_answer(const Json& answer, const Json* one, const Json* several) {
  if (one != nullptr) return answer == *one;
  return several == nullptr || std::ranges::find(several->items, answer) != several->items.end();
}

// As a column that takes all matches of its payload; "[]" if there are none.
std::string column_of(const std::string& selector, const std::string& document) {
  const Registry registry = Pipeline::builtin();
  Problems problems;
  const auto make =
      Registry::Types::find(registry.types().extractors, "jsonpath")
          ->decoder(Node::mapping({{"syntax", "rfc9535"}}), {.path = {}, .file = {}, .problems = &problems});
  Projection projection;
  projection.levels.emplace_back();
  ProjectionColumn& column = projection.columns.emplace_back();
  column.path = {selector, {selector}};
  column.strategy = Strategy::take_all;
  column.cast.kind = Kind::dynamic;
  Payloads payloads;
  payloads.append(document, UnitId{}, 0, 1);
  Extraction extraction(projection);
  make->extractor->compile(projection)->run(payloads, extraction);
  if (!extraction.rejects.empty()) return extraction.rejects[0].message;
  const Cell cell = extraction.values->columns[0].cell(0);
  return cell.empty() ? "[]" : std::string(cell.text);
}

void check_refused(const std::string& selector) {
  const auto matches = find_values("jsonpath", selector, "{}");
  ASSERT_FALSE(matches.has_value()) << "was not refused";
  EXPECT_EQ(matches.error().code, "BO302") << matches.error().text();
  EXPECT_GT(matches.error().column, 0) << matches.error().text();
}

void check_found(const Json& test, const std::string& selector) {
  const std::string document = written(*test.find("document"));
  const auto matches = find_values("jsonpath", selector, document);
  ASSERT_TRUE(matches.has_value()) << matches.error().text();
  const std::string values = found(*matches, false);
  EXPECT_TRUE(is_answer(json_of(values), test.find("result"), test.find("results"))) << values;
  const std::string paths = found(*matches, true);
  EXPECT_TRUE(is_answer(json_of(paths), test.find("result_paths"), test.find("results_paths"))) << paths;
  EXPECT_EQ(json_of(column_of(selector, document)), json_of(values));
}

TEST(JsonPath, AnswersEveryCaseOfTheComplianceSuite) {
  const Json suite = json_of(read("jsonpath/cts.json"));
  ASSERT_NE(suite.find("tests"), nullptr) << "the suite is missing: " BATCHOUT_CONFORMANCE_FOLDER "/jsonpath/cts.json";
  EXPECT_EQ(suite.find("tests")->items.size(), kCasesExpected);
  for (const Json& test : suite.find("tests")->items) {
    const std::string& selector = test.find("selector")->text;
    SCOPED_TRACE(fmt::format("{}: {}", test.find("name")->text, selector));
    if (test.find("invalid_selector") != nullptr)
      check_refused(selector);
    else
      check_found(test, selector);
  }
}

}  // namespace
}  // namespace batchout::conformance
