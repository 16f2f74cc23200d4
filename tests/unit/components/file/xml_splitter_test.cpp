// The records of an XML document, whatever the blocks are in which it arrives.

#include "components/file/xml_splitter.h"

#include <fmt/format.h>

#include <random>

#include "cut.h"

namespace batchout::file {
namespace {

using namespace std::string_literals;
using Texts = std::vector<std::string>;

Texts records(std::string_view path, std::string_view stream, std::size_t refused_above = Chunker::kSizeMax,
              std::size_t step_max = 80) {
  const auto names = element_names(path);
  EXPECT_TRUE(names) << path;
  return testing::cut_everyhow([&] { return std::make_unique<XmlSplitter>(*names); }, stream, step_max, refused_above);
}

TEST(XmlSplitter, GivesRecordsBetweenTheTagsAroundThem) {
  EXPECT_EQ(records("/orders/order", "<orders><order>1</order><order><a/></order></orders>"),
            (Texts{"<orders><order>1</order></orders>", "<orders><order><a/></order></orders>"}));
  EXPECT_EQ(records("/a/b/c", "<a x='1'><b y=\"2>1\"><c/> <c></c></b><d><c/></d><b ><c>t</c></b ></a>\n"),
            (Texts{"<a x='1'><b y=\"2>1\"><c/></b></a>", "<a x='1'><b y=\"2>1\"><c></c></b></a>",
                   "<a x='1'><b ><c>t</c></b></a>"}));
  EXPECT_EQ(records("/a", "<a><a/></a>"), Texts{"<a><a/></a>"});
  EXPECT_EQ(records("/a/a", "<a><a><a/></a></a>"), Texts{"<a><a><a/></a></a>"});
  EXPECT_EQ(records("/a/b", "<a/>"), Texts{});
  EXPECT_EQ(records("/a/b", ""), Texts{});
  EXPECT_EQ(records("/a/b", "<a><c><b/></c><b2/></a>"), Texts{});
}

TEST(XmlSplitter, KeepsDeclarationsAndNamespaces) {
  EXPECT_EQ(
      records("/x:a/x:b",
              "<?xml version='1.0' encoding=\"ISO-8859-1\"?>\n<!-- c --><x:a xmlns:x='urn:x'><x:b>\xE4</x:b></x:a>"),
      Texts{"<?xml version='1.0' encoding=\"ISO-8859-1\"?><x:a xmlns:x='urn:x'><x:b>\xE4</x:b></x:a>"});
  EXPECT_EQ(records("/*/b", "\xEF\xBB\xBF <x:a xmlns:x='urn:x'><b/></x:a>"),
            Texts{"\xEF\xBB\xBF<x:a xmlns:x='urn:x'><b/></x:a>"});
}

TEST(XmlSplitter, TakesADeclarationAtTheVeryBeginningOnly) {
  const std::string declaration = "<?xml version='1.0'?>";
  EXPECT_EQ(records("/a/b", "\xEF\xBB\xBF" + declaration + "<a><b/></a>"),
            Texts{"\xEF\xBB\xBF" + declaration + "<a><b/></a>"});
  for (const std::string before : {"\n", " ", "\xEF\xBB\xBF\n", "<!-- c -->", "<?p?>"})
    EXPECT_EQ(records("/a/b", before + declaration + "<a><b/></a>"),
              Texts{"?an XML declaration stands behind the beginning of the document"})
        << before;
  for (const std::string first : {"<?xml-stylesheet encoding='UTF-16'?>", "<?xml-model encoding='UTF-16' ?>"})
    EXPECT_EQ(records("/a/b", first + "<a><b/></a>"), Texts{"<a><b/></a>"}) << first;
}

TEST(XmlSplitter, KeepsADocumentTypeThatDeclares) {
  const std::string type = "<!DOCTYPE a [<!ENTITY e \"]><a><b>\"><!-- ' ] > --><?p ' ?><!ATTLIST b c CDATA '>'>]>";
  EXPECT_EQ(records("/a/b", type + "<a><b>&e;</b></a>"), Texts{type + "<a><b>&e;</b></a>"});
  EXPECT_EQ(records("/a/b", "<!DOCTYPE a SYSTEM \"a>.dtd\"><a><b/></a>"), Texts{"<a><b/></a>"});
}

TEST(XmlSplitter, IsNotMisledByWhatLooksLikeMarkup) {
  const std::string record = "<b x='b>' y=\">\"><!-- </b> -- > <b> --><![CDATA[</b>]]]]><?p </b> > ?></b >";
  EXPECT_EQ(records("/a/b", "<a><!-- <b/> --><![CDATA[<b/>]]><?p <b/> ?>text<b/>" + record + "</a>"),
            (Texts{"<a><b/></a>", "<a>" + record + "</a>"}));
}

// Whether a record is well-formed is for its reader to judge; one that is not spoils no other one.
TEST(XmlSplitter, ContainsMistakesInOneRecord) {
  EXPECT_EQ(
      records("/a/b", "<a><b><c x=\"1><d>t</d></c></b><b>1 < 2 & </b><b><c <d></d></c></b><b><!x></b><b>ok</b></a>"),
      (Texts{"<a><b><c x=\"1><d>t</d></c></b></a>", "<a><b>1 < 2 & </b></a>", "<a><b><c <d></d></c></b></a>",
             "<a><b><!x></b></a>", "<a><b>ok</b></a>"}));
}

TEST(XmlSplitter, RefusesTheRestWhereTheTagsAroundRecordsAreBroken) {
  EXPECT_EQ(records("/a/b/c", "<a><b><c/></a>"), (Texts{"<a><b><c/></b></a>", "?b is open, but what ends is a"}));
  EXPECT_EQ(records("/a/b", "<a><b/></a><b/>"), (Texts{"<a><b/></a>", "?something follows the end of the document"}));
  EXPECT_EQ(records("/a/b", "<a><b/></a></a>"), (Texts{"<a><b/></a>", "?nothing is open that could end: a"}));
  EXPECT_EQ(records("/a/b", "<a><b/></a> x"), (Texts{"<a><b/></a>", "?something follows the end of the document"}));
  EXPECT_EQ(records("/a/b", "<a><b/><></a>"), (Texts{"<a><b/></a>", "?the markup around the records is no XML"}));
  EXPECT_EQ(records("/a/b", "<a><b/><b x='</a>"),
            (Texts{"<a><b/></a>", "<a><b x='</a></a>", "?the document ends, but an element is open: a"}));
  EXPECT_EQ(records("/a/b/c", "<a><b x='<c/></b></a>"), (Texts{"?a tag around the records is not closed"}));
  EXPECT_EQ(records("/a/b/c", "<a><b><c/></b<c></a>"),
            (Texts{"<a><b><c/></b></a>", "?a tag around the records is not closed"}));
  EXPECT_EQ(records("/a/b", "<a><!DOCTYPE a []><b/></a>"),
            (Texts{"?a document type stands behind the beginning of the root element"}));
}

TEST(XmlSplitter, RefusesTheRestWhereWhatIsBetweenRecordsIsBroken) {
  const auto broken = [](std::string_view between) {
    const Texts found = records("/a/b", "<a><b>1</b>" + std::string(between) + "<b>2</b></a>");
    return found.size() == 2 && found[0] == "<a><b>1</b></a>" ? found[1] : fmt::format("{} chunks", found.size());
  };
  constexpr const char* kEndTag = "?an element between the records is closed by the end tag of another one";
  EXPECT_EQ(broken("text<x></y>"), kEndTag);
  EXPECT_EQ(broken("<x><y></x></y>"), kEndTag);
  EXPECT_EQ(broken("<x><xy></x></xy>"), kEndTag);
  constexpr const char* kUndeclared = "?a reference between the records is to nothing that is declared";
  for (const char* text : {"&bad;", "<x>&bad;</x>", "&;", "&#;", "&#x;", "&#0;", "&#xD800;", "&#x110000;", "&#1a;",
                           "&1;", "&AMP;", "&#99999999999;"})
    EXPECT_EQ(broken(text), kUndeclared) << text;
  constexpr const char* kNoReference = "?an ampersand between the records begins no reference";
  for (const char* text : {"a & b", "&", "&amp", "<x>&</x>", "&a&b;", "&a#;"})
    EXPECT_EQ(broken(text), kNoReference) << text;
  EXPECT_EQ(broken("a]]>b"), "?]]> stands between the records, where no CDATA is open");
  EXPECT_EQ(broken("a\x01"), "?a control character stands between the records");
  EXPECT_EQ(broken("<!-- a -- b -->"), "?a comment between the records has two hyphens inside");
  EXPECT_EQ(broken("<!-- a --->"), "?a comment between the records has two hyphens inside");
  EXPECT_EQ(broken("<?xml version='1.0'?>"), "?an XML declaration stands behind the beginning of the document");
  EXPECT_EQ(broken("<x><?XML ?></x>"), "?an XML declaration stands behind the beginning of the document");
  EXPECT_EQ(broken("<? p ?>"), "?a processing instruction has no name");
  EXPECT_EQ(broken("<x></x y>"), "?an end tag around the records has more than a name");
  EXPECT_EQ(broken("<x><y <z/></x>"), "?a tag around the records is not closed");
  EXPECT_EQ(broken("<x>1 < 2</x>"), "?the markup around the records is no XML");
  EXPECT_EQ(broken("<x><!DOCTYPE a></x>"), "?the markup around the records is no XML");
}

TEST(XmlSplitter, PassesOverWhatIsGoodBetweenRecords) {
  for (const char* between :
       {"text &amp;&lt;&gt;&quot;&apos;&#9;&#x10FFFF;", "]] > ]>", "<x a='&'><y/><x>]]</x></x>", "<!-- - - -> -->",
        "<![CDATA[ & -- <x> ]]>", "<?p & -- <x> ?><?xml-style ?>", "<x ><y\n></y\t></x >", "<!---->"})
    EXPECT_EQ(records("/a/b", "<a><b/>" + std::string(between) + "<b/>" + between + "</a>"),
              (Texts{"<a><b/></a>", "<a><b/></a>"}))
        << between;
  const std::string types[] = {"<!DOCTYPE a [<!ENTITY  e 'x'>]>", "<!DOCTYPE a SYSTEM 'a.dtd'>",
                               "<!DOCTYPE a [<!ENTITY % p SYSTEM 'p'>%p;]>"};
  for (const std::string& type : types) EXPECT_EQ(records("/a/b", type + "<a>&e;<b/></a>").size(), 1U) << type;
  EXPECT_EQ(records("/a/b", types[0] + "<a>&f;<b/></a>"),
            Texts{"?a reference between the records is to nothing that is declared"});
}

TEST(XmlSplitter, KeepsTheNamesOfSoManyElementsOnly) {
  const auto nested = [](std::size_t depth) {
    std::string stream = "<a>";
    for (std::size_t i = 0; i < depth; ++i) stream += "<c>";
    for (std::size_t i = 0; i < depth; ++i) stream += "</c>";
    return testing::texts_of(
        testing::pieces_of(std::make_unique<XmlSplitter>(Texts{"a", "b"}), stream + "<b/></a>", 100));
  };
  EXPECT_EQ(nested(1024), Texts{"<a><b/></a>"});
  EXPECT_EQ(nested(1025), Texts{"?elements between the records are nested too deeply"});
}

TEST(XmlSplitter, RefusesTheRestWhereTheFileIsCutOff) {
  const std::string start = "<a><b/>";
  EXPECT_EQ(records("/a/b", start), (Texts{"<a><b/></a>", "?the document ends, but an element is open: a"}));
  for (const char* rest : {"<b>", "<b><!-- ", "<b x='", "<b><c/>", "<b>text", "<b></b"})
    EXPECT_EQ(records("/a/b", start + rest).back().substr(0, 25), "?the document ends inside") << rest;
  for (const char* rest : {"<", "</", "</a", "<!", "<!--", "<!-- --", "<![CDATA[ ]]", "<?p", "<c>"})
    EXPECT_EQ(records("/a/b", start + rest).back().substr(0, 18), "?the document ends") << rest;
  EXPECT_EQ(records("/a/b", "<!-- -->"), Texts{"?the document has no root element"});
}

TEST(XmlSplitter, RefusesOtherFiles) {
  EXPECT_EQ(records("/a/b", "<A><b/></A>"), Texts{"?the root element is not the first one of split: A"});
  EXPECT_EQ(records("/a/b", "{\"a\": 1}"), Texts{"?the file is no XML: it does not begin with a tag"});
  EXPECT_EQ(records("/a/b", "<![CDATA[x]]><a/>"), Texts{"?the markup around the records is no XML"});
  for (const std::string& stream : {"\xFF\xFE<\0a\0"s, "\xFE\xFF\0<\0a"s, "<\0a\0/\0"s, "\0<\0a"s})
    EXPECT_EQ(records("/a/b", stream),
              Texts{"?the file is UTF-16 or UTF-32, which cannot be cut; convert it to UTF-8"});
  EXPECT_EQ(records("/a/b", "<?xml version='1.0' encoding='iso-2022-jp'?><a/>"),
            Texts{"?the file is in an encoding that cannot be cut; convert it to UTF-8: iso-2022-jp"});
}

TEST(XmlSplitter, GoesOnBehindARecordThatIsTooLarge) {
  EXPECT_EQ(records("/a/b", "<a><b>123456789012</b><b/><b><!-- > --><c/></b><b>1</b></a>", 10),
            (Texts{"!19", "<a><b/></a>", "!21", "<a><b>1</b></a>"}));
  EXPECT_EQ(records("/a/b", "<a><b>1234567890", 10), (Texts{"?the document ends inside of a record"}));
}

TEST(XmlSplitter, TellsWhereRecordsAre) {
  const auto pieces = testing::pieces_of(std::make_unique<XmlSplitter>(Texts{"a", "b"}), "<a> <b/>\n<b>1</b>", 100);
  EXPECT_EQ(pieces, (testing::Pieces{{4, 8, "<a><b/></a>"},
                                     {9, 17, "<a><b>1</b></a>"},
                                     {17, 18, "?the document ends, but an element is open: a"}}));
}

TEST(XmlSplitter, LimitsWhatStandsAroundRecords) {
  const auto last = [](const std::string& stream) {
    return testing::pieces_of(std::make_unique<XmlSplitter>(Texts{"a", "b"}), stream, 1000).back().text;
  };
  const std::string long_text(70'000, 'x');
  constexpr const char* kTooLarge = "?the tags around the records have more than 64 KiB";
  EXPECT_EQ(last("<a x='" + long_text + "'><b/></a>"), kTooLarge);
  EXPECT_EQ(last("<!DOCTYPE a [<!ENTITY e '" + long_text + "'>]><a><b/></a>"), kTooLarge);
  EXPECT_EQ(last("<a><!--" + long_text + "--><c x='1'/><b>" + long_text + "</b></a>").size(), 70'000 + 14U);
  std::string attributes;
  for (int i = 0; i < 257; ++i) attributes += " a" + std::to_string(i) + "=''";
  EXPECT_EQ(last("<a" + attributes + "><b/></a>"), "?an element around the records has more than 256 attributes");
}

TEST(XmlSplitter, RefusesToRepeatLargeTagsAroundManySmallRecords) {
  std::string stream = "<a x='" + std::string(60'000, 'x') + "'>";
  for (int i = 0; i < 3000; ++i) stream += "<b/>";
  const auto pieces = testing::pieces_of(std::make_unique<XmlSplitter>(Texts{"a", "b"}), stream + "</a>", 4096);
  EXPECT_LT(pieces.size(), 300U);
  EXPECT_EQ(pieces.back().text, "?the tags around the records make more than 100 times of the document");
  const auto again = testing::pieces_of(std::make_unique<XmlSplitter>(Texts{"a", "b"}), stream, 4096, pieces[200].next);
  EXPECT_EQ(again.size(), pieces.size() - 201);
}

// It was told by the run that met it, or is passed over on purpose.
TEST(XmlSplitter, PassesOverWhatIsWrongBeforeWhereItGoesOn) {
  const std::string stream = "<a><b>1</b>&no;<?xml?><c><d></c></c><b>2</b><b>3</b>&no;<b>4</b></a>";
  const auto from = [&](std::string_view record) {
    const auto position = static_cast<std::int64_t>(stream.find(record));
    return testing::texts_of(testing::pieces_of(std::make_unique<XmlSplitter>(Texts{"a", "b"}), stream, 7, position));
  };
  EXPECT_EQ(from("<b>1").size(), 2U);
  EXPECT_EQ(from("<b>2").size(), 3U);
  EXPECT_EQ(from("<b>2")[1], "<a><b>3</b></a>");
  EXPECT_TRUE(from("<b>2")[2].starts_with("?"));
  EXPECT_EQ(from("<b>4"), Texts{"<a><b>4</b></a>"});
}

// Of tags around the records it cannot be passed over. It is told where reading goes on, so that it is not taken for
// what has been told before.
TEST(XmlSplitter, TellsWhereItGoesOnThatItCannot) {
  const std::string stream = "<a><x></y></x><b>1</b></a>";
  const auto pieces = testing::pieces_of(std::make_unique<XmlSplitter>(Texts{"a", "x", "b"}), stream, 100, 14);
  ASSERT_EQ(pieces.size(), 1U);
  EXPECT_EQ(pieces[0].position, 14);
  EXPECT_TRUE(pieces[0].text.starts_with("?")) << pieces[0].text;
}

TEST(XmlSplitter, TakesPathsOfNamesOnly) {
  EXPECT_EQ(element_names("/a/x:b/*"), (Texts{"a", "x:b", "*"}));
  EXPECT_EQ(element_names("/Bestell\xC3\xBC"
                          "ng"),
            (Texts{"Bestell\xC3\xBC"
                   "ng"}));
  for (const char* path : {"", "/", "a", "a/b", "//a", "/a/", "/a//b", "/a/@b", "/a[1]", "/a/text()", "/a/b c", "/1",
                           "/a|/b", "/a/.", "/a::b"})
    EXPECT_FALSE(element_names(path)) << path;
}

// Any markup: however it is cut, the outcome is the same.
TEST(XmlSplitter, AgreesWithItselfOnRandomMarkup) {
  std::mt19937 random(11);
  static constexpr const char* kParts[] = {
      "<a>", "</a>", "<b>",       "</b>", "<b/>", "<c x='>'>", "</c>", "&amp;", "&a", ";",     "--", "<!--", "-->",
      "<",   "]]>",  "<![CDATA[", "?>",   "<?p",  "\"",        "'",    ">",     "t",  "<b y=", "/",  "\n"};
  for (int i = 0; i < 300; ++i) {
    std::string stream = "<a>";
    for (std::size_t count = random() % 25; count > 0; --count) stream += kParts[random() % std::size(kParts)];
    records("/a/b", stream, Chunker::kSizeMax, 12);
    records("/a/b", stream, 10, 6);
    records("/a/*/b", stream, Chunker::kSizeMax, 6);
  }
}

}  // namespace
}  // namespace batchout::file
