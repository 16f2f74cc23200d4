// Which documents are JSON: every one is accepted or refused as a whole, wanted or not, alone or among others.

#include <gtest/gtest.h>

#include "table.h"

namespace batchout::json::test {
namespace {

// A way to look at documents: the fused walk and the tree, over a value that is wanted and one that is skipped.
struct Way {
  const char* path;
  ExtractorConfig config;
};

std::vector<Way> ways(bool lenient) {
  ExtractorConfig old;
  old.lenient = lenient;
  return {{"$", old},
          {"nowhere", old},
          {"$..nowhere", old},
          {"$[*]", rfc9535(lenient)},
          {"$[?@.nowhere]", rfc9535(lenient)}};
}

std::vector<std::string> codes(const std::string& document, bool lenient) {
  std::vector<std::string> found;
  for (const Way& way : ways(lenient)) {
    Table table;
    table.column(way.path);
    Extraction extraction(table.projection);
    program_of(table.projection, way.config)->run(payloads_of({"[1]", document, "{\"a\": 2}"}), extraction);
    std::string code = extraction.payloads.size() == 3 ? "good" : "";
    for (const Reject& reject : extraction.rejects)
      code += reject.position == 1 ? reject.code : " harmed a neighbour: " + reject.message;
    found.push_back(code);
  }
  return found;
}

void expect(const std::string& document, const std::string& code, bool lenient = false) {
  for (const auto& found : codes(document, lenient)) EXPECT_EQ(found, code) << document.substr(0, 100);
}

TEST(Validity, GoodDocumentsAreAccepted) {
  const std::string cases[] = {
      "[]",
      "{}",
      "[[]   ]",
      "[{}]",
      "[\"\"]",
      "[null]",
      "[true, false]",
      "[1]",
      "[-0]",
      "[-1]",
      "[0]",
      "[0e+1]",
      "[0e1]",
      "[1E22]",
      "[1E-2]",
      "[1E+2]",
      "[123e45]",
      "[123.456e78]",
      "[1e-2]",
      "[1.5]",
      "[-0.1]",
      "[1e400]",
      "[123456789012345678901234567890]",
      "[0.123456789012345678901234567890]",
      "\"\"",
      "\"text\"",
      "1",
      "-1.5e3",
      "true",
      "false",
      "null",
      " [1]  ",
      "\n\t\r[1]\n",
      "[\"\\u0060\\u012a\\u12AB\"]",
      "[\"\\uD801\\udc37\"]",
      "[\"\\u0000\"]",
      "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]",
      "[\"\\\\u0000\"]",
      "[\"a/*b*/c/*d//e\"]",
      "[\"\\uDBFF\\uDFFF\"]",
      "[\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"]",
      "[\"\x7F\"]",
      "[\"\xEF\xBF\xBF\"]",
      "[\"\\uFFFF\"]",
      "{\"a\":\"b\",\"a\":\"c\"}",
      "{\"a\":[]}",
      "{\"\":0}",
      "{\"a\\u0000b\":0}",
      "{\"min\": -1.0e+28, \"max\": 1.0e+28}",
      "{\"a\" : { \"b\" : [ { } , [ ] ] } }",
      "\xEF\xBB\xBF{}",
      "\xEF\xBB\xBF 1",
      "\xEF\xBB\xBF\"a\"",
      "\xEF\xBB\xBF"
      "1",
  };
  for (const auto& document : cases) expect(document, "good");
}

TEST(Validity, MalformedDocumentsAreRefused) {
  const std::string cases[] = {
      "[1 true]",    "[\"\": 1]",  "[\"\"],", "[,1]",    "[1,,2]", "[\"x\"]]",    "[\"\",]", "[\"x\"",
      "[x",          "[3[4]]",     "[1:2]",   "[,]",     "[-]",    "[   , \"\"]", "[1,]",    "[1,,]",
      "[*]",         "[1,\n1\n,1", "[{}",     "[fals]",  "[nul]",  "[tru]",       "[trues]", "[++1]",
      "[+1]",        "[+Inf]",     "[-01]",   "[-1.0.]", "[-2.]",  "[-NaN]",      "[.-1]",   "[.2e-3]",
      "[0.1.2]",     "[0.3e+]",    "[0.3e]",  "[0.e1]",  "[0E+]",  "[0E]",        "[1.0e+]", "[1.0e-]",
      "[1.0e]",      "[1 000.0]",  "[1eE2]",  "[2.e+3]", "[2.e3]", "[9.e+]",      "[Inf]",   "[NaN]",
      "[Infinity]",  "[0x1]",      "[1+2]",   "[012]",   "[00]",   "[1.]",        "[1a]",    "[1\"a\"]",
      "[true\"a\"]", "{\"a\"",     "{\"a\":",
  };
  for (const auto& document : cases) expect(document, "BO401");
}

TEST(Validity, MoreMalformedDocumentsAreRefused) {
  const std::string cases[] = {
      "{\"a\" 1}",
      "{\"a\" \"b\"}",
      "{:\"b\"}",
      "{\"a\":1,}",
      "{\"a\":1,,\"b\":2}",
      "{1:1}",
      "{null:1}",
      "{'a':1}",
      "{a:1}",
      "{\"a\":1 \"b\":2}",
      "{[: \"x\"}",
      "{\"a\":1}}",
      "{\"a\":1}#",
      "{\"a\":1}//",
      "{\"a\":/*c*/1}",
      "{,}",
      "{\"a\",1}",
      "[\"\\uD800\"]",
      "[\"\\uD800\\n\"]",
      "[\"\\uD800\\uD800\"]",
      "[\"\\uDFFF\"]",
      "[\"\\uD800\\u0041\"]",
      "[\"\\u00A\"]",
      "[\"\\u\"]",
      "[\"\\x00\"]",
      "[\"\\a\"]",
      "[\"\\u{41}\"]",
      "[\"\\",
      "[\"\\\"]",
      "{\"\\x\": 1}",
      "{\"\\ud800\": 1}",
      "[\"a\nb\"]",
      "[\"a\tb\"]",
      std::string("[\"a\0b\"]", 7),
      "\"",
      "\"a",
      "'a'",
      "abc",
      "tru",
      "1 2",
      "{} {}",
      "[] 1",
      "\x01",
      "[\x0C]",
      "[\xC2\xA0]",
      "\xEF\xBB\xBF\xEF\xBB\xBF[]",
      "[]\xEF\xBB\xBF",
      "<a/>",
      "]",
      "}",
      ":",
      ",",
      "[\n\x01\n]",
      "{\"a\": \n\x01\n 1}",
      "*",
      "[1]x",
      "\xE2\x81\xA0",
      "{\"a\":tru,\"b\":1}",
      "[[1]",
      "[\"a\" \"b\"]",
  };
  for (const auto& document : cases) expect(document, "BO401");
}

TEST(Validity, LenientDocumentsMayHaveThreeMoreNumbersAndNothingElse) {
  for (const char* document :
       {"NaN", "Infinity", "-Infinity", "[NaN]", "[Infinity, -Infinity]", "{\"a\": NaN}", " NaN ",
        "{\"nowhere\":-Infinity}", "[[], {\"a\": [NaN]}]", "\xEF\xBB\xBF[NaN]", "[1e400]"})
    expect(document, "good", true);
  for (const char* document :
       {"nan",  "inf", "-NaN",       "+NaN",       "+Infinity", "Inf",      "Infinit",       "Infinityx",
        "NaNa", "Na",  "--Infinity", "- Infinity", "[NaN",      "{NaN: 1}", "[NaN,]",        "NaN NaN",
        "NaN1", "01",  "undefined",  "1.",         "['a']",     "[-]",      "{\"a\": -Inf}", "[\"\\ud800\"]"})
    expect(document, "BO401", true);
  expect("", "BO402", true);
  expect("[\"\xFF\", NaN]", "BO406", true);
  Table table;
  table.column("a").column("a[*]", Kind::dynamic, Strategy::take_all).column("a", Kind::json).column("a", Kind::text);
  ExtractorConfig lenient;
  lenient.lenient = true;
  EXPECT_EQ(extracted(table.projection, {"{\"a\": NaN}", "{\"a\": [-Infinity, 1e400]}"}, lenient),
            "payloads 0 1\nlevel 0: 2 []\n"
            "column 0: nanr [-Infinity, 1e400] failed 0\ncolumn 1: - [null,1e400] failed 0\n"
            "column 2: null [-Infinity, 1e400] failed 1\ncolumn 3: 'nan' '[-Infinity, 1e400]' failed 0\n");
}

TEST(Validity, OtherRefusalsHaveTheirOwnCodes) {
  for (const char* document : {"", " ", "\n\n", "\xEF\xBB\xBF", "\xEF\xBB\xBF \n"}) expect(document, "BO402");
  for (const char* document : {"[\"\xE9\"]", "[\"\xC0\x80\"]", "[\"\xED\xA0\x80\"]", "[\"\xF5\x80\x80\x80\"]",
                               "[\"\xE2\x82\"]", "{\"\xFF\": 1}", "\xFE\xFF", "[\"\x81\"]"})
    expect(document, "BO406");
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  expect(nested(128), "good");
  expect(nested(129), "BO405");
  expect(nested(100'000), "BO405");
  expect(std::string(100'000, '['), "BO405");
  std::string objects;
  for (int i = 0; i < 200; ++i) objects += "{\"a\":";
  expect(objects, "BO405");
  expect("[" + std::string(4096, '1') + "]", "good");
  expect("[" + std::string(4097, '1') + "]", "BO407");
  expect("[0." + std::string(4095, '1') + "]", "BO407");
  expect("[\"" + std::string(4 << 20, 'x') + "\"]", "good");
  expect("[\"" + std::string((4 << 20) + 1, 'x') + "\"]", "BO407");
  expect("{\"" + std::string((4 << 20) + 1, 'x') + "\": 1}", "BO407");
}

TEST(Validity, MessagesTellReasonAndByte) {
  Table table;
  table.column("a");
  Extraction extraction(table.projection);
  Payloads payloads =
      payloads_of({"{\"a\": 01}", "{\"a\": \"x\ny\"}", "{\"a\": \"x", "\xEF\xBB\xBF[1,]", "[\"\xFF\"]", "[1] 2"});
  payloads.append("", UnitId{7}, 100, 101, Payloads::State::missing);
  payloads.append("{\"a\": \"beginning of", UnitId{7}, 101, 102, Payloads::State::too_large);
  payloads.append("{\"a\": 1}", UnitId{7}, 102, 103);
  program_of(table.projection)->run(payloads, extraction);
  std::vector<std::string> lines;
  for (const Reject& reject : extraction.rejects) lines.push_back(reject.code + " " + reject.message);
  EXPECT_EQ(lines, (std::vector<std::string>{
                       "BO401 a number is malformed, at byte 6", "BO401 a text has a control character, at byte 8",
                       "BO401 a text is not closed, at byte 6", "BO401 this is no JSON value, at byte 6",
                       "BO406 the payload is not UTF-8, at byte 2",
                       "BO401 something follows the end of the document, at byte 4",
                       "BO403 the source has no value here", "BO404 the payload is larger than the limit"}));
  EXPECT_EQ(extraction.rejects[6].unit, UnitId{7});
  EXPECT_EQ(extraction.rejects[6].position, 100);
  EXPECT_EQ(extraction.rejects[7].excerpt, "{\"a\": \"beginning of");
  EXPECT_EQ(extraction.values->positions, std::vector<std::int64_t>{102});
  EXPECT_EQ(printed(extraction.values->columns[0].cell(0)), "1");
}

}  // namespace
}  // namespace batchout::json::test
