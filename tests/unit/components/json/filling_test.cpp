// Values in the slots of paths: what they become in text, and that they never become language.

#include "components/json/filling.h"

#include <gtest/gtest.h>

#include "table.h"

namespace batchout::json::test {
namespace {

Cell text(std::string_view value) {
  return {.tag = Tag::text, .text = value};
}
Cell number(std::int64_t value) {
  return {.tag = Tag::integer, .integer = value, .text = {}};
}

std::string filled(std::string_view path, const Cell& value, Syntax syntax = Syntax::jsonpath_rw) {
  Table table;
  table.index("i", IndexKind::for_list, "l");
  LevelId deepest = kPayloadLevel;
  const Cell values[] = {Cell{}, value};
  const auto result = filled_in(table.parsed(path, deepest), values, syntax);
  return result ? std::get<std::string>(result->pieces.front()) : "nothing";
}

TEST(Filling, QuotesNamesAndLeavesPositions) {
  EXPECT_EQ(filled("a[{i}].b", number(3)), "a[3].b");
  EXPECT_EQ(filled("a[{i}].b", text("3")), "a[3].b") << "the older language reads digits as a position";
  EXPECT_EQ(filled("a[{i}].b", text("b c")), "a['b c'].b");
  EXPECT_EQ(filled("a.{i}.b", number(3)), "a['3'].b");
  EXPECT_EQ(filled("a.{i}", text("b c")), "a['b c']");
  EXPECT_EQ(filled("a..{i}", text("b c")), "a..'b c'");
  EXPECT_EQ(filled("{i}.a", text("where")), "'where'.a");
  EXPECT_EQ(filled("a.x_{i}", number(3)), "a.x_3");
  EXPECT_EQ(filled("a.x_{i}", text("b c")), "nothing") << "a word of two parts has no quotes";
  EXPECT_EQ(filled("a[{i:02d}]", number(3)), "a[03]");
}

TEST(Filling, WritesNamesInBracketsInTheNewerLanguage) {
  EXPECT_EQ(filled("$.a[{i}].b", number(3), Syntax::rfc9535), "$.a[3].b");
  EXPECT_EQ(filled("$.a.{i}.b", text("b c"), Syntax::rfc9535), "$.a['b c'].b");
  EXPECT_EQ(filled("$..{i}", text("b"), Syntax::rfc9535), "$..['b']");
  EXPECT_EQ(filled("{i}.a", text("b c"), Syntax::rfc9535), "$['b c'].a");
  EXPECT_EQ(filled("$[?@.id == {i}]", text("x"), Syntax::rfc9535), "$[?@.id == 'x']");
  EXPECT_EQ(filled("$[?@.id == {i}]", number(-7), Syntax::rfc9535), "$[?@.id == -7]");
}

TEST(Filling, EscapesWhatWouldEndAText) {
  EXPECT_EQ(filled("a.'{i}'", text("it's \"\\")), "a.'it\\'s \"\\\\'");
  EXPECT_EQ(filled("a.\"{i}\"", text("it's \"\\")), "a.\"it's \\\"\\\\\"");
  EXPECT_EQ(filled("a.'x\\'{i}'", text("'")), "a.'x\\'\\''");
  EXPECT_EQ(filled("$['{i}']", text("\n'"), Syntax::rfc9535), "$['\\u000a\\'']");
  EXPECT_EQ(filled("a.{i}", text("'] | $..b")), "a['\\'] | $..b']");
}

TEST(Filling, HasNothingForValuesWithoutText) {
  EXPECT_EQ(filled("a.{i}", Cell{}), "nothing");
  EXPECT_EQ(filled("a.{i}", {.tag = Tag::json, .text = "{}"}), "nothing");
  EXPECT_EQ(filled("a.`{i}`", text("this")), "nothing");
  EXPECT_EQ(filled("a.'{i}'", text("*")), "nothing") << "it would mean all members";
  EXPECT_EQ(filled("$['{i}']", text("*"), Syntax::rfc9535), "$['*']");
}

}  // namespace
}  // namespace batchout::json::test
