// What patterns find: groups, strategies, flags, indexes, slots, and texts that are refused.

#include <gtest/gtest.h>

#include <chrono>

#include "../allocations.h"
#include "../harness.h"
#include "../table.h"
#include "components/regex/extractor.h"

namespace batchout {
void add_regex(Registry& registry);
}

namespace batchout::regex {
namespace {

using testing::cells;
using testing::extracted;
using testing::Table;

RegexExtractor with_group(std::string group, Strategy strategy = Strategy::take_first) {
  RegexConfig config;
  config.group = std::move(group);
  config.strategy = strategy;
  return RegexExtractor(config);
}

RegexExtractor with_flags(std::vector<std::string> flags) {
  RegexConfig config;
  config.flags = std::move(flags);
  return RegexExtractor(config);
}

std::string found(const RegexExtractor& extractor, std::string_view pattern, const std::string& text,
                  Strategy strategy = Strategy::take_first) {
  return cells(extractor, Table().column(pattern, Kind::dynamic, strategy), text);
}

std::string problem_of(const RegexExtractor& extractor, const Template& path) {
  const auto problem = extractor.check(path);
  return problem ? fmt::format("{} {} at {}", problem->code, problem->message, problem->column) : "";
}

std::string settings_problem(std::string_view key, Node value) {
  Registry registry;
  add_regex(registry);
  Problems problems;
  Node settings = Node::mapping();
  settings.set(std::string(key), std::move(value));
  testing::decoded(registry.types().extractors, "regex", std::move(settings), problems);
  return testing::text_of(problems);
}

constexpr const char* kLog =
    "12:00 INFO user=ann took 12ms\n12:01 ERROR user=bob took 340ms\n12:02 WARN user=zoë took 7ms\n";

TEST(RegexExtractor, GivesTheGroupByNumberOrName) {
  constexpr std::string_view pattern = R"(user=(?P<user>\w+) took (\d+))";
  EXPECT_EQ(found(with_group("0"), pattern, kLog), "'user=ann took 12'");
  EXPECT_EQ(found(with_group("user"), pattern, kLog), "'ann'");
  EXPECT_EQ(found(with_group("2"), pattern, kLog), "'12'");
  EXPECT_EQ(found(with_group("0"), "nobody", kLog), "-");
  EXPECT_EQ(found(with_group("1"), "a(x)?", "a"), "null");
}

TEST(RegexExtractor, StrategiesSayWhichMatchCounts) {
  const auto extractor = with_group("1");
  constexpr std::string_view pattern = R"(\w=(\d)?)";
  const std::string text = "a= b=1 c=2 d=";
  EXPECT_EQ(found(extractor, pattern, text, Strategy::take_first), "null");
  EXPECT_EQ(found(extractor, pattern, text, Strategy::take_first_not_null), "'1'");
  EXPECT_EQ(found(extractor, pattern, text, Strategy::take_last), "null");
  EXPECT_EQ(found(extractor, pattern, text, Strategy::take_last_not_null), "'2'");
  EXPECT_EQ(found(extractor, pattern, text, Strategy::take_all), R"([null,"1","2",null])");
  EXPECT_EQ(found(extractor, "none()", text, Strategy::take_all), "-");
}

TEST(RegexExtractor, OneSearchServesColumnsOfOnePattern) {
  Table table;
  for (const Strategy strategy : {Strategy::take_first, Strategy::take_last, Strategy::take_all})
    for (const char* const group : {"1", "2"}) {
      table.column(R"(user=(\w+) took (\d+))", Kind::dynamic, strategy);
      table.projection.columns.back().extractor = std::make_shared<RegexExtractor>(with_group(group));
    }
  EXPECT_EQ(extracted(with_group("0"), table.projection, {kLog}),
            "payloads 0\n"
            "level 0: 1 []\n"
            "column 0: 'ann' failed 0\n"
            "column 1: '12' failed 0\n"
            "column 2: 'zoë' failed 0\n"
            "column 3: '7' failed 0\n"
            "column 4: [\"ann\",\"bob\",\"zoë\"] failed 0\n"
            "column 5: [\"12\",\"340\",\"7\"] failed 0\n");
  const auto lines = with_group("0").explain(table.projection);
  EXPECT_EQ(lines[0], "column c0: regular expression, in one search with c1, c2, c3");
  EXPECT_EQ(lines[4], "column c4: regular expression");
}

// Before they take memory: steps alone would let some gigabytes of them come out of one text.
TEST(RegexExtractor, BoundsTheEntriesOfAnIndex) {
  Table table;
  table.index("i", IndexKind::for_list, ".").index("j", IndexKind::for_list, "(?#{i}).").column("(?#{j})x");
  table.projection.limits.rows_per_payload_max = 20;
  EXPECT_FALSE(extracted(with_group("0"), table.projection, {"abcd"}).contains("BO410"));
  EXPECT_TRUE(extracted(with_group("0"), table.projection, {"abcde"}).contains("BO410"))
      << extracted(with_group("0"), table.projection, {"abcde"});
}

TEST(RegexExtractor, KnowsPythonsFlags) {
  EXPECT_EQ(found(with_flags({"IGNORECASE"}), "error", kLog), "'ERROR'");
  EXPECT_EQ(found(with_flags({"M", "I"}), "^\\S+ warn", kLog), "'12:02 WARN'");
  EXPECT_EQ(found(with_flags({"MI"}), "^\\S+ warn", kLog), "'12:02 WARN'");
  EXPECT_EQ(found(with_flags({"DOTALL"}), "12ms.12", kLog), "'12ms\n12'");
  EXPECT_EQ(found(with_flags({"VERBOSE"}), "took\\ \\d+ # time", kLog), "'took 12'");
  EXPECT_EQ(found(with_flags({"A"}), "zo\\w*", kLog), "'zo'");
  EXPECT_EQ(found(with_flags({"UNICODE"}), "zo\\w*", kLog), "'zoë'");
  EXPECT_TRUE(settings_problem("flags", Node("LOCALE")).contains("flags are IGNORECASE"));
  EXPECT_TRUE(settings_problem("flags", Node("AU")).contains("ASCII and UNICODE exclude each other"));
}

TEST(RegexExtractor, RefusesSettingsThatFindNothing) {
  EXPECT_TRUE(settings_problem("group", Node("-1")).contains("a group is a number or a name"));
  EXPECT_TRUE(settings_problem("encoding", Node("utf-16")).contains("the encodings are utf8, ascii and latin1"));
  EXPECT_TRUE(settings_problem("decode_bytes", Node(false)).contains("without decoding nothing would be found"));
  EXPECT_EQ(settings_problem("encoding", Node("ISO-8859-1")), "");
}

TEST(RegexExtractor, TellsWhereAPatternIsWrong) {
  const Table table;
  LevelId level = 0;
  EXPECT_EQ(problem_of(with_group("0"), table.parsed("a(b", level)), "BO302 missing closing parenthesis at 4");
  EXPECT_EQ(problem_of(with_group("2"), table.parsed("a(b)", level)), "BO304 there is no group \"2\" at 0");
  EXPECT_EQ(problem_of(with_group("n"), table.parsed("(?<m>b)", level)), "BO304 there is no group \"n\" at 0");
  Template doubled{"a{{2}}(", {"a{2}("}};
  EXPECT_EQ(problem_of(with_group("0"), doubled), "BO302 missing closing parenthesis at 8");
}

TEST(RegexExtractor, IndexesGoOverAllMatches) {
  Table table;
  table.index("user", IndexKind::from_list, R"(user=(\w+))")
      .index("line", IndexKind::for_list, R"((?m)^\d\d)")
      .index("key", IndexKind::for_object, "x")
      .column("user={user} took (\\d+)ms")
      .column("12:0{line} (\\w+)");
  EXPECT_EQ(extracted(with_group("1"), table.projection, {kLog, "nobody"}),
            "payloads 0 1\n"
            "level 0: 2 []\n"
            "level 1: 3 [0 3 3]\n"
            "level 2: 3 [0 3 3]\n"
            "level 3: 0 [0 0 0]\n"
            "column 0: '12' '340' '7' failed 0\n"
            "column 1: 'INFO' 'ERROR' 'WARN' failed 0\n");
}

TEST(RegexExtractor, ValuesOfSlotsMatchThemselves) {
  Table table;
  table.index("name", IndexKind::from_list, R"(<(.*?)>)").column("{name}: (\\d)");
  EXPECT_EQ(cells(with_group("1"), table, "<a.c> <(> <é #> abc: 1 a.c: 2 (: 3 é #: 4"), "'2' '3' '4'");
  Table verbose;
  verbose.index("name", IndexKind::from_list, "[^,]+").column("{name} = \\d");
  EXPECT_EQ(cells(with_flags({"X"}), verbose, "a b,a b=1"), "'a b=1' -");
}

TEST(RegexExtractor, PayloadsAreTexts) {
  RegexConfig latin;
  latin.encoding = "latin1";
  RegexConfig ascii;
  ascii.encoding = "ascii";
  EXPECT_EQ(found(RegexExtractor(latin), "zo\\w", "zo\xEB"), "'zoë'");
  EXPECT_EQ(found(RegexExtractor(ascii), "zo\\w", "zoë"), "BO406");
  EXPECT_EQ(found(with_group("0"), "zo", "zo\xEB"), "BO406");
  EXPECT_EQ(found(with_group("0"), "^.", "\xEF\xBB\xBFx"), "'x'");
  EXPECT_EQ(found(with_group("0"), "^$", ""), "''");
  EXPECT_EQ(found(with_group("0"), "x", std::string((1 << 20) + 1, 'x')), "BO404");
}

TEST(RegexExtractor, GivesUpOnAPayloadInsteadOfStalling) {
  EXPECT_EQ(found(with_group("0"), "(a+)+$", std::string(40, 'a') + "b"), "BO408");
  // Each search stays below its own limit; all of them together do not.
  std::string text;
  for (int i = 0; i < 200; ++i) text += std::string(12, 'a') + " ";
  EXPECT_EQ(found(with_group("0"), "(a+)+[!?]", text), "-");
  Table table;
  table.index("letter", IndexKind::for_list, "a").column("(a+)+[!?](?:{letter})?");
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(cells(with_group("0"), table, text), "BO408");
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(60));
}

TEST(RegexExtractor, CompilingPatternsTakesSteps) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += fmt::format("{:x} ", i);
  Table table;
  table.index("word", IndexKind::from_list, "\\w+").column("^{word}");
  EXPECT_EQ(cells(with_group("0"), table, text), "BO408");
}

TEST(RegexExtractor, ARefusedPayloadLeavesNothing) {
  Table table;
  table.index("word", IndexKind::for_list, "\\w+").column("(a+)+$");
  EXPECT_EQ(extracted(with_group("0"), table.projection, {"aa", std::string(40, 'a') + "b", "b aa"}),
            "payloads 0 2\n"
            "level 0: 2 []\n"
            "level 1: 3 [0 1 3]\n"
            "column 0: 'aa' 'aa' failed 0\n"
            "1: BO408 the patterns take too many steps in this text\n");
}

TEST(RegexExtractor, TextsAllocateNothingAfterWarmUp) {
  Table table;
  table.index("user", IndexKind::from_list, R"(user=(\w+))")
      .column("user={user} took (\\d+)ms", Kind::integer)
      .column(R"(^\S+ (\w+))", Kind::text)
      .column(R"(user=(\w+))", Kind::text, Strategy::take_all);
  const Payloads payloads = testing::payloads_of(std::vector<std::string>(100, kLog));
  const auto extractor = with_group("1");
  const auto program = extractor.compile(table.projection);
  Extraction extraction(table.projection);
  for (int warm = 0; warm < 2; ++warm) {
    extraction.clear();
    program->run(payloads, extraction);
  }
  const std::size_t before = testing::allocations;
  for (int round = 0; round < 3; ++round) {
    extraction.clear();
    program->run(payloads, extraction);
  }
  EXPECT_EQ(extraction.levels[1].count, 300u);
  EXPECT_LE(testing::allocations - before, 10u);
}

TEST(RegexExtractor, FindTellsWhereMatchesAre) {
  const auto matches = with_group("0").find({"\\d+ms", {"\\d+ms"}}, kLog);
  ASSERT_TRUE(matches);
  ASSERT_EQ(matches->size(), 3u);
  EXPECT_EQ(matches->front().path, "25:29");
  EXPECT_EQ(matches->front().value, "\"12ms\"");
  EXPECT_EQ(with_group("0").find({"(", {"("}}, kLog).error().code, "BO302");
}

}  // namespace
}  // namespace batchout::regex
