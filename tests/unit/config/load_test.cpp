// Texts into nodes: places, merge keys, aliases, JSON, and everything that is refused.

#include "config/load.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace batchout {
namespace {

struct Loaded {
  std::optional<Node> root;
  Problems problems;

  const Node& at(std::string_view key) const { return *root->find(key); }
};

Loaded load(std::string_view text, const std::string& file = "batch.yml") {
  Loaded loaded;
  loaded.root = load_text(text, file, loaded.problems);
  return loaded;
}

// The only problem of a text that must not load.
std::string refusal(std::string_view text, const std::string& file = "batch.yml") {
  const Loaded loaded = load(text, file);
  EXPECT_FALSE(loaded.root);
  return loaded.problems.size() == 1 ? loaded.problems.front().text()
                                     : std::to_string(loaded.problems.size()) + " problems";
}

std::string place(Node::Mark mark) {
  return std::to_string(mark.line) + ":" + std::to_string(mark.column);
}

std::string keys(const Node& node) {
  std::string text;
  for (const Node::Entry& entry : node.entries()) text += entry.key + " ";
  return text;
}

TEST(Load, KeysAndValuesKnowTheirPlacesInCharacters) {
  const Loaded loaded = load("inputs:\n  kafka: {tópico: \"x\", limit: 7}\n  other:\n    - a\n    - 'b'\n");
  ASSERT_TRUE(loaded.root);
  const Node& kafka = *loaded.at("inputs").find("kafka");
  EXPECT_EQ(place(loaded.at("inputs").entries()[0].mark), "2:3");
  EXPECT_EQ(place(kafka.mark()), "2:10");
  EXPECT_EQ(place(kafka.entries()[1].mark), "2:24");
  EXPECT_EQ(place(kafka.find("limit")->mark()), "2:31");
  EXPECT_EQ(place(loaded.at("inputs").find("other")->items()[1].mark()), "5:7");
}

TEST(Load, QuotedScalarsAndBlocksAreText) {
  const Loaded loaded = load("a: \"yes\"\nb: '010'\nc: |\n  12\n\nd: y\ne: 2019-11-01\non: 1\n");
  EXPECT_EQ(loaded.at("a").text(), "yes");
  EXPECT_EQ(loaded.at("b").text(), "010");
  EXPECT_EQ(loaded.at("c").text(), "12\n");
  EXPECT_EQ(loaded.at("d").text(), "y");
  EXPECT_EQ(loaded.at("e").text(), "2019-11-01");
  EXPECT_EQ(loaded.at("on").integer(), 1);
}

TEST(Load, CoreTagsDecideTypesAndOthersAreRefused) {
  const Loaded loaded = load("a: !!str 12\nb: !!int '12'\nc: !!float 3\nd: !!map {}\ne: ! 5\n");
  EXPECT_EQ(loaded.at("a").text(), "12");
  EXPECT_EQ(loaded.at("b").integer(), 12);
  EXPECT_EQ(loaded.at("c").real(), 3);
  EXPECT_EQ(refusal("a: !!int x\n"), "batch.yml:1:4: a: the value does not fit its tag !!int [BO105]");
  EXPECT_EQ(refusal("a: !!python/object/apply:os.system ['id']\n"),
            "batch.yml:1:4: a: unknown tag: \"tag:yaml.org,2002:python/object/apply:os.system\"; only !!str, !!int, "
            "!!float, !!bool, !!null, !!seq and !!map are known [BO105]");
  EXPECT_NE(refusal("a: !!set {x}\n"), "");
}

TEST(Load, MergedKeysComeFirstAndLoseAgainstOwnOnes) {
  const Loaded loaded = load(
      "base: &base {x: 1, y: 2}\none:\n  y: 3\n  <<: *base\n  z: 4\ntwo:\n  <<: [{x: 9}, *base]\nthree: {\"<<\": 1}\n");
  EXPECT_EQ(keys(loaded.at("one")), "x y z ");
  EXPECT_EQ(loaded.at("one").find("y")->integer(), 3);
  EXPECT_EQ(loaded.at("two").find("x")->integer(), 9);
  EXPECT_EQ(keys(loaded.at("three")), "<< ");
  EXPECT_EQ(refusal("a: {<<: 1}\n"), "batch.yml:1:9: a.<<: << needs a mapping or a list of mappings [BO101]");
  EXPECT_TRUE(loaded.problems.empty());
}

TEST(Load, OfEqualKeysTheLastOneWinsWithAWarning) {
  Loaded loaded = load("a: {x: 1, y: 2, x: 3}\n");
  ASSERT_TRUE(loaded.root);
  EXPECT_EQ(keys(loaded.at("a")), "x y ");
  EXPECT_EQ(loaded.at("a").find("x")->integer(), 3);
  ASSERT_EQ(loaded.problems.size(), 1);
  EXPECT_FALSE(has_errors(loaded.problems));
  refuse_duplicates(loaded.problems);
  EXPECT_EQ(
      loaded.problems[0].text(),
      "batch.yml:1:17: a.x: the key is given twice, first in line 1; the last one counts; remove one of them [BO104]");
}

TEST(Load, AliasesAreCopiesAtTheirOwnPlace) {
  const Loaded loaded = load("a: &a [1, 2]\nb: *a\n&k c: 5\n*k : 6\n");
  EXPECT_EQ(loaded.at("b").items().size(), 2);
  EXPECT_EQ(place(loaded.at("b").mark()), "2:4");
  EXPECT_EQ(refusal("a: *b\n"), "batch.yml:1:4: a: alias without an anchor before it: \"b\" [BO101]");
  EXPECT_EQ(refusal("a: &a [1, *a]\n"),
            "batch.yml:1:11: a[1]: an alias stands inside of what it stands for: \"a\" [BO102]");
}

TEST(Load, AliasBombsAreRefusedBeforeTheyGrow) {
  std::string values = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 20; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    values += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int j = 0; j < 9; ++j) values += ", " + before;
    values += "]\n";
  }
  EXPECT_NE(refusal(values).find("too many values: limit 50000"), std::string::npos);

  std::string texts = "a: &a " + std::string(500'000, 'x') + "\nb: [*a";
  for (int i = 0; i < 1'000; ++i) texts += ", *a";
  EXPECT_NE(refusal(texts + "]\n").find("too much text"), std::string::npos);
}

TEST(Load, DepthIsLimitedAlsoThroughAliases) {
  EXPECT_TRUE(load("a: " + std::string(63, '[') + std::string(63, ']')).root);
  EXPECT_NE(refusal("a: " + std::string(64, '[') + std::string(64, ']')).find("nested too deeply: limit 64"),
            std::string::npos);
  EXPECT_NE(refusal(std::string(100'000, '[')).find("nested too deeply"), std::string::npos);
  EXPECT_NE(refusal("{\"a\": " + std::string(100'000, '[')).find("nested too deeply"), std::string::npos);
  const std::string half = std::string(40, '[') + "1" + std::string(40, ']');
  const std::string through = "a: &a " + half + "\nb: " + std::string(40, '[') + "*a" + std::string(40, ']');
  EXPECT_NE(refusal(through).find("nested too deeply"), std::string::npos);
}

TEST(Load, WhatIsNoConfigurationIsRefusedWithItsPlace) {
  EXPECT_EQ(refusal(""),
            "batch.yml:1:1: the configuration is empty; begin with sections like inputs: and outputs: [BO106]");
  EXPECT_EQ(refusal("- a\n"),
            "batch.yml:1:1: the configuration is not a mapping; begin with sections like inputs: and outputs: [BO106]");
  EXPECT_EQ(refusal("a: 1\n---\nb: 2\n"),
            "batch.yml:2:1: the configuration has several documents; remove what begins with --- [BO101]");
  EXPECT_EQ(refusal("a: é\xFF\n"), "batch.yml:1:5: the configuration is not UTF-8; save it as UTF-8 [BO103]");
  EXPECT_EQ(refusal(std::string("a: \0", 4)), "batch.yml:1:4: the configuration contains a NUL byte [BO103]");
  EXPECT_EQ(refusal("a: x\nb: \x01\n"),
            "batch.yml:2:4: the configuration contains a control character; write it as an escape inside double quotes "
            "[BO103]");
  EXPECT_EQ(refusal("a: b\n\tc: d\n"),
            "batch.yml:2:1: a: not valid YAML: while scanning a plain scalar, found a tab character that violates "
            "indentation; indent with spaces, not tabs [BO101]");
  EXPECT_EQ(refusal("é: b: c\n"),
            "batch.yml:1:5: not valid YAML: mapping values are not allowed in this context; check the indentation, or "
            "quote a text with a colon [BO101]");
  EXPECT_EQ(refusal("[a]: 1\n"), "batch.yml:1:1: a key is a list or a mapping; write the key as text [BO101]");
  EXPECT_NE(refusal(std::string((1 << 20) + 1, ' ')).find("too large: limit 1048576 bytes"), std::string::npos);
}

TEST(Load, JsonHasItsOwnEscapesNumbersAndBlanks) {
  const Loaded loaded = load(
      "{\t\"a\":\t\"\\ud83d\\ude00\\u00e9\\n\\/\",\n\t\"b\": [1e5, -0.5, true, null, 12345678901234567890, "
      "\"1\"],\n\"on\": {}}");
  ASSERT_TRUE(loaded.root);
  EXPECT_EQ(loaded.at("a").text(), "😀é\n/");
  EXPECT_EQ(loaded.at("b").items()[0].real(), 1e5);
  EXPECT_EQ(loaded.at("b").items()[4].written(), "12345678901234567890");
  EXPECT_TRUE(loaded.at("b").items()[5].is_text());
  EXPECT_EQ(place(loaded.root->entries()[1].mark), "2:2");
  EXPECT_EQ(place(loaded.at("b").items()[1].mark()), "2:13");
  EXPECT_TRUE(loaded.at("on").is_mapping());
}

TEST(Load, BrokenJsonIsRefusedWithItsPlace) {
  EXPECT_EQ(refusal("{\"a\": 1\n \"b\": 2}"),
            "batch.yml:2:2: not valid JSON: expected a comma or a closing brace [BO101]");
  EXPECT_EQ(refusal("{\"a\": \"\\ud83d\"}"),
            "batch.yml:1:14: a: not valid JSON: half of a surrogate pair in a text [BO101]");
  EXPECT_EQ(refusal("{\"a\": \"\\ude00x\"}"),
            "batch.yml:1:14: a: not valid JSON: half of a surrogate pair in a text [BO101]");
  EXPECT_EQ(refusal("{\"a\": \"x"), "batch.yml:1:9: a: not valid JSON: a text is not closed [BO101]");
  EXPECT_EQ(refusal("{} {}", "batch.json"),
            "batch.json:1:4: not valid JSON: something follows the end of the document [BO101]");
  Loaded twice = load("{\"a\": 1, \"a\": 2}");
  EXPECT_EQ(twice.at("a").integer(), 2);
  EXPECT_EQ(twice.problems.size(), 1);
}

TEST(Load, BracesThatAreNotJsonAreYaml) {
  EXPECT_EQ(load("{a: yes, b: [1:30]}").at("b").items()[0].integer(), 90);
  EXPECT_EQ(load("{\"a\": 1,} # a comment").at("a").integer(), 1);
  EXPECT_EQ(load("\xEF\xBB\xBF{\"a\": 1}").at("a").integer(), 1);
}

TEST(Load, AFileNamedJsonIsJsonAndNothingElse) {
  EXPECT_EQ(refusal("{\"a\": 1,}", "batch.json"),
            "batch.json:1:9: not valid JSON: expected a key in double quotes [BO101]");
  EXPECT_EQ(refusal("a: 1", "batch.json"),
            "batch.json:1:1: not valid JSON: unknown word, expected a value; texts need double quotes [BO101]");
}

TEST(Load, AFileThatCannotBeReadIsAProblem) {
  Problems problems;
  EXPECT_FALSE(load_file("does/not/exist.yml", problems));
  EXPECT_FALSE(load_file("/", problems));
  ASSERT_EQ(problems.size(), 2);
  EXPECT_EQ(problems[0].text(),
            "does/not/exist.yml: the configuration cannot be read: No such file or directory [BO107]");
}

TEST(Load, AFileIsNamedInItsProblems) {
  const auto file = std::filesystem::temp_directory_path() / "batchout_load_test.yml";
  std::ofstream(file) << "a: 1\na: 2\n";
  Problems problems;
  std::string hash;
  EXPECT_TRUE(load_file(file, problems, &hash));
  std::filesystem::remove(file);
  ASSERT_EQ(problems.size(), 1);
  EXPECT_EQ(problems[0].file, file.string());
  EXPECT_EQ(hash, "db2e99c8225d56560ecdf70a39e6d1e7623b17e52679454c71914b7341d31045");
}

}  // namespace
}  // namespace batchout
