// Section defaults and from_env.

#include "config/environment.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "config/load.h"

namespace batchout {
namespace {

struct Config {
  std::string user = "nobody";
  std::int64_t port = 0;

  static void describe(Spec<Config>& s) {
    s.named("output", "sample", "A sample.")
        .field("user", &Config::user, "Role.")
        .also("role")
        .field("port", &Config::port, "Port.");
  }
};

struct Required {
  std::string table;

  static void describe(Spec<Required>& s) {
    s.named("output", "strict", "A sample.").field("table", &Required::table, "Table.").required();
  }
};

Environment environment(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

struct Resolved {
  Node node;
  Problems problems;

  Decoding decoding() { return {"outputs.db", "batch.yml", true, &problems, {}}; }
  std::string text() const {
    std::string out;
    for (const Problem& problem : problems) out += problem.text() + "\n";
    return out;
  }
};

Resolved resolved(std::string_view text, const Environment& variables) {
  Resolved out;
  out.node = *load_text(text, "batch.yml", out.problems);
  resolve_environment(out.node, variables, out.decoding());
  return out;
}

TEST(FromEnv, AVariableThatIsSetWinsOverTheFile) {
  auto out = resolved("user: me\nfrom_env: {user: DB_USER, port: DB_PORT}\n",
                      environment({{"DB_USER", "you"}, {"DB_PORT", "5433"}}));
  const auto config = decode<Config>(out.node, out.decoding());
  ASSERT_TRUE(config) << out.text();
  EXPECT_EQ(config->user, "you");
  EXPECT_EQ(config->port, 5433);
  EXPECT_TRUE(out.node.find("user")->from_environment());
}

TEST(FromEnv, AVariableSetToNothingIsSet) {
  auto out = resolved("user: me\nfrom_env: {user: DB_USER}\n", environment({{"DB_USER", ""}}));
  EXPECT_EQ(out.node.find("user")->text(), "");
  EXPECT_TRUE(out.problems.empty());
}

TEST(FromEnv, AnUnsetVariableKeepsTheValueOfTheFile) {
  const auto out = resolved("user: me\nfrom_env: {user: DB_USER}\n", environment({}));
  EXPECT_EQ(out.node.find("user")->text(), "me");
  EXPECT_TRUE(out.problems.empty());
}

TEST(FromEnv, AnUnsetVariableWithoutAValueIsAProblem) {
  const auto missing = resolved("a: 1\nfrom_env:\n  user: DB_USER\n", environment({}));
  EXPECT_EQ(missing.text(),
            "batch.yml:3:9: outputs.db.user: the environment variable \"DB_USER\" is not set; set it, or give the "
            "setting a value "
            "in the file [BO207]\n");
  for (const char* empty : {"", "~", "\"\"", "0", "0.0", "false", "[]", "{}"})
    EXPECT_EQ(resolved(std::string("user: ") + empty + "\nfrom_env: {user: X}\n", environment({})).problems.size(), 1)
        << empty;
}

TEST(FromEnv, AMissingVariableIsNotReportedAsAMissingSettingAsWell) {
  auto out = resolved("from_env: {table: DB_TABLE}\n", environment({}));
  EXPECT_FALSE(decode<Required>(out.node, out.decoding()));
  EXPECT_EQ(out.problems.size(), 1) << out.text();
}

TEST(FromEnv, WhatIsNotAMappingOfNamesIsAProblem) {
  EXPECT_EQ(
      resolved("from_env: DB_USER\n", environment({})).text(),
      "batch.yml:1:11: outputs.db.from_env: from_env is not a mapping; write one `setting: VARIABLE` a line [BO208]\n");
  EXPECT_EQ(resolved("from_env: {user: 5, port: []}\n", environment({})).problems.size(), 2);
  EXPECT_TRUE(resolved("from_env:\n", environment({})).problems.empty());
}

TEST(FromEnv, AnUnknownSettingIsReportedWhereItIsNamed) {
  auto out = resolved("from_env:\n  usr: DB_USER\n", environment({{"DB_USER", "you"}}));
  EXPECT_FALSE(decode<Config>(out.node, out.decoding()));
  EXPECT_EQ(out.text(), "batch.yml:2:3: outputs.db.usr: unknown key; did you mean \"user\"? [BO201]\n");
}

TEST(FromEnv, AnotherSpellingInTheFileLosesAsWell) {
  auto out = resolved("role: me\nfrom_env: {user: DB_USER}\n", environment({{"DB_USER", "you"}}));
  EXPECT_EQ(decode<Config>(out.node, out.decoding())->user, "you");
}

TEST(Defaults, FillInWhatAComponentDoesNotSay) {
  Resolved out;
  out.node = *load_text("user: me\n", "batch.yml", out.problems);
  merge_defaults(out.node, Node::mapping({{"user", "all"}, {"role", "all"}, {"port", 7}, {"width", 80}}));
  const auto config = decode<Config>(out.node, out.decoding());
  ASSERT_TRUE(config) << out.text();
  EXPECT_EQ(config->user, "me");
  EXPECT_EQ(config->port, 7);
}

TEST(Defaults, MayHoldAFromEnv) {
  Node node = Node::mapping({{"port", 1}});
  merge_defaults(node, Node::mapping({{"from_env", Node::mapping({{"user", "DB_USER"}})}}));
  Problems problems;
  resolve_environment(node, environment({{"DB_USER", "you"}}), {"outputs.db", "", true, &problems, {}});
  EXPECT_EQ(node.find("user")->text(), "you");
}

}  // namespace
}  // namespace batchout
