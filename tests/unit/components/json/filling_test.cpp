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
  EXPECT_EQ(filled("a[{i}].b", text("b c")), "a['b c'].b");
  EXPECT_EQ(filled("a[{i}].b", text("b")), "a[b].b");
  EXPECT_EQ(filled("a.{i}.b", number(3)), "a['3'].b");
  EXPECT_EQ(filled("a.{i}", text("b c")), "a['b c']");
  EXPECT_EQ(filled("a..{i}", text("b c")), "a..'b c'");
  EXPECT_EQ(filled("{i}.a", text("where")), "'where'.a");
  EXPECT_EQ(filled("a.x_{i}", number(3)), "a.x_3");
  EXPECT_EQ(filled("a.x_{i}", text("b c")), "a['x_b c']") << "the word as a whole gets quotes";
}

TEST(Filling, LeavesOpenWhatDigitsMeanInBracketsOfTheOlderLanguage) {
  EXPECT_EQ(filled("a[{i}].b", text("3")), "a.([3]|'3').b") << "a position of a list, a member of an object";
  EXPECT_EQ(filled("a.[{i}].b", text("-1")), "a.([-1]|'-1').b");
  EXPECT_EQ(filled("[{i}]", text("007")), "([007]|'007')");
  EXPECT_EQ(filled("a|b[{i}]", text("3")), "a|b.([3]|'3')");
  EXPECT_EQ(filled("a where b[{i}]", text("3")), "a where b.([3]|'3')");
  EXPECT_EQ(filled("a[{i:02d}]", number(3)), "a.([03]|'03')");
  EXPECT_EQ(filled("a[1{i}]", number(3)), "a.([13]|'13')");
  EXPECT_EQ(filled("a[{i}]", text("1.5")), "a['1.5']");
}

// What comes would else be an alternative to the last step alone.
TEST(Filling, EnclosesWhatAnOperatorBehindBracketsTakes) {
  EXPECT_EQ(filled("a[{i}]|b", text("3")), "(a.([3]|'3'))|b");
  EXPECT_EQ(filled("a[{i}]|b", text("c")), "a[c]|b");
  EXPECT_EQ(filled("a.b[{i}] | c", text("3")), "(a.b.([3]|'3')) | c");
  EXPECT_EQ(filled("a|b[{i}]|c", text("3")), "(a|b.([3]|'3'))|c");
  EXPECT_EQ(filled("a[{i}] where b|c", text("3")), "(a.([3]|'3')) where b|c");
  EXPECT_EQ(filled("a[{i}]|b[{i}]|c", text("3")), "((a.([3]|'3'))|b.([3]|'3'))|c");
  EXPECT_EQ(filled("a.(b[{i}]|c)[{i}]|d", text("3")), "(a.((b.([3]|'3'))|c).([3]|'3'))|d");
  EXPECT_EQ(filled("(a).'('[{i}]|b", text("3")), "((a).'('.([3]|'3'))|b");
  EXPECT_EQ(filled("a.{i}[{i}]|b", text("3")), "(a['3'].([3]|'3'))|b");
  EXPECT_EQ(filled("(((a[{i}]|b)))", text("3")), "((((a.([3]|'3'))|b)))");
  EXPECT_EQ(filled("a.[{i}]|b", text("3")), "a.([3]|'3')|b") << "a step itself, of which alternatives are";
  EXPECT_EQ(filled("[{i}]|b", text("3")), "([3]|'3')|b");
}

TEST(Filling, QuotesInPlaceWhereBracketsWouldBindOtherwise) {
  EXPECT_EQ(filled("a.{i}|b", number(3)), "a.'3'|b");
  EXPECT_EQ(filled("a.{i} where b", number(3)), "a.'3' where b");
  EXPECT_EQ(filled("a . {i} . b", number(3)), "a . '3' . b");
  EXPECT_EQ(filled("a.{i},b", number(3)), "a.'3',b");
  EXPECT_EQ(filled("a[{i},b]", number(3)), "a['3',b]");
  EXPECT_EQ(filled("a[b,{i}]", text("where")), "a[b,'where']");
}

TEST(Filling, LeavesOutBoundsThatAreNoNumbers) {
  EXPECT_EQ(filled("a[{i}:5]", text("2")), "a[2:5]");
  EXPECT_EQ(filled("a[{i}:5]", text("x")), "a[:5]");
  EXPECT_EQ(filled("$.a[1:{i}:2]", text("007"), Syntax::rfc9535), "$.a[1:7:2]");
  EXPECT_EQ(filled("$.a[1:{i}]", text("x"), Syntax::rfc9535), "$.a[1:]");
}

TEST(Filling, WritesNamesInBracketsInTheNewerLanguage) {
  EXPECT_EQ(filled("$.a[{i}].b", number(3), Syntax::rfc9535), "$.a[3].b");
  EXPECT_EQ(filled("$.a.{i}.b", text("b c"), Syntax::rfc9535), "$.a['b c'].b");
  EXPECT_EQ(filled("$..{i}", text("b"), Syntax::rfc9535), "$..b");
  EXPECT_EQ(filled("$..{i}", text("b c"), Syntax::rfc9535), "$..['b c']");
  EXPECT_EQ(filled("$.a[{i}]", text("3"), Syntax::rfc9535), "$.a['3']") << "a text is never a position here";
  EXPECT_EQ(filled("$.a[{i}]", number(std::int64_t{1} << 53), Syntax::rfc9535), "nothing") << "too large to be written";
  EXPECT_EQ(filled("$.a.x_{i}", text("b-c"), Syntax::rfc9535), "$.a['x_b-c']");
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
