// From cells to values of a column's type: what is taken, what is refused.

#include "components/postgres/convert.h"

#include <gtest/gtest.h>

#include <cmath>

#include "../harness.h"

namespace batchout::postgres {
namespace {

using testing::boolean;
using testing::integer;
using testing::moment;
using testing::null;
using testing::real;
using testing::text;

constexpr std::int64_t kMoment = 1'572'570'123'000'000;  // 2019-11-01T01:02:03Z

class Convert : public ::testing::Test {
 protected:
  Refusal to(Family family, const Cell& cell, Format format = Format::text) {
    column_.family = family;
    return converter_.convert(cell, column_, zone_, format, value_);
  }
  std::int64_t integer_to(Family family, const Cell& cell, Format format = Format::binary) {
    EXPECT_EQ(to(family, cell, format), Refusal::none);
    EXPECT_EQ(value_.form, Value::Form::integer);
    return value_.integer;
  }
  std::string text_to(Family family, const Cell& cell) {
    EXPECT_EQ(to(family, cell), Refusal::none);
    return std::string(value_.text);
  }

  TargetColumn column_;
  const TimeZone* zone_ = TimeZone::utc();
  Converter converter_;
  Value value_;
};

TEST_F(Convert, IntegersKeepTheirRange) {
  EXPECT_EQ(integer_to(Family::int2, integer(-32768)), -32768);
  EXPECT_EQ(to(Family::int2, integer(32768)), Refusal::range);
  EXPECT_EQ(to(Family::int4, integer(1LL << 31)), Refusal::range);
  EXPECT_EQ(integer_to(Family::int8, text(" +42 ")), 42);
  EXPECT_EQ(integer_to(Family::int8, boolean(true)), 1);
  EXPECT_EQ(to(Family::int8, text("9223372036854775808")), Refusal::range);
  EXPECT_EQ(to(Family::int8, text("9223372036854775808", Tag::decimal)), Refusal::range);
  EXPECT_EQ(to(Family::int8, text("12.0")), Refusal::mismatch);
  EXPECT_EQ(to(Family::int8, text("")), Refusal::mismatch);
  EXPECT_EQ(to(Family::int8, text("1x")), Refusal::mismatch);
  EXPECT_EQ(to(Family::int8, moment(1)), Refusal::mismatch);
  EXPECT_EQ(to(Family::int8, text("[1]", Tag::json)), Refusal::mismatch);
}

TEST_F(Convert, RealsRoundIntoIntegersLikeTheServersCast) {
  EXPECT_EQ(integer_to(Family::int4, real(2.5)), 2);
  EXPECT_EQ(integer_to(Family::int4, real(3.5)), 4);
  EXPECT_EQ(to(Family::int8, real(0x1p63)), Refusal::range);
  EXPECT_EQ(to(Family::int8, real(NAN)), Refusal::range);
  EXPECT_EQ(integer_to(Family::int8, text("2.5", Tag::decimal)), 3);
}

TEST_F(Convert, FloatsRefuseWhatOverflows) {
  EXPECT_EQ(to(Family::float8, text(" 1.5e3 ")), Refusal::none);
  EXPECT_EQ(value_.real, 1500);
  EXPECT_EQ(to(Family::float8, text("-Infinity")), Refusal::none);
  EXPECT_EQ(to(Family::float4, real(1e300)), Refusal::range);
  EXPECT_EQ(to(Family::float4, real(1e-300)), Refusal::range);
  EXPECT_EQ(to(Family::float8, text("1e999")), Refusal::range);
  for (const std::string_view bad : {"", "1,5", "nan(1)", "0x10", "e5", "1 2"})
    EXPECT_EQ(to(Family::float8, text(bad)), Refusal::mismatch) << bad;
}

TEST_F(Convert, NumericsKeepTheirDigits) {
  EXPECT_EQ(text_to(Family::numeric, text("12.3400", Tag::decimal)), "12.3400");
  EXPECT_EQ(text_to(Family::numeric, real(7)), "7");
  EXPECT_EQ(text_to(Family::numeric, integer(-5)), "-5");
  EXPECT_EQ(to(Family::numeric, text("12,5")), Refusal::mismatch);
  column_.precision = 4;
  column_.scale = 2;
  EXPECT_EQ(to(Family::numeric, integer(100)), Refusal::range);
}

TEST_F(Convert, BooleansComeFromWordsAndBits) {
  for (const std::string_view word : {"t", "TRUE", "yes", "y", "on", "1"})
    EXPECT_EQ(integer_to(Family::boolean, text(word)), 1) << word;
  for (const std::string_view word : {"f", " false ", "no", "of", "0"})
    EXPECT_EQ(integer_to(Family::boolean, text(word)), 0) << word;
  for (const std::string_view word : {"", "o", "truee", "2", "maybe"})
    EXPECT_EQ(to(Family::boolean, text(word)), Refusal::mismatch) << word;
  EXPECT_EQ(integer_to(Family::boolean, integer(0)), 0);
  EXPECT_EQ(to(Family::boolean, integer(2)), Refusal::mismatch);
}

TEST_F(Convert, TextsKeepLengthAndCharacters) {
  column_.characters = 3;
  EXPECT_EQ(text_to(Family::text, text("äöü")), "äöü");
  EXPECT_EQ(text_to(Family::text, text("abc   ")), "abc   ");
  EXPECT_EQ(to(Family::text, text("abcd")), Refusal::length);
  EXPECT_EQ(to(Family::text, text(std::string_view("a\0b", 3))), Refusal::characters);
  EXPECT_EQ(to(Family::text, text("\xff")), Refusal::characters);
  column_.characters = -1;
  EXPECT_EQ(text_to(Family::text, boolean(true)), "true");
  EXPECT_EQ(text_to(Family::text, moment(kMoment)), "2019-11-01T01:02:03+00:00");
}

TEST_F(Convert, StorableTextIsUtf8WithoutNul) {
  for (const std::string_view good : {"", "plain ascii of some length", "Grüße", "\xF4\x8F\xBF\xBF", "12345678ä"})
    EXPECT_TRUE(storable_text(good)) << good;
  for (const std::string_view bad :
       {std::string_view("1234567\0"
                         "9",
                         9),
        std::string_view("\xC0\x80"), std::string_view("\xED\xA0\x80"), std::string_view("\xF4\x90\x80\x80"),
        std::string_view("\xE2\x82"), std::string_view("12345678\x80"), std::string_view("\xF5\x80\x80\x80"),
        std::string_view("\xE0\x80\x80")})
    EXPECT_FALSE(storable_text(bad)) << bad;
}

TEST_F(Convert, TimesAreInstantsOrWallClocks) {
  constexpr std::int64_t kSince2000 = kMoment - 946'684'800'000'000;
  zone_ = TimeZone::find("Europe/Berlin");
  EXPECT_EQ(integer_to(Family::timestamptz, moment(kMoment)), kSince2000);
  EXPECT_EQ(integer_to(Family::timestamp, moment(kMoment)), kSince2000 + 3'600'000'000);
  EXPECT_EQ(integer_to(Family::date, moment(kMoment)), 18'201 - 10'957);
  EXPECT_EQ(integer_to(Family::date, moment(-1, Tag::date)), -10'958);
  EXPECT_EQ(integer_to(Family::timestamp, moment(10'957, Tag::date)), 0);
  EXPECT_EQ(text_to(Family::timestamptz, moment(kMoment)), "2019-11-01T02:02:03+01:00");
  EXPECT_EQ(to(Family::timestamp, moment(std::numeric_limits<std::int64_t>::max()), Format::binary), Refusal::range);
  EXPECT_EQ(to(Family::timestamp, moment(std::numeric_limits<std::int64_t>::min(), Tag::date), Format::binary),
            Refusal::range);
  zone_ = nullptr;
  EXPECT_EQ(text_to(Family::timestamptz, moment(kMoment)), "2019-11-01T01:02:03");
  EXPECT_EQ(to(Family::timestamp, integer(5)), Refusal::mismatch);
}

TEST_F(Convert, TextsWithATimeGoToTheServerIfTheyCanBeOne) {
  for (const std::string_view good : {"2019-11-01", "Jan 5 2019", "infinity", " now ", "20191101T010203"})
    EXPECT_EQ(text_to(Family::timestamptz, text(good)), good);
  for (const std::string_view bad : {"", "abc", "2019-13-01", "2019-00-10", "2019-01-32T00:00:00"})
    EXPECT_EQ(to(Family::date, text(bad)), Refusal::mismatch) << bad;
}

TEST_F(Convert, JsonIsCheckedBeforeItIsSent) {
  EXPECT_EQ(text_to(Family::jsonb, text(R"({"k": [1, 2]})")), R"({"k": [1, 2]})");
  EXPECT_EQ(text_to(Family::jsonb, text(R"("\u00e4")", Tag::json)), R"("\u00e4")");
  EXPECT_EQ(to(Family::jsonb, text(R"("\u0000")", Tag::json)), Refusal::characters);
  EXPECT_EQ(to(Family::json, text(R"("\u0000")", Tag::json)), Refusal::none);
  EXPECT_EQ(to(Family::jsonb, text("plain")), Refusal::mismatch);
  EXPECT_EQ(text_to(Family::jsonb, integer(5)), "5");
  EXPECT_EQ(text_to(Family::jsonb, moment(18'201, Tag::date)), "\"2019-11-01\"");
  EXPECT_EQ(to(Family::jsonb, real(INFINITY)), Refusal::range);
}

TEST_F(Convert, UuidsLabelsAndArraysAreCheckedByShape) {
  EXPECT_EQ(to(Family::uuid, text("{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"), Format::binary), Refusal::none);
  EXPECT_EQ(value_.text, std::string_view("\xa0\xee\xbc\x99\x9c\x0b\x4e\xf8\xbb\x6d\x6b\xb9\xbd\x38\x0a\x11"));
  for (const std::string_view bad : {"", "a0ee", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g", "{}",
                                     "a0eebc99--9c0b4ef8bb6d6bb9bd380a11", "a0eebc999c0b4ef8bb6d6bb9bd380a11ff"})
    EXPECT_EQ(to(Family::uuid, text(bad)), Refusal::mismatch) << bad;
  column_.labels = {"red", "green"};
  EXPECT_EQ(text_to(Family::enumeration, text("red")), "red");
  EXPECT_EQ(to(Family::enumeration, text("Red")), Refusal::mismatch);
  EXPECT_EQ(text_to(Family::array, text("{1,2}")), "{1,2}");
  EXPECT_EQ(to(Family::array, text("[1,2]", Tag::json)), Refusal::mismatch);
}

TEST_F(Convert, NullsAreRefusedWhereTheColumnTakesNone) {
  EXPECT_EQ(to(Family::int4, null()), Refusal::none);
  column_.not_null = true;
  EXPECT_EQ(to(Family::int4, Cell{}), Refusal::null);
}

}  // namespace
}  // namespace batchout::postgres
