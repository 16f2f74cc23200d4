// Which paths both languages read alike, and how settings are fitted.

#include "plan/converted_components.h"

#include <gtest/gtest.h>

namespace batchout {
namespace {

bool alike(std::string_view path) {
  const auto pieces = parse_template(path);
  return pieces && same_in_both_languages(*pieces, {"i", "j"});
}

TEST(ConvertedPath, SimplePathsAreAlike) {
  for (const char* path : {"a", "$", "$.a", "a.b_c.D1", "a[0]", "$.a[12].b", "a[{i}].b[{j}]", "$[{i}]", "$[0]"})
    EXPECT_TRUE(alike(path)) << path;
}

TEST(ConvertedPath, AnythingElseIsNot) {
  for (const char* path : {"",
                           "a-b",
                           "1a",
                           "a..b",
                           "*",
                           "a.*",
                           "a[*]",
                           "a[1:2]",
                           "a[-1]",
                           "a[01]",
                           "a['b']",
                           "a,b",
                           "a|b",
                           "a.`parent`",
                           "[0]",
                           "a.",
                           ".a",
                           "a[{k}]",
                           "a.{i}",
                           "a[{i:02d}]",
                           "a where b",
                           "$a",
                           "a.$.b",
                           "a b",
                           "a[1234567890]",
                           "a[]",
                           "gr\u00fc\u00dfe"})
    EXPECT_FALSE(alike(path)) << path;
}

struct Settings {
  std::string text, secret;
  std::int64_t number = 5;
  bool flag = false;
  Duration time{std::chrono::seconds(1)};
  std::vector<std::string> list;

  static void describe(Spec<Settings>& s) {
    s.named("input", "any", "Any.")
        .field("text", &Settings::text, "A text.")
        .also("words")
        .field("secret", &Settings::secret, "A text.")
        .secret()
        .field("number", &Settings::number, "A number.")
        .field("flag", &Settings::flag, "A truth value.")
        .field("time", &Settings::time, "A time.")
        .field("list", &Settings::list, "Texts.");
  }
};

TEST(ConvertedSettings, AreOfTheKindThatAStrictReadingWants) {
  std::vector<std::string> left_out;
  const Node out = strict_settings(Node::mapping({{"type", "any"},
                                                  {"words", Node(true)},
                                                  {"number", "7"},
                                                  {"flag", "yes"},
                                                  {"time", "30"},
                                                  {"list", Node::list({Node(false), Node("x")})},
                                                  {"other", Node(1)}}),
                                   spec_of<Settings>(), "inputs.a", left_out);
  EXPECT_EQ(out.find("words")->text(), "true");
  EXPECT_EQ(out.find("number")->integer(), 7);
  EXPECT_TRUE(out.find("flag")->boolean());
  EXPECT_EQ(out.find("time")->integer(), 30);
  EXPECT_EQ(out.find("list")->items()[0].text(), "false");
  EXPECT_EQ(out.find("other"), nullptr);
  EXPECT_EQ(left_out, std::vector<std::string>{"inputs.a.other"});
}

TEST(ConvertedSettings, LeaveDefaultsOutUnlessAVariableMayReplaceThem) {
  std::vector<std::string> left_out;
  const Node given = Node::mapping({{"type", "any"}, {"number", "5"}, {"flag", Node(false)}});
  EXPECT_EQ(strict_settings(given, spec_of<Settings>(), "inputs.a", left_out).entries().size(), 1U);
  Node variable = given;
  variable.set("from_env", Node::mapping({{"number", "N"}}));
  const Node out = strict_settings(variable, spec_of<Settings>(), "inputs.a", left_out);
  EXPECT_EQ(out.find("number")->integer(), 5);
  EXPECT_EQ(out.entries().size(), 3U);
}

TEST(ConvertedSettings, WriteOutWhatWouldBeReadAsAVariable) {
  const Node out = without_interpolation(Node::list({Node("${A}"), Node("$${A}"), Node("$A $$"), Node(5)}));
  EXPECT_EQ(out.items()[0].text(), "$${A}");
  EXPECT_EQ(out.items()[1].text(), "$$${A}");
  EXPECT_EQ(out.items()[2].text(), "$A $$");
  EXPECT_EQ(out.items()[3].integer(), 5);
}

}  // namespace
}  // namespace batchout
