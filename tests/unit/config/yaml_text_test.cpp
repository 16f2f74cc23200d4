// What is written is read back: values and their types, whatever characters they have.

#include "config/yaml_text.h"

#include <gtest/gtest.h>

#include "config/load.h"

namespace batchout {
namespace {

bool equal(const Node& a, const Node& b) {
  if (a.type() != b.type() || a.items().size() != b.items().size() || a.entries().size() != b.entries().size())
    return false;
  for (std::size_t i = 0; i < a.items().size(); ++i)
    if (!equal(a.items()[i], b.items()[i])) return false;
  for (std::size_t i = 0; i < a.entries().size(); ++i)
    if (a.entries()[i].key != b.entries()[i].key || !equal(a.entries()[i].value, b.entries()[i].value)) return false;
  return a.boolean() == b.boolean() && a.integer() == b.integer() && a.real() == b.real() && a.text() == b.text();
}

const std::vector<std::string> kTexts = {"",
                                         " ",
                                         "a",
                                         " a",
                                         "a ",
                                         "a: b",
                                         "a:",
                                         ":a",
                                         "a #b",
                                         "#a",
                                         "- a",
                                         "-",
                                         "?",
                                         "yes",
                                         "No",
                                         "null",
                                         "~",
                                         "010",
                                         "1:30",
                                         "1_000",
                                         "1e5",
                                         "1.0e+5",
                                         ".5",
                                         "0x10",
                                         "2019-11-01",
                                         "<<",
                                         "=",
                                         "a,b",
                                         "[a]",
                                         "{a}",
                                         "items[{i}].x",
                                         "it's",
                                         "\"q\"",
                                         "a\nb",
                                         "a\nb\n",
                                         "a\n\nb\n",
                                         "\na",
                                         " a\nb",
                                         "a \nb",
                                         "a\n\n",
                                         "\n",
                                         "tab\there",
                                         "\ttab",
                                         "bell\x07",
                                         "nel\xC2\x85x",
                                         "sep\xE2\x80\xA8x",
                                         "grüße",
                                         "日本",
                                         "'",
                                         "''",
                                         "%a",
                                         "@a",
                                         "`a",
                                         "*a",
                                         "&a",
                                         "!a",
                                         "|",
                                         ">",
                                         "---",
                                         "...",
                                         "$.a['b c'][0]",
                                         "select a,\n  b\nfrom t\n",
                                         "a\\b",
                                         "${X}",
                                         "-1",
                                         "+1",
                                         ".inf",
                                         ".nan",
                                         std::string(300, 'x'),
                                         "a: " + std::string(200, 'y')};

TEST(YamlText, TextsComeBackAsTheyAre) {
  Node texts = Node::mapping();
  Node list = Node::list();
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    texts.set("k" + std::to_string(i), Node(kTexts[i]));
    list.push(Node(kTexts[i]));
    Problems problems;
    const Node one =
        Node::mapping({{"section", Node::mapping({{"name", Node::list({Node(kTexts[i]), Node(kTexts[i])})}})}});
    const auto read = load_text(yaml_text(one), "", problems);
    ASSERT_TRUE(read) << yaml_text(one);
    EXPECT_TRUE(equal(one, *read)) << yaml_text(one);
  }
  const Node all = Node::mapping({{"long", texts}, {"nested", Node::mapping({{"x", list}, {"y", texts}})}});
  Problems problems;
  const auto read = load_text(yaml_text(all), "", problems);
  ASSERT_TRUE(read) << problems.front().text() << yaml_text(all);
  EXPECT_TRUE(equal(all, *read)) << yaml_text(all);
}

TEST(YamlText, KeysComeBackAsTheyAre) {
  Node keys = Node::mapping();
  for (const std::string& text : kTexts)
    if (!text.contains('\n') && text.size() < 200) keys.set(text, Node(1));
  const Node root =
      Node::mapping({{"section", keys}, {"flow", Node::mapping({{"a", Node::mapping({{"b c,", keys}})}})}});
  Problems problems;
  const auto read = load_text(yaml_text(root), "", problems);
  ASSERT_TRUE(read) << problems.front().text() << yaml_text(root);
  EXPECT_TRUE(equal(root, *read)) << yaml_text(root);
}

TEST(YamlText, OtherScalarsKeepTheirTypes) {
  Node values =
      Node::list({Node(), Node(true), Node(false), Node(0), Node(-7), Node(std::int64_t{9'007'199'254'740'993}),
                  Node(0.5), Node(1e5), Node(1e16), Node(1e-7), Node(-2.5e300), Node(3.0)});
  const Node root =
      Node::mapping({{"section", Node::mapping({{"a", values}, {"b", Node::list()}, {"c", Node::mapping()}})}});
  Problems problems;
  const auto read = load_text(yaml_text(root), "", problems);
  ASSERT_TRUE(read) << yaml_text(root);
  EXPECT_TRUE(equal(root, *read)) << yaml_text(root);
}

TEST(YamlText, ComponentsStandOnALineIfTheyFit) {
  const Node root =
      Node::mapping({{"batchout", Node(1)},
                     {"columns", Node::mapping({{"id", "user.id"}, {"at", Node::list({"items[{i}].at", "datetime"})}})},
                     {"outputs", Node::mapping({{"out", Node::mapping({{"type", "jsonl"}, {"path", "-"}})}})},
                     {"pipeline", Node::mapping({{"keep_empty", Node(true)}})}});
  EXPECT_EQ(yaml_text(root),
            "batchout: 1\n"
            "columns:\n"
            "  id: user.id\n"
            "  at: ['items[{i}].at', datetime]\n"
            "outputs:\n"
            "  out: {type: jsonl, path: '-'}\n"
            "pipeline: {keep_empty: true}\n");
}

}  // namespace
}  // namespace batchout
