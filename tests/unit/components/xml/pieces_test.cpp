// Paths that find nodes from many others: taken apart they find the same, at an effort in proportion to what they find.

#include "components/xml/pieces.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "components/xml/compiled_path.h"
#include "components/xml/tree.h"
#include "table.h"

namespace batchout::xml::test {
namespace {

bool merges(std::string_view path) {
  return xml::merges(parse_expr(path).value());
}

std::string shown(const std::vector<Route>& routes) {
  std::string text;
  for (const Route& route : routes) {
    if (!text.empty()) text += " | ";
    if (!route.start.empty()) text += "{" + shown(route.start) + "}" + route.filter;
    for (const Piece& piece : route.pieces)
      text += piece.routes.empty() ? "<" + piece.path + ">" : "<" + shown(piece.routes) + ">";
  }
  return text;
}

/// The expression of a plan, if there is one, and its sets.
std::string shown(std::string_view path) {
  const auto plan = plan_of(parse_expr(path).value());
  if (!plan) return "";
  std::string text = plan->text;
  for (const auto& set : plan->sets) text += (text.empty() ? "" : "; ") + shown(set);
  return text;
}

TEST(XmlPieces, PathsThatMerge) {
  for (const std::string_view path : {"/a/b",
                                      "//a",
                                      "//a/b[2]/@c",
                                      ".//a",
                                      "./a/text()",
                                      "..",
                                      "../a",
                                      "parent::a/b",
                                      "ancestor::a",
                                      "count(//a)",
                                      "//a[../b]",
                                      "//a[.//b = ../c and ../d or //e]",
                                      "//a[@x = '..//|']",
                                      "sum(//a) + count(//b)",
                                      "a[b]/c",
                                      "concat(//a, ../b)",
                                      "//n:a",
                                      "following-sibling::a[1]",
                                      "id('x')",
                                      "/",
                                      "/a/and/b",
                                      "//parent",
                                      "descendant"})
    EXPECT_FALSE(merges(path)) << path;
  for (const std::string_view path :
       {"/a/..", "a//b", "//a/..", "a | b", "count(//a/..)", "//a[b/..]", "a/ancestor::b", "//a/following::b",
        "/a/preceding-sibling :: b", "id('x')/..", "//a[count(.//b/..) > 1]", "a/parent::node()", "//descendant::a"})
    EXPECT_TRUE(merges(path)) << path;
}

TEST(XmlPieces, BeginWhereNodesMayBeFoundTwice) {
  EXPECT_EQ(shown("/a/b//c"), "</a/b><descendant-or-self::node()/c>");
  EXPECT_EQ(shown("//a/.."), "<//a><..>");
  EXPECT_EQ(shown("//a/../@x"), "<//a><..><@x>");
  EXPECT_EQ(shown("a[x/y='/']//b[1]/c/ancestor::n:d[2]/*/text()"),
            "<a[x/y = '/']><descendant-or-self::node()/b[1]><c><ancestor::n:d[2]><*/text()>");
  EXPECT_EQ(shown("//a | /b/..|c"), "<//a> | </b><..> | <c>");
  EXPECT_EQ(shown(".//b//c"), "<.//b><descendant-or-self::node()/c>");
  EXPECT_EQ(shown("//a//.."), "<//a><descendant-or-self::node()><..>");
  EXPECT_EQ(shown("./../a/b/@c"), "./../a/b/@c");
  EXPECT_EQ(shown("/a/b/parent::c/d/e"), "</a/b><parent::c><d/e>");
  EXPECT_EQ(shown("self::node()[2]//c"), "<self::node()[2]><descendant-or-self::node()/c>");
  EXPECT_EQ(shown("//.. | .//../b"), "</descendant-or-self::node()><..> | <./descendant-or-self::node()><..><b>");
  EXPECT_EQ(shown("/ | /a"), "</> | </a>");
  EXPECT_EQ(shown("id('x')/.."), "{<id('x')>}<..>");
  for (const std::string_view path : {"a/namespace::*/..", "id(a/..)/b", "'x' | 'y'"})
    EXPECT_EQ(shown(path), "") << path;
}

TEST(XmlPieces, ParenthesesAndBlanks) {
  EXPECT_EQ(shown(" a / child :: b / .. "), "<a/child::b><..>");
  EXPECT_EQ(shown("((a//b))"), "<a><descendant-or-self::node()/b>");
  EXPECT_EQ(shown("(//a)/../b"), "{<//a>}<..><b>");
  EXPECT_EQ(shown("(a//b)[2]/c"), "{<a><descendant-or-self::node()/b>}$found[2]<c>");
  EXPECT_EQ(shown("(a | b)[c][last()]//d"), "{<a> | <b>}$found[c][last()]<descendant-or-self::node()/d>");
  EXPECT_EQ(shown("(a | b)[1][c//d]"), "{<a> | <b>}$found[1]<self::node()[c//d]>");
  EXPECT_EQ(shown("((a//b)[1] | c)[2]"), "{{<a><descendant-or-self::node()/b>}$found[1] | <c>}$found[2]");
  EXPECT_EQ(shown("(a | b)[c//d][1]"), "{{<a> | <b>}<self::node()[c//d]>}$found[1]");
  EXPECT_EQ(shown("(a | b)[count(c//d)][1]"), "");
}

TEST(XmlPieces, SetsInExpressions) {
  EXPECT_EQ(shown("count(//a/..)"), "count($found0); <//a><..>");
  EXPECT_EQ(shown("2 * //a/.."), "2 * $found0; <//a><..>");
  EXPECT_EQ(shown("-//a/.."), "-$found0; <//a><..>");
  EXPECT_EQ(shown("a/b/..*2"), "$found0 * 2; <a/b><..>");
  EXPECT_EQ(shown("concat(//a/.., b[1], (c | d)[1]) = 'x'"),
            "concat($found0, b[1], $found1) = 'x'; <//a><..>; {<c> | <d>}$found[1]");
  EXPECT_EQ(shown("count((//a/..)) > 1 and not(b//c)"),
            "count($found0) > 1 and not($found1); <//a><..>; <b><descendant-or-self::node()/c>");
}

TEST(XmlPieces, ExpressionsAsText) {
  for (const std::string_view path : {"a",
                                      "/",
                                      "//a/@b",
                                      "(/) * 2",
                                      "/*",
                                      "a * b",
                                      "* * *",
                                      "div div mod",
                                      "--1",
                                      "1 - (2 - 3)",
                                      "1 - 2 - 3",
                                      "(1 + 2) * 3",
                                      "1 + 2 * 3",
                                      "a or b and c = d < e",
                                      "(a or b) and c",
                                      "(a | b)[1]",
                                      "a | b | c",
                                      "-a | b",
                                      "processing-instruction('x')/..",
                                      "text()",
                                      "n:*",
                                      "n:a/child::n:b",
                                      "x[1][@y = \"']\"]",
                                      "id('x')[2]/a",
                                      ".5",
                                      "concat('a', \"b\", 1.5)",
                                      "(a/b)[1]/c",
                                      "/and/or",
                                      "ancestor-or-self::node()",
                                      "a-b - c"})
    EXPECT_EQ(parse_expr(path) ? to_text(*parse_expr(path)) : "", path);
  EXPECT_EQ(to_text(*parse_expr(".//. | //./a")), "./descendant-or-self::node() | /descendant-or-self::node()/a");
  EXPECT_EQ(to_text(*parse_expr(" ( - ( 1 ) )*(a)/ attribute :: b[ (c) ] ")), "-1 * (a)/@b[c]");
  for (const std::string_view path : {"$x", "a b", "a[", "(a", "", "a/", "@", "f(a b)", "(1)[2]", "'x'/a"})
    EXPECT_FALSE(parse_expr(path)) << path;
  EXPECT_TRUE(parse_expr(repeated("(", 499) + "a" + repeated(")", 499)));
  EXPECT_FALSE(parse_expr(repeated("(", 500) + "a" + repeated(")", 500)));
  EXPECT_FALSE(parse_expr(repeated("-", 1'000'000) + "a"));
  EXPECT_FALSE(parse_expr(repeated("a|", 20'000) + "a"));
  EXPECT_EQ(to_text(*parse_expr("a <1e3 and-1.5E-2 or(2)div3")), "a < 1e3 and -1.5E-2 or 2 div 3");
}

// Evaluated for one node at a time, which has no position then.
TEST(XmlPieces, PredicatesThatMerge) {
  EXPECT_EQ(shown("/r/o[l//k]/@id"), "</r/o><self::node()[l//k]><@id>");
  EXPECT_EQ(shown("//a[b/..]/.."), "<//a><self::node()[b/..]><..>");
  EXPECT_EQ(shown("a[2][@x] [b | c][1 = d]//e[f//g and last]"),
            "<a[2][@x]><self::node()[b | c][1 = d]><descendant-or-self::node()/e><self::node()[f//g and last]>");
  EXPECT_EQ(shown("a[not(b//c)]|a[ count(b//c) > 1 ]|a[contains(b//c, ']')]"),
            "<a><self::node()[not(b//c)]> | <a><self::node()[count(b//c) > 1]> | "
            "<a><self::node()[contains(b//c, ']')]>");
  EXPECT_EQ(shown("a[normalize-space(b//c)]"), "<a><self::node()[normalize-space(b//c)]>");
  EXPECT_EQ(shown("/a[b//c][2]"), "<{</a><self::node()[b//c]>}$found[2]>");
  EXPECT_EQ(shown("//a[b][b//c][d][2][e//f]/@x"),
            "</descendant-or-self::node()><{<a[b]><self::node()[b//c]>}$found[d][2]<self::node()[e//f]>><@x>");
  EXPECT_EQ(shown("a[b//c[position() = 1]]"), "<a><self::node()[b//c[position() = 1]]>");
  for (const std::string_view path :
       {"a[count(b//c)]", "a[b//c = position ()]", "a[not(b//c) + 1]", "a[b//c * 2]", "a[1 + b | c]", "a[-b//c]",
        "a[number(b//c)]", "a[sum(b//c)]", "a[count(b//c[d = e and f])]"})
    EXPECT_EQ(shown(path), "") << path;
}

/// Texts of all that a path finds, whole and in pieces.
std::string found(xmlDoc* document, const std::string& path, bool in_pieces) {
  XPath xpath({});
  xpath.start(document);
  const auto whole = xpath.compile(path);
  auto compiled = CompiledPath::compile(xpath, path);
  if (!whole || !compiled) return "does not compile";
  xmlNode* const root = xmlDocGetRootElement(document);
  const Object object = in_pieces ? compiled->evaluate(xpath, root) : xpath.evaluate(**whole, root);
  if (!object) return "fails";
  std::string texts;
  for (int i = 0; object->nodesetval != nullptr && i < object->nodesetval->nodeNr; ++i)
    texts += fmt::format("{} ", static_cast<void*>(object->nodesetval->nodeTab[i]));
  return texts;
}

const std::vector<std::string> kPaths = {"//b/..",
                                         "//a//b",
                                         "/r/a//b/../@i",
                                         "//b/ancestor::*",
                                         "//b/ancestor::a[1]",
                                         "//d/ancestor-or-self::*/@*",
                                         "//b[1]/following-sibling::*",
                                         "//e/preceding-sibling::*[1]",
                                         "//a/descendant::b/parent::d",
                                         "//b | //d/.. | //e",
                                         "//b/text() | //@i | //comment()",
                                         "/r/a[@i = 3]//b[c]/..",
                                         "//a[.//b/@j]//c/../..",
                                         "//none//b",
                                         "//d/..",
                                         "//a//..",
                                         "//a//.",
                                         "//a//./b",
                                         "//a//./@i",
                                         "//a/node()",
                                         "/r/a/node() | //@i | //b/node()",
                                         "//node() | //@*",
                                         "/node() | //e",
                                         "//b/.. | //comment()",
                                         "//a[.//b/..]/@i",
                                         "//a[b/.. | e]/b",
                                         "/r/a[not(.//d/..)]",
                                         "/r/a[position() mod 2 = 0][b//c]/b",
                                         "/r/a[.//d/../b and @i > 2]//@j",
                                         "//@i[../b/..]",
                                         "//text()[../b/../@i = 3]",
                                         "/r/comment()[../a/..]",
                                         "//a[contains(a//b/@j, '1')]/e",
                                         "/r/a[@i = 2][a//b][b/../e]/e",
                                         "/node()[.//b/..]"};

// Elements are numbered in large documents only; the order of what is found is that of the document in either case.
TEST(XmlPieces, FindTheSame) {
  std::string document = "<!-- first --><r k='v'>text";
  for (int i = 0; i < 400; ++i)
    document += fmt::format("<a i='{}'><b>{}<c/></b><a><b j='1'/><d><b/></d></a><e/></a>{}<!-- a --><?p q?>t{}", i % 7,
                            i, i % 5 == 0 ? "" : "u", i);
  Tree tree(Form::xml);
  ASSERT_FALSE(tree.parse(document + "</r><!-- last -->"));
  std::vector<std::string> whole;
  for (const std::string& path : kPaths) {
    whole.push_back(found(tree.document(), path, false));
    EXPECT_NE(whole.back(), "fails") << path;
  }
  for (std::size_t i = 0; i < whole.size(); ++i)
    EXPECT_EQ(found(tree.document(), kPaths[i], true), whole[i]) << kPaths[i];
  xmlXPathOrderDocElems(tree.document());
  for (std::size_t i = 0; i < whole.size(); ++i)
    EXPECT_EQ(found(tree.document(), kPaths[i], true), whole[i]) << kPaths[i];
}

TEST(XmlPieces, ManyNodesAreFoundQuickly) {
  const std::string document = "<r>" + repeated("<a x='1'><b/></a>", 50'000) + "<a><b>last</b></a></r>";
  const auto begin = std::chrono::steady_clock::now();
  const auto last = [&](const std::string& path) {
    return cells(Table().column(path, Kind::dynamic, Strategy::take_last), document);
  };
  EXPECT_EQ(last("/r/a//b"), "'last'");
  EXPECT_EQ(last("//b/../b"), "'last'");
  EXPECT_EQ(last("//a/b | //a/b/.. | //a//text()"), "'last'");
  EXPECT_EQ(last("//b/ancestor::r/a[50001]"), "'last'");
  EXPECT_EQ(last("count(//b/..)"), "50001r");
  EXPECT_EQ(last("sum(//b/../@x)"), "50000r");
  EXPECT_EQ(last("string(//b/../@x)"), "'1'");
  EXPECT_EQ(last("not(//b/../@y)"), "true");
  EXPECT_EQ(last("sum(//b/../@x) + 1"), "50001r");
  EXPECT_EQ(last("concat(//b/../@x, (//a//b)[50001])"), "'1last'");
  EXPECT_EQ(last("( //b/ .. )"), "'last'");
  EXPECT_EQ(last("(//a | //b)[50001]/.."), "'last'");
  EXPECT_EQ(last("//a = //a/@x"), "false");
  EXPECT_EQ(last("//a/.. != //a/@x"), "true");
  EXPECT_EQ(last("count(//b[. = //a/@x])"), "BO408");
  EXPECT_EQ(last("//a[//b/..]"), "BO408");
  EXPECT_EQ(last("//a[b/..][50001]"), "'last'");
  EXPECT_EQ(last("//b[count(//a/b/..) > 1]"), "BO408");
  EXPECT_EQ(last("count(//a[../@y or ../a/b = 'last'][2])"), "1r");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

// The square is that of what one evaluation of a predicate looks at.
TEST(XmlPieces, PredicatesThatMergeWithinFewNodes) {
  const std::string document =
      "<r>" + repeated("<o id='1'><l><m/></l></o>", 20'000) + "<o id='last'><l><m><k/></m></l></o></r>";
  const auto last = [&](const std::string& path) {
    return cells(Table().column(path, Kind::dynamic, Strategy::take_last), document);
  };
  EXPECT_EQ(last("/r/o[l//k]/@id"), "'last'");
  EXPECT_EQ(last("//o[not(l/m/../m/k)][l//m]/@id"), "'1'");
  EXPECT_EQ(last("count(/r/o[l//m or l//k])"), "20001r");
  EXPECT_EQ(last("//o[count(l//m | l//k) = 2 and @id]/l//k/ancestor::o/@id"), "'last'");
}

// Nodes have numbers, which sorting compares.
TEST(XmlPieces, SetsOfManyNeighboursAreSortedQuickly) {
  Table table;
  table.index("i", IndexKind::for_list, "/r/a").column("(//b | //c)[{i}]/@x", Kind::dynamic, Strategy::take_first);
  const std::string document =
      "<r>" + repeated("<a/>", 100) + "<c x='1'/>" + repeated("<b x='2'/><c x='3'/>", 4'000) + "</r>";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(cells(table, document).starts_with("'1' '2' '3' '2'"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

// Rewritten it is nested deeper than libxml2 allows.
TEST(XmlPieces, DeepExpressionsAreEvaluatedAsTheyAre) {
  const std::string path = repeated("a[", 250) + "1" + repeated(" = 2 or 1]", 250);
  const std::string document = repeated("<a>", 251) + repeated("</a>", 251);
  EXPECT_EQ(cells(Table().column("count(" + path + ")"), "<r>" + document + "</r>"), "1r");
  EXPECT_TRUE(XmlExtractor(XpathConfig{}).find({path, {path}}, document));
}

// An index may have a path evaluated many times: what is tried in vain counts little.
TEST(XmlPieces, TryingTheWholeCostsFewSteps) {
  Tree tree(Form::xml);
  ASSERT_FALSE(tree.parse("<r>" + repeated("<b/>", 1'000) + "</r>"));
  XPath xpath({});
  auto compiled = CompiledPath::compile(xpath, "//b/../@x");
  xpath.start(tree.document());
  ASSERT_TRUE(compiled->evaluate(xpath, tree.root()));
  EXPECT_GT(xpath.steps(), 2'000u);
  EXPECT_LT(xpath.steps(), 6'500u);
}

TEST(XmlPieces, OfEntriesTheyFindTheEntryToo) {
  Table table;
  table.index("i", IndexKind::for_list, "/r/a").column("/r/a[{i}]//.", Kind::dynamic, Strategy::take_all);
  EXPECT_EQ(extracted(table.projection, {"<r><a>x<b>y</b></a><a>z</a></r>"}),
            "payloads 0\nlevel 0: 1 []\nlevel 1: 2 [0 2]\ncolumn 0: [\"xy\",\"x\",\"y\",\"y\"] [\"z\",\"z\"] "
            "failed 0\n");
}

}  // namespace
}  // namespace batchout::xml::test
