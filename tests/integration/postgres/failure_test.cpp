// What goes wrong: targets that do not fit, rows that the server refuses, connections that are lost.

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "integration/postgres/server.h"

namespace batchout::postgres {
namespace {

using Failure = PostgresTest;

Block rows(const std::vector<std::vector<Cell>>& cells) {
  return block_of({{"id", Kind::integer}, {"v", Kind::text}}, cells);
}

std::string error_of(const Config& config, const Block& block = rows({{integer(1), text("x")}})) {
  return Writer(config).batch({block});
}

TEST_F(Failure, ATableOrColumnThatIsMissingIsNamedWithItsNeighbours) {
  execute("CREATE TABLE output_test.sessions(id int, \"V\" text); CREATE VIEW output_test.v AS SELECT 1 AS id");
  execute("CREATE SEQUENCE output_test.numbers");
  EXPECT_EQ(error_of(settings("session")),
            "BO532 There is no table to write to; create it or correct its name: output_test.session, the schema has "
            "sessions, v");
  EXPECT_EQ(error_of(settings("sessions")),
            "BO532 The table has no such column; add it or rename ours: v of output_test.sessions, which has V, id");
  EXPECT_EQ(error_of(settings("numbers")), "BO532 The target is not a table; name a table: output_test.numbers");
  Config config = settings("sessions");
  config.schema = "nowhere";
  EXPECT_EQ(error_of(config),
            "BO532 There is no table to write to; create it or correct its name: nowhere.sessions, the schema has no "
            "tables or does not exist");
}

TEST_F(Failure, KeysMustBeWritten) {
  execute("CREATE TABLE output_test.t(id int, v text, key int)");
  EXPECT_EQ(error_of(settings("t", WriteMode::upsert, {"key"})),
            "BO533 A key is not among the columns that are written, these are id, v: key for output_test.t");
  EXPECT_TRUE(error_of(settings("t", WriteMode::insert, {"key"})).starts_with("BO533"));
  Writer old(settings("t", WriteMode::insert, {"key"}), Dialect::v0_3_0);
  EXPECT_EQ(old.batch({rows({{integer(1), text("x")}})}), "");
  EXPECT_EQ(old.records.lines.size(), 1u);
}

TEST_F(Failure, ColumnsThatTheServerFillsAreRefused) {
  execute("CREATE TABLE output_test.t(id int PRIMARY KEY, v text GENERATED ALWAYS AS ('x') STORED)");
  EXPECT_EQ(error_of(settings("t")), "BO532 The server computes this column itself; leave it out: v of output_test.t");
  execute("CREATE TABLE output_test.u(v text PRIMARY KEY, id int GENERATED ALWAYS AS IDENTITY)");
  EXPECT_EQ(error_of(settings("u", WriteMode::upsert, {"v"})),
            "BO532 An identity column (generated always) can only be updated as a key; leave it out: id of "
            "output_test.u");
}

TEST_F(Failure, ARowThatOnlyTheServerRefusesIsLeftOut) {
  execute("CREATE TABLE output_test.t(id int NOT NULL CHECK (id < 3), v timestamp)");
  Writer writer(settings("t"));
  EXPECT_EQ(writer.batch({rows({{integer(1), text("2020-01-01")}, {integer(2), text("1 secret 1")}})}), "");
  ASSERT_EQ(writer.rejects.size(), 1u);
  EXPECT_EQ(writer.rejects[0].code, "BO427");
  EXPECT_EQ(writer.rejects[0].position, 1);
  const std::string& message = writer.rejects[0].message;
  EXPECT_TRUE(message.starts_with("Writing to output_test.t failed: ")) << message;
  EXPECT_TRUE(message.ends_with("(SQLSTATE 22007, COPY t, line 1, column v)")) << message;
  writer.rejects.clear();
  EXPECT_EQ(writer.batch({rows({{null(), null()}, {integer(1), null()}, {integer(3), null()}, {integer(2), null()}})}),
            "");
  ASSERT_EQ(writer.rejects.size(), 2u);
  EXPECT_EQ(writer.rejects[0].position, 0);
  EXPECT_EQ(writer.rejects[1].position, 2);
  EXPECT_EQ(writer.rejects[1].message,
            "Writing to output_test.t failed: new row for relation \"t\" violates check constraint \"t_id_check\" "
            "(SQLSTATE 23514, constraint t_id_check, COPY t, line 1)");
  EXPECT_EQ(table("SELECT id FROM output_test.t"), "1\n1\n2");
}

// Of a foreign key the server does not say the line; what a merge refuses has none.
TEST_F(Failure, RowsAreFoundThatTheServerDoesNotName) {
  execute("CREATE TABLE output_test.p(id int PRIMARY KEY); INSERT INTO output_test.p SELECT generate_series(0, 99)");
  execute("CREATE TABLE output_test.t(id int PRIMARY KEY REFERENCES output_test.p, v text CHECK (v <> 'bad'))");
  std::vector<std::vector<Cell>> many;
  for (int id = 0; id < 110; ++id) many.push_back({integer(id), text(id == 50 ? "bad" : "good")});
  for (const auto& [mode, keys] : {std::pair{WriteMode::insert, std::vector<std::string>{}},
                                   std::pair{WriteMode::upsert, std::vector<std::string>{"id"}}}) {
    execute("TRUNCATE output_test.t");
    Writer writer(settings("t", mode, keys));
    EXPECT_EQ(writer.batch({rows(many)}), "");
    EXPECT_EQ(writer.rejects.size(), 11u);
    EXPECT_EQ(table("SELECT count(*), min(id), max(id) FROM output_test.t"), "99|0|99");
    EXPECT_EQ(table("SELECT count(*) FROM output_test.t WHERE id = 50"), "0");
  }
}

// What functions, views and policies refuse is a row, whatever state they choose.
TEST_F(Failure, RowsAreFoundThatTriggersAndViewsRefuseWithStatesOfTheirOwn) {
  const Block block = rows({{integer(1), text("a")}, {integer(2), text("bad")}, {integer(3), text("c")}});
  for (const char* state : {"MY001", "45000", "U0001", "55000", "42501", "XX000", "02000"}) {
    execute(std::string("CREATE OR REPLACE FUNCTION output_test.refuse() RETURNS trigger LANGUAGE plpgsql AS "
                        "$$ BEGIN IF NEW.v = 'bad' THEN RAISE EXCEPTION 'no' USING ERRCODE = '") +
            state +
            "'; END IF; RETURN NEW; END $$; DROP TABLE IF EXISTS output_test.t;"
            "CREATE TABLE output_test.t(id int PRIMARY KEY, v text); CREATE TRIGGER refuse BEFORE INSERT ON "
            "output_test.t FOR EACH ROW EXECUTE FUNCTION output_test.refuse()");
    for (const WriteMode mode : {WriteMode::insert, WriteMode::upsert}) {
      Writer writer(settings("t", mode, {"id"}));
      EXPECT_EQ(writer.batch({block}), "");
      ASSERT_EQ(writer.rejects.size(), 1u) << state;
      EXPECT_TRUE(writer.rejects[0].message.contains(std::string("SQLSTATE ") + state)) << writer.rejects[0].message;
      EXPECT_EQ(writer.rejects[0].code, "BO432") << state;
      EXPECT_EQ(table("SELECT id FROM output_test.t ORDER BY id"), "1\n3");
      execute("TRUNCATE output_test.t");
    }
  }
  execute(
      "CREATE TABLE output_test.u(id int PRIMARY KEY, v text);"
      "CREATE VIEW output_test.good AS SELECT * FROM output_test.u WHERE v <> 'bad' WITH CHECK OPTION");
  Writer writer(settings("good", WriteMode::upsert, {"id"}));
  EXPECT_EQ(writer.batch({block}), "");
  ASSERT_EQ(writer.rejects.size(), 1u);
  EXPECT_TRUE(writer.rejects[0].message.contains("SQLSTATE 44000")) << writer.rejects[0].message;
  EXPECT_EQ(writer.rejects[0].code, "BO534");
}

TEST_F(Failure, ARowThatAPolicyRefusesIsLeftOut) {
  execute(
      "CREATE TABLE output_test.t(id int PRIMARY KEY, v text);"
      "ALTER TABLE output_test.t ENABLE ROW LEVEL SECURITY;"
      "CREATE POLICY p ON output_test.t USING (v <> 'bad');"
      "DROP ROLE IF EXISTS batchout_test_writer; CREATE ROLE batchout_test_writer LOGIN PASSWORD 'x';"
      "GRANT USAGE ON SCHEMA output_test TO batchout_test_writer; GRANT ALL ON output_test.t TO batchout_test_writer");
  Config config = settings("t", WriteMode::upsert, {"id"});
  config.user = "batchout_test_writer";
  config.password = Secret("x");
  {
    Writer writer(config);
    EXPECT_EQ(writer.batch({rows({{integer(1), text("a")}, {integer(2), text("bad")}})}), "");
    ASSERT_EQ(writer.rejects.size(), 1u);
    EXPECT_EQ(writer.rejects[0].position, 1);
    EXPECT_TRUE(writer.rejects[0].message.contains("SQLSTATE 42501")) << writer.rejects[0].message;
    execute("REVOKE INSERT ON output_test.t FROM batchout_test_writer");
    const auto outcome = writer.try_batch({rows({{integer(3), text("c")}})});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().verdict, Verdict::configuration);
  }
  execute("DROP OWNED BY batchout_test_writer; DROP ROLE batchout_test_writer");
}

// The state of `currval` without `nextval` is one of objects that are not ready: some get ready.
TEST_F(Failure, WhatMayNotPassIsTriedAFewTimes) {
  execute(
      "CREATE SEQUENCE output_test.numbers; CREATE TABLE output_test.t(id int, v text);"
      "CREATE FUNCTION output_test.count() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN NEW.id = currval('output_test.numbers'); RETURN NEW; END $$;"
      "CREATE TRIGGER count BEFORE INSERT ON output_test.t FOR EACH ROW EXECUTE FUNCTION output_test.count()");
  Writer writer(settings("t"));
  const Block block = rows({{integer(1), text("a")}});
  auto outcome = writer.try_batch({block});
  for (int tries = 1; tries < 5; ++tries) {
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().verdict, Verdict::environment) << tries;
    EXPECT_EQ(outcome.error().code, "BO530");
    outcome = writer.try_again({block});
  }
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().verdict, Verdict::configuration);
  EXPECT_EQ(outcome.error().code, "BO531");
  EXPECT_TRUE(outcome.error().message.ends_with("(SQLSTATE 55000, COPY t, line 1); tried 5 times"))
      << outcome.error().message;
  EXPECT_TRUE(writer.rejects.empty());
}

TEST_F(Failure, ATargetThatRefusesEverythingIsAtFaultItself) {
  execute("CREATE TABLE output_test.t(id int CHECK (id < 0), v text)");
  Writer writer(settings("t"));
  std::vector<std::vector<Cell>> many;
  for (int id = 0; id < 600; ++id) many.push_back({integer(id), null()});
  EXPECT_EQ(writer.batch({rows(many)}), "");
  EXPECT_EQ(writer.batch({rows({{integer(1), null()}})}), "");
  const std::string error = writer.batch({rows(many)});
  EXPECT_TRUE(error.starts_with("BO538 The target refuses every row")) << error;
}

// How far letters reach is asked with the first one that can be told apart, whatever came before it.
TEST_F(Failure, ALetterThatIsThereIsNotKeptAgain) {
  execute("DROP SCHEMA IF EXISTS batchout_delivery CASCADE; CREATE TABLE output_test.t(id int, v text)");
  const auto keep = [](PostgresStore& store, std::int64_t position, std::string_view payload) {
    Reject reject;
    reject.position = position;
    NewLetter letter;
    letter.reject = &reject;
    letter.unit = {UnitId{0}, "test:letters", "0"};
    letter.payload = payload;
    letter.mark = payload.empty() ? "" : "timestamp=1";
    ASSERT_TRUE(store.begin(1));
    ASSERT_TRUE(store.keep({&letter, 1}));
    ASSERT_EQ(*store.commit({}, {}), Outcome::committed);
  };
  for (const std::int64_t first : {1'000, 10}) {
    Writer writer(settings("t"));
    keep(writer.store, first, first == 10 ? "" : "{}");
    keep(writer.store, 500, "{}");
    std::vector<std::int64_t> positions;
    const auto note = [&](Letter&& letter) -> Result<bool> { return positions.push_back(letter.position), true; };
    EXPECT_TRUE(writer.store.each({}, false, note));
    EXPECT_EQ(positions,
              first == 10 ? std::vector<std::int64_t>({1'000, 500, 10}) : std::vector<std::int64_t>({1'000, 500}));
  }
}

TEST_F(Failure, ATableOfDeadLettersThatIsDroppedIsMadeAnew) {
  execute("DROP SCHEMA IF EXISTS batchout_delivery CASCADE; CREATE TABLE output_test.t(id int, v text)");
  Writer writer(settings("t"));
  const Reject reject;
  NewLetter letter;
  letter.reject = &reject;
  const auto keep = [&] {
    EXPECT_TRUE(writer.store.begin(1));
    Result<> kept = writer.store.keep({&letter, 1});
    if (!kept) return kept;
    EXPECT_EQ(*writer.store.commit({}, {}), Outcome::committed);
    return kept;
  };
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(keep());
  execute("DROP TABLE batchout_delivery.dead_letter");
  const Result<> kept = keep();
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().verdict, Verdict::environment);
  EXPECT_EQ(kept.error().code, "BO535");
  writer.store.rollback();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(keep());
  EXPECT_EQ(table("SELECT count(*) FROM batchout_delivery.dead_letter"), "3");
}

// COPY writes to none.
TEST_F(Failure, AViewInPlaceOfDeadLettersIsRefused) {
  execute("DROP SCHEMA IF EXISTS batchout_delivery CASCADE; CREATE TABLE output_test.t(id int, v text)");
  execute("CREATE SCHEMA batchout_delivery; CREATE VIEW batchout_delivery.dead_letter AS SELECT 1 AS id");
  Writer writer(settings("t"));
  EXPECT_EQ(writer.store.check_letters().error().code, "BO539");
  execute("DROP SCHEMA batchout_delivery CASCADE");
}

// Before there is one to keep.
TEST_F(Failure, ARoleThatMayNotKeepDeadLettersIsTold) {
  execute("DROP DATABASE IF EXISTS batchout_test_letters");
  execute("CREATE DATABASE batchout_test_letters");
  execute("DROP ROLE IF EXISTS batchout_test_writer; CREATE ROLE batchout_test_writer LOGIN PASSWORD 'x'");
  Config config = settings("t");
  config.dbname = "batchout_test_letters";
  {
    Writer owner(config);
    config.user = "batchout_test_writer";
    config.password = Secret("x");
    Writer writer(config);
    const auto refused = [&] {
      const auto checked = writer.store.check_letters();
      return checked ? "" : checked.error().code;
    };
    const auto grant = [&](const char* what) {
      ASSERT_TRUE(owner.store.begin(1));
      ASSERT_TRUE((*owner.store.connection())->run("The test", what));
      ASSERT_EQ(*owner.store.commit({}, {}), Outcome::committed);
    };
    EXPECT_EQ(refused(), "BO539");
    EXPECT_TRUE(owner.store.check_letters());
    EXPECT_EQ(refused(), "BO539") << "nothing is made";
    const Unit unit{UnitId{0}, "test:letters", "0"};
    ASSERT_TRUE(owner.store.claim({&unit, 1}));
    EXPECT_EQ(refused(), "BO539");
    grant("GRANT USAGE ON SCHEMA batchout_delivery TO batchout_test_writer");
    EXPECT_EQ(refused(), "BO539");
    grant("GRANT INSERT ON batchout_delivery.dead_letter TO batchout_test_writer");
    EXPECT_EQ(refused(), "");
    // Who may not read letters keeps them all.
    const Reject reject;
    NewLetter letter;
    letter.reject = &reject;
    letter.payload = "{}";
    letter.mark = "timestamp=1";
    for (int i = 0; i < 2; ++i) {
      ASSERT_TRUE(writer.store.begin(1));
      const auto kept = writer.store.keep({&letter, 1});
      EXPECT_TRUE(kept) << kept.error().message;
      EXPECT_EQ(*writer.store.commit({}, {}), Outcome::committed);
    }
    std::size_t count = 0;
    EXPECT_TRUE(owner.store.each({}, false, [&](Letter&&) -> Result<bool> { return ++count, true; }));
    EXPECT_EQ(count, 2U);
  }
  execute("DROP DATABASE batchout_test_letters WITH (FORCE)");
  execute("DROP ROLE batchout_test_writer");
}

TEST_F(Failure, LoginsAreAMatterOfConfigurationServersThatAreAwayAreNot) {
  Config config = settings("t");
  config.password = Secret("hunter2");
  Writer wrong(config);
  auto begun = wrong.store.begin(1);
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().verdict, Verdict::configuration);
  EXPECT_EQ(begun.error().code, "BO531");
  EXPECT_TRUE(begun.error().message.contains("SQLSTATE 28P01")) << begun.error().message;
  EXPECT_FALSE(begun.error().message.contains("hunter2"));

  config = settings("t");
  config.dbname = "no_such_database";
  begun = Writer(config).store.begin(1);
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().verdict, Verdict::configuration);

  config = settings("t");
  config.port = 1;
  begun = Writer(config).store.begin(1);
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().verdict, Verdict::environment);
  EXPECT_EQ(begun.error().code, "BO530");
}

TEST_F(Failure, ALostConnectionIsReplacedByTheNextBatch) {
  execute("CREATE TABLE output_test.t(id int PRIMARY KEY, v text)");
  Writer writer(settings("t", WriteMode::upsert, {"id"}));
  // Only the writer's own connection: other tests may be using the server.
  const auto backend = [&] {
    auto rows = (*writer.store.connection())->query("The test", "SELECT pg_backend_pid()");
    return std::string(rows->at(0, 0));
  };
  const auto cut = [](const std::string& pid) { return table("SELECT pg_terminate_backend(" + pid + ", 5000)"); };
  EXPECT_EQ(writer.batch({rows({{integer(1), text("a")}})}), "");
  ASSERT_TRUE(writer.store.begin(1));
  const std::string idle = backend();
  writer.store.rollback();
  EXPECT_EQ(cut(idle), "t");  // Nobody notices.
  EXPECT_EQ(writer.batch({rows({{integer(2), text("b")}})}), "");
  ASSERT_TRUE(writer.store.begin(1));
  EXPECT_EQ(cut(backend()), "t");  // In a transaction: the batch fails and can be tried again.
  auto lost = writer.output.write(rows({{integer(3), text("c")}}), writer.rejects);
  if (lost) lost = std::unexpected(writer.output.finish(writer.rejects).error());
  EXPECT_EQ(lost.error().verdict, Verdict::environment);
  writer.store.rollback();
  EXPECT_EQ(writer.batch({rows({{integer(3), text("c")}})}), "");
  EXPECT_EQ(table("SELECT string_agg(v, '' ORDER BY id) FROM output_test.t"), "abc");
}

// A server that takes its time stands for one that is frozen.
class Silence : public PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    execute(
        "CREATE TABLE output_test.t(id int, v text);"
        "CREATE FUNCTION output_test.sleep() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM pg_sleep(CASE NEW.v WHEN 'slow' THEN 0.03 ELSE 60 END); RETURN NEW; END $$");
  }
  void TearDown() override {
    table(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'silence' AND state <> "
        "'idle'");
    EXPECT_LT(std::chrono::steady_clock::now() - start_, std::chrono::seconds(30));
    PostgresTest::TearDown();
  }

  static Config silent(WriteMode mode = WriteMode::insert) {
    Config config = settings("t", mode, {"id"});
    config.application_name = "silence";
    return config;
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

constexpr Patience kLittle{.answer = std::chrono::milliseconds(1'000), .stopped = std::chrono::milliseconds(200)};

constexpr const char* kSleepOnInsert =
    "CREATE TRIGGER sleep BEFORE INSERT ON output_test.t FOR EACH ROW EXECUTE FUNCTION output_test.sleep()";

TEST_F(Silence, AServerThatDoesNotAnswerIsLeft) {
  execute(kSleepOnInsert);
  Writer writer(silent());
  ASSERT_TRUE(writer.store.begin(1));
  (*writer.store.connection())->set_patience(kLittle);
  const auto written = writer.output.write(rows({{integer(1), text("a")}}), writer.rejects);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().verdict, Verdict::environment);
  EXPECT_EQ(written.error().code, "BO530");
  EXPECT_EQ(written.error().message, "Writing to output_test.t failed: no answer within 1 seconds");
  writer.store.rollback();
  table("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'silence'");
  execute("DROP TRIGGER sleep ON output_test.t");
  EXPECT_EQ(writer.batch({rows({{integer(1), text("a")}})}), "");
}

TEST_F(Silence, RowsThatTheServerDoesNotTakeAndAnswersThatDoNotComeEnd) {
  execute(kSleepOnInsert);
  auto connection = Connection::open(silent().address({}, Dialect::v1), Log{});
  ASSERT_TRUE(connection);
  ASSERT_TRUE(connection->start_copy("The test", "COPY output_test.t FROM STDIN"));
  connection->set_patience(kLittle);
  std::string many;
  while (many.size() < (1 << 20)) many += "1\tx\n";
  Result<> sent;
  for (int i = 0; i < 100 && sent; ++i) sent = connection->send_copy("The test", many);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().message, "The test failed: no answer within 1 seconds");
  EXPECT_FALSE(connection->alive());
  EXPECT_FALSE(connection->rollback());

  connection = Connection::open(silent().address({}, Dialect::v1), Log{});
  ASSERT_TRUE(connection);
  connection->set_patience(kLittle);
  ASSERT_TRUE(connection->send("The test", "SELECT pg_sleep(60)"));
  const auto received = connection->receive("The test", Time::max(), {});
  ASSERT_FALSE(received);
  EXPECT_EQ(received.error().message, "The test failed: no answer within 1 seconds");
}

TEST_F(Silence, ACommitThatIsNotAnsweredIsInDoubt) {
  execute(
      "CREATE CONSTRAINT TRIGGER sleep AFTER INSERT ON output_test.t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
      "EXECUTE FUNCTION output_test.sleep()");
  Writer writer(silent());
  ASSERT_TRUE(writer.store.begin(1));
  (*writer.store.connection())->set_patience(kLittle);
  ASSERT_TRUE(writer.output.write(rows({{integer(1), text("a")}}), writer.rejects));
  const auto outcome = writer.store.commit({}, {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(*outcome, Outcome::in_doubt);
}

TEST_F(Silence, AStopRequestIsHeardWhileTheServerWorks) {
  execute(kSleepOnInsert);
  std::stop_source stop;
  Writer writer(silent());
  writer.store.listen(stop.get_token());
  ASSERT_TRUE(writer.store.begin(1));
  (*writer.store.connection())->set_patience({.stopped = kLittle.stopped});
  const std::jthread stopping([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    stop.request_stop();
  });
  const auto written = writer.output.write(rows({{integer(1), text("a")}}), writer.rejects);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().verdict, Verdict::environment);
  EXPECT_EQ(written.error().message,
            "Writing to output_test.t failed: the run is to end, and the server has not answered");
  writer.store.rollback();
  // The statement has ended, too, and with it its locks.
  const std::string left = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'silence'";
  for (int i = 0; i < 100 && table(left) != "0"; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(table(left), "0");
  const auto begun = writer.store.begin(2);
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().verdict, Verdict::environment);
  EXPECT_TRUE(begun.error().message.ends_with("the run is to end")) << begun.error().message;
}

// A proxy that takes connections and is silent.
TEST_F(Silence, AStopRequestIsHeardWhileConnecting) {
  const int listening = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof place;
  ASSERT_EQ(::bind(listening, reinterpret_cast<sockaddr*>(&place), size), 0);
  ASSERT_EQ(::listen(listening, 1), 0);
  ASSERT_EQ(::getsockname(listening, reinterpret_cast<sockaddr*>(&place), &size), 0);
  std::stop_source stop;
  Config config = silent();
  config.host = "127.0.0.1";
  config.port = ntohs(place.sin_port);
  Writer writer(config);
  writer.store.listen(stop.get_token());
  const std::jthread stopping([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    stop.request_stop();
  });
  const auto start = std::chrono::steady_clock::now();
  const auto begun = writer.store.begin(1);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  ASSERT_FALSE(begun);
  EXPECT_TRUE(begun.error().message.ends_with("the run is to end")) << begun.error().message;
  ::close(listening);
}

TEST_F(Silence, RowsThatTakeMoreTimeThanAStatementHasAreStoredInParts) {
  execute(std::string("ALTER TABLE output_test.t ADD PRIMARY KEY (id); ") + kSleepOnInsert);
  std::vector<std::vector<Cell>> many;
  for (int id = 0; id < 40; ++id) many.push_back({integer(id), text("slow")});
  for (const WriteMode mode : {WriteMode::insert, WriteMode::upsert}) {
    execute("TRUNCATE output_test.t");
    Writer writer(silent(mode));
    ASSERT_TRUE(writer.store.begin(1));
    ASSERT_TRUE((*writer.store.connection())->run("The test", "SET statement_timeout = '600ms'"));
    ASSERT_EQ(*writer.store.commit({}, {}), Outcome::committed);
    EXPECT_EQ(writer.batch({rows(many)}), "");
    EXPECT_TRUE(writer.rejects.empty());
    EXPECT_EQ(table("SELECT count(*), min(id), max(id) FROM output_test.t"), "40|0|39");
  }
}

TEST_F(Failure, AServerThatOnlyReadsIsNotKept) {
  execute("CREATE TABLE output_test.t(id int PRIMARY KEY, v text)");
  Writer writer(settings("t"));
  const Block block = rows({{integer(1), text("a")}});
  ASSERT_TRUE(writer.store.begin(1));
  ASSERT_TRUE((*writer.store.connection())->run("The test", "SET default_transaction_read_only = on"));
  ASSERT_EQ(*writer.store.commit({}, {}), Outcome::committed);
  const auto outcome = writer.try_batch({block});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().verdict, Verdict::environment);
  EXPECT_TRUE(outcome.error().message.contains("SQLSTATE 25006")) << outcome.error().message;
  EXPECT_EQ(writer.batch({block}), "");

  const Unit unit{UnitId{0}, "test:read_only", "0"};
  ASSERT_TRUE(writer.store.claim({&unit, 1}));
  ASSERT_TRUE(writer.store.begin(2));
  ASSERT_TRUE((*writer.store.connection())->run("The test", "SET default_transaction_read_only = on"));
  ASSERT_EQ(*writer.store.commit({}, {}), Outcome::committed);
  EXPECT_EQ(writer.store.claim({&unit, 1}).error().verdict, Verdict::environment);
  EXPECT_TRUE(writer.store.claim({&unit, 1}));
}

TEST_F(Failure, OfSeveralServersTheOneThatTakesRowsIsWrittenTo) {
  execute(
      "DROP ROLE IF EXISTS batchout_test_standby; CREATE ROLE batchout_test_standby LOGIN PASSWORD 'x';"
      "ALTER ROLE batchout_test_standby SET default_transaction_read_only = on");
  Config config = settings("t");
  config.host = *config.host + "," + *config.host;
  config.user = "batchout_test_standby";
  config.password = Secret("x");
  const auto begun = Writer(config).store.begin(1);
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().verdict, Verdict::environment);
  EXPECT_TRUE(begun.error().message.ends_with("session is read-only")) << begun.error().message;
  config.uri = Secret("postgresql://?target_session_attrs=any");
  EXPECT_TRUE(Writer(config).store.begin(1));
  execute("DROP ROLE batchout_test_standby");
}

// Nothing was sent into it, so nothing is in doubt.
TEST_F(Failure, ATransactionThatTheServerHasEndedIsKnownToBeLostBeforeItsCommit) {
  execute("CREATE TABLE output_test.t(id int PRIMARY KEY, v text)");
  Writer writer(settings("t", WriteMode::upsert, {"id"}));
  writer.store.expect_idleness();
  const auto written = [&] {
    EXPECT_TRUE(writer.store.begin(1));
    EXPECT_TRUE(writer.output.open(rows({{integer(1), text("a")}}).shape()));
    EXPECT_TRUE(writer.output.write(rows({{integer(1), text("a")}}), writer.rejects));
    EXPECT_TRUE(writer.output.finish(writer.rejects));
    EXPECT_TRUE(writer.store.check_transaction());
    auto told =
        (*writer.store.connection())
            ->query("The test", "SELECT pg_backend_pid(), current_setting('idle_in_transaction_session_timeout')");
    EXPECT_EQ(told->at(0, 1), "15min");
    return std::string(told->at(0, 0));
  };
  EXPECT_EQ(table("SELECT pg_terminate_backend(" + written() + ", 5000)"), "t");
  const auto checked = writer.store.check_transaction();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().verdict, Verdict::environment);
  EXPECT_EQ(checked.error().code, "BO530");
  writer.store.rollback();
  EXPECT_EQ(table("SELECT pg_terminate_backend(" + written() + ", 5000)"), "t");
  const auto committed = writer.store.commit({}, {});
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().verdict, Verdict::environment);
  EXPECT_EQ(table("SELECT count(*) FROM output_test.t"), "0");
}

TEST_F(Failure, ACommitWithoutAnAnswerIsInDoubt) {
  execute(
      "CREATE TABLE output_test.t(id int PRIMARY KEY, v text);"
      "CREATE FUNCTION output_test.die() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN IF NEW.v = 'die' THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL; END $$;"
      "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON output_test.t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
      "EXECUTE FUNCTION output_test.die()");
  Writer writer(settings("t", WriteMode::upsert, {"id"}));
  const auto outcome = writer.try_batch({rows({{integer(1), text("die")}})});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(*outcome, Outcome::in_doubt);
  EXPECT_EQ(writer.batch({rows({{integer(1), text("live")}})}), "");
  EXPECT_EQ(table("SELECT v FROM output_test.t"), "live");
}

TEST_F(Failure, ARowThatOnlyCommitRefusesIsFoundByTryingTheBatchAgain) {
  execute(
      "CREATE TABLE output_test.p(id int PRIMARY KEY); INSERT INTO output_test.p SELECT generate_series(0, 99);"
      "CREATE TABLE output_test.t(id int UNIQUE DEFERRABLE INITIALLY DEFERRED, v text,"
      "FOREIGN KEY (id) REFERENCES output_test.p DEFERRABLE INITIALLY DEFERRED)");
  std::vector<std::vector<Cell>> many;
  for (int id = 0; id < 110; ++id) many.push_back({integer(id), text("a")});
  many.push_back({integer(5), text("twice")});
  for (const auto& [mode, keys] : {std::pair{WriteMode::insert, std::vector<std::string>{}},
                                   std::pair{WriteMode::upsert, std::vector<std::string>{"id"}}}) {
    execute("TRUNCATE output_test.t");
    Writer writer(settings("t", mode, keys));
    auto outcome = writer.try_batch({rows(many)});
    int tries = 1;
    while (!outcome && tries < 4) {  // A constraint each.
      EXPECT_EQ(outcome.error().verdict, Verdict::environment);
      EXPECT_EQ(outcome.error().code, "BO540");
      EXPECT_TRUE(outcome.error().message.contains("the batch is tried again")) << outcome.error().message;
      outcome = writer.try_again({rows(many)});
      ++tries;
    }
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(tries, mode == WriteMode::insert ? 3 : 2);
    EXPECT_EQ(writer.rejects.size(), mode == WriteMode::insert ? 11u : 10u);
    EXPECT_EQ(table("SELECT count(*), min(id), max(id) FROM output_test.t"), "100|0|99");
    // The next batch has its constraints checked at COMMIT again.
    EXPECT_EQ(writer.try_batch({rows({{integer(200), text("a")}})}).error().code, "BO540");
  }
}

TEST_F(Failure, ATriggerThatOnlyCommitRunsIsFoundToo) {
  execute(
      "CREATE TABLE output_test.t(id int, v text);"
      "CREATE FUNCTION output_test.refuse() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN IF NEW.v = 'bad' THEN RAISE EXCEPTION 'no'; END IF; RETURN NULL; END $$;"
      "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON output_test.t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
      "EXECUTE FUNCTION output_test.refuse()");
  Writer writer(settings("t"));
  const Block block = rows({{integer(1), text("a")}, {integer(2), text("bad")}, {integer(3), text("c")}});
  EXPECT_EQ(writer.try_batch({block}).error().code, "BO540");
  ASSERT_TRUE(writer.try_again({block}));
  EXPECT_EQ(writer.rejects.size(), 1u);
  EXPECT_EQ(table("SELECT id FROM output_test.t ORDER BY id"), "1\n3");
}

TEST_F(Failure, CirclesOfDeferredKeysAreLeftToCommit) {
  execute(
      "CREATE TABLE output_test.t(id int PRIMARY KEY, v text);"
      "CREATE TABLE output_test.u(id int PRIMARY KEY REFERENCES output_test.t DEFERRABLE INITIALLY DEFERRED, v text);"
      "ALTER TABLE output_test.t ADD FOREIGN KEY (id) REFERENCES output_test.u DEFERRABLE INITIALLY DEFERRED");
  Writer writer(settings("t"));
  PostgresOutput second(settings("u"), writer.store, testing::context(Dialect::v1));
  ASSERT_TRUE(writer.store.begin(1));
  const Block block = rows({{integer(1), text("a")}, {integer(2), text("b")}});
  ASSERT_TRUE(writer.output.write(block, writer.rejects));
  ASSERT_TRUE(second.write(block, writer.rejects));
  EXPECT_EQ(*writer.store.commit({}, {}), Outcome::committed);
  EXPECT_EQ(table("SELECT count(*) FROM output_test.t JOIN output_test.u USING (id)"), "2");
}

TEST_F(Failure, ATableThatWasWidenedMeanwhileIsLookedAtAgain) {
  execute("CREATE TABLE output_test.t(id smallint PRIMARY KEY, v varchar(1))");
  Writer writer(settings("t", WriteMode::upsert, {"id"}));
  EXPECT_EQ(writer.batch({rows({{integer(1), text("a")}})}), "");
  execute("ALTER TABLE output_test.t ALTER v TYPE varchar(5)");
  const Block block = rows({{integer(1), text("long")}});
  const auto outcome = writer.try_batch({block});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().verdict, Verdict::environment);
  EXPECT_EQ(outcome.error().code, "BO535");
  writer.rejects.clear();
  EXPECT_EQ(writer.batch({block}), "");
  EXPECT_EQ(table("SELECT * FROM output_test.t"), "1|long");
  EXPECT_TRUE(writer.rejects.empty());
}

// Also once it has been looked at often: then only marks are compared.
TEST_F(Failure, ATableThatIsAlteredLateIsLookedAtAgainToo) {
  for (const char* change : {
           "ALTER TABLE output_test.t ALTER v TYPE varchar(5)",
           "ALTER TABLE output_test.t ALTER id SET NOT NULL",
           "ALTER TABLE output_test.t ALTER w SET DEFAULT 1",
           "ALTER TABLE output_test.t RENAME w TO x",
           "ALTER TABLE output_test.t ADD x int DEFAULT 1",
           "TRUNCATE output_test.t; CREATE UNIQUE INDEX ON output_test.t(v, id)",
           "CREATE TRIGGER t BEFORE INSERT ON output_test.t FOR EACH ROW EXECUTE FUNCTION output_test.same()",
           "DROP TABLE output_test.t; CREATE TABLE output_test.t(id int, v varchar(1), w bigint)",
           "ALTER TYPE output_test.e ADD VALUE 'z'",
           "ALTER DOMAIN output_test.d SET DEFAULT 7",
       }) {
    SCOPED_TRACE(change);
    const bool of_types =
        std::string_view(change).contains("TYPE output_test") || std::string_view(change).contains("DOMAIN");
    execute(
        "DROP TABLE IF EXISTS output_test.t; DROP TYPE IF EXISTS output_test.e; DROP DOMAIN IF EXISTS output_test.d;"
        "CREATE OR REPLACE FUNCTION output_test.same() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;"
        "CREATE TYPE output_test.e AS ENUM ('y'); CREATE DOMAIN output_test.d AS int");
    execute(of_types ? "CREATE TABLE output_test.t(id int, v varchar(1), w output_test.e, x output_test.d)"
                     : "CREATE TABLE output_test.t(id int, v varchar(1), w int)");
    Writer writer(settings("t"));
    const Block block = rows({{integer(1), text("a")}, {integer(2), text("long")}});
    for (int batch = 1; batch <= 8; ++batch) ASSERT_EQ(writer.batch({block}), "") << batch;
    EXPECT_EQ(writer.rejects.size(), 8u);
    execute(change);
    const auto outcome = writer.try_batch({block});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, "BO535");
  }
}

}  // namespace
}  // namespace batchout::postgres
