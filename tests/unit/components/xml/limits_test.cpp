// Hostile payloads are refused with their code, quickly, and nothing outside of a payload is ever read.

#include <gtest/gtest.h>
#include <libxml/globals.h>
#include <libxml/xmlerror.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <thread>

#include "table.h"

namespace batchout::xml::test {
namespace {

TEST(XmlLimits, EntitiesAreExpandedWithinTheirLimit) {
  EXPECT_EQ(text_of_root("<!DOCTYPE r [<!ENTITY e 'an entity'>]><r>&e;, &e;</r>"), "'an entity, an entity'");
  EXPECT_EQ(text_of_root("<!DOCTYPE r [<!ENTITY a 'x'><!ENTITY b '&a;&a;'>]><r>&b;</r>"), "'xx'");
  EXPECT_EQ(text_of_root("<!DOCTYPE r [<!ENTITY a '<b>in</b>'>]><r>&a;</r>"), "'in'");
}

TEST(XmlLimits, BillionLaughs) {
  std::string types = "<!ENTITY l0 'lol'>";
  for (int i = 1; i < 10; ++i) types += fmt::format("<!ENTITY l{} '{}'>", i, repeated(fmt::format("&l{};", i - 1), 10));
  EXPECT_EQ(text_of_root("<!DOCTYPE r [" + types + "]><r>&l9;</r>"), "BO416");
  EXPECT_EQ(text_of_root("<!DOCTYPE r [" + types + "]><r x='&l9;'/>"), "BO416");
}

TEST(XmlLimits, QuadraticBlowUp) {
  const std::string entity(10'000, 'x');
  EXPECT_EQ(text_of_root("<!DOCTYPE r [<!ENTITY e '" + entity + "'>]><r>" + repeated("&e;", 10'000) + "</r>"), "BO416");
}

TEST(XmlLimits, EntitiesThatContainThemselves) {
  EXPECT_EQ(text_of_root("<!DOCTYPE r [<!ENTITY a '&b;'><!ENTITY b '&a;'>]><r>&a;</r>"), "BO416");
}

TEST(XmlLimits, DefaultValuesOfManyElements) {
  const std::string types = "<!ATTLIST a x CDATA '" + std::string(1000, 'x') + "'>";
  EXPECT_EQ(text_of_root("<!DOCTYPE r [" + types + "]><r>" + repeated("<a/>", 1000) + "</r>"), "BO416");
  EXPECT_EQ(text_of_root("<!DOCTYPE r [<!ATTLIST a x CDATA 'y'>]><r><a/>t</r>"), "'t'");
}

TEST(XmlLimits, ExternalEntitiesAreNeverRead) {
  const std::string file = fmt::format("{}/batchout-xml-{}.txt", ::testing::TempDir(), ::getpid());
  std::ofstream(file) << "secret";
  const std::string uri = "file://" + file;
  EXPECT_EQ(text_of_root("<!DOCTYPE r [<!ENTITY e SYSTEM '" + uri + "'>]><r>&e;</r>"), "BO416");
  EXPECT_EQ(text_of_root("<!DOCTYPE r [<!ENTITY e PUBLIC 'p' '" + uri + "'>]><r>&e;</r>"), "BO416");
  EXPECT_EQ(text_of_root("<!DOCTYPE r SYSTEM '" + uri + "'><r>&e;</r>"), "BO416");
  EXPECT_EQ(text_of_root("<!DOCTYPE r SYSTEM '" + uri + "'><r>plain</r>"), "'plain'");
  EXPECT_EQ(text_of_root("<!DOCTYPE r [<!ENTITY e SYSTEM '" + uri + "'>]><r>unused</r>"), "'unused'");
  EXPECT_EQ(text_of_root("<r xmlns:i='http://www.w3.org/2001/XInclude'><i:include href='" + uri + "'/></r>"), "''");
  std::remove(file.c_str());
}

TEST(XmlLimits, ParameterEntities) {
  EXPECT_EQ(text_of_root("<!DOCTYPE r [<!ENTITY % p '<!ENTITY e \"x\">'> %p;]><r>&e;</r>"), "BO416");
  EXPECT_EQ(text_of_root("<!DOCTYPE r [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/'> %p;]><r/>"), "BO416");
}

TEST(XmlLimits, ChoicesOfEnumeratedAttributes) {
  const auto choices = [](int count) {
    std::string text = "(b0";
    for (int i = 1; i < count; ++i) text += fmt::format("|b{}", i);
    return text + ")";
  };
  const auto declared = [](const std::string& types) { return "<!DOCTYPE r [" + types + "]><r>(a|b)</r>"; };
  EXPECT_EQ(text_of_root(declared("<!ATTLIST r x " + choices(4096) + " 'b1'>")), "'(a|b)'");
  EXPECT_EQ(text_of_root(declared("<!ATTLIST r x " + choices(4097) + " 'b1'>")), "BO416");
  EXPECT_EQ(text_of_root(declared("<!ATTLIST r x NOTATION" + choices(5000) + " #IMPLIED>")), "BO416");
  EXPECT_EQ(
      text_of_root(declared("<!-- <!ATTLIST ' ( -->" + repeated("<!ATTLIST r x " + choices(2100) + " \">\">", 2))),
      "BO416");
  EXPECT_EQ(text_of_root(declared(repeated("<!ATTLIST r x " + choices(64) + " 'b1'>", 100))), "'(a|b)'");
  EXPECT_EQ(refusal_of(declared("<!ATTLIST r x " + choices(60'000) + " 'b1'>")),
            "0: BO416 the document type has enumerated attributes with more than 4096 choices\n");
}

// Only what an attribute may be: not the document's text, not comments and literals that look like it.
TEST(XmlLimits, ChoicesEndWithTheDocumentType) {
  std::string many = "(0";
  for (int i = 1; i < 5000; ++i) many += fmt::format("|{}", i);
  many += ")";
  const std::string start = "<!DOCTYPE r [<!ATTLIST r x CDATA 'y'>";
  EXPECT_EQ(text_of_root(start + "]><!-- " + many + " --><r>" + many + "</r>"), "'" + many + "'");
  EXPECT_EQ(text_of_root(start + "<!-- " + many + " --><?p " + many + "?>]><r>x</r>"), "'x'");
  EXPECT_EQ(text_of_root(start + "<!ATTLIST r y CDATA '" + many + "'>]><r>x</r>"), "'x'");
  EXPECT_EQ(text_of_root(start + "<!ELEMENT r (#PCDATA" + repeated("|b", 5000) + ")*>]><r>x</r>"), "'x'");
  const std::string bad = "<!ATTLIST r z " + many + " '1'>]><r>x</r>";
  for (const std::string_view before :
       {"<!-- <r> ' -->", "<?p <r> ' \" ?>", "<!ENTITY e '<r>'>", "<!ENTITY e \"it's <r>\">",
        "<!NOTATION n PUBLIC \"it's\" '<r> \"'>", "<!ELEMENT r (#PCDATA|b)*>"})
    EXPECT_EQ(text_of_root(start + std::string(before) + bad), "BO416") << before;
  EXPECT_EQ(text_of_root("<!-- it's <r> --><?p it's <r> ?>\n<!DOCTYPE r PUBLIC \"it's\" '<r> \"' [" + bad), "BO416");
  EXPECT_EQ(text_of_root("<!DOCTYPE r [" + bad + "<!-- "), "BO416");
}

TEST(XmlLimits, Depth) {
  EXPECT_EQ(text_of_root("<r>" + repeated("<a>", 200) + "x" + repeated("</a>", 200) + "</r>"), "'x'");
  EXPECT_EQ(text_of_root("<r>" + repeated("<a>", 256) + "x" + repeated("</a>", 256) + "</r>"), "'x'");
  EXPECT_EQ(refusal_of("<r>" + repeated("<a>", 257) + "x" + repeated("</a>", 257) + "</r>"),
            "0: BO405 the document is nested more than 256 deep below its root\n");
  EXPECT_EQ(text_of_root("<r>" + repeated("<a>", 100'000)), "BO405");
}

TEST(XmlLimits, AttributesOfOneElement) {
  const auto element = [](int count, std::string_view quote) {
    std::string text;
    for (int i = 0; i < count; ++i) text += fmt::format(" a{}={}>{}", i, quote, quote);
    return text;
  };
  EXPECT_EQ(text_of_root("<r" + element(256, "\"") + ">x</r>"), "'x'");
  EXPECT_EQ(text_of_root("<r" + element(257, "'") + ">x</r>"), "BO417");
  EXPECT_EQ(text_of_root("<r><b" + element(60'000, "'") + "/></r>"), "BO417");
  EXPECT_EQ(text_of_root("<!DOCTYPE r [<!ENTITY e \"&#60;b" + element(300, "'") + "/>\">]><r>&e;</r>"), "BO417");
}

// Behind the first error libxml2 has one more for each pair of hyphens, with a copy of what came before: hours for
// these.
TEST(XmlLimits, NothingIsReadBehindTheFirstError) {
  const std::string hyphens(1'000'000, '-');
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(refusal_of("<r>\n <!--" + hyphens + "--></r>"),
            "0: BO415 the payload is not well-formed: Double hyphen within comment, at line 2, column 6\n");
  EXPECT_EQ(refusal_of("<!DOCTYPE r [<!--x" + hyphens + "-->]><r/>"),
            "0: BO415 the payload is not well-formed: Double hyphen within comment: <!--x, at line 1, column 19\n");
  EXPECT_EQ(refusal_of("<!DOCTYPE r [<!ENTITY e '<!--" + hyphens + "-->'>]><r>&e;</r>"),
            "0: BO415 the payload is not well-formed: Double hyphen within comment, at line 1, column 5\n");
  EXPECT_EQ(
      refusal_of("<!DOCTYPE r [<!ENTITY e '" + hyphens + "'><!ATTLIST r x CDATA '&e;&'><!--" + hyphens + "-->]><r/>")
          .substr(0, 8),
      "0: BO415");
  Table fused;
  fused.column("/r/b");
  EXPECT_EQ(cells(fused, "<r><!--" + hyphens + "--><b>x</b></r>"), "BO415");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

// Where the parser is stopped in the middle of something, what it holds must stay whole.
TEST(XmlLimits, ErrorsOfEveryKindEndTheReading) {
  for (const std::string_view bad : {"<r>]]></r>",
                                     "<r x='&y'/>",
                                     "<r x='<'/>",
                                     "<r x=1/>",
                                     "<r x='1' x='2'/>",
                                     "<r x='1'y='2'/>",
                                     "<r>&#0;</r>",
                                     "<r>&#xD800;</r>",
                                     "<r>&;</r>",
                                     "<r>&a</r>",
                                     "<r><?xml ?></r>",
                                     "<r><?p\x01?></r>",
                                     "<r><![CDATA[x</r>",
                                     "<r><![CDATA[\x01]]></r>",
                                     "<r><!-- \x01 --></r>",
                                     "<r><!-- \xC3\xA9 -- --></r>",
                                     "<r></s></r>",
                                     "<r><a:b/></r>",
                                     "<r xmlns:a=''/>",
                                     "<r xmlns:xml='x'/>",
                                     "<r/><r/>",
                                     "<r/>x",
                                     "<?xml version='1.0' encoding='UTF-8'",
                                     "<?xml?><r/>",
                                     "<!DOCTYPE r [<!ELEMENT r (a,b|c)>]><r/>",
                                     "<!DOCTYPE r [<!ELEMENT r>]><r/>",
                                     "<!DOCTYPE r [<!ATTLIST r x (>]><r/>",
                                     "<!DOCTYPE r [<!ATTLIST r x (a,b) 'a'>]><r/>",
                                     "<!DOCTYPE r [<!ATTLIST r x NMTOKENS ' a  &'>]><r x='  b  &'/>",
                                     "<!DOCTYPE r [<!ENTITY e '&'>]><r>&e;</r>",
                                     "<!DOCTYPE r [<!ENTITY e '<a>'>]><r>&e;</r>",
                                     "<!DOCTYPE r [<!ENTITY e '<!-- -- -->'>]><r>&e;&e;</r>",
                                     "<!DOCTYPE r [<!ENTITY e ']]>'>]><r>&e;</r>",
                                     "<!DOCTYPE r [<!NOTATION n>]><r/>",
                                     "<!DOCTYPE r [<!WRONG>]><r/>",
                                     "<!DOCTYPE r [<?xml?>]><r/>",
                                     "<!DOCTYPE r [<![INCLUDE[]]>]><r/>",
                                     "<!DOCTYPE r [<!ENTITY e>]><r/>",
                                     "<!DOCTYPE r [",
                                     "<!DOCTYPE r SYSTEM>"})
    EXPECT_EQ(text_of_root(std::string(bad)), "BO415") << bad;
}

// What only a validating parser would refuse.
TEST(XmlLimits, InvalidDocumentsAreWellFormed) {
  for (const std::string_view types :
       {"<!ATTLIST b a (x|x) 'x'>", "<!ATTLIST b a (x|y) 'z'>", "<!ATTLIST b a NOTATION (n|n) 'n'>",
        "<!ENTITY e SYSTEM '%zz'>", "<!ENTITY e PUBLIC 'p' '%zz'>", "<!ENTITY e SYSTEM '%zz' NDATA n>",
        "<!NOTATION n SYSTEM '%zz'>", "<!ELEMENT r ANY><!ELEMENT r EMPTY>", "<!ELEMENT r (#PCDATA|b|b)*>",
        "<!ATTLIST b a ID #IMPLIED b ID #IMPLIED>", "<!ATTLIST b a ID 'x'>", "<!ATTLIST b a NMTOKEN 'x ,'>",
        "<!ATTLIST b xml:id CDATA #IMPLIED>", "<!ATTLIST b xml:space (bad) 'bad'>", "<!ATTLIST b a ENTITY 'none'>",
        "<!ATTLIST r i ID #IMPLIED><!ATTLIST b i ID #IMPLIED>", "<!ELEMENT b (c)>"})
    EXPECT_EQ(text_of_root(fmt::format("<!DOCTYPE r [{}]><r i='1'><b i='1'/>x</r>", types)), "'x'") << types;
  EXPECT_EQ(text_of_root("<!DOCTYPE other SYSTEM '%zz'><r>x</r>"), "'x'");
  EXPECT_EQ(text_of_root("<?xml version='1.0' standalone='yes'?><!DOCTYPE r [<!ATTLIST r a CDATA 'x'>]><r>x</r>"),
            "'x'");
  EXPECT_EQ(text_of_root("<r><b xml:id='1 2'/><b xml:id='k'/><b xml:id='k'/>x</r>"), "'x'");
  EXPECT_EQ(text_of_root("<!DOCTYPE r [<!ATTLIST r a (x|x) 'x'>]><r><b></r>"), "BO415");
  EXPECT_EQ(text_of_root("<!DOCTYPE r [<!ENTITY e SYSTEM '%zz'>]><r>&e;</r>"), "BO416");
  EXPECT_EQ(text_of_root("<!DOCTYPE r [<!ATTLIST r a (x|x) 'x'>]><r><p:b/></r>"), "BO415");
}

TEST(XmlLimits, HtmlIsWithinLimitsToo) {
  XpathConfig html;
  html.html = true;
  Table table;
  table.column("//p");
  std::string attributes;
  for (int i = 0; i < 60'000; ++i) attributes += fmt::format(" a{}=\">\"", i);
  EXPECT_EQ(cells(table, "<p" + attributes + ">x", html), "BO417");
  EXPECT_EQ(cells(table, "<script>\"<a b='\"</script><p" + attributes + ">x", html), "BO417");
  EXPECT_EQ(cells(table, repeated("<div>", 100'000) + "<p>x", html), "BO405");
  EXPECT_EQ(cells(table, repeated("<a ", 100'000), html), "BO417");
  EXPECT_EQ(cells(table, "", html), "BO402");
  EXPECT_EQ(cells(table, "<p>a &eacute; &unknown; <b>b</p>", html), "'a \xC3\xA9 &unknown; b'");
}

TEST(XmlLimits, StepsOfPaths) {
  Table table;
  table.column("count(//a[count(//a) > count(//b)])");
  EXPECT_EQ(cells(table, "<r>" + repeated("<a/>", 20'000) + "</r>"), "BO408");
}

TEST(XmlLimits, StepsAmongManyNamespaces) {
  Table table;
  table.column("count(//* / namespace :: *)");
  EXPECT_EQ(cells(table, "<r xmlns:a='urn:a'><b/><a:c xmlns:b='urn:b'/></r>"), "7r");
  std::string document;
  for (int depth = 0; depth < 10; ++depth) {
    document += "<b";
    for (int i = 0; i < 200; ++i) document += fmt::format(" xmlns:p{}x{}='u'", depth, i);
    document += ">";
  }
  document += repeated("<c/>", 10'000) + repeated("</b>", 10);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(cells(table, document), "BO408");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
  EXPECT_EQ(cells(Table().column("count(//c)"), document), "10000r");
  const std::string one = document.substr(0, document.find('>')) + ">" + repeated("<c/>", 10'000) + "</b>";
  EXPECT_EQ(cells(Table().column("count(/b/namespace::*)"), one), "201r");
  EXPECT_EQ(cells(Table().column("namespace-uri(//c)"), document), "''");
}

// libxml2 goes along all neighbours of such a node to find its place among others, and counts none of them. All these
// paths look at fewer nodes than they may.
TEST(XmlLimits, StepsAmongNeighboursThatAreNoElements) {
  const std::string document = "<r><a id='1'/>" + repeated("x<!---->", 120'000) + "</r>";
  const auto last = [](const std::string& path, const std::string& payload, bool html = false) {
    return cells(Table().column(path, Kind::dynamic, Strategy::take_last), payload, {.html = html, .namespaces = {}});
  };
  for (const std::string path : {"//text()", "/r/node()", "//comment() | //b", "string(//text())", "//a[../text ()]",
                                 "//. | //@id", "//*[. = ../comment()]", "//a//ancestor::b", "//a//.."})
    EXPECT_EQ(last(path, document), "BO408") << path;
  const auto got = XmlExtractor(XpathConfig{}).find({"//text()", {"//text()"}}, document);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, "BO408");
  EXPECT_EQ(last("//a[1]/@id", document), "'1'");
  EXPECT_EQ(last("//text()", repeated("<!-- -->", 120'000) + "<r>text</r>"), "BO408");
  EXPECT_EQ(last("//comment()", "<r/>" + repeated("<?p q?>", 120'000)), "BO408");
}

// Each of these took longer than ten seconds.
TEST(XmlLimits, StepsOfFunctionsAreThoseOfTheirTexts) {
  const auto refused = [](const char* index, const char* path, const std::string& document) {
    Table table;
    table.index("i", IndexKind::for_list, index).column(path);
    EXPECT_EQ(cells(table, document), "BO408") << path;
  };
  const std::string chain = "<r>" + repeated("<i/>", 1'000) + repeated("<a>", 200) + repeated("<b/>", 20'000) + "1" +
                            repeated("</a>", 200) + "</r>";
  for (const char* path : {"sum(//a) + {i}", "//a[contains(., '{i}')]", "//a = {i}", "//a < //i[{i}]"})
    refused("/r/i", path, chain);
  std::string attributes;
  for (int i = 0; i < 200; ++i) attributes += fmt::format(" a{}=''", i);
  refused("/r/i", "//a[lang('en')][{i}]",
          "<r>" + repeated("<i/>", 100) + repeated("<a" + attributes + ">", 200) + repeated("<a/>", 2'000) +
              repeated("</a>", 200) + "</r>");
  const std::string long_text(300'000, 'x');
  const std::string texts = "<r><a>" + long_text + "</a><b>" + long_text + "y</b></r>";
  refused("/r", "translate(/r/a, /r/b, '')", texts);
  EXPECT_EQ(cells(Table().column("contains(/r/a, /r/b)"), texts), "false");
  EXPECT_EQ(cells(Table().column("substring-after(/r/b, /r/a)"), texts), "'y'");
  const std::string spaces = "<r xmlns='" + long_text + "'>" + repeated("<x/>", 50'000) + "</r>";
  refused("/", "count(//*[local-name() = 'x' and namespace-uri() = 'urn:x'])", spaces);
  refused("/", "count(//namespace::*)", spaces);
  refused("//i", "//i[{i}]/..", "<r>" + repeated("<i/>", 10'000) + long_text + "</r>");
  std::string names;
  for (int i = 0; i < 50'000; ++i) names += fmt::format("<n xml:id='n{}'/>", i);
  refused("/r", "count(id(//@xml:id))", "<r>" + names + "</r>");
}

TEST(XmlLimits, GoodDocumentsHaveStepsEnough) {
  std::string orders;
  for (int i = 0; i < 5'000; ++i)
    orders +=
        fmt::format("<order id='{}'><items><item><sku>{}</sku></item><item><sku>t</sku></item></items></order>", i, i);
  const auto found = [&](const std::string& path) { return cells(Table().column(path), "<r>" + orders + "</r>"); };
  EXPECT_EQ(found("//order[items//sku='t'][1]/@id"), "'0'");
  EXPECT_EQ(found("//order[items//sku='t'][last()]/@id"), "'4999'");
  EXPECT_EQ(
      found("count(//order[contains(translate(., 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz'), 't')])"),
      "5000r");
  EXPECT_EQ(found("count(//order[normalize-space(items) != '' and string-length(items/item[2]) = 1])"), "5000r");
  EXPECT_EQ(found("sum(//order/@id)"), "12497500r");
  std::string items;
  for (int i = 0; i < 1'500; ++i) items += fmt::format("<item><key>{}</key></item><ref id='{}'/>", i, 2 * i);
  EXPECT_EQ(cells(Table().column("count(/r/item[key = /r/ref/@id])"), "<r>" + items + "</r>"), "750r");
}

TEST(XmlLimits, PagesWithManyComments) {
  const std::string page = "<html><body>" + repeated("<p>text<!-- comment -->more</p>\n", 5'000) +
                           repeated("<!-- comment -->\n", 300) + "<p>last</p><!-- end --></body></html>";
  const auto last = [&](const std::string& path) {
    return cells(Table().column(path, Kind::dynamic, Strategy::take_last), page, {.html = true, .namespaces = {}});
  };
  EXPECT_EQ(last("//comment()"), "' end '");
  EXPECT_EQ(last("//p/text() | //comment()/following-sibling::p/text()"), "'last'");
  EXPECT_EQ(last("//body/node()[last()]"), "' end '");
}

TEST(XmlLimits, LengthOfTexts) {
  Table table;
  table.column("/r/a").column("/r/b");
  table.projection.limits.string_size_max = 100;
  EXPECT_EQ(cells(table, "<r><a>" + std::string(100, 'x') + "</a></r>").size(), 102u);
  EXPECT_EQ(cells(table, "<r><a>" + std::string(101, 'x') + "</a></r>"), "BO407");
}

TEST(XmlLimits, BrokenBytes) {
  EXPECT_EQ(text_of_root("<r>\xC3\x28</r>"), "BO406");
  EXPECT_EQ(text_of_root("<r>\xED\xA0\x80</r>"), "BO406");
  EXPECT_EQ(text_of_root("<r>\xF5\x80\x80\x80</r>"), "BO406");
  EXPECT_EQ(text_of_root(std::string("<r>a\0b</r>", 10)), "BO415");
  EXPECT_EQ(text_of_root("<r>a\x01</r>"), "BO415");
  EXPECT_EQ(text_of_root("<r></r>x"), "BO415");
  EXPECT_EQ(text_of_root("<r>"), "BO415");
  EXPECT_EQ(text_of_root("plain"), "BO415");
  EXPECT_EQ(text_of_root(" \n"), "BO402");
}

// What libxml2 would write by itself; a payload must not fill logs past their format and level.
TEST(XmlLimits, NothingIsWrittenToStandardError) {
  const auto run = [] {
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(text_of_root("<!DOCTYPE r [<!NOTATION n SYSTEM 'x'><!NOTATION n SYSTEM 'x'>]><r>ok</r>"), "'ok'");
    EXPECT_EQ(text_of_root("<!DOCTYPE r [<!ENTITY lt 'z'>]><r>&lt;</r>"), "'<'");
    EXPECT_EQ(text_of_root("<!DOCTYPE r [<!ELEMENT r ANY><!ELEMENT r ANY>]><r>ok</r>"), "'ok'");
    XpathConfig html;
    html.html = true;
    EXPECT_EQ(cells(Table().column("//p[@x = 'y' or /"), "<p x='1' x=2><b></p><q:z>", html), "-");
    return ::testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(run(), "");
  std::string in_thread;
  std::thread([&] { in_thread = run(); }).join();
  EXPECT_EQ(in_thread, "");
}

// A program that embeds the library may have a handler of its own.
TEST(XmlLimits, HandlersOfTheThreadStay) {
  const auto handler = [](void*, xmlError*) {};
  const xmlStructuredErrorFunc before = xmlStructuredError;
  xmlSetStructuredErrorFunc(nullptr, handler);
  text_of_root("<r>x</r>");
  EXPECT_EQ(xmlStructuredError, static_cast<xmlStructuredErrorFunc>(handler));
  xmlSetStructuredErrorFunc(nullptr, before);
}

TEST(XmlLimits, NotationsAreDeclarations) {
  std::string types;
  for (int i = 0; i < 4097; ++i) types += fmt::format("<!NOTATION n{} SYSTEM 'x'>", i);
  EXPECT_EQ(text_of_root("<!DOCTYPE r [" + types + "]><r/>"), "BO416");
}

}  // namespace
}  // namespace batchout::xml::test
