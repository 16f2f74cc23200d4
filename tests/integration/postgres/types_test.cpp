// Every type of column, in both formats of COPY, and what is refused before it is sent.

#include <limits>

#include "integration/postgres/server.h"

namespace batchout::postgres {
namespace {

using Types = PostgresTest;

constexpr std::int64_t kMoment = 1'572'570'123'500'000;  // 2019-11-01T01:02:03.5Z

// The column `v` of type `type` after one cell of kind `kind` was written, or the code of the reject. A second, empty
// column that only takes text makes the whole row go as text.
std::string written(const std::string& type, Kind kind, const Cell& cell, bool as_text, const char* zone) {
  execute("DROP TABLE IF EXISTS output_test.t; CREATE TABLE output_test.t(v " + type + ", other inet)");
  Writer writer(settings("t"));
  Block block =
      as_text ? block_of({{"v", kind}, {"other", Kind::text}}, {{cell, null()}}) : block_of({{"v", kind}}, {{cell}});
  if (zone) block = in_zone(block, zone);
  const std::string error = writer.batch({block});
  if (!error.empty()) return error;
  if (!writer.rejects.empty()) return writer.rejects.front().code;
  return table("SELECT v::text FROM output_test.t");
}

// The same from both formats.
std::string both(const std::string& type, Kind kind, const Cell& cell, const char* zone = nullptr) {
  const std::string binary = written(type, kind, cell, false, zone), text = written(type, kind, cell, true, zone);
  EXPECT_EQ(binary, text) << type;
  return binary;
}

TEST_F(Types, NumbersArriveAsTheyAre) {
  EXPECT_EQ(both("smallint", Kind::integer, integer(-32768)), "-32768");
  EXPECT_EQ(both("integer", Kind::integer, integer(2147483647)), "2147483647");
  EXPECT_EQ(both("bigint", Kind::integer, integer(std::numeric_limits<std::int64_t>::min())), "-9223372036854775808");
  EXPECT_EQ(both("bigint", Kind::real, real(2.5)), "2");
  EXPECT_EQ(both("bigint", Kind::text, text(" 12 ")), "12");
  EXPECT_EQ(both("real", Kind::real, real(0.1)), "0.1");
  EXPECT_EQ(both("double precision", Kind::real, real(1e-300)), "1e-300");
  EXPECT_EQ(both("double precision", Kind::text, text("-infinity")), "-Infinity");
  EXPECT_EQ(both("numeric", Kind::decimal, text("123456789012345678901234567890.12300", Tag::decimal)),
            "123456789012345678901234567890.12300");
  EXPECT_EQ(both("numeric", Kind::integer, text("-98765432109876543210", Tag::decimal)), "-98765432109876543210");
  EXPECT_EQ(both("numeric", Kind::real, real(1e20)), "100000000000000000000");
  EXPECT_EQ(both("numeric", Kind::real, real(1e-7)), "0.0000001");
  EXPECT_EQ(both("numeric", Kind::text, text("1.5e3")), "1500");
  EXPECT_EQ(both("numeric(10,3)", Kind::text, text("12.3456")), "12.346");
  EXPECT_EQ(both("numeric(4,2)", Kind::real, real(99.994)), "99.99");
  EXPECT_EQ(both("numeric", Kind::text, text("NaN")), "NaN");
  EXPECT_EQ(both("boolean", Kind::boolean, boolean(true)), "true");
  EXPECT_EQ(both("boolean", Kind::integer, integer(0)), "false");
  EXPECT_EQ(both("boolean", Kind::text, text("Yes")), "true");
  EXPECT_EQ(both("integer", Kind::boolean, boolean(true)), "1");
}

TEST_F(Types, TextsArriveByteByByte) {
  EXPECT_EQ(both("text", Kind::text, text("a\tb\\N\nc\r\\.\v")), "a\tb\\N\nc\r\\.\v");
  EXPECT_EQ(both("text", Kind::text, text("\\N")), "\\N");
  EXPECT_EQ(both("text", Kind::text, text("")), "");
  EXPECT_EQ(both("text", Kind::text, null()), "NULL");
  EXPECT_EQ(both("text", Kind::boolean, boolean(false)), "false");
  EXPECT_EQ(both("text", Kind::real, real(1)), "1.0");
  EXPECT_EQ(both("text", Kind::datetime, moment(kMoment), "Europe/Berlin"), "2019-11-01T02:02:03.500000+01:00");
  EXPECT_EQ(both("varchar(3)", Kind::text, text("äöü")), "äöü");
  EXPECT_EQ(both("char(5)", Kind::text, text("ab")), "ab");
}

TEST_F(Types, TimesAreInstantsOrWallClocks) {
  EXPECT_EQ(both("timestamptz", Kind::datetime, moment(kMoment), "Europe/Berlin"), "2019-11-01 01:02:03.5+00");
  EXPECT_EQ(both("timestamp", Kind::datetime, moment(kMoment), "Europe/Berlin"), "2019-11-01 02:02:03.5");
  EXPECT_EQ(both("timestamp", Kind::datetime, moment(kMoment)), "2019-11-01 01:02:03.5");
  EXPECT_EQ(both("timestamptz", Kind::datetime, moment(kMoment)), "2019-11-01 01:02:03.5+00");
  EXPECT_EQ(both("date", Kind::datetime, moment(1'572'563'000'000'000), "Europe/Berlin"), "2019-11-01");
  EXPECT_EQ(both("date", Kind::date, moment(-1, Tag::date)), "1969-12-31");
  EXPECT_EQ(both("date", Kind::date, moment(-719'162, Tag::date)), "0001-01-01");
  EXPECT_EQ(both("timestamp", Kind::date, moment(18'201, Tag::date)), "2019-11-01 00:00:00");
  EXPECT_EQ(both("timestamp", Kind::text, text("2019-11-01T01:02:03+05:00")), "2019-11-01 01:02:03");
}

TEST_F(Types, OtherTypesArriveToo) {
  execute("CREATE TYPE output_test.color AS ENUM ('red', 'gr''een')");
  execute(
      "CREATE DOMAIN output_test.small AS int CHECK (VALUE < 10); CREATE DOMAIN output_test.tiny AS output_test.small");
  EXPECT_EQ(both("json", Kind::json, text("{\"a\":  1}", Tag::json)), "{\"a\":  1}");
  EXPECT_EQ(both("jsonb", Kind::text, text("{\"a\":  1}")), "{\"a\": 1}");
  EXPECT_EQ(both("jsonb", Kind::boolean, boolean(true)), "true");
  EXPECT_EQ(both("uuid", Kind::text, text("{A0EEBC99-9c0b4ef8bb6d-6bb9bd380a11}")),
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
  EXPECT_EQ(both("output_test.color", Kind::text, text("gr'een")), "gr'een");
  EXPECT_EQ(both("output_test.tiny", Kind::integer, integer(9)), "9");
  EXPECT_EQ(both("int[]", Kind::text, text("{1,NULL,3}")), "{1,NULL,3}");
  EXPECT_EQ(both("bytea", Kind::text, text("\\xdead")), "\\xdead");
  EXPECT_EQ(both("interval", Kind::text, text("90 min")), "01:30:00");
}

TEST_F(Types, BadValuesAreRefusedBeforeTheyAreSent) {
  execute("CREATE TYPE output_test.color AS ENUM ('red')");
  EXPECT_EQ(both("integer", Kind::integer, integer(1LL << 31)), "BO423");
  EXPECT_EQ(both("integer", Kind::text, text("12.0")), "BO427");
  EXPECT_EQ(both("numeric(4,2)", Kind::real, real(99.995)), "BO423");
  EXPECT_EQ(both("varchar(3)", Kind::text, text("abcd")), "BO425");
  EXPECT_EQ(both("text", Kind::text, text(std::string_view("a\0", 2))), "BO424");
  EXPECT_EQ(both("text", Kind::text, text("\xC3")), "BO424");
  EXPECT_EQ(both("integer NOT NULL", Kind::integer, null()), "BO426");
  EXPECT_EQ(both("output_test.color", Kind::text, text("blue")), "BO427");
  EXPECT_EQ(both("date", Kind::text, text("Mozilla")), "BO427");
  EXPECT_EQ(both("int[]", Kind::json, text("[1]", Tag::json)), "BO427");
  EXPECT_EQ(both("uuid", Kind::text, text("x")), "BO427");
  EXPECT_EQ(both("jsonb", Kind::text, text("{")), "BO427");
}

TEST_F(Types, ARefusedRowLeavesTheOthers) {
  execute("CREATE TABLE output_test.t(id smallint, name varchar(2))");
  Writer writer(settings("t"));
  EXPECT_EQ(writer.batch({block_of({{"id", Kind::integer}, {"name", Kind::text}},
                                   {{integer(1), text("a")}, {integer(2), text("bcd")}, {integer(3), text("e")}})}),
            "");
  EXPECT_EQ(table("SELECT * FROM output_test.t ORDER BY id"), "1|a\n3|e");
  ASSERT_EQ(writer.rejects.size(), 1u);
  EXPECT_EQ(writer.rejects[0].message, "A text is longer than its column: output_test.t.name (character varying(2))");
  EXPECT_EQ(writer.rejects[0].excerpt, "bcd");
  EXPECT_EQ(writer.rejects[0].position, 1);

  EXPECT_EQ(writer.batch({block_of({{"id", Kind::integer}, {"name", Kind::text}}, {{integer(4), text("\xC3(\n")}})}),
            "");
  EXPECT_EQ(writer.rejects[1].excerpt, "?(?");
}

}  // namespace
}  // namespace batchout::postgres
