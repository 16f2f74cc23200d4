// Every processor but `replace`, value by value. Results are shown as JSON, failed values as "failed: " and the
// excerpt.

#include "../harness.h"

namespace batchout {

void add_text(Registry&);

namespace {

using namespace testing;
using Settings = std::vector<std::pair<std::string, Node>>;

class Processors : public ::testing::Test {
 protected:
  Processors() { add_text(registry_); }

  /// Makes `processor_`, or gives the problems of its settings.
  std::string make(std::string_view type, Settings settings) {
    Problems problems;
    auto maker = decoded(registry_.types().processors, type, Node::mapping(std::move(settings)), problems);
    processor_ = maker ? std::move(*(*maker)(Context{})) : nullptr;
    return text_of(problems);
  }

  std::string apply(const Cell& cell) {
    Column in, out;
    in.append(cell);
    processor_->apply(in, out);
    EXPECT_EQ(out.size(), 1u);
    if (out.failed(0)) return "failed: " + std::string(out.excerpt(0));
    if (out.tag(0) == Tag::absent) return "absent";
    const Tags possible = processor_->gives(tags_of(cell.tag));
    EXPECT_TRUE(out.tag(0) == Tag::null || (possible & tags_of(out.tag(0))) != 0);
    std::string shown;
    append_json(out.cell(0), nullptr, shown);
    return shown;
  }
  std::string apply(std::string_view value) { return apply(text(value)); }

  void expect_empty_cells_to_stay() {
    EXPECT_EQ(apply(null()), "null");
    EXPECT_EQ(apply(Cell{}), "absent");
  }

  Registry registry_;
  std::unique_ptr<Processor> processor_;
};

TEST_F(Processors, StripTakesWhiteSpaceOfAllScriptsOff) {
  make("strip", {});
  EXPECT_EQ(apply(" \t\n a b\u2003\u00a0"), "\"a b\"");
  EXPECT_EQ(apply(" \u3000 "), "\"\"");
  EXPECT_EQ(apply(""), "\"\"");
  EXPECT_EQ(apply("\u00e9"), "\"\u00e9\"");
  EXPECT_EQ(apply(" \xA9 \x80 "), "\"\xA9 \x80\"");
  EXPECT_EQ(apply(real(1.5)), "\"1.5\"");
  expect_empty_cells_to_stay();
}

TEST_F(Processors, StripTakesNamedCharactersOffEitherEnd) {
  make("strip", {{"characters", "-\u20ac"}, {"side", "left"}});
  EXPECT_EQ(apply("-\u20ac- 5 -"), "\" 5 -\"");
  make("strip", {{"characters", "-\u20ac"}, {"side", "right"}});
  EXPECT_EQ(apply("-5\u20ac-\u20ac"), "\"-5\"");
  make("strip", {{"characters", "-\u20ac"}});
  EXPECT_EQ(apply("-\u20ac-"), "\"\"");
  EXPECT_NE(make("strip", {{"side", "top"}}).find("side"), std::string::npos);
}

TEST_F(Processors, LowerAndUpperKnowAllScripts) {
  make("lower", {});
  EXPECT_EQ(apply("ABC-\u00c4\u0416\u03a3\U00010400"), "\"abc-\u00e4\u0436\u03c3\U00010428\"");
  EXPECT_EQ(apply(boolean(true)), "\"true\"");
  EXPECT_EQ(apply("A\xC3"), "\"a\xC3\"");
  expect_empty_cells_to_stay();
  make("upper", {});
  EXPECT_EQ(apply("abc-\u00e4\u0436\u03c2\u0131"), "\"ABC-\u00c4\u0416\u03a3I\"");
  EXPECT_EQ(apply(real(1e-5)), "\"1E-05\"");
}

TEST_F(Processors, TruncateCountsCharacters) {
  make("truncate", {{"length", 3}});
  EXPECT_EQ(apply("\u00e4\u20ac\U0001F600x"), "\"\u00e4\u20ac\U0001F600\"");
  EXPECT_EQ(apply("abc"), "\"abc\"");
  EXPECT_EQ(apply(integer(12345)), "\"123\"");
  expect_empty_cells_to_stay();
  make("truncate", {{"length", 0}});
  EXPECT_EQ(apply("abc"), "\"\"");
  EXPECT_NE(make("truncate", {{"length", -1}}).find("length"), std::string::npos);
}

TEST_F(Processors, SplitGivesAListOrOneItem) {
  make("split", {{"separator", ", "}});
  EXPECT_EQ(apply("a, b\"c,d, "), R"(["a", "b\"c,d", ""])");
  EXPECT_EQ(apply(""), R"([""])");
  expect_empty_cells_to_stay();
  make("split", {{"separator", "-"}, {"index", 1}});
  EXPECT_EQ(apply("a-b-c"), "\"b\"");
  EXPECT_EQ(apply("a-"), "\"\"");
  EXPECT_EQ(apply("a"), "null");
  make("split", {{"separator", "-"}, {"index", -1}});
  EXPECT_EQ(apply("a-b-c"), "\"c\"");
  EXPECT_EQ(apply("abc"), "\"abc\"");
  make("split", {{"separator", "-"}, {"index", -2}});
  EXPECT_EQ(apply("abc"), "null");
  EXPECT_NE(make("split", {{"separator", ""}}).find("separator"), std::string::npos);
}

TEST_F(Processors, MapReplacesWholeValues) {
  const Node table = Node::mapping({{"on", true}, {"1", "one"}, {"true", 2}, {"none", Node()}, {"1.5", 0.5}});
  make("map", {{"values", table}});
  EXPECT_EQ(apply("on"), "true");
  EXPECT_EQ(apply("1"), "\"one\"");
  EXPECT_EQ(apply(integer(1)), "\"one\"");
  EXPECT_EQ(apply(boolean(true)), "2");
  EXPECT_EQ(apply(real(1.5)), "0.5");
  EXPECT_EQ(apply("none"), "null");
  EXPECT_EQ(apply("On"), "\"On\"");
  EXPECT_EQ(apply(integer(7)), "7");
  expect_empty_cells_to_stay();
  make("map", {{"values", table}, {"default", "other"}});
  EXPECT_EQ(apply(integer(7)), "\"other\"");
  expect_empty_cells_to_stay();
  make("map", {{"values", table}, {"default", Node()}});
  EXPECT_EQ(apply(integer(7)), "null");
  EXPECT_NE(make("map", {{"values", Node::mapping({{"a", Node::list()}})}}).find("expected"), std::string::npos);
}

TEST_F(Processors, DefaultFillsOnlyEmptyCells) {
  make("default", {{"value", 5}});
  EXPECT_EQ(apply(null()), "5");
  EXPECT_EQ(apply(Cell{}), "5");
  EXPECT_EQ(apply(""), "\"\"");
  EXPECT_EQ(apply(boolean(false)), "false");
  EXPECT_NE(make("default", {{"value", Node()}}).find("value"), std::string::npos);
}

TEST_F(Processors, RegexReplaceRepeatsGroups) {
  make("regex_replace",
       {{"pattern", "(\\w+)@(?P<host>[a-z.]+)"}, {"replacement", "\\g<host>:\\1\\\\"}, {"ignore_case", true}});
  EXPECT_EQ(apply("Ann@x.org, bob@Y.net!"), R"("x.org:Ann\\, Y.net:bob\\!")");
  EXPECT_EQ(apply("none"), "\"none\"");
  EXPECT_EQ(apply("\xFF"), "failed: \xFF");
  expect_empty_cells_to_stay();
  make("regex_replace", {{"pattern", "x*"}, {"replacement", "-"}});
  EXPECT_EQ(apply("abxd"), "\"-a-b--d-\"");
  make("regex_replace", {{"pattern", "[0-9]"}, {"replacement", "#"}, {"count", 2}});
  EXPECT_EQ(apply(integer(1234)), "\"##34\"");
  make("regex_replace", {{"pattern", "(a+)+$"}, {"replacement", ""}});
  EXPECT_EQ(apply(std::string(5000, 'a') + "b").substr(0, 10), "failed: aa");
  EXPECT_NE(make("regex_replace", {{"pattern", "("}, {"replacement", ""}}).find("pattern"), std::string::npos);
  for (const char* bad : {"\\1", "\\g<x>", "\\g<x", "\\d", "\\"})
    EXPECT_NE(make("regex_replace", {{"pattern", "a"}, {"replacement", bad}}).find("replacement"), std::string::npos);
}

// Digests come from Python's hashlib.
TEST_F(Processors, HashIsSha256InHexadecimalDigits) {
  make("hash", {});
  EXPECT_EQ(apply(""), "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"");
  EXPECT_EQ(apply("abc"), "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"");
  EXPECT_EQ(apply(integer(1)), "\"6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b\"");
  EXPECT_EQ(apply(text("{\"a\": 1}", Tag::json)), "failed: {\"a\": 1}");
  expect_empty_cells_to_stay();
  EXPECT_EQ(processor_->gives(tags_of(Tag::json)), 0);
}

TEST_F(Processors, ParseJsonGivesTypedValues) {
  make("parse_json", {});
  EXPECT_EQ(apply(" {\"a\": [1, null]} \n"), "{\"a\": [1, null]}");
  EXPECT_EQ(apply("12"), "12");
  EXPECT_EQ(apply("-1.50"), "-1.5");
  EXPECT_EQ(apply("9223372036854775808"), "9223372036854775808");
  EXPECT_EQ(apply("false"), "false");
  EXPECT_EQ(apply("null"), "null");
  EXPECT_EQ(apply(R"("a\u00e9\n")"), "\"a\u00e9\\n\"");
  EXPECT_EQ(apply(integer(7)), "7");
  EXPECT_EQ(apply(text("[1]", Tag::json)), "[1]");
  expect_empty_cells_to_stay();
  for (const char* bad : {"", "abc", "{'a': 1}", "[1,]", "01", "NaN", R"("\ud800")"})
    EXPECT_EQ(apply(bad), std::string("failed: ") + bad);
  EXPECT_EQ(apply(std::string(1000, '[')), "failed: " + std::string(256, '['));
}

}  // namespace
}  // namespace batchout
