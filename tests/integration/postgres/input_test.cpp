// The input against the server: what rows become, what parameters can do, and where reading goes on.

#include <fmt/format.h>

#include <thread>

#include "integration/postgres/server.h"

namespace batchout {
void add_postgres(Registry& registry);
}

namespace batchout::postgres {
namespace {

using PostgresInputTest = PostgresTest;
using testing::Read;
using Texts = std::vector<std::string>;

// Pulls of 200 ms that a busy machine may need for one answer of the server.
constexpr int kPatience = 300;

Node settings_of(const std::string& sql) {
  const Config server = settings("");
  return Node::mapping({{"host", *server.host},
                        {"port", std::int64_t{*server.port}},
                        {"dbname", *server.dbname},
                        {"user", *server.user},
                        {"password", server.password.reveal()},
                        {"sql", sql}});
}

std::unique_ptr<Input> input_of(const std::string& sql, const std::vector<std::pair<std::string, Node>>& more = {},
                                Dialect dialect = Dialect::v1, Log log = {}) {
  Node node = settings_of(sql);
  for (const auto& [key, value] : more) node.set(key, value);
  return testing::make_input(add_postgres, "postgres", std::move(node), testing::context(dialect, {}, std::move(log)));
}

/// The rest of a round, however long the server takes.
void read_rest(Input& input, Read& read, Budget budget = {100, 1 << 20}) {
  for (int i = 0; i < kPatience && !read.ended && read.error.empty(); ++i) testing::drain(input, read, budget);
}

Read read_round(Input& input, Budget budget = {100, 1 << 20}) {
  Read read = testing::read_round(input, budget);
  read_rest(input, read, budget);
  return read;
}

/// The next event other than that nothing has come yet.
Result<Event> event_of(Input& input, Budget budget) {
  auto event = input.pull(budget, testing::soon(), {});
  for (int i = 0; i < kPatience && event && std::holds_alternative<Idle>(*event); ++i)
    event = input.pull(budget, testing::soon(), {});
  return event;
}

/// Sessions that read rows for an input of that name. Those of tests before may not have ended yet.
std::string sessions_of(std::string_view application) {
  return fmt::format("FROM pg_stat_activity WHERE query LIKE 'FETCH%batchout_rows' AND application_name = '{}'",
                     application);
}

/// The payloads of one round, or the error.
Texts rows_of(const std::string& sql, const std::vector<std::pair<std::string, Node>>& more = {}) {
  Read read = read_round(*input_of(sql, more), {10'000, 1 << 20});
  if (!read.error.empty()) return {read.error};
  return read.payloads;
}

TEST_F(PostgresInputTest, EachRowIsAnObject) {
  EXPECT_EQ(rows_of("select 1 as a, 'é\"' as \"B c\", null as n union all select 2, '', 3"),
            (Texts{R"x({"a":1,"B c":"é\"","n":null})x", R"x({"a":2,"B c":"","n":3})x"}));
  EXPECT_EQ(rows_of("select 1 as a, 2 as b, 3 as a"), Texts{R"x({"a":3,"b":2})x"});
  EXPECT_EQ(rows_of("select 1 where false"), Texts{});
  EXPECT_EQ(rows_of("select"), Texts{"{}"});
  EXPECT_EQ(rows_of("values (1); -- done ;"), Texts{R"x({"column1":1})x"});
}

TEST_F(PostgresInputTest, ValuesKeepWhatTheyAre) {
  execute(
      "CREATE TYPE output_test.mood AS ENUM ('sad', 'so so'); CREATE DOMAIN output_test.small AS int CHECK (value < "
      "10)");
  EXPECT_EQ(rows_of("select true as b, 1::int2 as s, 9223372036854775807 as l, 5::oid as o, 1.50 as n, "
                    "'NaN'::numeric as nan, 0.1::float8 as f, 3::float4 as g, 'Infinity'::float8 as inf, "
                    "123456789012345678901234567890.123456789 as big"),
            Texts{R"x({"b":true,"s":1,"l":9223372036854775807,"o":5,"n":"1.50","nan":"NaN","f":0.1,"g":3.0,)x"
                  R"("inf":"Infinity","big":"123456789012345678901234567890.123456789"})"});
  EXPECT_EQ(rows_of("select date '2019-11-01' as d, timestamp '2019-11-01 01:02:03.5' as t, "
                    "timestamptz '2019-11-01 01:02:03+00' at time zone 'UTC' as u, time '01:02' as c, "
                    "interval '5 min' as i, uuid '00000000-0000-0000-0000-00000000000a' as id, "
                    "'\\x00ff'::bytea as bytes, int4range(1, 3) as r, inet '10.0.0.1' as ip"),
            Texts{R"x({"d":"2019-11-01","t":"2019-11-01 01:02:03.500000","u":"2019-11-01 01:02:03","c":"01:02:00",)x"
                  R"x("i":"0:05:00","id":"00000000-0000-0000-0000-00000000000a","bytes":"\\x00ff","r":"[1,3)",)x"
                  R"("ip":"10.0.0.1"})"});
  EXPECT_EQ(
      rows_of("select '{\"k\": [1, \"é\"]}'::jsonb as j, '{ \"k\":1.50 }'::json as k, array[1, null] as a, "
              "array['x y', null, '{}'] as t, array[1.5, 'NaN'] as n, '{}'::int[] as e, "
              "array[['sad', 'so so']]::output_test.mood[] as m, 'so so'::output_test.mood as o, "
              "array[1, 2]::output_test.small[] as p, 3::output_test.small as q, '1 2'::int2vector as v"),
      Texts{R"x({"j":{"k": [1, "é"]},"k":{ "k":1.50 },"a":[1,null],"t":["x y",null,"{}"],"n":["1.5","NaN"],"e":[],)x"
            R"("m":[["sad","so so"]],"o":"so so","p":[1,2],"q":3,"v":"1 2"})"});
}

TEST_F(PostgresInputTest, ParametersAreValuesWhateverTheyHold) {
  execute("CREATE TABLE output_test.t(id int, name text, at timestamptz, ok bool)");
  execute(
      "INSERT INTO output_test.t VALUES (1, 'O''Reilly', '2020-01-01Z', true), (2, 'x'';--', '2021-01-01Z', false)");
  const auto find = [](const std::string& condition, Node value) {
    return rows_of("select id from output_test.t where " + condition + " order by id",
                   {{"params", Node::mapping({{"p", std::move(value)}})}});
  };
  const Texts first{R"x({"id":1})x"}, second{R"x({"id":2})x"};
  EXPECT_EQ(find("name = {p}", "O'Reilly"), first);
  EXPECT_EQ(find("name = '{p}'", "x';--"), second);
  EXPECT_EQ(find("id = {p}", 2), second);
  EXPECT_EQ(find("id = '{p}'", "2"), second);
  EXPECT_EQ(find("ok = {p}", "true"), first);
  EXPECT_EQ(find("at > {p}", "2020-06-01T00:00:00+00:00"), second);
  EXPECT_EQ(find("at > timestamptz '{p}' and id = 2", "2020-06-01"), second);
  EXPECT_EQ(find("name like '%{p}%'", "'"), (Texts{R"x({"id":1})x", R"x({"id":2})x"}));
  EXPECT_EQ(find("name = E'{p}'", "x';--"), second);
  EXPECT_EQ(find("name = {p}", "' or true --"), Texts{});
  EXPECT_EQ(find("name like '%{p}%'", "\\' or true --"), Texts{});
  EXPECT_EQ(find("name = {p}", Node()), Texts{});
  EXPECT_EQ(rows_of("select id from output_test.t order by id limit {p}", {{"params", Node::mapping({{"p", 1}})}}),
            first);
}

TEST_F(PostgresInputTest, AValueThatSuitsNowhereFindsNothing) {
  testing::Records records;
  for (const Node& value : {Node("word"), Node(std::string("1\0", 2)), Node("\xFF")}) {
    const auto input =
        input_of("select 1 where 1 = {p}", {{"params", Node::mapping({{"p", value}})}}, Dialect::v1, records.log());
    const Read read = read_round(*input);
    EXPECT_EQ(read.error, "");
    EXPECT_EQ(read.payloads, Texts{});
  }
  ASSERT_EQ(records.lines.size(), 3u);
  EXPECT_EQ(records.lines[0],
            "warning A parameter does not suit the query, so nothing is read: Starting the query "
            "failed: invalid input syntax for type integer: \"word\" (SQLSTATE 22P02)");
  EXPECT_EQ(records.lines[1],
            "warning A parameter does not suit the query, so nothing is read: its value contains a NUL character: p");
}

TEST_F(PostgresInputTest, WhatIsWrongWithTheQueryIsToldInTheWordsOfTheServer) {
  EXPECT_EQ(rows_of("select nme from pg_class"),
            Texts{"BO531 Starting the query failed: column \"nme\" does not exist (SQLSTATE 42703)"});
  EXPECT_EQ(rows_of("selec 1"),
            Texts{"BO531 Starting the query failed: syntax error at or near \"selec\" (SQLSTATE 42601)"});
  EXPECT_EQ(rows_of("select 1; drop table x"),
            Texts{"BO531 Starting the query failed: cannot insert multiple commands into a prepared statement "
                  "(SQLSTATE 42601)"});
  EXPECT_EQ(rows_of("select 1 / (3 - i) from generate_series(1, 9) as s(i)"),
            Texts{"BO531 Reading the rows of the query failed: division by zero (SQLSTATE 22012)"});
  execute(
      "CREATE TABLE output_test.t(id int); CREATE FUNCTION output_test.f() RETURNS int LANGUAGE sql AS "
      "'INSERT INTO output_test.t VALUES (1) RETURNING id'");
  EXPECT_EQ(rows_of("select output_test.f()"),
            Texts{"BO531 Reading the rows of the query failed: cannot execute INSERT in a read-only transaction "
                  "(SQLSTATE 25006)"});
  const auto slow = input_of("select pg_sleep(9)", {{"timeout_sec", 0.2}});
  ASSERT_TRUE(slow->start_round());
  ASSERT_TRUE(slow->pull({1, 1}, Time::max(), {}));
  ASSERT_TRUE(slow->assign(std::vector<Position>{{UnitId{0}, -1, {}}}));
  const auto late = slow->pull({1, 1}, Time::max(), {});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, "BO530");
  EXPECT_EQ(late.error().message,
            "Reading the rows of the query failed: canceling statement due to statement timeout (SQLSTATE 57014)");
}

TEST_F(PostgresInputTest, TheLimitHoldsForARoundAndIsATousandInOldDialects) {
  const std::string sql = "select i from generate_series(1, 5000) as s(i)";
  EXPECT_EQ(rows_of(sql).size(), 5000u);
  EXPECT_EQ(rows_of(sql, {{"limit", 77}}).size(), 77u);
  EXPECT_EQ(rows_of(sql, {{"limit", 0}}).size(), 0u);
  testing::Records records;
  const auto old = input_of(sql, {}, Dialect::v0_3_0, records.log());
  EXPECT_EQ(read_round(*old).payloads.size(), 1000u);
  EXPECT_EQ(read_round(*old).payloads.size(), 1000u);
  EXPECT_EQ(records.lines,
            Texts{"warning The query has more rows than are read, as in the original; set `limit`: 1000"});
  records.lines.clear();
  const auto exact = input_of("select i from generate_series(1, 1000) as s(i)", {}, Dialect::v0_3_0, records.log());
  EXPECT_EQ(read_round(*exact).payloads.size(), 1000u);
  EXPECT_EQ(records.lines, Texts{});
}

TEST_F(PostgresInputTest, EveryRoundReadsAllRowsAgain) {
  execute("CREATE TABLE output_test.t(id int); INSERT INTO output_test.t VALUES (1)");
  const auto input = input_of("select id from output_test.t order by id");
  EXPECT_EQ(read_round(*input).payloads.size(), 1u);
  ASSERT_TRUE(input->acknowledge(std::vector<Position>{{UnitId{0}, 1, {}}}));
  execute("INSERT INTO output_test.t VALUES (2)");
  const Read again = read_round(*input);
  EXPECT_EQ(again.payloads.size(), 2u);
  EXPECT_EQ(again.positions.front(), 0);
}

TEST_F(PostgresInputTest, WhatWasNotStoredComesAgainFromTheSameSnapshot) {
  execute("CREATE TABLE output_test.t AS SELECT i AS id FROM generate_series(0, 299) AS s(i)");
  const auto input = input_of("select id from output_test.t", {{"application_name", "snapshot"}});
  Read read;
  ASSERT_TRUE(input->start_round());
  const auto pull = [&](std::size_t count) {
    std::size_t got = 0;
    for (int i = 0; i < 100 && got < count; ++i) {
      auto event = event_of(*input, {count - got, 1 << 20});
      ASSERT_TRUE(event) << event.error().message;
      if (std::holds_alternative<Assigned>(*event)) {
        ASSERT_TRUE(input->assign(std::vector<Position>{{UnitId{0}, -1, {}}}));
      }
      const auto* payloads = std::get_if<Payloads>(&*event);
      if (payloads == nullptr) continue;
      for (std::size_t k = 0; k < payloads->count(); ++k, ++got) {
        EXPECT_EQ(payloads->bytes(k), fmt::format("{{\"id\":{}}}", payloads->entry(k).position));
        read.next = payloads->entry(k).next;
      }
    }
  };
  pull(150);
  EXPECT_EQ(read.next, 150);
  ASSERT_TRUE(input->acknowledge(std::vector<Position>{{UnitId{0}, 40, {}}}));
  execute("DELETE FROM output_test.t; INSERT INTO output_test.t VALUES (-1)");
  ASSERT_TRUE(input->seek(std::vector<Position>{{UnitId{0}, 40, {}}}));
  pull(1);
  EXPECT_EQ(read.next, 41);
  pull(259);
  EXPECT_EQ(read.next, 300);
  // At the end, too, while parts of it are stored and others are not.
  ASSERT_TRUE(std::holds_alternative<End>(*event_of(*input, {1, 1})));
  ASSERT_TRUE(input->seek(std::vector<Position>{{UnitId{0}, 299, {}}}));
  pull(1);
  EXPECT_EQ(read.next, 300);
  const std::string open = "SELECT count(*) " + sessions_of("snapshot");
  ASSERT_TRUE(std::holds_alternative<End>(*event_of(*input, {1, 1})));
  EXPECT_EQ(table(open), "1");
  ASSERT_TRUE(input->acknowledge(std::vector<Position>{{UnitId{0}, 300, {}}}));
  for (int i = 0; i < kPatience && table(open) != "0"; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(table(open), "0");
}

TEST_F(PostgresInputTest, ALostConnectionStartsTheQueryOver) {
  testing::Records records;
  const auto input = input_of("select i from generate_series(0, 99999) as s(i)", {{"application_name", "lost"}},
                              Dialect::v1, records.log());
  ASSERT_TRUE(input->start_round());
  std::vector<std::string> events;
  bool killed = false;
  std::int64_t next = 0;
  for (int i = 0; i < 10'000; ++i) {
    auto event = input->pull({1000, 1 << 20}, testing::soon(), {});
    if (!event) {
      events.push_back(event.error().code);
      EXPECT_EQ(event.error().verdict, Verdict::environment);
    } else if (std::holds_alternative<Assigned>(*event)) {
      events.push_back("assigned");
      EXPECT_EQ(input->assign(std::vector<Position>{{UnitId{0}, -1, {}}})->front().number, 0);
      next = 0;
    } else if (const auto* payloads = std::get_if<Payloads>(&*event)) {
      EXPECT_EQ(payloads->entry(0).position, next);
      next = payloads->entry(payloads->count() - 1).next;
      if (!killed && next > 5000) table("SELECT pg_terminate_backend(pid) " + sessions_of("lost"));
      killed = killed || next > 5000;
    } else if (std::holds_alternative<End>(*event)) {
      break;
    }
  }
  EXPECT_EQ(next, 100'000);
  EXPECT_EQ(events, (Texts{"assigned", "BO530", "assigned"}));
  EXPECT_EQ(records.lines, Texts{"warning The query is run once more from its first row"});
}

TEST_F(PostgresInputTest, WithACursorEachRoundReadsWhatIsNew) {
  execute("CREATE TABLE output_test.t(id int, at timestamptz)");
  execute("INSERT INTO output_test.t VALUES (1, '2020-01-01 00:00:00.000001Z'), (2, '2020-01-01Z'), (3, null)");
  const auto input = input_of("select id, at from output_test.t -- all", {{"cursor", Node::list({"at", "id"})}});
  const auto ids = [](const Read& read) {
    std::string found = read.error;
    for (const std::string& payload : read.payloads) found += payload.substr(6, payload.find(',') - 6) + " ";
    return found;
  };
  EXPECT_EQ(ids(read_round(*input)), "2 1 ");
  // Nothing was stored.
  EXPECT_EQ(ids(read_round(*input)), "2 1 ");
  ASSERT_TRUE(input->acknowledge(std::vector<Position>{{UnitId{0}, 2, {}}}));
  EXPECT_EQ(ids(read_round(*input)), "");
  execute("INSERT INTO output_test.t VALUES (4, '2020-01-01 00:00:00.000001Z'), (0, '2019-01-01Z')");
  Read read = read_round(*input);
  EXPECT_EQ(ids(read), "4 ");
  EXPECT_EQ(read.next, 3);
  // Back by one row, and on from there.
  ASSERT_TRUE(input->seek(std::vector<Position>{{UnitId{0}, 2, {}}}));
  Read again;
  read_rest(*input, again);
  EXPECT_EQ(ids(again), "4 ");
  EXPECT_EQ(rows_of("select 1 as id", {{"cursor", "at"}}),
            Texts{"BO531 Starting the query failed: column \"at\" does not exist (SQLSTATE 42703)"});
}

TEST_F(PostgresInputTest, WithACursorALostConnectionIsNotNoticed) {
  const auto input =
      input_of("select i from generate_series(0, 99999) as s(i)", {{"cursor", "i"}, {"application_name", "unnoticed"}});
  ASSERT_TRUE(input->start_round());
  std::int64_t next = 0;
  int errors = 0;
  for (int i = 0; i < 10'000; ++i) {
    auto event = input->pull({1000, 1 << 20}, testing::soon(), {});
    if (!event) {
      ++errors;
    } else if (std::holds_alternative<Assigned>(*event)) {
      ASSERT_TRUE(input->assign(std::vector<Position>{{UnitId{0}, -1, {}}}));
    } else if (const auto* payloads = std::get_if<Payloads>(&*event)) {
      EXPECT_EQ(payloads->bytes(0), fmt::format("{{\"i\":{}}}", next));
      next = payloads->entry(payloads->count() - 1).next;
      if (next > 50'000 && errors == 0) table("SELECT pg_terminate_backend(pid) " + sessions_of("unnoticed"));
    } else if (std::holds_alternative<End>(*event)) {
      break;
    }
  }
  EXPECT_EQ(next, 100'000);
  EXPECT_EQ(errors, 1);
}

TEST_F(PostgresInputTest, AStopRequestEndsTheStatementOfTheServer) {
  std::stop_source stop;
  auto input = input_of("select pg_sleep(60)", {{"application_name", "stopped"}});
  ASSERT_TRUE(input->start_round());
  ASSERT_TRUE(input->pull({1, 1}, testing::soon(), {}));
  ASSERT_TRUE(input->assign(std::vector<Position>{{UnitId{0}, -1, {}}}));
  const auto begun = std::chrono::steady_clock::now();
  ASSERT_TRUE(std::holds_alternative<Idle>(*input->pull({1, 1}, testing::soon(), stop.get_token())));
  stop.request_stop();
  ASSERT_TRUE(std::holds_alternative<Idle>(*input->pull({1, 1}, Time::max(), stop.get_token())));
  input.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(20));
  const std::string open = "SELECT count(*) " + sessions_of("stopped");
  for (int i = 0; i < kPatience && table(open) != "0"; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(table(open), "0");
}

}  // namespace
}  // namespace batchout::postgres
