// What the original wrote into its tables, asked of this output: the same rows give the same tables.

#include "integration/postgres/server.h"

namespace batchout::postgres {
namespace {

using Oracle = PostgresTest;

const std::string kRows = "SELECT id, v FROM output_test.target ORDER BY id, v";

Block rows(const std::vector<std::vector<Cell>>& cells) {
  return block_of({{"id", Kind::integer}, {"v", Kind::text}}, cells);
}

TEST_F(Oracle, TextCellsAreConvertedToTheColumnTypesOfTheTable) {
  execute(
      "CREATE TABLE output_test.target(id bigint, ts timestamp, tz timestamptz, d date, n numeric(10,3), f float8, "
      "j jsonb)");
  Writer writer(settings("target", WriteMode::upsert, {"id"}));
  // As selectors deliver them: times as ISO text.
  const Block texts =
      block_of({{"id", Kind::integer},
                {"ts", Kind::text},
                {"tz", Kind::text},
                {"d", Kind::text},
                {"n", Kind::text},
                {"f", Kind::real},
                {"j", Kind::text}},
               {{integer(9007199254740993), text("2019-11-01T01:02:03+00:00"), text("2019-11-01T01:02:03+01:00"),
                 text("2019-11-01"), text("12.3456"), real(0.1), text("{\"k\": [1, 2]}")},
                {integer(2), null(), null(), null(), null(), null(), null()}});
  EXPECT_EQ(writer.batch({texts}), "");
  EXPECT_EQ(table("SELECT id::text, ts::text, (tz AT TIME ZONE 'UTC')::text, d::text, n::text, f::text, j::text FROM "
                  "output_test.target ORDER BY 1"),
            "2|NULL|NULL|NULL|NULL|NULL|NULL\n"
            "9007199254740993|2019-11-01 01:02:03|2019-11-01 00:02:03|2019-11-01|12.346|0.1|{\"k\": [1, 2]}");
  EXPECT_EQ(writer.rejects.size(), 0u);
}

TEST_F(Oracle, InsertModeAppendsInEveryBatch) {
  execute("CREATE TABLE output_test.target(id int, v text); INSERT INTO output_test.target VALUES (1, 'old')");
  Writer writer(settings("target"));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(writer.batch({rows({{integer(1), text("new")}, {integer(2), null()}})}), "");
  EXPECT_EQ(table(kRows), "1|new\n1|new\n1|old\n2|NULL\n2|NULL");
}

TEST_F(Oracle, CompositeKeysLeaveOtherColumnsOfTheTableUntouched) {
  execute(
      "CREATE TABLE output_test.target(a int, b text, v numeric, note text DEFAULT 'dflt', PRIMARY KEY (a, b));"
      "INSERT INTO output_test.target VALUES (1, 'x', 5, 'mine'), (1, 'y', 6, 'mine')");
  Writer writer(settings("target", WriteMode::upsert, {"a", "b"}));
  EXPECT_EQ(writer.batch({block_of({{"a", Kind::integer}, {"b", Kind::text}, {"v", Kind::real}},
                                   {{integer(1), text("x"), real(50.25)}, {integer(2), text("x"), real(7)}})}),
            "");
  EXPECT_EQ(table("SELECT a, b, v::text, note FROM output_test.target ORDER BY a, b"),
            "1|x|50.25|mine\n1|y|6|mine\n2|x|7|dflt");
}

TEST_F(Oracle, NewKeysAreInsertedKnownOnesUpdatedTheRestLeft) {
  execute(
      "CREATE TABLE output_test.target(id int, v text);"
      "INSERT INTO output_test.target VALUES (1, 'old'), (9, 'keep')");
  Writer writer(settings("target", WriteMode::upsert, {"id"}));
  const Block block = rows({{integer(1), text("new")}, {integer(2), text("two")}, {integer(3), Cell{}}});
  EXPECT_EQ(writer.batch({block}), "");
  EXPECT_EQ(writer.batch({block}), "");
  EXPECT_EQ(table(kRows), "1|new\n2|two\n3|NULL\n9|keep");
  EXPECT_EQ(writer.records.lines,
            (std::vector<std::string>{"warning No unique index on the keys, so the table is locked while a batch is "
                                      "merged; create one: output_test.target (id)"}));
}

TEST_F(Oracle, RowsWithANullKeyAreNotWritten) {
  execute("CREATE TABLE output_test.target(id int, v text); INSERT INTO output_test.target VALUES (null, 'old')");
  for (const WriteMode mode : {WriteMode::upsert, WriteMode::insert}) {
    Writer writer(settings("target", mode, {"id"}));
    const std::string value = mode == WriteMode::upsert ? "two" : "three";
    EXPECT_EQ(writer.batch({rows({{Cell{}, text("nokey")}, {integer(2), text(value)}, {null(), text("nokey")}})}), "");
    EXPECT_EQ(writer.taken, 1u);
    ASSERT_EQ(writer.rejects.size(), 2u);
    const Reject& reject = writer.rejects[1];
    EXPECT_EQ(reject.stage, Reject::Stage::write);
    EXPECT_EQ(reject.code, "BO421");
    EXPECT_EQ(reject.column, "id");
    EXPECT_EQ(reject.message, "A key is null: output_test.target.id (integer)");
    EXPECT_EQ(reject.unit, UnitId{7});
    EXPECT_EQ(reject.position, 2);
  }
  EXPECT_EQ(table("SELECT id, v FROM output_test.target ORDER BY v"), "NULL|old\n2|three\n2|two");
}

TEST_F(Oracle, ANullValueOverwritesAKnownValue) {
  execute(
      "CREATE TABLE output_test.target(id int PRIMARY KEY, v text); INSERT INTO output_test.target VALUES (1, 'x')");
  Writer writer(settings("target", WriteMode::upsert, {"id"}));
  EXPECT_EQ(writer.batch({rows({{integer(1), null()}})}), "");
  EXPECT_EQ(table(kRows), "1|NULL");
}

TEST_F(Oracle, TheSecondBatchUpdatesWhatTheFirstInserted) {
  execute("CREATE TABLE output_test.target(id int PRIMARY KEY, v text)");
  Writer writer(settings("target", WriteMode::upsert, {"id"}));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(writer.batch({rows({{integer(1), text("a")}, {integer(2), text("b")}})}), "");
  EXPECT_EQ(table(kRows), "1|a\n2|b");
}

}  // namespace
}  // namespace batchout::postgres
