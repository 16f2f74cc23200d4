// Maps of several extractors over XML: what they find is the same as by one, and a payload becomes a tree once for all.

#include "data/mixed.h"

#include <gtest/gtest.h>
#include <libxml/tree.h>

#include "table.h"

namespace batchout::xml::test {
namespace {

/// Two that do not know of each other.
std::vector<MixedExtractor::Part> parts(bool html = false) {
  XpathConfig config;
  config.html = html;
  return {{"one", std::make_shared<XmlExtractor>(config)}, {"two", std::make_shared<XmlExtractor>(config)}};
}

/// Trees that libxml2 makes as long as this lives.
class Trees {
 public:
  Trees() {
    made_ = 0;
    before_ = xmlRegisterNodeDefault([](xmlNode* node) {
      made_ += node->type == XML_DOCUMENT_NODE || node->type == XML_HTML_DOCUMENT_NODE ? 1 : 0;
    });
  }
  ~Trees() { xmlRegisterNodeDefault(before_); }
  Trees(const Trees&) = delete;
  Trees& operator=(const Trees&) = delete;

  static std::size_t made() { return made_; }

 private:
  inline static std::size_t made_ = 0;
  xmlRegisterNodeFunc before_;
};

/// `count` elements b with a list of c each; `tag` makes documents differ.
std::string document(std::size_t count, std::string_view tag) {
  std::string text = "<a>";
  for (std::size_t i = 1; i <= count; ++i)
    text += fmt::format("<b k='{0}'><c>{1}{0}</c><c>{1}{0}x</c><d>{1}</d></b>", i, tag);
  return text + "</a>";
}

Table table() {
  Table table;
  table.index("i", IndexKind::for_list, "/a/b")
      .index("j", IndexKind::for_list, "/a/b[{i}]/c")
      .column("/a/b[{i}]/d")
      .column("//b[@k='{i}']/@k", Kind::integer)
      .column("/a/b[{i}]/c[{j}]")
      .column("count(//b)", Kind::integer);
  return table;
}

/// As the plan does for extractors that count from 1.
Table counted(Table table) {
  for (ProjectionLevel& level : table.projection.levels) level.first = 1;
  return table;
}

std::string by_one(const Table& table, const std::vector<std::string>& documents) {
  return extracted(table.projection, documents);
}

std::string run(Program& program, const Table& table, const std::vector<std::string>& documents) {
  Extraction extraction(table.projection);
  program.run(payloads_of(documents), extraction);
  return printed(extraction);
}

TEST(MixedXml, ATreeServesAllLookUpsOfAPayload) {
  const Table map = counted(table());
  const MixedExtractor mixed(parts(), {{0, 0, 1}, {1, 1, 0, 1}});
  const auto program = mixed.compile(map.projection);
  // Compiles the paths, which are checked on documents of their own.
  EXPECT_EQ(run(*program, map, {document(5, "p")}), by_one(map, {document(5, "p")}));
  const std::vector<std::string> documents = {document(5, "q"), document(4, "r"), document(4, "r"), "<a>",
                                              document(5, "s")};
  std::string found;
  std::size_t made = 0;
  {
    const Trees trees;
    found = run(*program, map, documents);
    made = Trees::made();
  }
  EXPECT_EQ(found, by_one(map, documents));
  EXPECT_EQ(made, 5U) << "one for each payload, the refused one included";
}

TEST(MixedXml, ATreeOfTheMapItselfServesLookUps) {
  const Table map = counted(Table()
                                .index("i", IndexKind::for_list, "/html/body/p")
                                .column("/html/body/p[{i}]")
                                .column("count(//p)", Kind::integer));
  const MixedExtractor mixed(parts(true), {{0, 0}, {1, 1}});
  const auto program = mixed.compile(map.projection);
  const auto page = [](std::string_view text) { return fmt::format("<p>{0}1<p>{0}2<p>{0}3", text); };
  run(*program, map, {page("a")});
  const Trees trees;
  EXPECT_EQ(run(*program, map, {page("b"), page("c")}),
            "payloads 0 1\nlevel 0: 2 []\nlevel 1: 6 [0 3 6]\n"
            "column 0: 'b1' 'b2' 'b3' 'c1' 'c2' 'c3' failed 0\ncolumn 1: 3 3 failed 0\n");
  EXPECT_EQ(Trees::made(), 2U) << "one for each payload";
}

TEST(MixedXml, ARefusedPayloadIsRefusedOnce) {
  const Table map = counted(Table().index("i", IndexKind::for_list, "/a/b").column("/a/b[{i}]/c"));
  const MixedExtractor mixed(parts(), {{0, 0}, {1}});
  const std::vector<std::string> documents = {document(2, "p"), "<a><b>", "", "<a>\xff</a>", document(1, "q")};
  EXPECT_EQ(run(*mixed.compile(map.projection), map, documents), by_one(map, documents));
}

}  // namespace
}  // namespace batchout::xml::test
