// Values as the server writes them, as JSON.

#include "components/postgres/json_form.h"

#include <gtest/gtest.h>

namespace batchout::postgres {
namespace {

std::string as(JsonForm form, std::string_view text) {
  std::string out;
  append_as(form, text, out);
  return out;
}

std::string array(JsonForm form, std::string_view text, char delimiter = ',') {
  std::string out = "x";
  append_array(form, delimiter, text, out);
  return out.substr(1);
}

TEST(JsonForms, NumbersKeepTheirDigits) {
  EXPECT_EQ(as(JsonForm::integer, "-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(as(JsonForm::real, "1"), "1.0");
  EXPECT_EQ(as(JsonForm::real, "-0"), "-0.0");
  EXPECT_EQ(as(JsonForm::real, "1.5"), "1.5");
  EXPECT_EQ(as(JsonForm::real, "1e+20"), "1e+20");
  for (const char* text : {"NaN", "Infinity", "-Infinity"})
    EXPECT_EQ(as(JsonForm::real, text), '"' + std::string(text) + '"');
  EXPECT_EQ(as(JsonForm::text, "1.50"), "\"1.50\"");
  EXPECT_EQ(as(JsonForm::boolean, "t") + as(JsonForm::boolean, "f"), "truefalse");
  EXPECT_EQ(as(JsonForm::json, "{\"a\" : 1}"), "{\"a\" : 1}");
}

TEST(JsonForms, TimesHaveSixDigitsAndMinutesOfOffset) {
  EXPECT_EQ(as(JsonForm::time, "2019-11-01 01:02:03"), "\"2019-11-01 01:02:03\"");
  EXPECT_EQ(as(JsonForm::time, "2019-11-01 01:02:03.5"), "\"2019-11-01 01:02:03.500000\"");
  EXPECT_EQ(as(JsonForm::time, "2019-11-01 01:02:03.123456+00"), "\"2019-11-01 01:02:03.123456+00:00\"");
  EXPECT_EQ(as(JsonForm::time, "2019-11-01 01:02:03-05:30"), "\"2019-11-01 01:02:03-05:30\"");
  EXPECT_EQ(as(JsonForm::time, "0044-03-15 00:00:00.25+00 BC"), "\"0044-03-15 00:00:00.250000+00:00 BC\"");
  EXPECT_EQ(as(JsonForm::time, "0044-03-15 00:00:00 BC"), "\"0044-03-15 00:00:00 BC\"");
  EXPECT_EQ(as(JsonForm::time, "01:02:03.5-07"), "\"01:02:03.500000-07:00\"");
  EXPECT_EQ(as(JsonForm::time, "-infinity"), "\"-infinity\"");
  EXPECT_EQ(as(JsonForm::time, ""), "\"\"");
}

TEST(JsonForms, IntervalsAreDaysAndHoursUnlessTheyHaveMonths) {
  EXPECT_EQ(as(JsonForm::interval, "00:05:00"), "\"0:05:00\"");
  EXPECT_EQ(as(JsonForm::interval, "1 day 02:03:04.5"), "\"1 day, 2:03:04.500000\"");
  EXPECT_EQ(as(JsonForm::interval, "30:00:00"), "\"1 day, 6:00:00\"");
  EXPECT_EQ(as(JsonForm::interval, "-00:05:00"), "\"-1 day, 23:55:00\"");
  EXPECT_EQ(as(JsonForm::interval, "3 days"), "\"3 days, 0:00:00\"");
  EXPECT_EQ(as(JsonForm::interval, "-2 days +01:00:00"), "\"-2 days, 1:00:00\"");
  EXPECT_EQ(as(JsonForm::interval, "1 year 2 mons 3 days"), "\"1 year 2 mons 3 days\"");
  EXPECT_EQ(as(JsonForm::interval, "2147483647 days"), "\"2147483647 days\"");
  EXPECT_EQ(as(JsonForm::interval, "1:x"), "\"1:x\"");
}

TEST(JsonForms, ArraysAreLists) {
  EXPECT_EQ(array(JsonForm::integer, "{7,8,NULL}"), "[7,8,null]");
  EXPECT_EQ(array(JsonForm::integer, "{}"), "[]");
  EXPECT_EQ(array(JsonForm::integer, "[2:3]={1,2}"), "[1,2]");
  EXPECT_EQ(array(JsonForm::integer, "[1:1][-2:-1]={{1,2}}"), "[[1,2]]");
  EXPECT_EQ(array(JsonForm::text, "{a,\"b c\",\"NULL\",\"x\\\"y\\\\z\",\"\",\"{1}\"}"),
            "[\"a\",\"b c\",\"NULL\",\"x\\\"y\\\\z\",\"\",\"{1}\"]");
  EXPECT_EQ(array(JsonForm::json, "{\"{\\\"k\\\": [1, 2]}\",\"null\",NULL}"), "[{\"k\": [1, 2]},null,null]");
  EXPECT_EQ(array(JsonForm::text, "{(1,2),(0,0);(3,4),(2,2)}", ';'), R"x(["(1,2),(0,0)","(3,4),(2,2)"])x");
  EXPECT_EQ(array(JsonForm::real, "{1,NaN}"), R"([1.0,"NaN"])");
}

TEST(JsonForms, WhatIsNoArrayIsAText) {
  for (const char* text : {"1 2 3", "", "{1", "{1}x", "{", "}", "[", "{\"a", "{1,"})
    EXPECT_EQ(array(JsonForm::integer, text).front(), '"') << text;
}

}  // namespace
}  // namespace batchout::postgres
