// The walk without a tree gives what libxml2's tree and XPath give, for documents of every kind.

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <random>

#include "components/xml/program.h"
#include "table.h"

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  std::abort();
}
void* operator new[](std::size_t size) {
  return operator new(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace batchout::xml::test {
namespace {

const Namespaces kNamespaces{{"n", "urn:n"}, {"m", "http://example.org/m"}};

// Random documents over few names, so that paths meet values, and some are not well-formed.
class Source {
 public:
  explicit Source(std::uint32_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }
  bool chance(std::size_t of) { return below(of) == 0; }
  template <std::size_t N>
  std::string pick(const char* const (&choices)[N]) {
    return choices[below(N)];
  }

  std::string document() {
    std::string text;
    if (chance(4))
      text = pick({"<?xml version=\"1.0\"?>", "<?xml version='1.0' encoding=\"UTF-8\" ?>\n",
                   "<?xml version=\"1.0\" standalone='yes'?>", "<?xml version=\"1.1\"?>", "\n\n",
                   "<?xml encoding='utf-8'?>", "<!DOCTYPE a [<!ENTITY e 'text'>]>", "<!DOCTYPE a>"});
    if (chance(8)) text += pick({"<!-- c -->", "<?p i?>", "<?xml-stylesheet href='x'?>", " \r\n"});
    text += element(0);
    if (chance(8)) text += pick({"<!-- c -->", "<?p?>", "\n", " x", "<a/>", "]]>", "<!---->"});
    if (chance(12)) text.resize(below(text.size() + 1));
    if (chance(12) && !text.empty()) text[below(text.size())] = "<>&;:\"'/ =!?]\x01\xFF"[below(15)];
    return text;
  }

  Table table() {
    Table table;
    std::vector<std::string> bases{""};
    for (std::size_t i = below(4); i > 0; --i) {
      const std::string path = bases[below(bases.size())] + steps();
      const std::string name = fmt::format("i{}", bases.size());
      table.index(name, IndexKind::for_list, path);
      bases.push_back(chance(5) ? fmt::format("({})[{{{}}}]", path, name) : fmt::format("{}[{{{}}}]", path, name));
    }
    for (std::size_t i = 1 + below(5); i > 0; --i) {
      const std::string base = bases[below(bases.size())];
      std::string path = base.empty() && chance(4) ? pick({".", "b", "n:b/a", "@x", "*", "text()"})
                         : chance(4)               ? base
                                                   : base + steps();
      if (path.empty()) path = "/a";
      if (chance(2)) path += pick({"/@x", "/@n:x", "/text()", "/@xml:lang", "/text()"});
      table.column(path,
                   chance(2)   ? Kind::text
                   : chance(2) ? Kind::dynamic
                               : Kind::integer,
                   static_cast<Strategy>(below(4)));
    }
    return table;
  }

 private:
  std::string steps() {
    std::string path = "/" + pick({"a", "a", "b", "*", "n:a", "m:b"});
    while (chance(2)) path += "/" + pick({"a", "b", "*", "n:b", "c-d.e"});
    return path;
  }

  std::string attributes() {
    std::string text;
    while (chance(3))
      text += pick({" ", " ", "\n", "\t "}) + pick({"x", "y", "x", "n:x", "xml:lang", "xmlns", "xmlns:n", "q:x"}) +
              pick({"=", "=", " = "}) +
              pick({"'1'", "\"\"", "\"a &lt; b\"", "'urn:n'", "'urn:n'", "\"http://example.org/m\"", "'x\ny\tz'",
                    "'&#233;&#xA;'", "'&e;'", "' \r\n '", "'\xC3\xA9 and more than thirty-two bytes of text here'"});
    return text + (chance(6) ? pick({" ", "\n"}) : "");
  }

  std::string text() {
    return pick({"1", "-7", "text", "  ", "\n", "\xC3\xA9\xF0\x9F\x98\x80", "a &amp; b", "&#65;&#x42;", "x\r\ny\rz",
                 "<![CDATA[c <d> &amp; ]]>", "<![CDATA[x\r\n]]>", "<!-- no -->", "<?p i?>", "]]", "&gt;",
                 "more than thirty-two bytes of plain text", "&lt;"});
  }
  std::string bad_text() {
    return pick({"]]>", "&", "&e;", "&#0;", "&#xD800;", "<![CDATA[]]>", "<!-- -- -->", "<?xml?>", "\xEF\xBF\xBF", "<"});
  }

  std::string element(int depth) {
    const std::string name =
        depth == 0 && !chance(5) ? "a" : pick({"a", "a", "b", "b", "c-d.e", "n:a", "n:b", "m:b", "\xC3\xA9", "_x"});
    std::string start = "<" + name;
    if (name.starts_with("n:") && !chance(9)) start += " xmlns:n='urn:n'";
    if (name.starts_with("m:") && !chance(9)) start += " xmlns:m=\"http://example.org/m\"";
    start += attributes();
    if (chance(8)) return start + "/>";
    std::string inside;
    for (std::size_t i = below(depth > 4 ? 2 : 5); i > 0; --i) {
      if (depth < 5 && !chance(3)) inside += element(depth + 1);
      if (chance(3)) inside += text();
      if (chance(120)) inside += bad_text();
    }
    return start + ">" + inside + "</" + (chance(150) ? "b" : name) + (chance(12) ? " >" : ">");
  }

  std::mt19937 random_;
};

std::string both_runs(XmlProgram& program, const Projection& projection, const Payloads& first,
                      const Payloads& second) {
  Extraction extraction(projection);
  program.run(first, extraction);
  program.run(second, extraction);
  return printed(extraction);
}

TEST(XmlFused, EqualsTheTreeOnRandomDocuments) {
  std::size_t fused_count = 0, refused = 0, good = 0;
  for (std::uint32_t seed = 0; seed < 3000; ++seed) {
    Source source(seed);
    const Table table = source.table();
    const auto compiled = std::make_shared<const CompiledProjection>(table.projection, kNamespaces);
    XmlProgram fused(compiled, Form::xml);
    XmlProgram tree(compiled, Form::xml, true);
    fused_count += fused.is_fused() ? 1 : 0;
    std::vector<std::string> documents[2];
    for (auto& some : documents)
      for (std::size_t i = 0; i < 6; ++i) some.push_back(source.document());
    const Payloads first = payloads_of(documents[0]);
    const Payloads second = payloads_of(documents[1]);
    const std::string expected = both_runs(tree, table.projection, first, second);
    Extraction count(table.projection);
    fused.run(first, count);
    refused += count.rejects.size();
    good += count.payloads.size();
    std::string paths;
    for (const auto& column : table.projection.columns) paths += column.path.written + "\n";
    ASSERT_EQ(both_runs(fused, table.projection, first, second), expected)
        << "seed " << seed << "\n"
        << fmt::format("{}\n{}", fmt::join(documents[0], "\n"), fmt::join(documents[1], "\n")) << "\n"
        << paths;
  }
  EXPECT_GT(fused_count, 2000u);
  EXPECT_GT(refused, 1500u);
  EXPECT_GT(good, 4000u);
}

std::string order_message(int number) {
  std::string lines;
  for (int i = 0; i <= number % 8; ++i)
    lines += fmt::format("<line no=\"{}\"><sku>A-{}</sku><name>nuts &amp; bolts {}</name><price>{}.50</price></line>\n",
                         i, number, i, i);
  return fmt::format("<?xml version=\"1.0\"?>\n<order id=\"{}\"><customer>Ann</customer>\n<lines>{}</lines></order>",
                     number, lines);
}

Table orders() {
  Table table;
  table.index("l", IndexKind::for_list, "/order/lines/line")
      .column("/order/@id", Kind::integer)
      .column("/order/customer/text()", Kind::text)
      .column("/order/lines/line[{l}]/@no", Kind::text)
      .column("/order/lines/line[{l}]/sku", Kind::text)
      .column("/order/lines/line[{l}]/name/text()", Kind::text)
      .column("/order/lines/line[{l}]/price/text()", Kind::real);
  return table;
}

TEST(XmlFused, RowsAllocateNothingAfterWarmUp) {
  const Table table = orders();
  std::vector<std::string> documents;
  for (int i = 0; i < 400; ++i) documents.push_back(order_message(i));
  const Payloads payloads = payloads_of(documents);
  const auto program = program_of(table.projection);
  Extraction extraction(table.projection);
  program->run(payloads, extraction);
  const std::size_t before = allocations;
  std::size_t rows = 0;
  while (rows < 50'000) {
    extraction.clear();
    program->run(payloads, extraction);
    rows += extraction.levels[1].count;
  }
  EXPECT_LE(allocations - before, 100u) << rows << " rows";
  EXPECT_TRUE(extraction.rejects.empty());
}

TEST(XmlFused, ExplainsWhichPathsNeedTheTree) {
  Table table;
  table.index("i", IndexKind::for_list, "/a/b").column("/a/b[{i}]/c").column("//x").column("count(/a/b)");
  const auto lines = XmlExtractor(XpathConfig{}).explain(table.projection);
  EXPECT_EQ(fmt::format("{}", fmt::join(lines, "; ")),
            "index i: tree, as the others; column c0: tree, as the others; column c1: tree, because of descendants; "
            "column c2: tree, because of an expression");
  EXPECT_EQ(XmlExtractor(XpathConfig{}).explain(orders().projection)[0], "index l: one walk");
}

TEST(XmlFused, LeavesElementsOfSeveralParentsToTheTree) {
  // The second b of each a is not the second of all of them.
  Table table;
  table.index("i", IndexKind::for_list, "/r/a/b").column("/r/a/b[{i}]").column("(/r/a/b)[{i}]");
  EXPECT_EQ(
      extracted(table.projection, {"<r><a><b>1</b></a><a><b>2</b><b>3</b></a></r>"}),
      "payloads 0\nlevel 0: 1 []\nlevel 1: 3 [0 3]\ncolumn 0: '1' '3' - failed 0\ncolumn 1: '1' '2' '3' failed 0\n");
}

}  // namespace
}  // namespace batchout::xml::test
