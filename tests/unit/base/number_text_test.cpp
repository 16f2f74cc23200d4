// Expectations come from Python 3.11 (int, float, repr).

#include "base/number_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace batchout {
namespace {

struct Case {
  const char* text;
  const char* expected;  // Empty: refused.
};

constexpr Case kIntegers[] = {
    {"0", "0"},
    {"1", "1"},
    {"+5", "5"},
    {"-7", "-7"},
    {" 12 ", "12"},
    {"\t12\n", "12"},
    {"1_000", "1000"},
    {"00", "0"},
    {"-0", "0"},
    {"0012", "12"},
    {"9223372036854775807", "9223372036854775807"},
    {"-9223372036854775808", "-9223372036854775808"},
    {"9223372036854775808", "9223372036854775808"},
    {"-9223372036854775809", "-9223372036854775809"},
    {"18446744073709551616", "18446744073709551616"},
    {"123456789012345678901234567890", "123456789012345678901234567890"},
    {"000123456789012345678901234567890", "123456789012345678901234567890"},
    {"\331\243\331\244", "34"},
    {"\357\274\221\357\274\222", "12"},
    {"\302\2407\342\200\203", "7"},
    {"1_\331\243", "13"},
    {"12.0", ""},
    {"1e3", ""},
    {"0x10", ""},
    {"", ""},
    {"-", ""},
    {"+", ""},
    {" ", ""},
    {"1__0", ""},
    {"_1", ""},
    {"1_", ""},
    {"+ 1", ""},
    {"--1", ""},
    {"1 2", ""},
    {"abc", ""},
    {"\302\275", ""},
    {"\302\262", ""},
    {"1,5", ""},
    {"true", ""},
};

constexpr Case kReals[] = {
    {"1", "1.0"},
    {"1.5", "1.5"},
    {" 12 ", "12.0"},
    {"+5", "5.0"},
    {"-7", "-7.0"},
    {"12.0", "12.0"},
    {"1e3", "1000.0"},
    {"1E-5", "1e-05"},
    {".5", "0.5"},
    {"5.", "5.0"},
    {"1_000.5", "1000.5"},
    {"1.5_0e1_0", "15000000000.0"},
    {"  1.5\n", "1.5"},
    {"inf", "inf"},
    {"-Infinity", "-inf"},
    {"NaN", "nan"},
    {"+inf", "inf"},
    {"1e400", "inf"},
    {"-1e400", "-inf"},
    {"1e-400", "0.0"},
    {"0e999999999999", "0.0"},
    {"9223372036854775807", "9.223372036854776e+18"},
    {"123456789012345678901234567890", "1.2345678901234568e+29"},
    {"\331\243.\331\245", "3.5"},
    {"5e-324", "5e-324"},
    {"2.2250738585072011e-308", "2.225073858507201e-308"},
    {"1.7976931348623157e308", "1.7976931348623157e+308"},
    {"0.1", "0.1"},
    {"-0.0", "-0.0"},
    {"", ""},
    {"1,5", ""},
    {"0x10", ""},
    {"abc", ""},
    {"true", ""},
    {"1e", ""},
    {"e5", ""},
    {".", ""},
    {"1._5", ""},
    {"_1", ""},
    {"1_", ""},
    {"--1", ""},
    {"1.5.2", ""},
    {"infinit", ""},
    {"nan(1)", ""},
    {"1 2", ""},
    {"1e5.5", ""},
};

struct RealCase {
  double value;
  const char* expected;
};

constexpr RealCase kWritten[] = {
    {0.0, "0.0"},
    {-0.0, "-0.0"},
    {1.0, "1.0"},
    {1.5, "1.5"},
    {100.0, "100.0"},
    {1e5, "100000.0"},
    {1e15, "1000000000000000.0"},
    {1e16, "1e+16"},
    {123456789012345680.0, "1.2345678901234568e+17"},
    {9007199254740993.0, "9007199254740992.0"},
    {1e22, "1e+22"},
    {1e23, "1e+23"},
    {0.1, "0.1"},
    {0.3, "0.3"},
    {0.1 + 0.2, "0.30000000000000004"},
    {0.0001, "0.0001"},
    {1e-5, "1e-05"},
    {0.00012345, "0.00012345"},
    {123456789.125, "123456789.125"},
    {2.5e-10, "2.5e-10"},
    {5e-324, "5e-324"},
    {1.7976931348623157e308, "1.7976931348623157e+308"},
    {1.0 / 3, "0.3333333333333333"},
    {1572570000.5, "1572570000.5"},
    {-1.1, "-1.1"},
    {4.35, "4.35"},
    {1e100, "1e+100"},
    {std::numeric_limits<double>::infinity(), "inf"},
    {-std::numeric_limits<double>::infinity(), "-inf"},
    {std::numeric_limits<double>::quiet_NaN(), "nan"},
    {-std::numeric_limits<double>::quiet_NaN(), "nan"},
};

std::string written(double value) {
  std::string text;
  append_real(text, value);
  return text;
}

TEST(NumberText, RealsAreWrittenShortestWithAFractionOrExponent) {
  for (const auto& [value, expected] : kWritten) EXPECT_EQ(written(value), expected);
}

TEST(NumberText, IntegersAreReadAsPythonReadsThem) {
  for (const auto& [text, expected] : kIntegers) {
    const auto number = read_integer(text);
    EXPECT_EQ(!number ? "" : number->value ? std::to_string(*number->value) : number->digits, expected) << text;
  }
}

TEST(NumberText, RealsAreReadAsPythonReadsThem) {
  for (const auto& [text, expected] : kReals) {
    const auto number = read_real(text);
    EXPECT_EQ(number ? written(*number) : "", expected) << text;
  }
}

TEST(NumberText, TooManyDigitsAreRefused) {
  EXPECT_TRUE(read_integer(std::string(4096, '9')));
  EXPECT_FALSE(read_integer(std::string(4097, '9')));
  EXPECT_EQ(read_integer(std::string(5000, '0') + "7")->value, 7);
}

TEST(NumberText, BrokenUtf8IsNoNumber) {
  EXPECT_FALSE(read_integer("1\xD9"));
  EXPECT_FALSE(
      read_integer("\xD9\xFF"
                   "1"));
  EXPECT_FALSE(read_real("1\xE3\x80"));
}

TEST(NumberText, JsonNumbersHaveNoBlanksWordsOrUnderscores) {
  for (const char* text : {"1", "-1.5", "-0", "0.50", "1e5", "1E+05", "123456789012345678901234567890.5"})
    EXPECT_TRUE(is_json_number(text)) << text;
  for (const char* text :
       {"", "-", " 1", "1_0", "inf", "-nan", "1e", "1e+", "\xD9\xA3", "+1", ".5", "5.", "01", "1.e3"})
    EXPECT_FALSE(is_json_number(text)) << text;
}

TEST(NumberText, DecimalsKeepTheirDigitsInTheFormOfJson) {
  const std::pair<const char*, const char*> cases[] = {
      {" 1.10 ", "1.10"},
      {"+.50", "0.50"},
      {"-5.", "-5"},
      {"007", "7"},
      {"000", "0"},
      {"-00.0", "-0.0"},
      {"1_000.5", "1000.5"},
      {"5.e3", "5e3"},
      {"1E+0400", "1E+0400"},
      {"\xD9\xA3", "3"},
      {"\xE2\x80\x83"
       "7",
       "7"},
      {"123456789012345678901234567890.123", "123456789012345678901234567890.123"}};
  for (const auto& [text, digits] : cases) {
    EXPECT_EQ(read_decimal(text), digits) << text;
    EXPECT_TRUE(is_json_number(digits)) << digits;
  }
  for (const char* text : {"", "inf", "-Infinity", "nan", ".", "-", "1,5", "0x10", "1e", "1__0", "1 2"})
    EXPECT_FALSE(read_decimal(text)) << text;
  EXPECT_FALSE(read_decimal(std::string(kDecimalSizeMax + 1, '1')));
}

TEST(NumberText, WholeDigitsOfLargeRealsAreExact) {
  EXPECT_EQ(integer_digits(1e22), "10000000000000000000000");
  EXPECT_EQ(integer_digits(-1e30), "-1000000000000000019884624838656");
}

}  // namespace
}  // namespace batchout
