// Cells as text and as JSON.

#include "data/render.h"

#include <gtest/gtest.h>

#include <limits>

namespace batchout {
namespace {

using namespace std::string_view_literals;

std::string as_text(const Cell& cell, const TimeZone* zone = nullptr) {
  std::string text;
  append_text(cell, zone, text);
  return text;
}

std::string as_json(const Cell& cell, const TimeZone* zone = nullptr) {
  std::string json;
  append_json(cell, zone, json);
  return json;
}

Cell real(double value) {
  return {.tag = Tag::real, .real = value, .text = {}};
}

TEST(Render, MissingValuesAreNothingOrNull) {
  EXPECT_EQ(as_text({}), "");
  EXPECT_EQ(as_json({}), "null");
  EXPECT_EQ(as_json({.tag = Tag::null, .text = {}}), "null");
}

TEST(Render, NumbersKeepTheirKind) {
  EXPECT_EQ(as_json({.tag = Tag::integer, .integer = -5, .text = {}}), "-5");
  EXPECT_EQ(as_json(real(5)), "5.0");
  EXPECT_EQ(as_json({.tag = Tag::decimal, .text = "123456789012345678901234567890"}), "123456789012345678901234567890");
  EXPECT_EQ(as_json({.tag = Tag::boolean, .integer = 1, .text = {}}), "true");
  EXPECT_EQ(as_text({.tag = Tag::boolean, .integer = 0, .text = {}}), "false");
}

TEST(Render, JsonHasNoInfiniteNumbers) {
  EXPECT_EQ(as_json(real(std::numeric_limits<double>::infinity())), "null");
  EXPECT_EQ(as_json(real(std::numeric_limits<double>::quiet_NaN())), "null");
  EXPECT_EQ(as_text(real(-std::numeric_limits<double>::infinity())), "-inf");
}

TEST(Render, TimesAreIsoInTheirZone) {
  const Cell time{.tag = Tag::datetime, .integer = 1'572'570'123'500'000, .text = {}};
  EXPECT_EQ(as_text(time), "2019-11-01T01:02:03.500000");
  EXPECT_EQ(as_text(time, TimeZone::find("Asia/Kolkata")), "2019-11-01T06:32:03.500000+05:30");
  EXPECT_EQ(as_json(time, TimeZone::utc()), "\"2019-11-01T01:02:03.500000+00:00\"");
  EXPECT_EQ(as_json({.tag = Tag::date, .integer = 18201, .text = {}}), "\"2019-11-01\"");
}

TEST(Render, JsonStaysAsDelivered) {
  EXPECT_EQ(as_json({.tag = Tag::json, .text = "{ \"a\":1 }"}), "{ \"a\":1 }");
  EXPECT_EQ(as_text({.tag = Tag::json, .text = "[1, 2]"}), "[1, 2]");
}

TEST(Render, StringsEscapeOnlyWhatTheyMust) {
  constexpr auto text = "a\"b\\c/\b\t\n\v\f\r\x1f\0\x7f é😀"sv;
  EXPECT_EQ(as_json({.tag = Tag::text, .text = text}), "\"a\\\"b\\\\c/\\b\\t\\n\\u000b\\f\\r\\u001f\\u0000\x7f é😀\"");
  EXPECT_EQ(as_json({.tag = Tag::text, .text = ""}), "\"\"");
  EXPECT_EQ(as_text({.tag = Tag::text, .text = text}), text);
}

}  // namespace
}  // namespace batchout
