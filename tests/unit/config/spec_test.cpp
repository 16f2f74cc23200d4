// Decoding of settings: every problem at once, at its place, without secrets.

#include "batchout/spec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "config/load.h"

namespace batchout {
namespace {

enum class Mode : std::uint8_t { insert, upsert, off };

}  // namespace

template <>
struct Choices<Mode> {
  static constexpr std::string_view names[] = {"insert", "upsert", "off"};
};

namespace {

struct Retry {
  std::int64_t times = 3;
  Duration pause = std::chrono::milliseconds(250);

  static void describe(Spec<Retry>& s) {
    s.field("times", &Retry::times, "How often.").range(0, 10).field("pause", &Retry::pause, "Between two attempts.");
  }
};

struct Connection {
  std::string host = "localhost";
  std::uint16_t port = 5432;
};

struct Config : Connection {
  std::string table;
  std::vector<std::string> keys;
  std::optional<std::int64_t> limit;
  std::optional<std::string> timezone = "UTC";
  Mode mode = Mode::insert;
  Secret password;
  bool create = false;
  double ratio = 0.5;
  Duration timeout = std::chrono::seconds(5);
  ByteSize buffer = 16 << 20;
  std::map<std::string, std::string> options;
  Retry retry;
  Node extra;

  static void describe(Spec<Config>& s) {
    s.named("output", "postgres", "Writes rows to a PostgreSQL table.")
        .alias("pg")
        .field("host", &Config::host, "Server name.")
        .also("server")
        .field("port", &Config::port, "Server port.")
        .range(1, 65535)
        .field("table", &Config::table, "Table to write to.")
        .required()
        .field("keys", &Config::keys, "Columns that identify a row.")
        .field("limit", &Config::limit, "Most rows.")
        .field("timezone", &Config::timezone, "Zone of naive times.")
        .field("mode", &Config::mode, "What happens to known keys.")
        .field("password", &Config::password, "Password of the role.")
        .field("create", &Config::create, "Makes the table.")
        .field("ratio", &Config::ratio, "Share of bad rows.")
        .range(0, 1)
        .field("timeout", &Config::timeout, "Longest wait.")
        .range(0, 3600)
        .field("buffer", &Config::buffer, "Bytes held back.")
        .field("options", &Config::options, "Passed on.")
        .field("retry", &Config::retry, "Attempts.")
        .field("extra", &Config::extra, "Anything.")
        .check(
            "keys", [](const Config& c) { return c.mode != Mode::upsert || !c.keys.empty(); },
            "needed with mode: upsert");
  }
};

struct Decoded {
  std::optional<Config> config;
  Problems problems;

  std::string text() const {
    std::string out;
    for (const Problem& problem : problems) out += problem.text() + "\n";
    return out;
  }
};

Decoded decoded_node(const Node& node, bool strict = true) {
  Decoded out;
  out.config = decode<Config>(node, {"outputs.local", "batch.yml", strict, &out.problems, {}});
  return out;
}

// A mapping with what is required, and `text`.
Decoded decoded(const std::string& text, bool strict = true) {
  Problems problems;
  const auto node = load_text("table: rows\n" + text, "batch.yml", problems);
  EXPECT_TRUE(node) << (problems.empty() ? "" : problems[0].text());
  return decoded_node(*node, strict);
}

std::string problem_of(const std::string& text, bool strict = true) {
  return decoded(text, strict).text();
}

TEST(Spec, EveryTypeOfMemberIsRead) {
  const auto out = decoded(
      "type: postgres\nfrom_env: {}\nhost: db\nport: 5433\nkeys: [a, b]\nlimit: 7\ntimezone: ~\nmode: upsert\n"
      "password: hush\ncreate: yes\nratio: 1\ntimeout: 250ms\nbuffer: 64k\noptions: {a: x, b: 010}\nretry: {pause: 2}\n"
      "extra: {any: [1]}\n");
  ASSERT_TRUE(out.config) << out.text();
  const Config& config = *out.config;
  EXPECT_EQ(config.host, "db");
  EXPECT_EQ(config.port, 5433);
  EXPECT_EQ(config.keys, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(config.limit, 7);
  EXPECT_EQ(config.timezone, std::nullopt);
  EXPECT_EQ(config.mode, Mode::upsert);
  EXPECT_EQ(config.password.reveal(), "hush");
  EXPECT_TRUE(config.create);
  EXPECT_EQ(config.ratio, 1);
  EXPECT_EQ(config.timeout.value.count(), 250);
  EXPECT_EQ(config.buffer.bytes, 64 * 1024);
  EXPECT_EQ(config.options.at("b"), "010");
  EXPECT_EQ(config.retry.times, 3);
  EXPECT_EQ(config.retry.pause, Duration(std::chrono::seconds(2)));
  EXPECT_TRUE(config.extra.find("any")->is_list());
  EXPECT_TRUE(out.problems.empty());
}

TEST(Spec, AbsentAndNullMeanTheDefault) {
  const auto out = decoded("host: ~\nport:\nmode: null\nkeys: ~\n");
  ASSERT_TRUE(out.config) << out.text();
  EXPECT_EQ(out.config->host, "localhost");
  EXPECT_EQ(out.config->port, 5432);
  EXPECT_EQ(out.config->timezone, "UTC");
}

TEST(Spec, APlainValueWhereAListIsExpectedIsAListOfOne) {
  EXPECT_EQ(decoded("keys: user_id\n").config->keys, std::vector<std::string>{"user_id"});
  EXPECT_EQ(
      problem_of("keys: {a: 1}\n"),
      "batch.yml:2:7: outputs.local.keys: expected a list, found a mapping; Columns that identify a row. [BO203]\n");
  EXPECT_EQ(
      problem_of("keys: [a, [b]]\n"),
      "batch.yml:2:11: outputs.local.keys[1]: expected text, found a list; Columns that identify a row. [BO203]\n");
}

TEST(Spec, AllProblemsAreReportedAtOnceAtTheirPlaces) {
  Problems problems;
  const auto node = load_text(
      "outputs:\n  local:\n    hosst: db\n    port: 70000\n    mode: upsrt\n    create: maybe\n    retry: {times: 11, "
      "x: 1}\n",
      "batch.yml", problems);
  const auto out = decoded_node(*node->find("outputs")->find("local"));
  EXPECT_FALSE(out.config);
  EXPECT_EQ(
      out.text(),
      "batch.yml:3:5: outputs.local.hosst: unknown key; did you mean \"host\"? [BO201]\n"
      "batch.yml:4:11: outputs.local.port: must be between 1 and 65535, but is integer \"70000\"; Server port. "
      "[BO205]\n"
      "batch.yml:3:5: outputs.local.table: required, but not given; Table to write to. [BO202]\n"
      "batch.yml:5:11: outputs.local.mode: not one of the choices: text \"upsrt\"; did you mean \"upsert\"? "
      "choose from "
      "insert, upsert, off [BO204]\n"
      "batch.yml:6:13: outputs.local.create: expected true or false, found text \"maybe\"; Makes the table. [BO203]\n"
      "batch.yml:7:24: outputs.local.retry.x: unknown key; known keys: times, pause [BO201]\n"
      "batch.yml:7:20: outputs.local.retry.times: must be between 0 and 10, but is integer \"11\"; How often. "
      "[BO205]\n");
}

TEST(Spec, ChecksAreReportedAtTheirKey) {
  EXPECT_EQ(problem_of("mode: upsert\n"), "batch.yml:1:1: outputs.local.keys: needed with mode: upsert [BO206]\n");
  EXPECT_EQ(problem_of("mode: upsert\nkeys: []\n"),
            "batch.yml:3:7: outputs.local.keys: needed with mode: upsert [BO206]\n");
}

TEST(Spec, WrongTypesSayWhatIsExpectedAndWhatIsThere) {
  EXPECT_EQ(problem_of("limit: x\n"),
            "batch.yml:2:8: outputs.local.limit: expected an integer, found text \"x\"; Most rows. [BO203]\n");
  EXPECT_EQ(problem_of("limit: 1.5\n"),
            "batch.yml:2:8: outputs.local.limit: expected an integer, found number \"1.5\"; Most rows. [BO203]\n");
  EXPECT_EQ(problem_of("host: on\n"),
            "batch.yml:2:7: outputs.local.host: expected text, found boolean \"on\"; put it in quotes [BO203]\n");
  EXPECT_EQ(problem_of("options: []\n"),
            "batch.yml:2:10: outputs.local.options: expected a mapping, found a list; Passed on. [BO203]\n");
  EXPECT_EQ(
      problem_of("ratio: -.inf\n"),
      "batch.yml:2:8: outputs.local.ratio: expected a number, found number \"-.inf\"; Share of bad rows. [BO203]\n");
  EXPECT_EQ(problem_of("timeout: 5 parsecs\n"),
            "batch.yml:2:10: outputs.local.timeout: expected a time like 30, 1.5, \"250ms\", \"30s\", \"5m\" or "
            "\"1h\", found text "
            "\"5 parsecs\"; Longest wait. [BO203]\n");
  EXPECT_EQ(
      problem_of("timeout: 2h\n"),
      "batch.yml:2:10: outputs.local.timeout: must be between 0 and 3600, but is text \"2h\"; Longest wait. [BO205]\n");
  EXPECT_EQ(problem_of("buffer: -1\n"),
            "batch.yml:2:9: outputs.local.buffer: a size cannot be negative or larger than 8 PiB: integer \"-1\"; "
            "Bytes held back. [BO205]\n");
  EXPECT_EQ(problem_of("limit: 99999999999999999999\n"),
            "batch.yml:2:8: outputs.local.limit: the number is too large: number \"99999999999999999999\"; Most rows. "
            "[BO205]\n");
  EXPECT_EQ(decoded_node(Node(5)).text(),
            "batch.yml: outputs.local: expected a mapping of settings; write one `key: value` a line [BO203]\n");
}

TEST(Spec, IntegersKeepToTheirMembersSizeBesideTheirRange) {
  struct Small {
    std::uint8_t size = 0;
    static void describe(Spec<Small>& s) { s.field("size", &Small::size, "Size.").range(1, 1e9); }
  };
  Problems problems;
  const Decoding decoding{"x", "", true, &problems, {}};
  EXPECT_FALSE(decode<Small>(Node::mapping({{"size", 256}}), decoding));
  EXPECT_FALSE(decode<Small>(Node::mapping({{"size", 0}}), decoding));
  ASSERT_EQ(problems.size(), 2);
  EXPECT_EQ(problems[0].text(), "x.size: must be between 0 and 255, but is integer \"256\"; Size. [BO205]");
  EXPECT_EQ(problems[1].text(), "x.size: must be between 1 and 1000000000, but is integer \"0\"; Size. [BO205]");
}

TEST(Spec, ValuesInMessagesAreCutAndEscaped) {
  const std::string text = problem_of("limit: \"\\e[31m" + std::string(500, 'x') + "\"\n");
  EXPECT_NE(text.find("\"\\x1b[31mxxx"), std::string::npos);
  EXPECT_LT(text.size(), 200);
}

TEST(Spec, ChoicesAreComparedAsWritten) {
  EXPECT_EQ(decoded("mode: off\n").config->mode, Mode::off);
}

TEST(Spec, AnyScalarIsTextWhereTextIsExpected) {
  EXPECT_EQ(decoded("host: 010\n").config->host, "010");
  EXPECT_EQ(decoded("host: 1.50\n").config->host, "1.50");
  EXPECT_EQ(decoded("host: yes\n", false).config->host, "yes");
  EXPECT_EQ(decoded_node(Node::mapping({{"table", 12}, {"host", 1.5}})).config->host, "1.5");
}

TEST(Spec, OldDialectsConvertQuotedNumbersAndOnlyWarnAboutNames) {
  EXPECT_FALSE(decoded("port: '5433'\n").config);
  const auto out = decoded("port: '5433'\nratio: '0.25'\ncreate: 'true'\ntiemout: 5\n", false);
  ASSERT_TRUE(out.config) << out.text();
  EXPECT_EQ(out.config->port, 5433);
  EXPECT_EQ(out.config->ratio, 0.25);
  EXPECT_TRUE(out.config->create);
  EXPECT_EQ(out.text(),
            "batch.yml:5:1: warning: outputs.local.tiemout: unknown key; did you mean \"timeout\"? [BO201]\n");
}

TEST(Spec, ASecondSpellingIsTheSameSetting) {
  EXPECT_EQ(decoded("server: db\n").config->host, "db");
  EXPECT_EQ(
      problem_of("host: a\nserver: b\n"),
      "batch.yml:3:1: outputs.local.server: the same setting is also given as \"host\"; remove one of them [BO209]\n");
}

TEST(Spec, SecretsAndTheEnvironmentAreNeverPrinted) {
  EXPECT_EQ(problem_of("password: [hush]\n"),
            "batch.yml:2:11: outputs.local.password: expected text, found a list; Password of the role. [BO203]\n");
  EXPECT_EQ(problem_of("password: true\n").find("\"true\""), std::string::npos);
  Node node = Node::mapping({{"table", "rows"}});
  for (const char* key : {"port", "mode", "create", "ratio", "timeout", "buffer", "limit", "retry", "options"}) {
    Node value("hush");
    value.set_from_environment(true);
    node.set(key, value);
  }
  const auto out = decoded_node(node);
  EXPECT_EQ(out.problems.size(), 9) << out.text();
  EXPECT_EQ(out.text().find("hush"), std::string::npos) << out.text();
}

TEST(Spec, TextsFromTheEnvironmentConvert) {
  Node node = Node::mapping({{"table", "rows"}});
  for (const auto& [key, text] :
       {std::pair{"port", "5433"}, {"create", "1"}, {"ratio", "0.5"}, {"keys", "id"}, {"timeout", "30"}}) {
    Node value(text);
    value.set_from_environment(true);
    node.set(key, value);
  }
  const auto out = decoded_node(node);
  ASSERT_TRUE(out.config) << out.text();
  EXPECT_EQ(out.config->port, 5433);
  EXPECT_TRUE(out.config->create);
  EXPECT_EQ(out.config->keys, std::vector<std::string>{"id"});
  EXPECT_EQ(out.config->timeout.value.count(), 30'000);
}

TEST(Spec, TheDescriptionTellsWhatADocumentationNeeds) {
  const SpecInfo info = spec_of<Config>();
  EXPECT_TRUE(info.answers_to("postgres") && info.answers_to("pg"));
  EXPECT_FALSE(info.answers_to("sqlite"));
  const auto field = [&](std::string_view key) { return *std::ranges::find(info.fields, key, &FieldInfo::key); };
  EXPECT_EQ(field("host").default_text, "\"localhost\"");
  EXPECT_EQ(field("host").aliases, std::vector<std::string>{"server"});
  EXPECT_EQ(field("port").type, "integer");
  EXPECT_EQ(field("keys").type, "list of text");
  EXPECT_EQ(field("mode").choices, (std::vector<std::string>{"insert", "upsert", "off"}));
  EXPECT_EQ(field("timeout").default_text, "5s");
  EXPECT_EQ(field("buffer").default_text, "16MiB");
  EXPECT_TRUE(field("password").secret);
  EXPECT_TRUE(field("table").required);
}

}  // namespace
}  // namespace batchout
