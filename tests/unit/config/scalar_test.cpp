// Scalars of YAML 1.1: the table that the original's loader follows.

#include "config/scalar.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace batchout {
namespace {

TEST(Scalar, BooleansAreTheWordsAndNotTheLetters) {
  for (const char* word : {"yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"})
    EXPECT_TRUE(plain_scalar(word).boolean()) << word;
  for (const char* word : {"no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"}) {
    EXPECT_EQ(plain_scalar(word).type(), Node::Type::boolean) << word;
    EXPECT_FALSE(plain_scalar(word).boolean()) << word;
  }
  for (const char* word : {"y", "n", "Y", "N", "yEs", "tRUE", "oN"}) EXPECT_TRUE(plain_scalar(word).is_text()) << word;
}

TEST(Scalar, NullIsATildeTheWordOrNothing) {
  for (const char* word : {"", "~", "null", "Null", "NULL"}) EXPECT_TRUE(plain_scalar(word).is_null()) << word;
  EXPECT_TRUE(plain_scalar("nULL").is_text());
}

TEST(Scalar, IntegersHaveFiveForms) {
  const std::pair<const char*, std::int64_t> cases[] = {
      {"0", 0},
      {"-0", 0},
      {"+12", 12},
      {"010", 8},
      {"0b101", 5},
      {"0x1F", 31},
      {"-0x1f", -31},
      {"1_000", 1000},
      {"0_", 0},
      {"1:30", 90},
      {"-1:30", -90},
      {"1:2:3", 3723},
      {"1_0:30", 630},
      {"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
      {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()}};
  for (const auto& [text, value] : cases) {
    EXPECT_EQ(plain_scalar(text).type(), Node::Type::integer) << text;
    EXPECT_EQ(plain_scalar(text).integer(), value) << text;
    EXPECT_EQ(plain_scalar(text).written(), text);
  }
}

TEST(Scalar, AnIntegerBeyond64BitsIsARealThatKeepsItsDigits) {
  const Node node = plain_scalar("12345678901234567890123");
  EXPECT_EQ(node.type(), Node::Type::real);
  EXPECT_EQ(node.written(), "12345678901234567890123");
}

TEST(Scalar, RealsNeedADotAndTheirExponentASign) {
  const std::pair<const char*, double> cases[] = {{"1.5", 1.5},       {"1.", 1},        {".5", 0.5},
                                                  {"+1.5", 1.5},      {"1.0e+5", 1e5},  {"1.e-3", 1e-3},
                                                  {"1_0.2_5", 10.25}, {"1:30.5", 90.5}, {"0:30.5", 30.5}};
  for (const auto& [text, value] : cases) {
    EXPECT_EQ(plain_scalar(text).type(), Node::Type::real) << text;
    EXPECT_DOUBLE_EQ(plain_scalar(text).real(), value) << text;
  }
  EXPECT_TRUE(std::isinf(plain_scalar("-.inf").real()));
  EXPECT_TRUE(std::isnan(plain_scalar(".NaN").real()));
  EXPECT_TRUE(std::isinf(plain_scalar("1.0e+999").real()));
}

TEST(Scalar, WhatOnlyLooksLikeANumberIsText) {
  for (const char* text : {"1e5",  "1.0e5", "-.5", "08",  "0x",    "0x_",   "0b2",        "1:99",
                           "0:30", "1:",    "._5", ".",   "+.nan", "1.2.3", "2019-11-01", "2019-11-01T01:02:03Z",
                           "_1",   "=",     "-",   "0o10"})
    EXPECT_TRUE(plain_scalar(text).is_text()) << text;
}

TEST(Scalar, DecimalTextsConvertWholeOrNotAtAll) {
  EXPECT_EQ(decimal_integer(" 5432\n"), 5432);
  EXPECT_EQ(decimal_integer("+7"), 7);
  for (const char* text : {"", " ", "5 4", "5x", "0x5", "+-5", "1e3", "99999999999999999999"})
    EXPECT_FALSE(decimal_integer(text)) << text;
  EXPECT_EQ(decimal_real("1e3"), 1000);
  EXPECT_FALSE(decimal_real("inf"));
}

}  // namespace
}  // namespace batchout
