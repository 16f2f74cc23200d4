// Resolved paths: what they show finds the value of their row again, whatever keys a payload has.

#include "data/origin.h"

#include <gtest/gtest.h>

#include <random>
#include <utility>

#include "data/render.h"
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

ExtractorConfig config_of(Syntax syntax) {
  ExtractorConfig config;
  config.syntax = syntax;
  return config;
}

using Rows = std::vector<std::pair<std::string, std::string>>;

/// Each row: the text of the path, and the value. The index is called `k`.
Rows rows(std::string_view path, Syntax syntax, IndexKind kind, const std::string& index, const std::string& document,
          Strategy strategy = Strategy::take_first) {
  const auto extractor = std::make_shared<JsonExtractor>(config_of(syntax));
  Table table;
  table.index("k", kind, index).column(path, Kind::json, strategy);
  table.projection.levels[1].keeps_values = kind != IndexKind::for_list;
  table.projection.levels[1].extractor = extractor;
  OriginColumn origin{"r", OriginColumn::Source::resolved_path, {}, kPayloadLevel, {}, {}};
  origin.path = table.parsed(path, origin.level);
  table.projection.origins.push_back(std::move(origin));
  Extraction extraction(table.projection);
  const Payloads payloads = payloads_of({document});
  extractor->compile(table.projection)->run(payloads, extraction);
  fill_origins(table.projection, payloads, extraction);
  Rows rows;
  for (std::size_t i = 0; i < extraction.levels[1].count; ++i)
    rows.emplace_back(printed(extraction.values->columns[1].cell(i)), printed(extraction.values->columns[0].cell(i)));
  return rows;
}

Rows rows(std::string_view path, Syntax syntax, const std::string& index) {
  return rows(path, syntax, IndexKind::for_object, index, payload());
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

// ------------------------------------------------------------------------------------------- documents by chance

/// Whatever a grammar could take for its own.
constexpr std::string_view kHostile[] = {
    "a",      "b",      "x",    "v",
    "where",  "parent", "this", "or",
    "true",   "null",   "0",    "1",
    "7",      "-1",     "007",  "1e3",
    "1.5",    "-",      "_",    "*",
    "$",      "@",      ".",    "..",
    "[",      "]",      "(",    ")",
    ",",      ":",      "|",    "&",
    "'",      "\"",     "`",    "\\",
    "?",      "!",      "==",   " ",
    "\n",     "\t",     "\x01", "{k}",
    "}",      "é",      "日",   "😀",
    "\u2028", "\x7f",   "%s",   std::string_view("\0", 1),
};

constexpr int kRounds = 6;

class Chance {
 public:
  explicit Chance(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t count) { return random_() % count; }

  /// Mostly one piece alone; sometimes empty.
  std::string key() {
    std::string key;
    for (std::size_t pieces = below(8) == 0 ? below(4) : 1; pieces > 0; --pieces)
      key += kHostile[below(std::size(kHostile))];
    return key;
  }

  /// Two objects with the same keys and a list, all of them of objects with a number, a text, and a list of scalars.
  std::string document() {
    std::string objects[2];
    std::string list, scalars = "null,[1],1.5,-1,2,true,9007199254740993,12345678901234567890,1e300,0.1";
    for (std::size_t i = 0; i < 6; ++i) {
      std::string name;
      append_json_string(key(), name);
      for (auto& members : objects) members += fmt::format("{}{}:{{\"v\":{}}}", i == 0 ? "" : ",", name, ++number_);
      list += fmt::format("{}{{\"v\":{}}}", i == 0 ? "" : ",", ++number_);
      scalars += "," + name;
    }
    return fmt::format(R"({{"o":{{{}}},"p":{{{}}},"q":[{}],"t":"0123456789","l":[{}]}})", objects[0], objects[1], list,
                       scalars);
  }

 private:
  std::mt19937 random_;
  int number_ = 100;
};

/// In jsonpath_rw no path names a member `*`.
bool may_be_null(Syntax syntax, const std::string& document, std::size_t row, IndexKind kind) {
  const std::string key = rows("{k}", syntax, kind, kind == IndexKind::for_object ? "$.o" : "$.l", document)[row].first;
  if (key == "null") return true;
  if (syntax == Syntax::rfc9535) return key == "'9007199254740993'" || key.contains("12345678901234567890");
  return key == "'*'";
}

/// As a column shows them that takes all.
std::string list_of(const std::vector<Extractor::Found>& found) {
  std::string list;
  for (const auto& one : found) list += (list.empty() ? '[' : ',') + one.value;
  return list.empty() ? "-" : list + ']';
}

void finds_the_values_of(std::string_view path, Syntax syntax, IndexKind kind, const std::string& document) {
  const JsonExtractor extractor(config_of(syntax));
  const std::string index = kind == IndexKind::from_list ? "$.l" : "$.o";
  const Rows all = rows(path, syntax, kind, index, document);
  const Rows lists = rows(path, syntax, kind, index, document, Strategy::take_all);
  for (std::size_t row = 0; row < all.size(); ++row) {
    const auto& [shown, value] = all[row];
    if (shown == "null") {
      EXPECT_TRUE(may_be_null(syntax, document, row, kind)) << path << " row " << row << " of " << document;
      continue;
    }
    const std::string text = shown.substr(1, shown.size() - 2);
    const auto found = extractor.find({text, {text}}, document);
    ASSERT_TRUE(found) << path << ": " << text << ": " << found.error().message;
    const std::string again = found->empty() ? "-" : found->front().value;
    EXPECT_EQ(again, value) << path << ": " << text << " of " << document;
    EXPECT_EQ(list_of(*found), lists[row].second) << path << ": " << text << " of " << document;
  }
}

/// Of jsonpath_rw.
constexpr std::string_view kOlderPaths[] = {
    "o[{k}].v",
    "$.o[{k}]",
    "o.{k}.v",
    "o.'{k}'.v",
    "o.\"{k}\".v",
    "o[\"{k}\"].v",
    "$..{k}.v",
    "$..[{k}].v",
    "o.x{k}.v",
    "o.{k}x",
    "o[x{k}].v",
    "o[{k}x].v",
    "p[{k}].v",
    "q[{k}].v",
    "q.[{k}].v",
    "t[{k}]",
    "q[-{k}].v",
    "q[1{k}].v",
    "(o|q)[{k}].v",
    "(p[{k}]).v",
    "p[{k}]|zz",
    "(q[{k}]).v|zz",
    "o.{k},zz",
    "o[{k},zz].v",
    "o[zz,{k}].v",
    "q[{k}:].v",
    "q[:{k}].v",
    "q[{k}:{k}].v",
    "o . {k} . v",
    "o[ {k} ].v",
    "o.{k}.v | zz",
    "zz | o.{k}",
    "o.{k}|p.{k}",
    "o.{k} where v",
    "o where {k}",
    "zz|o where {k}",
    "o[{k}] where v",
    "o.`this`[{k}].v",
    "o[{k}].(v|zz)",
    "p[{k}].(v|zz)",
    "o.*.`parent`.{k}.v",
    "$.zz|o[{k}].v",
    "$..o.{k}.v",
    "o..p.{k}..v",
    "(o.{k})|zz",
    "'o'[{k}].'v'",
    "$[o][{k}]",
    "q[{k}].v..zz|v",
    "p[{k}] where v",
    "zz where p[{k}]",
    "(o where [{k}]).p",
    "(p where $.q.[{k}]).v",
    "{k}.v",
    "o.'\\{k}'.v",
    "q[{k}]|zz",
    "o[{k}] | p",
    "p[{k}]|q[{k}]|zz",
    "zz|p[{k}]|o",
    "$.zz.(q[{k}]|o)",
    "(q[{k}]|p)[{k}]|$.l",
    "$.q[{k}]|$.t",
    "q.[{k}]|zz",
    "[{k}]|o",
    "$..p[{k}]|zz",
    "'o'.{k}[v]|zz",
    "p[{k}] where v|t",
    "(q where $.o[{k}]|zz)[{k}].v",
    "(p)[{k}]|(q)[{k}]",
};

TEST(ResolvedPath, FindsItsValueInAnyDocumentInTheOlderLanguage) {
  Chance chance(1);
  for (int round = 0; round < kRounds; ++round) {
    const std::string document = chance.document();
    for (const auto path : kOlderPaths) {
      finds_the_values_of(path, Syntax::jsonpath_rw, IndexKind::for_object, document);
      finds_the_values_of(path, Syntax::jsonpath_rw, IndexKind::from_list, document);
      if (HasFailure()) return;
    }
  }
}

TEST(ResolvedPath, FindsItsValueInAnyDocumentOfRfc9535) {
  constexpr std::string_view kPaths[] = {
      "$.o[{k}].v",
      "$.o.{k}.v",
      "$.o['{k}'].v",
      "$.o[\"{k}\"].v",
      "$..{k}.v",
      "$..[{k}].v",
      "$.q[{k}].v",
      "$.t[{k}]",
      "$.o[{k},'zz'].v",
      "$.o['zz', {k}].v",
      "$.o[ {k} ].v",
      "$.o .{k}['v']",
      "$.q[{k}:].v",
      "$.q[:{k}:2].v",
      "$.q[ {k} : {k} ].v",
      "$.l[?@ == {k}]",
      "$.l[?@ == '{k}']",
      "$.l[?@ >= {k}]",
      "$.l[?({k} == @)]",
      "$.o.x{k}.v",
      "$.o.{k}x",
      "{k}.v",
      "$.q[?@.v == {k}].v",
      "$[?@.{k}.v]",
      "$[?@[{k}].v].a",
      "$.o[?@.v == $.o[{k}].v].v",
      "$.l[?length(@) == length({k})]",
      "$.l[?match(@, '[{k}]')]",
      "$.l[?@ == {k} || @ == 2, 1]",
      "$.l[?match(@, {k}), {k}]",
  };
  Chance chance(2);
  for (int round = 0; round < kRounds; ++round) {
    const std::string document = chance.document();
    for (const auto path : kPaths) {
      finds_the_values_of(path, Syntax::rfc9535, IndexKind::for_object, document);
      finds_the_values_of(path, Syntax::rfc9535, IndexKind::from_list, document);
      if (HasFailure()) return;
    }
  }
}

TEST(ResolvedPath, KnowsWhatItsIndexGoesThrough) {
  const std::string document = R"({"o":{"0":1,"a":2},"l":[3,4],"p":{"0":5}})";
  const auto first = [&](std::string_view path, IndexKind kind, const std::string& index) {
    return rows(path, Syntax::jsonpath_rw, kind, index, document)[0].first;
  };
  EXPECT_EQ(first("o[{k}]", IndexKind::for_object, "o"), "'o['0']'");
  EXPECT_EQ(first("$.o[{k}]", IndexKind::for_object, "o"), "'$.o['0']'");
  EXPECT_EQ(first("p[{k}]", IndexKind::for_object, "o"), "'p.([0]|'0')'");
  EXPECT_EQ(first("(o|l)[{k}]", IndexKind::for_object, "(o|l)"), "'(o|l).([0]|'0')'");
  EXPECT_EQ(first("l[{k}]", IndexKind::for_list, "l"), "'l[0]'");
  EXPECT_EQ(first("l[{k:02d}]", IndexKind::for_list, "l"), "'l[00]'");
}

}  // namespace
}  // namespace batchout::json::test
