// Cells before and after each cast. Results are shown as JSON text; a failed cast is "failed".

#include "data/cast.h"

#include <gtest/gtest.h>

#include <limits>

#include "data/render.h"

namespace batchout {
namespace {

Cell integer(std::int64_t value) {
  return {.tag = Tag::integer, .integer = value, .text = {}};
}
Cell real(double value) {
  return {.tag = Tag::real, .real = value, .text = {}};
}
// A number of a payload, with its digits.
Cell written(double value, std::string_view digits) {
  return {.tag = Tag::real, .real = value, .text = digits};
}
Cell boolean(bool value) {
  return {.tag = Tag::boolean, .integer = value ? 1 : 0, .text = {}};
}
Cell bytes(Tag tag, std::string_view value) {
  return {.tag = tag, .text = value};
}
Cell text(std::string_view value) {
  return bytes(Tag::text, value);
}
Cell json(std::string_view value) {
  return bytes(Tag::json, value);
}
Cell digits(std::string_view value) {
  return bytes(Tag::decimal, value);
}
Cell datetime(std::int64_t us) {
  return {.tag = Tag::datetime, .integer = us, .text = {}};
}

std::string result(const Cast& cast, const Cell& value) {
  Column column;
  CastFailures failures;
  append_cast(cast, value, column, failures);
  EXPECT_EQ(column.size(), 1u);
  if (failures.count > 0) {
    EXPECT_EQ(column.tag(0), Tag::null);
    return "failed";
  }
  std::string shown;
  append_json(column.cell(0), cast.zone, shown);
  return shown;
}

struct Case {
  Cell value;
  const char* expected;
};

void expect_all(const Cast& cast, std::initializer_list<Case> cases) {
  int number = 0;
  for (const auto& [value, expected] : cases) {
    std::string shown;
    append_json(value, nullptr, shown);
    EXPECT_EQ(result(cast, value), expected) << "case " << number++ << ": " << shown;
  }
}

Cast to(Kind kind) {
  Cast cast;
  cast.kind = kind;
  return cast;
}

Cast to_time(Kind kind, TimeParser parser, const char* zone = "UTC", std::string format = {}) {
  Cast cast = to(kind);
  cast.parser = parser;
  cast.format = std::move(format);
  if (zone != nullptr) cast.zone = TimeZone::find(zone);
  return cast;
}

TEST(Cast, AbsentAndNullStayWhatTheyAre) {
  for (const Kind kind : {Kind::boolean, Kind::integer, Kind::text, Kind::json, Kind::datetime, Kind::dynamic}) {
    Column column;
    CastFailures failures;
    append_cast(to(kind), {}, column, failures);
    append_cast(to(kind), {.tag = Tag::null, .text = {}}, column, failures);
    EXPECT_EQ(column.tag(0), Tag::absent);
    EXPECT_EQ(column.tag(1), Tag::null);
    EXPECT_EQ(failures.count, 0u);
  }
}

TEST(Cast, TextIsWhatTheValueLooksLike) {
  expect_all(to(Kind::text), {{integer(1), "\"1\""},
                              {text("s"), "\"s\""},
                              {text(" 7 "), "\" 7 \""},
                              {text(""), "\"\""},
                              {real(1.5), "\"1.5\""},
                              {real(100), "\"100.0\""},
                              {real(1e15), "\"1000000000000000.0\""},
                              {real(1e16), "\"1e+16\""},
                              {real(1e-5), "\"1e-05\""},
                              {real(-0.0), "\"-0.0\""},
                              {integer(std::numeric_limits<std::int64_t>::min()), "\"-9223372036854775808\""},
                              {digits("123456789012345678901234567890"), "\"123456789012345678901234567890\""},
                              {boolean(true), "\"true\""},
                              {json("[1, \"a\", null]"), "\"[1, \\\"a\\\", null]\""},
                              {json("{}"), "\"{}\""}});
}

TEST(Cast, IntegerTruncatesAndKeepsAllDigits) {
  expect_all(to(Kind::integer), {{integer(1), "1"},
                                 {text("1"), "1"},
                                 {text(" 12 "), "12"},
                                 {text("+5"), "5"},
                                 {text("-7"), "-7"},
                                 {text("12.0"), "failed"},
                                 {real(12.7), "12"},
                                 {real(-12.7), "-12"},
                                 {real(1e5), "100000"},
                                 {real(-0.0), "0"},
                                 {real(1e16), "10000000000000000"},
                                 {real(9223372036854775808.0), "9223372036854775808"},
                                 {real(-9223372036854775808.0), "-9223372036854775808"},
                                 {real(1e22), "10000000000000000000000"},
                                 {real(std::numeric_limits<double>::quiet_NaN()), "failed"},
                                 {real(std::numeric_limits<double>::infinity()), "failed"},
                                 {boolean(true), "1"},
                                 {boolean(false), "0"},
                                 {text("true"), "failed"},
                                 {text("abc"), "failed"},
                                 {text(""), "failed"},
                                 {text("0x10"), "failed"},
                                 {text("1e3"), "failed"},
                                 {text("1,5"), "failed"},
                                 {text("  1.5\n"), "failed"},
                                 {text("9223372036854775808"), "9223372036854775808"},
                                 {digits("-9223372036854775809"), "-9223372036854775809"},
                                 {digits("2.75"), "2"},
                                 {json("[]"), "failed"},
                                 {json("[1]"), "failed"},
                                 {json("{\"a\": 1}"), "failed"}});
}

TEST(Cast, FloatTakesNumbersAndNumericText) {
  expect_all(to(Kind::real), {{integer(1), "1.0"},
                              {text(" 12 "), "12.0"},
                              {text("  1.5\n"), "1.5"},
                              {text("1e3"), "1000.0"},
                              {real(-12.7), "-12.7"},
                              {boolean(true), "1.0"},
                              {text("true"), "failed"},
                              {text(""), "failed"},
                              {text("1,5"), "failed"},
                              {text("0x10"), "failed"},
                              {integer(std::numeric_limits<std::int64_t>::max()), "9.223372036854776e+18"},
                              {digits("123456789012345678901234567890"), "1.2345678901234568e+29"},
                              {digits("1e999"), "failed"},
                              {json("[1]"), "failed"}});
}

TEST(Cast, BooleanKnowsWords) {
  expect_all(to(Kind::boolean),
             {{boolean(true), "true"}, {boolean(false), "false"}, {integer(1), "true"},  {integer(0), "false"},
              {integer(-1), "failed"}, {real(0), "false"},        {real(1), "true"},     {real(2.5), "failed"},
              {text("TRUE"), "true"},  {text("false"), "false"},  {text("Yes"), "true"}, {text("n"), "false"},
              {text(" on "), "true"},  {text("OFF"), "false"},    {text("0"), "false"},  {text("t"), "true"},
              {text("2"), "failed"},   {text(""), "failed"},      {text("x"), "failed"}, {json("[]"), "failed"},
              {digits("1"), "failed"}});
}

TEST(Cast, TruthIsEmptinessWhereAskedFor) {
  Cast cast = to(Kind::boolean);
  cast.truthy = true;
  expect_all(cast, {{boolean(false), "false"},
                    {integer(-1), "true"},
                    {real(0), "false"},
                    {text("x"), "true"},
                    {text(""), "false"},
                    {text("false"), "true"},
                    {text("0"), "true"},
                    {json("[ ]"), "false"},
                    {json("[0]"), "true"},
                    {json("{}"), "false"},
                    {json("{\"a\": null}"), "true"}});
}

TEST(Cast, DecimalKeepsDigits) {
  expect_all(to(Kind::decimal), {{integer(-3), "-3"},
                                 {real(1.25), "1.25"},
                                 {digits("1.10"), "1.10"},
                                 {written(1.1, "1.10"), "1.10"},
                                 {written(std::numeric_limits<double>::infinity(), "1e400"), "1e400"},
                                 {text(" 1.10 "), "1.10"},
                                 {text("+01_0.50"), "10.50"},
                                 {text("1__0"), "failed"},
                                 {text("inf"), "failed"},
                                 {text("x"), "failed"},
                                 {real(std::numeric_limits<double>::infinity()), "failed"},
                                 {json("{}"), "failed"}});
}

TEST(Cast, JsonHoldsAnyValue) {
  expect_all(
      to(Kind::json),
      {{json("{\"a\": 1}"), "{\"a\": 1}"}, {text("a\"b"), "\"a\\\"b\""}, {real(1), "1.0"}, {boolean(true), "true"}});
}

TEST(Cast, DynamicCopiesTheCell) {
  expect_all(to(Kind::dynamic), {{integer(1), "1"}, {text("1"), "\"1\""}, {json("[1]"), "[1]"}, {real(1), "1.0"}});
}

TEST(Cast, IsoTimesTakeTheZoneIfTheyHaveNone) {
  expect_all(to_time(Kind::datetime, TimeParser::iso),
             {{text("2019-11-01T01:02:03"), "\"2019-11-01T01:02:03+00:00\""},
              {text("2019-11-01T01:02:03.5Z"), "\"2019-11-01T01:02:03.500000+00:00\""},
              {text("2019-11-01T01:02:03.123456+02:00"), "\"2019-10-31T23:02:03.123456+00:00\""},
              {text("2019-11-01"), "\"2019-11-01T00:00:00+00:00\""},
              {integer(20191101), "\"2019-11-01T00:00:00+00:00\""},
              {integer(5), "failed"},
              {text("2019-02-30"), "failed"},
              {text(""), "failed"},
              {boolean(true), "failed"},
              {json("[]"), "failed"}});
  expect_all(to_time(Kind::datetime, TimeParser::iso, "America/New_York"),
             {{text("2019-07-01T12:00:00"), "\"2019-07-01T12:00:00-04:00\""},
              {text("2019-07-01T12:00:00Z"), "\"2019-07-01T08:00:00-04:00\""},
              {text("2019-12-01T12:00:00+02:00"), "\"2019-12-01T05:00:00-05:00\""},
              {text("0001-01-01T00:00:00"), "\"0001-01-01T00:00:00-04:56:02\""},
              {text("0001-01-01T00:00:00Z"), "failed"}});
  expect_all(to_time(Kind::datetime, TimeParser::iso, nullptr),
             {{text("2019-07-01T12:00:00"), "\"2019-07-01T12:00:00\""},
              {text("2019-07-01T12:00:00+02:00"), "\"2019-07-01T10:00:00\""},
              {text("9999-12-31T23:59:59-01:00"), "failed"}});
}

TEST(Cast, UnixTimesAreInstants) {
  expect_all(to_time(Kind::datetime, TimeParser::unix, "Asia/Tokyo"),
             {{integer(0), "\"1970-01-01T09:00:00+09:00\""},
              {text("1572570000"), "\"2019-11-01T10:00:00+09:00\""},
              {real(1572570000.5), "\"2019-11-01T10:00:00.500000+09:00\""},
              {text("1e9"), "\"2001-09-09T10:46:40+09:00\""},
              {integer(1572570000123), "failed"},
              {real(std::numeric_limits<double>::infinity()), "failed"},
              {digits("100000000000000000000"), "failed"},
              {boolean(true), "failed"},
              {text("x"), "failed"},
              {json("[1]"), "failed"}});
  expect_all(to_time(Kind::date, TimeParser::unix, "Asia/Tokyo"), {{integer(1572653000 - 8 * 3600), "\"2019-11-02\""}});
  expect_all(to_time(Kind::date, TimeParser::unix, nullptr), {{integer(1572653000), "\"2019-11-02\""}});
}

TEST(Cast, CustomTimesFollowTheirFormat) {
  expect_all(to_time(Kind::datetime, TimeParser::custom, "UTC", "%Y-%m-%d %H:%M:%S %z"),
             {{text("2019-11-01 01:02:03 +0200"), "\"2019-10-31T23:02:03+00:00\""}, {text("2019-11-01"), "failed"}});
  expect_all(to_time(Kind::datetime, TimeParser::custom, "Europe/Berlin", "%Y%m%d"),
             {{integer(20190701), "\"2019-07-01T00:00:00+02:00\""}, {json("20190701"), "failed"}});
  expect_all(to_time(Kind::date, TimeParser::custom, "Asia/Tokyo", "%Y-%m-%d %H:%M %z"),
             {{text("2021-06-05 23:30 +0000"), "\"2021-06-06\""}});
  expect_all(to_time(Kind::date, TimeParser::custom, "Asia/Tokyo", "%d.%m.%Y"),
             {{text("05.06.2021"), "\"2021-06-05\""}});
}

TEST(Cast, IsoDatesAreDatesOnly) {
  expect_all(to_time(Kind::date, TimeParser::iso), {{text("2019-11-01"), "\"2019-11-01\""},
                                                    {text("20191231"), "\"2019-12-31\""},
                                                    {integer(20191231), "\"2019-12-31\""},
                                                    {text("0001-01-01"), "\"0001-01-01\""},
                                                    {text("2019-11-01T01:02:03"), "failed"},
                                                    {text("2019-02-29"), "failed"}});
}

TEST(Cast, LenientTimesAreUtcBeforeTheyAreConverted) {
  expect_all(to_time(Kind::datetime, TimeParser::lenient, "Europe/Berlin"),
             {{text("2019-07-01T12:00:00"), "\"2019-07-01T14:00:00+02:00\""},
              {text("2019-12-01T23:30:00-05:00"), "\"2019-12-02T05:30:00+01:00\""},
              {text("2019"), "\"2019-01-01T01:00:00+01:00\""},
              {integer(1572570000), "\"2019-11-01T02:00:00+01:00\""},
              {integer(1572570000123), "\"2019-11-01T02:00:00.123000+01:00\""},
              {real(1572570000.5), "\"2019-11-01T02:00:00.500000+01:00\""},
              {text("1572570000"), "failed"},
              {text("chrome"), "failed"},
              {real(std::numeric_limits<double>::infinity()), "failed"},
              {boolean(true), "failed"},
              {json("[1]"), "failed"}});
  expect_all(to_time(Kind::date, TimeParser::lenient, "Asia/Tokyo"),
             {{text("2019-11-01T20:00:00"), "\"2019-11-02\""}, {text("2019-11-01"), "\"2019-11-01\""}});
}

TEST(Cast, TimesOfDatabasesAreTakenAsTheyAre) {
  const Cell day{.tag = Tag::date, .integer = 18201, .text = {}};
  EXPECT_EQ(result(to_time(Kind::datetime, TimeParser::iso, "Europe/Berlin"), day), "\"2019-11-01T00:00:00+01:00\"");
  EXPECT_EQ(result(to_time(Kind::date, TimeParser::iso, "Asia/Tokyo"), datetime(1'572'566'400'000'000 - 1)),
            "\"2019-11-01\"");
  EXPECT_EQ(result(to_time(Kind::text, TimeParser::iso), day), "\"2019-11-01\"");
  for (const auto us : {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(result(to_time(Kind::datetime, TimeParser::iso, "Asia/Tokyo"), datetime(us)), "failed");
    EXPECT_EQ(result(to_time(Kind::date, TimeParser::iso, "Asia/Tokyo"), datetime(us)), "failed");
  }
}

TEST(Cast, DigitsAreKeptOnlyWhereTheyAreAskedFor) {
  EXPECT_EQ(result(to(Kind::text), written(1.1, "1.10")), "\"1.1\"");
  EXPECT_EQ(result(to(Kind::dynamic), written(1.1, "1.10")), "1.1");
  Cast digits = to(Kind::dynamic);
  digits.keeps_digits = true;
  EXPECT_EQ(result(digits, written(1.1, "1.10")), "1.10");
  EXPECT_EQ(result(digits, integer(5)), "5");
}

TEST(Cast, NulCharactersAreLeftTakenOutOrReplaced) {
  const std::string_view value("a\0b\0", 4);
  Cast cast = to(Kind::text);
  EXPECT_EQ(result(cast, text(value)), R"("a\u0000b\u0000")");
  cast.nul = NulPolicy::strip;
  EXPECT_EQ(result(cast, text(value)), "\"ab\"");
  EXPECT_EQ(result(cast, text("plain")), "\"plain\"");
  cast.nul = NulPolicy::replace;
  EXPECT_EQ(result(cast, text(value)), "\"a\uFFFDb\uFFFD\"");
}

TEST(Cast, FailuresOfOtherPoliciesAreMarkedAndNotCounted) {
  Column column;
  CastFailures failures;
  Cast cast = to(Kind::integer);
  cast.on_error = OnError::reject_row;
  append_cast(cast, text(""), column, failures);
  append_cast(cast, text(std::string(300, 'x')), column, failures);
  append_cast(cast, {.tag = Tag::null, .text = {}}, column, failures);
  append_cast(cast, text("7"), column, failures);
  EXPECT_EQ(failures.count, 0u);
  EXPECT_TRUE(column.failed(0));
  EXPECT_EQ(column.excerpt(0), "");
  EXPECT_TRUE(column.failed(1));
  EXPECT_EQ(column.excerpt(1), std::string(256, 'x'));
  EXPECT_EQ(column.tag(1), Tag::null);
  EXPECT_FALSE(column.failed(2));
  EXPECT_EQ(column.integer(3), 7);
  // Elsewhere it is any null: the excerpt stays behind.
  Column copy;
  copy.append(column.cell(1));
  EXPECT_FALSE(copy.failed(0));
  column.truncate(1);
  column.append_null();
  EXPECT_FALSE(column.failed(1));
}

TEST(Cast, TellsWhichValuesNeverFit) {
  const Tags containers = tags_of(Tag::json);
  for (const Kind kind : {Kind::boolean, Kind::integer, Kind::real, Kind::decimal, Kind::date, Kind::datetime})
    EXPECT_EQ(castable(to(kind)) & containers, 0);
  for (const Kind kind : {Kind::text, Kind::json, Kind::dynamic}) EXPECT_NE(castable(to(kind)) & containers, 0);
  EXPECT_EQ(castable(to(Kind::datetime)) & tags_of(Tag::boolean), 0);
}

TEST(Cast, FailuresAreCountedWithTheFirstAsSample) {
  Column column;
  CastFailures failures;
  const std::string long_text = std::string(63, 'x') + "é and more";
  append_cast(to(Kind::integer), text(long_text), column, failures);
  append_cast(to(Kind::integer), text("second"), column, failures);
  EXPECT_EQ(failures.count, 2u);
  EXPECT_EQ(failures.sample, std::string(63, 'x'));
  failures.clear();
  append_cast(to_time(Kind::datetime, TimeParser::iso), boolean(true), column, failures);
  EXPECT_EQ(failures.count, 1u);
  EXPECT_EQ(failures.sample, "true");
  EXPECT_EQ(column.size(), 3u);
}

}  // namespace
}  // namespace batchout
