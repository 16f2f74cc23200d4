// Paths: what is refused and where, what slots become, which paths keep their meaning from an element.

#include <gtest/gtest.h>

#include "components/xml/path.h"
#include "table.h"

namespace batchout::xml::test {
namespace {

std::string problem_of(std::string_view path) {
  Table table;
  table.index("i", IndexKind::for_list, "/a");
  LevelId level = 0;
  const auto problem = XmlExtractor(XpathConfig{.namespaces = {{"n", "urn:n"}}}).check(table.parsed(path, level));
  return problem ? fmt::format("{} ({})", problem->message, problem->column) : "";
}

TEST(XmlPath, MistakesAreNamedWithTheirPlace) {
  EXPECT_EQ(problem_of("/a/b[1]/text()"), "");
  EXPECT_EQ(problem_of("/n:a/@xml:lang"), "");
  EXPECT_EQ(problem_of("/a[{i}]/b"), "");
  EXPECT_EQ(problem_of("/a/{i}/b"), "");
  EXPECT_EQ(problem_of("//a[@k='{i}']"), "");
  EXPECT_EQ(problem_of("/a/"), "the path is not valid XPath (4)");
  EXPECT_EQ(problem_of("/a[1"), "the predicate is not valid, or not closed (5)");
  EXPECT_EQ(problem_of("/a['x]"), "the quote is not closed (7)");
  EXPECT_EQ(problem_of("/a/m:b"), "the prefix m is not declared in namespaces (4)");
  EXPECT_EQ(problem_of("/a[{i}]/m:b"), "the prefix m is not declared in namespaces (9)");
  EXPECT_EQ(problem_of("matches(/a, 'x')"), "there is no function matches (1)");
  EXPECT_EQ(problem_of("/a[$x]"), "a path has no variables (4)");
  EXPECT_EQ(problem_of("count()"), "a function has the wrong number of arguments (0)");
  EXPECT_EQ(problem_of("count('a')"), "an argument is of the wrong kind (0)");
}

std::string filled(std::string_view path, Cell value) {
  Table table;
  table.index("i", IndexKind::for_list, "/a");
  LevelId level = 0;
  std::string out;
  const Cell slots[] = {{}, value};
  return fill_in(marked(table.parsed(path, level)), slots, out) ? out : "none";
}

TEST(XmlPath, ValuesCannotLeaveTheirPlace) {
  const auto text = [](std::string_view value) { return Cell{Tag::text, 0, 0, value}; };
  EXPECT_EQ(filled("/a[{i}]/b", {Tag::integer, 7, 0, {}}), "/a[7]/b");
  EXPECT_EQ(filled("//a[@k=\"{i}\"]", text("x")), "//a[@k=\"x\"]");
  EXPECT_EQ(filled("//a[@k=\"{i}\"]", text("x\" or \"1")), "//a[@k='x\" or \"1']");
  EXPECT_EQ(filled("//a[@k='-{i}-']", text("a\"b'c")), "//a[@k=concat(\"\",\"-a\",'\"',\"b'c-\")]");
  EXPECT_EQ(filled("/a/{i}", text("b")), "/a/b");
  EXPECT_EQ(filled("/a/{i}", text("b | //c")), "none");
  EXPECT_EQ(filled("/a/{i}", text("")), "none");
  EXPECT_EQ(filled("/a[{i}]", {}), "none");
}

TEST(XmlPath, LocationsAreToldFromExpressions) {
  for (const char* path : {"/a/b", "//a", "a", ".", "/a[x='|']/b", "(//t)[1]//r", "/a/text()", "@n:x", "/*/b", "n:a"})
    EXPECT_TRUE(is_location(path)) << path;
  for (const char* path :
       {"a | b", "count(/a)", "/a/b + 1", "a=b", "a*b", "a div b", "ancestor::a", "(a)b", "", "a[", "-a"})
    EXPECT_EQ(is_location(path), std::string_view(path) == "-a") << path;
}

TEST(XmlPath, NamespacesAreThoseOfThePaths) {
  const XpathConfig config{.namespaces = {{"n", "urn:n"}}};
  Table table;
  table.column("/n:r/n:a/@n:x").column("/r/a").column("//n:a/@n:x");
  EXPECT_EQ(cells(table, "<r xmlns='urn:n'><a q:x='1' xmlns:q='urn:n'/></r>", config), "'1'");
  EXPECT_EQ(cells(table, "<r><a x='1'/></r>", config), "-");
  EXPECT_EQ(cells(table, "<z:r xmlns:z='urn:n'><z:a z:x='2'/></z:r>", config), "'2'");
  EXPECT_EQ(cells(table, "<z:r><z:a z:x='2'/></z:r>", config), "BO415");
}

TEST(XmlPath, ResultsOfEveryKind) {
  const std::string document = "<r><a k='1'>x<b>y</b></a><a/></r>";
  const auto found = [&](std::string_view path, Strategy strategy = Strategy::take_first) {
    Table table;
    table.column(path, Kind::dynamic, strategy);
    return cells(table, document);
  };
  EXPECT_EQ(found("count(//a)"), "2r");
  EXPECT_EQ(found("//a"), "'xy'");
  EXPECT_EQ(found("//a", Strategy::take_last), "''");
  EXPECT_EQ(found("//a", Strategy::take_all), "[\"xy\",\"\"]");
  EXPECT_EQ(found("//c", Strategy::take_all), "-");
  EXPECT_EQ(found("//a/text()"), "'x'");
  EXPECT_EQ(found("boolean(//a)"), "true");
  EXPECT_EQ(found("string(//c)"), "''");
  EXPECT_EQ(found("//c"), "-");
  EXPECT_EQ(found("a/@k"), "'1'");
}

TEST(XmlPath, IndexesOverAnyNodes) {
  Table table;
  table.index("k", IndexKind::from_list, "//a/@k").column("//a[@k='{k}']");
  EXPECT_EQ(cells(table, "<r><a k=\"it's\">1</a><a k='&quot;'>2</a></r>"), "'1' '2'");
  Table keys;
  keys.index("k", IndexKind::for_object, "/r").column("/r[{k}]");
  EXPECT_EQ(cells(keys, "<r/>"), "");
}

TEST(XmlPath, FindTellsWhereMatchesAre) {
  const auto found = XmlExtractor(XpathConfig{}).find({"//b/@k", {"//b/@k"}}, "<a><b k='1'/><b k='2'/></a>");
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[1].path, "/a/b[2]/@k");
  EXPECT_EQ((*found)[1].value, "\"2\"");
}

}  // namespace
}  // namespace batchout::xml::test
