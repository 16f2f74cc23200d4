// Resolved paths: what they show finds the value of their row again, whatever keys a payload has.

#include "data/origin.h"

#include <gtest/gtest.h>

#include "table.h"

namespace batchout::json::test {
namespace {

constexpr const char* kKeys[] = {
    "a",   "a b",      "q\\\"x",  "it's",     "b\\\\s", "n\\nl", "a\\\"][\\\"b", "a'].b", "]",    ".",
    "..",  "$",        "@",       "where",    "'",      "7",     "-1",           "1.5",   "true", "",
    "x-y", "\xC3\xA9", "\\u0001", "`parent`", "a|b",    "a{b}c", "\\\\'",
};

std::string payload() {
  std::string members;
  int number = 0;
  for (const char* key : kKeys) members += fmt::format("{}\"{}\":{}", members.empty() ? "" : ",", key, ++number);
  return R"({"a":{"b":"other"},"o":{)" + members + "}}";
}

/// Each row: the text of the path, and the value.
std::vector<std::pair<std::string, std::string>> rows(std::string_view path, Syntax syntax, const std::string& index) {
  ExtractorConfig config;
  config.syntax = syntax;
  const auto extractor = std::make_shared<JsonExtractor>(config);
  Table table;
  table.index("k", IndexKind::for_object, index).column(path, Kind::json);
  table.projection.levels[1].keeps_values = true;
  table.projection.levels[1].extractor = extractor;
  OriginColumn origin{"r", OriginColumn::Source::resolved_path, {}, kPayloadLevel, {}, {}};
  origin.path = table.parsed(path, origin.level);
  table.projection.origins.push_back(std::move(origin));
  Extraction extraction(table.projection);
  const Payloads payloads = payloads_of({payload()});
  extractor->compile(table.projection)->run(payloads, extraction);
  fill_origins(table.projection, payloads, extraction);
  std::vector<std::pair<std::string, std::string>> rows;
  for (std::size_t i = 0; i < extraction.levels[1].count; ++i)
    rows.emplace_back(printed(extraction.values->columns[1].cell(i)), printed(extraction.values->columns[0].cell(i)));
  return rows;
}

void finds_again(std::string_view path, Syntax syntax, const std::string& index) {
  ExtractorConfig config;
  config.syntax = syntax;
  const JsonExtractor extractor(config);
  const auto all = rows(path, syntax, index);
  ASSERT_EQ(all.size(), std::size(kKeys));
  for (const auto& [shown, value] : all) {
    ASSERT_TRUE(shown.starts_with('\'')) << path << ": " << shown;
    const std::string text = shown.substr(1, shown.size() - 2);
    const auto found = extractor.find({text, {text}}, payload());
    ASSERT_TRUE(found) << path << ": " << text << ": " << found.error().message;
    ASSERT_EQ(found->size(), 1U) << path << ": " << text;
    EXPECT_EQ(found->front().value, value) << path << ": " << text;
  }
}

TEST(ResolvedPath, FindsItsValueAgain) {
  finds_again("$.o[\"{k}\"]", Syntax::rfc9535, "$.o");
  finds_again("$.o['{k}']", Syntax::rfc9535, "$.o");
  finds_again("$.o[{k}]", Syntax::rfc9535, "$.o");
  finds_again("$.o.{k}", Syntax::rfc9535, "$.o");
  finds_again("o.{k}", Syntax::jsonpath_rw, "o");
  finds_again("o.'{k}'", Syntax::jsonpath_rw, "o");
  finds_again("$.o.\"{k}\"", Syntax::jsonpath_rw, "o");
}

TEST(ResolvedPath, LeavesPlainWordsAsTheyAre) {
  EXPECT_EQ(rows("$.o.{k}", Syntax::rfc9535, "$.o")[0].first, "'$.o.a'");
  EXPECT_EQ(rows("$.o.{k}", Syntax::rfc9535, "$.o")[1].first, "'$.o['a b']'");
  EXPECT_EQ(rows("$.o[{k}]", Syntax::rfc9535, "$.o")[0].first, "'$.o['a']'");
  EXPECT_EQ(rows("$.o[\"{k}\"]", Syntax::rfc9535, "$.o")[2].first, R"('$.o["q\"x"]')");
  EXPECT_EQ(rows("o.{k}", Syntax::jsonpath_rw, "o")[0].first, "'o.a'");
  EXPECT_EQ(rows("o.{k}", Syntax::jsonpath_rw, "o")[13].first, "'o['where']'");
}

TEST(ResolvedPath, ASlotAloneIsTheValueOfItsIndex) {
  EXPECT_EQ(rows("{k}", Syntax::jsonpath_rw, "o")[2].first, "'q\"x'");
}

}  // namespace
}  // namespace batchout::json::test
