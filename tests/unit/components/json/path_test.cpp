// The grammar of paths: what means the same, and what is refused where.

#include "components/json/path.h"

#include <gtest/gtest.h>

#include "table.h"

namespace batchout::json {
namespace {

Template written(std::string_view path) {
  Template result;
  result.written = path;
  result.pieces.emplace_back(std::string(path));
  return result;
}

bool same(std::string_view a, std::string_view b) {
  const auto first = compile_path(written(a));
  const auto second = compile_path(written(b));
  return first && second && *first == *second;
}

TEST(Path, OperatorsBindFromDescendantsToWhere) {
  EXPECT_TRUE(same("$.a.b", "a.b"));
  EXPECT_TRUE(same("a.b.c", "a.(b.c)"));
  EXPECT_TRUE(same("$..a.b", "$..(a.b)"));
  EXPECT_TRUE(same("$..a[0]", "($..a)[0]"));
  EXPECT_TRUE(same("a|b[0]", "(a|b)[0]"));
  EXPECT_TRUE(same("a[0]|b[1]", "(a[0]|b)[1]"));
  EXPECT_TRUE(same("a where b[0]", "(a where b)[0]"));
  EXPECT_TRUE(same("a.b|c[0].d", "((a.(b|c))[0]).d"));
  EXPECT_TRUE(same("a.b[0]|c", "((a.b)[0])|c"));
  EXPECT_TRUE(same("a|b|c", "(a|b)|c"));
  EXPECT_TRUE(same("a.b | c.d", "a.(b|c).d"));
  EXPECT_TRUE(same("a where b.c", "(a where b).c"));
  EXPECT_TRUE(same("a | b where c", "a | (b where c)"));
  EXPECT_TRUE(same("a.b..c", "(a.b)..c"));
  EXPECT_FALSE(same("(a.b) | (c.d)", "a.b | c.d"));
}

TEST(Path, NamesAndBracketsHaveSeveralForms) {
  EXPECT_TRUE(same("a['b']", "a.b"));
  EXPECT_TRUE(same("a[b]", "a.\"b\""));
  EXPECT_TRUE(same("a.[0]", "a[0]"));
  EXPECT_TRUE(same(" store . book [ 1 ]", "store.book[1]"));
  EXPECT_TRUE(same("a['x','y']", "a.x,y"));
  EXPECT_TRUE(same("a['q\\'q']", "a.\"q'q\""));
  EXPECT_TRUE(same("'*'", "*"));
  EXPECT_TRUE(same("a[:]", "a[*]"));
  EXPECT_TRUE(same("a.`this`", "a"));
  EXPECT_TRUE(same("@id", "'@id'"));
  EXPECT_TRUE(same("a-b", "'a-b'"));
  EXPECT_FALSE(same("a.*", "a[*]"));
}

struct Refused {
  const char* path;
  int column;
};

TEST(Path, RefusesWhatTheGrammarDoesNotHave) {
  const Refused cases[] = {
      {"", 1},         {"a.", 3},         {".a", 1},      {"a..", 4},      {"a b", 3},
      {"a[", 3},       {"a[0", 4},        {"a]", 2},      {"(a", 3},       {"a)", 2},
      {"a.5", 3},      {"a.'b", 3},       {"a.`len`", 3}, {"a & b", 3},    {"a[?(@)]", 3},
      {"\xC3\xA9", 1}, {"a.\xC3\xA9", 3}, {"a[0,1]", 4},  {"a[0:1:2]", 6}, {"a.where", 3},
      {"*,a", 2},      {"a,*", 3},        {"a[-]", 3},    {"a.$x", 4},     {"'\xC3\xA9'.!", 5},
  };
  for (const auto& [path, column] : cases) {
    const auto compiled = compile_path(written(path));
    ASSERT_FALSE(compiled.has_value()) << path;
    EXPECT_EQ(compiled.error().column, column) << path << ": " << compiled.error().message;
  }
}

TEST(Path, NestingOfParenthesesIsBounded) {
  const auto compiled = compile_path(written(std::string(10'000, '(')));
  ASSERT_FALSE(compiled.has_value());
  EXPECT_EQ(compiled.error().message, "parentheses are nested too deeply");
}

TEST(Path, ColumnsCountSlotsAndBracesAsWritten) {
  test::Table table;
  table.index("i", IndexKind::for_list, "list");
  LevelId level = 0;
  const auto compiled = compile_path(table.parsed("list[{i}].!", level));
  ASSERT_FALSE(compiled.has_value());
  EXPECT_EQ(compiled.error().column, 11);

  Template braces;
  braces.written = "'{{x}}'.!";
  braces.pieces.emplace_back("'{x}'.!");
  ASSERT_FALSE(compile_path(braces).has_value());
  EXPECT_EQ(compile_path(braces).error().column, 9);
}

TEST(Path, FormatsOfSlotsAreChecked) {
  test::Table table;
  table.index("i", IndexKind::for_list, "list");
  LevelId level = 0;
  EXPECT_TRUE(compile_path(table.parsed("a.'s{i:02d}'", level)).has_value());
  EXPECT_FALSE(compile_path(table.parsed("a.'s{i:zz}'", level)).has_value());
  EXPECT_FALSE(compile_path(table.parsed("a.'s{i:999999d}'", level)).has_value());
}

}  // namespace
}  // namespace batchout::json
