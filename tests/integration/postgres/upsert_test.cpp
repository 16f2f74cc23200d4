// Upserts: which row wins, what is written at all, and tables that are out of the ordinary.

#include <sys/resource.h>

#include "integration/postgres/server.h"

namespace batchout::postgres {
namespace {

using Upsert = PostgresTest;

Block rows(const std::vector<std::vector<Cell>>& cells) {
  return block_of({{"id", Kind::integer}, {"v", Kind::text}}, cells);
}

Config by_id() {
  return settings("t", WriteMode::upsert, {"id"});
}

TEST_F(Upsert, TheLastOfEqualKeysWinsInsideAndAcrossBlocks) {
  for (const std::string key : {" PRIMARY KEY", ""}) {  // With an index, and without.
    execute("DROP TABLE IF EXISTS output_test.t; CREATE TABLE output_test.t(id int" + key + ", v text)");
    execute("INSERT INTO output_test.t VALUES (2, 'old')");
    Writer writer(by_id());
    EXPECT_EQ(writer.batch({rows({{integer(1), text("a")}, {integer(2), text("b")}, {integer(1), text("c")}}),
                            rows({{integer(2), text("d")}, {integer(3), text("e")}})}),
              "");
    EXPECT_EQ(writer.taken, 5u);
    EXPECT_EQ(table("SELECT * FROM output_test.t ORDER BY id"), "1|c\n2|d\n3|e");
  }
}

TEST_F(Upsert, RowsThatDoNotChangeAreNotWritten) {
  for (const std::string key : {" PRIMARY KEY", ""}) {
    execute("DROP TABLE IF EXISTS output_test.t; CREATE TABLE output_test.t(id int" + key + ", v json)");
    Writer writer(by_id());
    const auto row = [&](const char* one) {
      return block_of({{"id", Kind::integer}, {"v", Kind::json}},
                      {{integer(1), text(one, Tag::json)}, {integer(2), text("[2]", Tag::json)}});
    };
    EXPECT_EQ(writer.batch({row("[1]")}), "");
    const std::string before = table("SELECT xmin FROM output_test.t ORDER BY id");
    EXPECT_EQ(writer.batch({row("[1]")}), "");
    EXPECT_EQ(table("SELECT xmin FROM output_test.t ORDER BY id"), before);
    EXPECT_EQ(writer.batch({row("[3]")}), "");
    EXPECT_EQ(table("SELECT v FROM output_test.t ORDER BY id"), "[3]\n[2]");
  }
}

TEST_F(Upsert, TablesOfKeysOnlyTakeEachKeyOnce) {
  for (const std::string key : {", PRIMARY KEY (a, b)", ""}) {
    execute("DROP TABLE IF EXISTS output_test.t; CREATE TABLE output_test.t(a int, b text" + key + ")");
    Writer writer(settings("t", WriteMode::upsert, {"b", "a"}));
    const Block block = block_of({{"a", Kind::integer}, {"b", Kind::text}},
                                 {{integer(1), text("x")}, {integer(1), text("x")}, {integer(2), text("x")}});
    for (int i = 0; i < 2; ++i) EXPECT_EQ(writer.batch({block}), "");
    EXPECT_EQ(table("SELECT * FROM output_test.t ORDER BY a"), "1|x\n2|x");
  }
}

TEST_F(Upsert, NamesAreTakenLiterally) {
  execute(
      "CREATE TABLE output_test.\"t\"\"; drop\"(\"Id %s\" int PRIMARY KEY, \"select\" text, batchout_sequence int)");
  Writer writer(settings("t\"; drop", WriteMode::upsert, {"Id %s"}));
  EXPECT_EQ(
      writer.batch({block_of({{"Id %s", Kind::integer}, {"select", Kind::text}, {"batchout_sequence", Kind::integer}},
                             {{integer(1), text("x"), integer(5)}})}),
      "");
  EXPECT_EQ(table("SELECT * FROM output_test.\"t\"\"; drop\""), "1|x|5");
}

TEST_F(Upsert, AnIndexThatIsPartialOrOfMoreColumnsIsNotTakenForAKey) {
  execute(
      "CREATE TABLE output_test.t(id int, v text, UNIQUE (id, v)); CREATE UNIQUE INDEX ON output_test.t(id) WHERE id > "
      "5");
  Writer writer(by_id());
  EXPECT_EQ(writer.batch({rows({{integer(1), text("a")}})}), "");
  EXPECT_EQ(writer.batch({rows({{integer(1), text("b")}})}), "");
  EXPECT_EQ(table("SELECT * FROM output_test.t"), "1|b");
  EXPECT_EQ(writer.records.lines.size(), 1u);
}

TEST_F(Upsert, RowsThatExistAreUpdatedEvenIfNewOnesCouldNotBeInserted) {
  execute("CREATE TABLE output_test.t(id int PRIMARY KEY, v text, must int NOT NULL)");
  execute("INSERT INTO output_test.t VALUES (1, 'old', 5)");
  Writer writer(by_id());
  EXPECT_EQ(writer.batch({rows({{integer(1), text("new")}})}), "");
  EXPECT_EQ(table("SELECT * FROM output_test.t"), "1|new|5");
  EXPECT_EQ(writer.batch({rows({{integer(2), text("new")}})}), "");
  ASSERT_EQ(writer.rejects.size(), 1u);
  EXPECT_TRUE(writer.rejects[0].message.starts_with("Writing to output_test.t failed: null value in column \"must\""));
}

TEST_F(Upsert, IdentityColumnsCanBeKeys) {
  execute("CREATE TABLE output_test.t(id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text)");
  Writer writer(by_id());
  for (const char* value : {"a", "b"}) EXPECT_EQ(writer.batch({rows({{integer(4), text(value)}})}), "");
  EXPECT_EQ(table("SELECT * FROM output_test.t"), "4|b");
}

TEST_F(Upsert, ATriggerMayFillWhatIsNull) {
  execute(
      "CREATE TABLE output_test.t(id int PRIMARY KEY, v text NOT NULL);"
      "CREATE FUNCTION output_test.fill() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN NEW.v := coalesce(NEW.v, 'filled'); RETURN NEW; END $$;"
      "CREATE TRIGGER fill BEFORE INSERT ON output_test.t FOR EACH ROW EXECUTE FUNCTION output_test.fill()");
  Writer writer(by_id());
  EXPECT_EQ(writer.batch({rows({{integer(1), null()}})}), "");
  EXPECT_EQ(table("SELECT * FROM output_test.t"), "1|filled");
}

TEST_F(Upsert, SeveralOutputsShareATransaction) {
  execute(
      "CREATE TABLE output_test.t(id int PRIMARY KEY, v text); CREATE TABLE output_test.u(id int PRIMARY KEY, v text)");
  Writer writer(by_id());
  PostgresOutput second(settings("u", WriteMode::upsert, {"id"}), writer.store, testing::context(Dialect::v1));
  const auto fill = [&](const char* value) {
    ASSERT_TRUE(writer.store.begin(1));
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(writer.output.write(rows({{integer(i), text(value)}}), writer.rejects));
      ASSERT_TRUE(second.write(rows({{integer(i), text(value)}}), writer.rejects));
    }
    ASSERT_TRUE(writer.output.finish(writer.rejects));
    ASSERT_TRUE(second.finish(writer.rejects));
  };
  fill("dropped");
  writer.store.rollback();
  EXPECT_EQ(table("SELECT * FROM output_test.t UNION ALL SELECT * FROM output_test.u"), "");
  fill("kept");
  EXPECT_EQ(*writer.store.commit({}, {}), Outcome::committed);
  EXPECT_EQ(table("SELECT v, count(*) FROM (TABLE output_test.t UNION ALL TABLE output_test.u) AS x GROUP BY 1"),
            "kept|6");
}

TEST_F(Upsert, ManyBatchesNeedNoMoreMemoryThanOne) {
  execute(
      "CREATE TABLE output_test.t(user_id text, session_id text, ip text, seen timestamptz, agent text, "
      "PRIMARY KEY (user_id, session_id))");
  Writer writer(settings("t", WriteMode::upsert, {"user_id", "session_id"}));
  const auto batch = [&](int first) {
    std::vector<std::string> names;
    for (int i = first; i < first + 10'000; ++i) names.push_back(std::to_string(1'000'000 + i));
    std::vector<std::vector<Cell>> cells;
    for (std::size_t i = 0; i < names.size(); ++i)
      cells.push_back({text(names[i / 4 * 4]), text(names[i]), text("203.0.113.7"), moment(1'572'570'123'000'000),
                       text("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/115.0")});
    const Block all = in_zone(block_of({{"user_id", Kind::text},
                                        {"session_id", Kind::text},
                                        {"ip", Kind::text},
                                        {"seen", Kind::datetime},
                                        {"agent", Kind::text}},
                                       cells),
                              "UTC");
    ASSERT_EQ(writer.batch({all}), "");
  };
  const auto peak_kib = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  for (int first = 0; first < 30'000; first += 10'000) batch(first);
  const long before = peak_kib();
  for (int first = 30'000; first < 120'000; first += 10'000) batch(first);
  EXPECT_LT(peak_kib() - before, 8 * 1024);
  EXPECT_EQ(table("SELECT count(*), count(DISTINCT session_id) FROM output_test.t"), "120000|120000");
}

}  // namespace
}  // namespace batchout::postgres
