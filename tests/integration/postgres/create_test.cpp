// Tables that are made, how the server is reached, and whom a connection trusts.

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <future>
#include <latch>
#include <thread>

#include "integration/postgres/server.h"

namespace batchout::postgres {
namespace {

using Create = PostgresTest;

Config creating(std::string table, WriteMode mode = WriteMode::insert, std::vector<std::string> keys = {}) {
  Config config = settings(std::move(table), mode, std::move(keys));
  config.create = "if_missing";
  return config;
}

std::string columns_of(const std::string& table_name) {
  return table("SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute WHERE attrelid = '" +
               table_name + "'::regclass AND attnum > 0 ORDER BY attnum");
}

TEST_F(Create, ATableGetsTheTypesOfItsColumnsAndItsKey) {
  Writer writer(creating("made \"1\"", WriteMode::upsert, {"id", "Key %s"}));
  const Block block = in_zone(block_of({{"id", Kind::integer},
                                        {"Key %s", Kind::text},
                                        {"flag", Kind::boolean},
                                        {"ratio", Kind::real},
                                        {"amount", Kind::decimal},
                                        {"doc", Kind::json},
                                        {"day", Kind::date},
                                        {"at", Kind::datetime},
                                        {"any", Kind::dynamic}},
                                       {{integer(1), text("a"), boolean(true), real(1.5), text("1.50", Tag::decimal),
                                         text("{\"a\": 1}", Tag::json), null(), moment(0), text("x")}}),
                              "UTC");
  EXPECT_EQ(writer.batch({block}), "");
  EXPECT_EQ(columns_of("output_test.\"made \"\"1\"\"\""),
            "id|bigint|t\nKey %s|text|t\nflag|boolean|f\nratio|double precision|f\namount|numeric|f\ndoc|jsonb|f\n"
            "day|date|f\nat|timestamp with time zone|f\nany|text|f");
  EXPECT_EQ(
      table("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'output_test'::regnamespace"),
      "PRIMARY KEY (id, \"Key %s\")");
  EXPECT_EQ(
      table("SELECT id, flag, ratio, amount, doc, at AT TIME ZONE 'UTC', \"any\" FROM output_test.\"made \"\"1\"\"\""),
      "1|t|1.5|1.50|{\"a\": 1}|1970-01-01 00:00:00|x");
  EXPECT_EQ(writer.batch({block}), "");
}

TEST_F(Create, ATimeWithoutAZoneStaysOne) {
  Writer writer(creating("t"));
  EXPECT_EQ(writer.batch({block_of({{"at", Kind::datetime}}, {{moment(0)}})}), "");
  EXPECT_EQ(columns_of("output_test.t"), "at|timestamp without time zone|f");
}

TEST_F(Create, RowsThatAreOnlyInsertedNeedNoKey) {
  Writer writer(creating("t"));
  EXPECT_EQ(writer.batch({block_of({{"id", Kind::integer}}, {{integer(1)}, {integer(1)}})}), "");
  EXPECT_EQ(table("SELECT * FROM output_test.t"), "1\n1");
}

TEST_F(Create, KeysOfRowsThatAreOnlyInsertedBecomeThePrimaryKey) {
  Writer writer(creating("t", WriteMode::insert, {"id"}));
  EXPECT_EQ(writer.batch({block_of({{"id", Kind::integer}}, {{integer(1)}, {integer(2)}})}), "");
  EXPECT_EQ(writer.batch({block_of({{"id", Kind::integer}}, {{integer(2)}})}), "");
  EXPECT_EQ(writer.rejects.size(), 1u);
  EXPECT_EQ(table("SELECT * FROM output_test.t ORDER BY 1"), "1\n2");
}

TEST_F(Create, AKeyThatIsNotWrittenIsNamed) {
  Writer writer(creating("t", WriteMode::insert, {"id", "other"}));
  EXPECT_EQ(writer.batch({block_of({{"id", Kind::integer}}, {{integer(1)}})}),
            "BO533 A key is not among the columns that are written, these are id: other for output_test.t");
}

TEST_F(Create, ATableThatIsThereIsLeftAloneAndChecked) {
  execute("CREATE TABLE output_test.t(id int, more text DEFAULT 'd')");
  Writer writer(creating("t"));
  EXPECT_EQ(writer.batch({block_of({{"id", Kind::integer}}, {{integer(1)}})}), "");
  EXPECT_EQ(table("SELECT * FROM output_test.t"), "1|d");
  EXPECT_TRUE(Writer(creating("t")).batch({block_of({{"idd", Kind::integer}}, {{integer(1)}})}).starts_with("BO532"));
}

TEST_F(Create, ATableIsGoneAfterARollbackAndMadeAgain) {
  Writer writer(creating("t"));
  const Block block = block_of({{"id", Kind::integer}}, {{integer(1)}});
  ASSERT_TRUE(writer.store.begin(1));
  ASSERT_TRUE(writer.output.write(block, writer.rejects));
  writer.store.rollback();
  EXPECT_EQ(table("SELECT to_regclass('output_test.t')"), "NULL");
  EXPECT_EQ(writer.batch({block}), "");
  EXPECT_EQ(table("SELECT * FROM output_test.t"), "1");
}

TEST_F(Create, ASchemaIsNotMadeAndNamesHaveToFit) {
  Config config = creating("t");
  config.schema = "nowhere";
  const Block block = block_of({{"id", Kind::integer}}, {{integer(1)}});
  EXPECT_EQ(Writer(config).batch({block}),
            "BO531 Creating the table nowhere.t failed: schema \"nowhere\" does not exist (SQLSTATE 3F000)");
  const std::string long_name(64, 'x');
  EXPECT_EQ(Writer(creating("t")).batch({block_of({{long_name, Kind::integer}}, {{integer(1)}})}),
            "BO532 A column cannot be made, because a name has 1 to 63 bytes and no NUL; rename it: " + long_name +
                " of output_test.t");
}

TEST_F(Create, WritersThatStartTogetherMakeOneTable) {
  constexpr int kWriters = 6;
  for (int round = 0; round < 5; ++round) {
    execute("DROP TABLE IF EXISTS output_test.t");
    std::latch start(kWriters);
    std::vector<std::future<std::string>> done;
    for (int i = 0; i < kWriters; ++i)
      done.push_back(std::async(std::launch::async, [&start, i] {
        Writer writer(creating("t", WriteMode::upsert, {"id"}));
        start.arrive_and_wait();
        return writer.batch({block_of({{"id", Kind::integer}}, {{integer(i)}})});
      }));
    for (auto& outcome : done) EXPECT_EQ(outcome.get(), "");
    EXPECT_EQ(table("SELECT count(*) FROM output_test.t"), std::to_string(kWriters));
  }
}

// Somebody who knows nothing of our lock.
TEST_F(Create, ATableThatAnotherProgramMakesMeanwhileIsTaken) {
  const Config config = creating("t");
  auto other = Connection::open(config.address({}, Dialect::v1), Log{});
  ASSERT_TRUE(other);
  ASSERT_TRUE(other->run("The test", "BEGIN; CREATE TABLE output_test.t(id int)"));
  auto done = std::async(std::launch::async,
                         [&] { return Writer(config).batch({block_of({{"id", Kind::integer}}, {{integer(1)}})}); });
  while (table("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'CREATE TABLE%'") ==
         "0")
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  ASSERT_TRUE(other->run("The test", "COMMIT"));
  EXPECT_EQ(done.get(), "");
  EXPECT_EQ(table("SELECT * FROM output_test.t"), "1");
}

TEST_F(Create, AUriAndANameReachTheServer) {
  Config config = creating("t");
  config.uri = Secret("postgresql://" + *config.user + ":" + config.password.reveal() + "@" + *config.host + ":" +
                      std::to_string(*config.port) + "/" + *config.dbname + "?application_name=by_uri");
  config.host.reset();
  config.port.reset();
  config.dbname.reset();
  config.user.reset();
  config.password = {};
  execute("CREATE TABLE output_test.t(id int, name text DEFAULT current_setting('application_name'))");
  const Block block = block_of({{"id", Kind::integer}}, {{integer(1)}});
  EXPECT_EQ(Writer(config).batch({block}), "");
  config.application_name = "by_setting";
  EXPECT_EQ(Writer(config).batch({block}), "");
  EXPECT_EQ(table("SELECT name FROM output_test.t"), "by_uri\nby_setting");
}

// The files ca.crt, client.crt and client.key are beside the test server.
class Trust : public PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    ASSERT_NE(std::getenv("BATCHOUT_TEST_PG_CERTIFICATES"), nullptr) << "start the server by ./dev up";
    execute(
        "CREATE FUNCTION output_test.encrypted() RETURNS boolean LANGUAGE sql AS "
        "'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()';"
        "CREATE TABLE output_test.t(id int, encrypted boolean DEFAULT output_test.encrypted(), "
        "name text DEFAULT current_user)");
  }
  static std::string certificate(const char* name) {
    return std::string(std::getenv("BATCHOUT_TEST_PG_CERTIFICATES")) + "/" + name;
  }
  static std::string write(const Config& config) {
    return Writer(config).batch({block_of({{"id", Kind::integer}}, {{integer(1)}})});
  }
};

TEST_F(Trust, AServerIsVerifiedByItsAuthorityAndItsName) {
  Config config = settings("t");
  config.sslmode = SslMode::verify_full;
  config.sslrootcert = certificate("ca.crt");
  EXPECT_EQ(write(config), "");
  config.host = "localhost";
  EXPECT_EQ(write(config), "");
  config.sslmode = SslMode::disable;
  EXPECT_EQ(write(config), "");
  EXPECT_EQ(table("SELECT encrypted FROM output_test.t"), "t\nt\nf");
}

TEST_F(Trust, AnUnknownAuthorityAndAnotherNameAreRefusedAtOnce) {
  Config config = settings("t");
  config.sslmode = SslMode::verify_full;
  const std::string unknown = write(config);
  EXPECT_TRUE(unknown.starts_with("BO531 Connecting to database")) << unknown;
  EXPECT_TRUE(unknown.contains("certificate")) << unknown;
  config.sslrootcert = certificate("ca.crt");
  config.host.reset();
  config.uri = Secret("postgresql://db.example/?hostaddr=127.0.0.1");
  const std::string other = write(config);
  EXPECT_TRUE(other.contains("does not match host name \"db.example\"; correct sslmode, sslrootcert")) << other;
}

TEST_F(Trust, AConnectionToElsewhereThatIsNotEncryptedIsToldOnce) {
  Config config = settings("t");
  config.host.reset();
  config.uri = Secret("postgresql://db.example/?hostaddr=127.0.0.1");
  const Block block = block_of({{"id", Kind::integer}}, {{integer(1)}});
  const auto warnings = [&](SslMode mode) {
    config.sslmode = mode;
    Writer writer(config);
    EXPECT_EQ(writer.batch({block}), "");
    return writer.records.lines;
  };
  EXPECT_EQ(warnings(SslMode::allow),
            std::vector<std::string>{
                "warning The connection is not encrypted, so rows and logins can be read on their way; set sslmode: "
                "verify-full, or disable to say that this is meant: db.example"});
  EXPECT_EQ(warnings(SslMode::prefer), std::vector<std::string>{});
  EXPECT_EQ(warnings(SslMode::disable), std::vector<std::string>{});
}

TEST_F(Trust, ACertificateStandsForAPassword) {
  execute("DROP ROLE IF EXISTS certified; CREATE ROLE certified LOGIN");
  execute("GRANT USAGE ON SCHEMA output_test TO certified; GRANT INSERT ON output_test.t TO certified");
  Config config = settings("t");
  config.user = "certified";
  config.password = {};
  config.sslmode = SslMode::verify_ca;
  config.sslrootcert = certificate("ca.crt");
  EXPECT_TRUE(write(config).starts_with("BO531")) << "without it";
  config.sslcert = certificate("client.crt");
  config.sslkey = certificate("client.key");
  EXPECT_EQ(write(config), "");
  EXPECT_EQ(table("SELECT encrypted, name FROM output_test.t"), "t|certified");
  execute("DROP OWNED BY certified; DROP ROLE certified");
}

// A server that answers the question for encryption with no.
TEST_F(Trust, AServerWithoutEncryptionIsRefusedAtOnceWhereItIsAskedFor) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  std::jthread server([listener] {
    const int client = ::accept(listener, nullptr, nullptr);
    std::array<char, 8> question{};
    EXPECT_EQ(::recv(client, question.data(), question.size(), MSG_WAITALL), 8);
    EXPECT_EQ(::send(client, "N", 1, 0), 1);
    ::close(client);
  });
  Config config = settings("t");
  config.port = ntohs(address.sin_port);
  config.sslmode = SslMode::require;
  const std::string error = write(config);
  server.join();
  ::close(listener);
  EXPECT_TRUE(error.starts_with("BO531 Connecting to database")) << error;
  EXPECT_TRUE(
      error.ends_with("server does not support SSL, but SSL was required; correct sslmode, sslrootcert, sslcert "
                      "or sslkey"))
      << error;
}

}  // namespace
}  // namespace batchout::postgres
