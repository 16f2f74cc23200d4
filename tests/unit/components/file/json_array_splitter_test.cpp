// The elements of a JSON list, whatever the blocks are in which it arrives.

#include "components/file/json_array_splitter.h"

#include <random>

#include "cut.h"

namespace batchout::file {
namespace {

using namespace std::string_literals;
using Texts = std::vector<std::string>;

Texts elements(std::string_view stream, std::size_t refused_above = Chunker::kSizeMax, std::size_t step_max = 80) {
  return testing::cut_everyhow([] { return std::make_unique<JsonArraySplitter>(); }, stream, step_max, refused_above);
}

TEST(JsonArraySplitter, GivesElementsAsTheyAreWritten) {
  EXPECT_EQ(elements(R"([{"a": 1}, {"a": [2, {}]}])"), (Texts{R"({"a": 1})", R"({"a": [2, {}]})"}));
  EXPECT_EQ(elements(" [ 1 ,\n-2.5e3\t,\r\ntrue,null,\"t\" , [ ] ,{ } ] \n"),
            (Texts{"1", "-2.5e3", "true", "null", "\"t\"", "[ ]", "{ }"}));
  EXPECT_EQ(elements("[]"), Texts{});
  EXPECT_EQ(elements(" [\n] "), Texts{});
  EXPECT_EQ(elements("\xEF\xBB\xBF[1]"), Texts{"1"});
  EXPECT_EQ(elements(""), Texts{});
  EXPECT_EQ(elements(" \n"), Texts{});
}

TEST(JsonArraySplitter, IsNotMisledByTexts) {
  EXPECT_EQ(elements(R"(["]", "\"]", "\\", {"]}": "[{\\\"}", "a\\": "]"}, "\\\\\""])"),
            (Texts{R"("]")", R"("\"]")", R"("\\")", R"({"]}": "[{\\\"}", "a\\": "]"})", R"("\\\\\"")"}));
  const std::string escapes = R"({"k": ")" + std::string(63, '\\') + R"("}]", "x": [1]})";
  EXPECT_EQ(elements("[" + escapes + ",0]"), (Texts{escapes, "0"}));
}

TEST(JsonArraySplitter, FindsTheEndAtAnyDepth) {
  const std::string deep = std::string(500, '[') + std::string(500, ']');
  EXPECT_EQ(elements("[" + deep + "," + deep + "]"), (Texts{deep, deep}));
}

// What is between the brackets is for the reader of the element to judge.
TEST(JsonArraySplitter, LeavesTheInsideOfElementsAlone) {
  EXPECT_EQ(elements(R"([{"a" 1,,}, {]}, [}, nul, 1.2.3, {"b": 1}])"),
            (Texts{R"({"a" 1,,})", "{]", "?a comma is missing behind an element of the list"}));
  EXPECT_EQ(elements("[{\"a\" 1,,}, [}, nul, 1.2.3]"), (Texts{"{\"a\" 1,,}", "[}", "nul", "1.2.3"}));
  EXPECT_EQ(elements("[{\\}, {\\\"}]"), (Texts{"{\\}, {\\\"}]", "?the list is not closed"}));
}

TEST(JsonArraySplitter, RefusesTheRestWhereTheListIsBroken) {
  EXPECT_EQ(elements("[1, 2 3]"), (Texts{"1", "2", "?a comma is missing behind an element of the list"}));
  EXPECT_EQ(elements("[{}{}]"), (Texts{"{}", "?a comma is missing behind an element of the list"}));
  EXPECT_EQ(elements("[1\"a\"]"), (Texts{"1", "?a comma is missing behind an element of the list"}));
  EXPECT_EQ(elements("[1,]"), (Texts{"1", "?an element of the list is missing"}));
  EXPECT_EQ(elements("[,1]"), (Texts{"?an element of the list is missing"}));
  EXPECT_EQ(elements("[1,,2]"), (Texts{"1", "?an element of the list is missing"}));
  EXPECT_EQ(elements("[{}, }"), (Texts{"{}", "?an element of the list is missing"}));
  EXPECT_EQ(elements("[{}]{}"), (Texts{"{}", "?something follows the end of the list"}));
  EXPECT_EQ(elements("[]]"), (Texts{"?something follows the end of the list"}));
}

TEST(JsonArraySplitter, RefusesTheRestWhereTheFileIsCutOff) {
  const Texts one{"{}", "?the list is not closed"};
  for (const char* stream : {"[{}", "[{},", "[{}, ", "[{}, 12", "[{}, \"a\\", "[{}, {\"a\": [1}", "[{}, {\"a\": \"}]"})
    EXPECT_EQ(elements(stream), one) << stream;
  EXPECT_EQ(elements("["), Texts{"?the list is not closed"});
}

TEST(JsonArraySplitter, RefusesWhatIsNoList) {
  for (const char* stream : {"{\"a\": []}", "1", "\"[]\"", "x"})
    EXPECT_EQ(elements(stream), Texts{"?the file is no list of JSON"}) << stream;
  for (const std::string& stream : {"\xFF\xFE[\0]\0"s, "\xFE\xFF\0[\0]"s, "[\0]\0"s, "\0[\0]"s})
    EXPECT_EQ(elements(stream), Texts{"?the file is UTF-16 or UTF-32, which cannot be cut; convert it to UTF-8"});
}

TEST(JsonArraySplitter, GoesOnBehindAnElementThatIsTooLarge) {
  EXPECT_EQ(elements(R"([[1,2,3,4], "1234567890", 12345678, [1], {"a": "]"}, 1])", 5),
            (Texts{"!9", "!12", "!8", "[1]", "!10", "1"}));
  EXPECT_EQ(elements("[1, \"1234567890", 5), (Texts{"1", "?the list is not closed"}));
}

TEST(JsonArraySplitter, TellsWhereElementsAre) {
  const auto pieces = testing::pieces_of(std::make_unique<JsonArraySplitter>(), "[ 1 , {} ,", 100);
  EXPECT_EQ(pieces, (testing::Pieces{{2, 3, "1"}, {6, 8, "{}"}, {10, 11, "?the list is not closed"}}));
}

// A judge that looks at one byte after the other, with a stack of its own.
Texts judged(std::string_view list) {
  Texts found;
  std::size_t depth = 0, begin = 0;
  bool text = false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const char c = list[i];
    if (text && c == '\\') {
      ++i;
    } else if (c == '"') {
      text = !text;
    } else if (!text && (c == '[' || c == '{')) {
      if (depth++ == 0) begin = i + 1;
    } else if (!text && (c == ']' || c == '}' || (c == ',' && depth == 1))) {
      if (c != ',') --depth;
      if (depth == 0 || c == ',') found.emplace_back(list.substr(begin, i - begin));
      if (c == ',') begin = i + 1;
    }
  }
  for (std::string& element : found) {
    element.erase(0, element.find_first_not_of(' '));
    element.erase(element.find_last_not_of(' ') + 1);
  }
  return found;
}

class Writer {
 public:
  explicit Writer(std::uint32_t seed) : random_(seed) {}

  std::string list() {
    std::string out = "[";
    for (std::size_t i = 0, count = 1 + below(6); i < count; ++i)
      out += (i > 0 ? "," : "") + blanks() + value(0) + blanks();
    return out + "]";
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  std::string blanks() { return std::string(below(3), ' '); }

  std::string text() {
    static constexpr const char* kParts[] = {"\\\\", "\\\"", "[", "]", "{", "}", ",", ":", "a", "\xC3\xA4", "\\u005D"};
    std::string out = "\"";
    for (std::size_t i = 0, count = below(40); i < count; ++i) out += kParts[below(std::size(kParts))];
    return out + "\"";
  }
  std::string value(int depth) {
    switch (below(depth < 4 ? 6 : 3)) {
      case 0:
        return "-12.5e7";
      case 1:
        return "null";
      case 2:
        return text();
      default:
        break;
    }
    const bool object = below(2) == 0;
    std::string out = object ? "{" : "[";
    for (std::size_t i = 0, count = below(5); i < count; ++i)
      out += (i > 0 ? "," : "") + blanks() + (object ? text() + ":" : "") + value(depth + 1);
    return out + (object ? "}" : "]");
  }

  std::mt19937 random_;
};

TEST(JsonArraySplitter, AgreesWithAJudgeOnRandomLists) {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    const std::string list = Writer(seed).list();
    EXPECT_EQ(elements(list, Chunker::kSizeMax, 40), judged(list)) << list;
  }
}

// Any bytes: however they are cut, the outcome is the same.
TEST(JsonArraySplitter, AgreesWithItselfOnRandomBytes) {
  std::mt19937 random(7);
  static constexpr std::string_view kBytes = "[]{}\",:\\ 1a";
  for (int i = 0; i < 300; ++i) {
    std::string stream = "[";
    for (std::size_t size = random() % 90; size > 0; --size) stream += kBytes[random() % kBytes.size()];
    elements(stream, Chunker::kSizeMax, 40);
    elements(stream, 10, 20);
  }
}

}  // namespace
}  // namespace batchout::file
