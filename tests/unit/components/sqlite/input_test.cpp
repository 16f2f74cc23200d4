// The input: what rows become, what parameters can do, and where reading goes on.

#include <sqlite3.h>

#include <fmt/format.h>

#include "../harness.h"

namespace batchout {

void add_sqlite(Registry&);

namespace {

using testing::context;
using testing::Read;
using testing::read_round;
using Texts = std::vector<std::string>;
using Settings = std::vector<std::pair<std::string, Node>>;

class SqliteInput : public ::testing::Test {
 protected:
  void SetUp() override { run("create table t(id integer primary key, v)"); }

  void run(const std::string& sql) {
    sqlite3* connection = nullptr;
    ASSERT_EQ(sqlite3_open(folder_.path("base").c_str(), &connection), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(connection);
    sqlite3_close(connection);
  }

  std::unique_ptr<Input> open(const std::string& sql, const Settings& more = {}, Dialect dialect = Dialect::v1) {
    Node settings = Node::mapping({{"path", "base"}, {"sql", sql}});
    for (const auto& [key, value] : more) settings.set(key, value);
    return testing::make_input(add_sqlite, "sqlite", std::move(settings),
                               context(dialect, folder_.path(), records_.log()));
  }

  Texts rows(const std::string& sql, const Settings& more = {}) {
    Read read = read_round(*open(sql, more), {100'000, 1 << 20});
    return read.error.empty() ? read.payloads : Texts{read.error};
  }

  testing::TemporaryFolder folder_;
  testing::Records records_;
};

TEST_F(SqliteInput, EachRowIsAnObject) {
  EXPECT_EQ(rows("select 1 as a, 'é\"' as \"B c\", null as n, 1.0 as f, 9e999 as i, -9223372036854775808 as l, "
                 "x'00ff' as b, '' as e, 'a' || char(0) as z -- ;"),
            Texts{R"({"a":1,"B c":"é\"","n":null,"f":1.0,"i":"Infinity","l":-9223372036854775808,"b":"00FF","e":"",)"
                  R"("z":"a\u0000"})"});
  EXPECT_EQ(rows("select 1 as a, 2 as b, 3 as a;"), Texts{R"({"a":3,"b":2})"});
  EXPECT_EQ(rows("with n(i) as (values (1), (2)) select i from n"), (Texts{R"({"i":1})", R"({"i":2})"}));
  EXPECT_EQ(rows("select * from t"), Texts{});
}

TEST_F(SqliteInput, ParametersAreValues) {
  run("insert into t values (1, 'O''Reilly'), (2, 'x'';--')");
  const auto find = [this](const std::string& condition, Node value) {
    return rows("select id from t where " + condition, {{"params", Node::mapping({{"p", std::move(value)}})}});
  };
  EXPECT_EQ(find("v = {p}", "O'Reilly"), Texts{R"({"id":1})"});
  EXPECT_EQ(find("v = '{p}'", "x';--"), Texts{R"({"id":2})"});
  EXPECT_EQ(find("id = {p}", 2), Texts{R"({"id":2})"});
  EXPECT_EQ(find("v like '%{p}%'", "reilly"), Texts{R"({"id":1})"});
  EXPECT_EQ(find("v = '{p}'", "' or 1=1 --"), Texts{});
  EXPECT_EQ(find("v = {p}", Node()), Texts{});
  EXPECT_EQ(find("true limit {p}", 1), Texts{R"({"id":1})"});
  EXPECT_EQ(find("v = '[{p}'", std::string("\0", 1)), Texts{});
}

TEST_F(SqliteInput, OnlyASelectIsRun) {
  for (const char* sql : {"delete from t", "create table u(x)", "attach 'other' as o", "begin",
                          "pragma user_version = 7", "insert into t values (1, 2) returning id"})
    EXPECT_EQ(rows(sql).front().substr(0, 5), "BO541") << sql;
  EXPECT_EQ(rows("select 1; select 2"), Texts{"BO541 The query must be one statement: base"});
  EXPECT_EQ(rows("selec 1"), Texts{"BO541 The query is refused: base: near \"selec\": syntax error"});
  EXPECT_EQ(rows("select nme from t"), Texts{"BO541 The query is refused: base: no such column: nme"});
  EXPECT_EQ(rows("select abs(-9223372036854775808)"), Texts{"BO541 The query failed: base: integer overflow"});
  EXPECT_EQ(folder_.get("other"), "");
}

TEST_F(SqliteInput, AFileThatIsMissingOrNone) {
  EXPECT_EQ(rows("select 1", {{"path", "nowhere"}}), Texts{"BO521 The file is not there; correct the path: nowhere"});
  const auto old = open("select 1", {{"path", "nowhere"}}, Dialect::v0_3_0);
  EXPECT_EQ(read_round(*old).payloads, Texts{});
  EXPECT_EQ(read_round(*old).error, "");
  EXPECT_EQ(records_.lines, Texts{"warning No file was found, so there are no payloads: nowhere"});
  folder_.put("text", std::string(10'000, 'x'));
  EXPECT_EQ(rows("select 1 from sqlite_schema", {{"path", "text"}}),
            Texts{"BO541 The query is refused: text: file is not a database"});
  EXPECT_EQ(rows("select 1", {{"path", "."}}), Texts{"BO522 Only regular files can be read here: ."});
}

TEST_F(SqliteInput, AFileThatIsLockedIsTriedAgain) {
  sqlite3* writer = nullptr;
  ASSERT_EQ(sqlite3_open(folder_.path("base").c_str(), &writer), SQLITE_OK);
  sqlite3_exec(writer, "begin exclusive; insert into t values (1, 2)", nullptr, nullptr, nullptr);
  const auto input = open("select id from t");
  EXPECT_EQ(read_round(*input).error, "BO542 The query is refused: base: database is locked");
  sqlite3_exec(writer, "commit", nullptr, nullptr, nullptr);
  sqlite3_close(writer);
  Read read;
  testing::drain(*input, read);
  EXPECT_EQ(read.payloads, Texts{R"({"id":1})"});
}

TEST_F(SqliteInput, WhatWasNotStoredComesAgainFromTheSameState) {
  run("pragma journal_mode = wal");
  run("with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000) insert into t select i, i from "
      "n");
  const auto input = open("select id from t order by id");
  Read read;
  ASSERT_TRUE(input->start_round());
  const auto pull = [&](std::size_t count) {
    for (std::size_t got = 0; got < count;) {
      auto event = input->pull({count - got, 1 << 20}, testing::soon(), {});
      ASSERT_TRUE(event);
      if (std::holds_alternative<Assigned>(*event)) {
        ASSERT_TRUE(input->assign(std::vector<Position>{{UnitId{0}, -1, {}}}));
      }
      const auto* payloads = std::get_if<Payloads>(&*event);
      if (payloads == nullptr) continue;
      for (std::size_t i = 0; i < payloads->count(); ++i, ++got)
        EXPECT_EQ(payloads->bytes(i), fmt::format("{{\"id\":{}}}", payloads->entry(i).position + 1));
    }
  };
  pull(600);
  ASSERT_TRUE(input->acknowledge(std::vector<Position>{{UnitId{0}, 500, {}}}));
  run("delete from t");
  ASSERT_TRUE(input->seek(std::vector<Position>{{UnitId{0}, 500, {}}}));
  pull(500);
  ASSERT_TRUE(std::holds_alternative<End>(*input->pull({1, 1}, testing::soon(), {})));
  EXPECT_EQ(read_round(*input).payloads, Texts{});
}

TEST_F(SqliteInput, WithACursorEachRoundReadsWhatIsNew) {
  run("insert into t values (1, 1.5), (2, 1), (3, null), (4, 'text'), (5, x'00')");
  const auto input = open("select * from t", {{"cursor", Node::list({"v", "id"})}});
  const auto ids = [&] {
    const Read read = read_round(*input);
    std::string found = read.error;
    for (const std::string& payload : read.payloads) found += payload[6];
    if (read.next > 0) {
      EXPECT_TRUE(input->acknowledge(std::vector<Position>{{UnitId{0}, read.next, {}}}));
    }
    return found;
  };
  EXPECT_EQ(ids(), "2145");
  EXPECT_EQ(ids(), "");
  run("insert into t values (6, x'01'), (7, 2), (8, x'00')");
  EXPECT_EQ(ids(), "86");
  EXPECT_EQ(rows("select id from t", {{"cursor", "V"}}),
            Texts{"BO541 The query must have each cursor column once, written as there: base"});
}

TEST_F(SqliteInput, TheLimitHoldsForARound) {
  EXPECT_EQ(rows("values (1), (2), (3)", {{"limit", 2}}).size(), 2u);
  EXPECT_EQ(rows("values (1), (2), (3)", {{"limit", 0}}).size(), 0u);
  EXPECT_EQ(records_.lines, Texts{});
}

TEST_F(SqliteInput, SettingsAreChecked) {
  const auto problems = [](const std::string& sql) {
    return testing::input_problems(add_sqlite, "sqlite", Node::mapping({{"path", "base"}, {"sql", sql}}));
  };
  EXPECT_EQ(problems("select {id}"),
            "test.sql: has a name in braces that params does not give a value, or that stands in a quoted name; double "
            "the braces where they are meant [BO206]\n");
  EXPECT_EQ(problems(" ; "), "test.sql: must be a SELECT [BO206]\n");
}

}  // namespace
}  // namespace batchout
