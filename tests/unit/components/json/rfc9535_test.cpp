// Paths of RFC 9535 beyond the compliance suite: slots, limits, numbers, and the same answers from walk and tree.

#include <gtest/gtest.h>

#include <random>

#include "components/json/program.h"
#include "path_text.h"
#include "table.h"

namespace batchout::json::test {
namespace {

Template written(std::string_view path) {
  return {std::string(path), {std::string(path)}};
}

std::expected<Path, Extractor::PathProblem> compiled(std::string_view path) {
  return compile_path(written(path), Syntax::rfc9535);
}

std::string all(std::string_view path, const std::string& document) {
  Table table;
  table.column(path, Kind::dynamic, Strategy::take_all);
  return cells(table, document, rfc9535());
}

TEST(Rfc9535, PathsWithoutTheDocumentBeginAtIt) {
  EXPECT_EQ(*compiled("a.b[0]"), *compiled("$.a.b[0]"));
  EXPECT_EQ(*compiled("*"), *compiled("$.*"));
  EXPECT_EQ(*compiled("caf\xC3\xA9"), *compiled("$['caf\xC3\xA9']"));
  for (const char* path : {"", "[0]", ".a", "..a", " a", "@.a", "1", "a ", "'a'"}) EXPECT_FALSE(compiled(path)) << path;
}

TEST(Rfc9535, RefusalsNameTheirPlace) {
  struct Refused {
    const char* path;
    int column;
    const char* message;
  };
  const Refused cases[] = {
      {"$.a b", 4, "a dot, a bracket or the end of the path is expected here"},
      {"$.\xC3\xA9[x]", 5, "a name in quotes, a position, a slice, * or ? is expected here"},
      {"$[0", 4, "the path ends where a comma or a closing bracket is expected"},
      {"$['a]", 3, "the quote is not closed: '"},
      {"$['\\ud800']", 4, "a text in a path has a bad escape or an unpaired surrogate"},
      {"$['\\\"']", 4, "this quote needs no backslash here: \""},
      {"$['a\tb']", 5, "a text in a path cannot contain a control character; write it as an escape"},
      {"$[-0]", 3, "an integer has no leading zero, and zero no sign: -0"},
      {"$[1:9007199254740992]", 5, "the integer is beyond the range of 2^53: 9007199254740992"},
      {"$[?@.a == 01]", 11, "the number is malformed: 01"},
      {"$[?1]", 4, "a value alone is no condition; compare it with something"},
      {"$[?@.a == yes]", 11, "a text needs quotes, and functions parentheses: yes"},
      {"$[?length(@.*) == 1]", 11, "only a query of names and positions has a value; others can be counted or tested"},
      {"$[?count(1) == 1]", 10, "count takes a query"},
      {"$[?match(@.a)]", 4, "wrong number of arguments: match takes 2, not 1"},
      {"$[?(@.a]", 8, "an operator or a closing parenthesis is expected here"},
      {"$[?@[ 'a' ] == 1]", 6, "a query that is a value has no blanks inside of its brackets"},
      {"$[?@['a' ]==1]", 9, "a query that is a value has no blanks inside of its brackets"},
      {"$[?@[ 0]==1]", 6, "a query that is a value has no blanks inside of its brackets"},
      {"$[?1==@.b[0\n]]", 12, "a query that is a value has no blanks inside of its brackets"},
      {"$[?@['a'][\t'b']<$ ['c'] ['d' ]]", 11, "a query that is a value has no blanks inside of its brackets"},
      {"$[?length(@[ 'a'])==1]", 13, "a query that is a value has no blanks inside of its brackets"},
      {"$[?match('a', @['a'\r])]", 20, "a query that is a value has no blanks inside of its brackets"},
  };
  for (const auto& [path, column, message] : cases) {
    const auto refused = compiled(path);
    ASSERT_FALSE(refused) << path;
    EXPECT_EQ(refused.error().column, column) << path;
    EXPECT_EQ(refused.error().message, message) << path;
  }
  EXPECT_EQ(compiled("$['\xFF']").error().message, "the path is not UTF-8");
}

TEST(Rfc9535, BlanksAreAllowedWhereNoValueIsWanted) {
  for (const char* path : {"$[?@[ 'a' ]]", "$[?!@[ 'a' ]]", "$[?count(@[ 'a' ])==1]", "$[?value(@[ 'a' ])==1]",
                           "$[ 'a' ]", "$[?@ ['a'] [0]==1]", "$[?@['a'] == $['b']]", "$[?@[ ?@['x']==1 ]&&@['a']==1]",
                           "$[?length(@ ['a'])==count(@[ 'a' ])]", "$[ ?@[ 'a' ]&&@.b==1 ]", "$[?@['a b ']==1]"})
    EXPECT_TRUE(compiled(path)) << path;
}

TEST(Rfc9535, LengthAndNestingAreBounded) {
  std::string steps = "$";
  for (int i = 0; i < 1001; ++i) steps += ".a";
  EXPECT_EQ(compiled(steps).error().message, "the path has too many steps");
  EXPECT_EQ(compiled("$[?" + std::string(5000, '(')).error().message, "the path is nested too deeply");
  std::string filters = "$", functions = "$[?";
  for (int i = 0; i < 5000; ++i) filters += "[?@", functions += "length(";
  EXPECT_EQ(compiled(filters).error().message, "the path is nested too deeply");
  EXPECT_EQ(compiled(functions).error().message, "the path is nested too deeply");
  std::string old = "a";
  for (int i = 0; i < 2000; ++i) old += "|a";
  EXPECT_EQ(compile_path(written(old)).error().message, "the path has too many steps");
}

TEST(Rfc9535, PathsAreTheSameWhenWrittenOut) {
  for (const char* path : {"$.a[?@.b == 1 && !(@.c < 'x\\'\\n' || count(@..*) >= 2)]", "$..['a', 0, ::-2, ?@[?@.x]]",
                           "$[?match(@.a, 'b|c') || search($.x, @.y)].\xC3\xA9", "$[?value(@..a) != null]"}) {
    const auto once = compiled(path);
    ASSERT_TRUE(once) << path << once.error().message;
    const auto again = compile_path(PathText::of(*once, Syntax::rfc9535), Syntax::rfc9535);
    ASSERT_TRUE(again) << path << again.error().message;
    EXPECT_EQ(*once, *again) << path;
  }
}

TEST(Rfc9535, NumbersCompareExactly) {
  const std::string document =
      R"({"big": 12345678901234567890123, "n": [12345678901234567890123, 12345678901234567890124,
      1.2345678901234567890123e22, 9007199254740993, 9007199254740992.0, 0.1, 0.10, 1e-1, 1e400, 1e401, 0, -0.0, 0e5, 1e-400]})";
  EXPECT_EQ(all("$.n[?@ == $.big]", document), "[12345678901234567890123,1.2345678901234567890123e22]");
  EXPECT_EQ(all("$.n[?@ > $.big]", document), "[12345678901234567890124,1e400,1e401]");
  EXPECT_EQ(all("$.n[?@ == 9007199254740993]", document), "[9007199254740993]");
  EXPECT_EQ(all("$.n[?@ < 9007199254740993 && @ > 1e3]", document), "[9007199254740992.0]");
  EXPECT_EQ(all("$.n[?@ == 0.1]", document), "[0.1,0.10,1e-1]");
  EXPECT_EQ(all("$.n[?@ == 0]", document), "[0,-0.0,0e5]");
  EXPECT_EQ(all("$.n[?@ > 1e400]", document), "[1e401]");
  EXPECT_EQ(all("$.n[?@ > 0 && @ < 1e-399]", document), "[1e-400]");
}

TEST(Rfc9535, InfinityIsBeyondAllDigits) {
  const std::string document = "[1e400, Infinity, -1e400, -Infinity, NaN, 1]";
  const auto found = [&](const char* path) {
    Table table;
    table.column(path, Kind::dynamic, Strategy::take_all);
    return cells(table, document, rfc9535(true));
  };
  EXPECT_EQ(found("$[?@ == $[0]]"), "[1e400]");
  EXPECT_EQ(found("$[?@ > 1e400]"), "[null]");
  EXPECT_EQ(found("$[?@ < -1e400]"), "[null]");
  EXPECT_EQ(found("$[?@ == $[1]]"), "[null]");
  EXPECT_EQ(found("$[?@ == $[4]]"), "-");
  EXPECT_EQ(found("$[?@ >= $[3]]"), "[1e400,null,-1e400,null,1]");
}

TEST(Rfc9535, SlotsAreValuesInFiltersAndKeysInBrackets) {
  const std::string document =
      R"({"keys": ["a'b", 1, "1", true, null, [2]], "m": {"a'b": "q", "1": "text"}, "l": ["x", "y"],
          "rows": [{"k": "a'b", "v": 1}, {"k": 1, "v": 2}, {"k": "1", "v": 3}, {"k": true, "v": 4}, {"k": null, "v": 5}]})";
  const auto by = [&](const char* path) {
    Table table;
    table.index("k", IndexKind::from_list, "$.keys").column(path);
    return cells(table, document, rfc9535());
  };
  EXPECT_EQ(by("$.rows[?@.k == {k}].v"), "1 2 3 4 5 -");
  EXPECT_EQ(by("$.m[{k}]"), "'q' - 'text' - - -");
  EXPECT_EQ(by("$.l[{k}]"), "- 'y' - - - -");
  EXPECT_EQ(by("$.l[{k}:]"), "'x' 'y' 'y' 'x' 'x' 'x'");
  EXPECT_EQ(by("$.rows[?@.k == '{k}'].v"), "1 3 3 - - -");
  EXPECT_EQ(by("$.m.{k}"), "'q' 'text' 'text' - - -");
}

TEST(Rfc9535, StrategiesHoldForColumnsAndIndexes) {
  const std::string document =
      R"({"l": [{"v": null, "t": [1]}, {"v": "a", "t": [2, 3]}, {"v": "b", "t": [4]}, {"v": null}]})";
  const auto column = [&](Strategy strategy) {
    Table fused, tree;
    fused.column("$.l[*].v", Kind::dynamic, strategy);
    tree.column("$.l[?@].v", Kind::dynamic, strategy);
    const std::string found = cells(fused, document, rfc9535());
    EXPECT_EQ(found, cells(tree, document, rfc9535()));
    return found;
  };
  EXPECT_EQ(column(Strategy::take_first), "null");
  EXPECT_EQ(column(Strategy::take_first_not_null), "'a'");
  EXPECT_EQ(column(Strategy::take_last), "null");
  EXPECT_EQ(column(Strategy::take_last_not_null), "'b'");
  EXPECT_EQ(column(Strategy::take_all), R"([null,"a","b",null])");
  const auto index = [&](const char* path, Strategy strategy, const ExtractorConfig& config) {
    Table table;
    table.index("t", IndexKind::from_list, path, strategy).column("$.none.{t}").projection.levels[1].keeps_values =
        true;
    Extraction extraction(table.projection);
    program_of(table.projection, config)->run(payloads_of({document}), extraction);
    std::string found;
    for (std::size_t i = 0; i < extraction.levels[1].values.size(); ++i)
      found += printed(extraction.levels[1].values.cell(i)) + " ";
    return found;
  };
  for (const auto& [path, config] : {std::pair{"$.l[*].t", ExtractorConfig{}}, std::pair{"$.l[*].t", rfc9535()}}) {
    EXPECT_EQ(index(path, Strategy::take_first, config), "1 ");
    EXPECT_EQ(index(path, Strategy::take_last, config), "4 ");
    EXPECT_EQ(index(path, Strategy::take_all, config), "[1] [2, 3] [4] ");
  }
  EXPECT_EQ(index("$.l[*].v", Strategy::take_all, rfc9535()), "null 'a' 'b' null ");
  EXPECT_EQ(index("$.l[?@.v].t", Strategy::take_last_not_null, rfc9535()), "4 ");
}

TEST(Rfc9535, FiltersThatExplodeAreStopped) {
  std::string list = "[0";
  for (int i = 1; i < 4000; ++i) list += ",0";
  list += "]";
  EXPECT_EQ(all("$[?count($[*]) == 1]", list), "BO408");
  EXPECT_EQ(all("$[?$ == $]", list), "BO408");
  const std::string text = "[\"" + std::string(3000, 'a') + "\"]";
  EXPECT_EQ(all("$[?match(@, '(a|a)*[bc]')]", text), "BO408");
  EXPECT_EQ(all("$[?search(@, 'aaa')]", text), "[\"" + std::string(3000, 'a') + "\"]");
}

TEST(Rfc9535, ExplainTellsWhatNeedsTheTree) {
  Table table;
  table.index("i", IndexKind::for_list, "$.a");
  table.column("$.a[{i}].b[0]['c'].*").column("$.a[?@.b]").column("$..a").column("$['a','b']").column("$.a[-1]");
  table.column("$.a[::2]").column("$.{i}");
  EXPECT_EQ(JsonExtractor(rfc9535()).explain(table.projection),
            (std::vector<std::string>{
                "index i: one walk", "column c0: one walk", "column c1: tree, because of a filter",
                "column c2: tree, because of descendants", "column c3: tree, because of alternatives",
                "column c4: tree, because of a position from the end", "column c5: tree, because of a slice",
                "column c6: tree, because of a slot in a name that is not the index's own place"}));
}

// A random value; names and texts are few, so that paths meet them.
std::string value(std::mt19937& random, int depth) {
  const auto pick = [&random](unsigned n) { return static_cast<int>(random() % n); };
  static constexpr const char* kScalars[] = {
      "1", "-2.5", "null", "true", "\"text\"", "\"\"", "1e400", "\"\\u0061\"", "12345678901234567890123"};
  static constexpr const char* kNames[] = {"\"a\"", "\"b\"", "\"\\u0061\"", "\"c d\"", "\"\""};
  const int kind = depth == 0 ? 0 : pick(5);
  if (kind < 2) return kScalars[pick(9)];
  std::string out = kind == 2 ? "[" : "{";
  for (int i = pick(5); i > 0; --i) {
    if (kind > 2) out += std::string(kNames[pick(5)]) + ":";
    out += value(random, depth - 1) + (i > 1 ? "," : "");
  }
  return out + (kind == 2 ? "]" : "}");
}

TEST(Rfc9535, WalkAndTreeAgreeOnRandomDocuments) {
  Table table;
  table.index("i", IndexKind::for_list, "$.a").index("j", IndexKind::for_object, "$.a[{i}].b");
  table.column("$").column("$.*").column("$.a[0]").column("$.a[*]['a']", Kind::dynamic, Strategy::take_last);
  table.column("$.b[1][*].*", Kind::text, Strategy::take_first_not_null).column("$[0].a").column("$[*][1]");
  table.column("$.a[{i}].*", Kind::dynamic, Strategy::take_last_not_null).column("$.a[{i}][0][0]").column("$.a[{i}].a");
  table.column("$.a[{i}].b[{j}]").column("$.a[{i}].b[{j}][*].a");
  const auto compiled = std::make_shared<const CompiledProjection>(table.projection, Options{Syntax::rfc9535, false});
  JsonProgram fused(compiled);
  JsonProgram tree(compiled, JsonProgram::Way::tree);
  ASSERT_TRUE(fused.is_fused());
  std::mt19937 random(20261125);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> documents;
    for (int i = 0; i < 5; ++i) documents.push_back(value(random, 5));
    if (round % 3 == 0) documents[2].resize(documents[2].size() / 2);
    const Payloads payloads = payloads_of(documents);
    Extraction by_walk(table.projection), by_tree(table.projection);
    fused.run(payloads, by_walk);
    tree.run(payloads, by_tree);
    ASSERT_EQ(printed(by_walk), printed(by_tree)) << fmt::format("{}", fmt::join(documents, "\n"));
  }
}

}  // namespace
}  // namespace batchout::json::test
