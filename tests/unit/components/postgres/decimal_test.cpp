// Decimals: reading, rounding, and the bytes of numeric.

#include "components/postgres/decimal.h"

#include <gtest/gtest.h>

#include <vector>

namespace batchout::postgres {
namespace {

std::optional<std::int64_t> integer_of(std::string_view text) {
  Decimal value;
  EXPECT_TRUE(read_decimal(text, value)) << text;
  return to_integer(value);
}

bool fits(std::string_view text, int precision, int scale) {
  Decimal value;
  EXPECT_TRUE(read_decimal(text, value)) << text;
  return fits(value, precision, scale);
}

// The 16-bit words of a numeric.
std::vector<int> words_of(std::string_view text) {
  Decimal value;
  EXPECT_TRUE(read_decimal(text, value)) << text;
  std::string bytes;
  append_numeric(value, bytes);
  std::vector<int> words;
  for (std::size_t i = 0; i < bytes.size(); i += 2)
    words.push_back(static_cast<std::int16_t>(static_cast<unsigned char>(bytes[i]) << 8 |
                                              static_cast<unsigned char>(bytes[i + 1])));
  return words;
}

TEST(Decimal, RoundsHalfAwayFromZeroToIntegers) {
  EXPECT_EQ(integer_of("2.5"), 3);
  EXPECT_EQ(integer_of("-2.5"), -3);
  EXPECT_EQ(integer_of("2.49999"), 2);
  EXPECT_EQ(integer_of("0.04"), 0);
  EXPECT_EQ(integer_of("1.2e3"), 1200);
  EXPECT_EQ(integer_of("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(integer_of("9223372036854775808"), std::nullopt);
  EXPECT_EQ(integer_of("9223372036854775807.5"), std::nullopt);
  EXPECT_EQ(integer_of("1e100"), std::nullopt);
  EXPECT_EQ(integer_of("NaN"), std::nullopt);
}

TEST(Decimal, RefusesWhatIsNoNumber) {
  Decimal value;
  for (const std::string_view text : {"", " ", ".", "-", "1,5", "0x10", "1e", "1e+-5", "+-1", "--1", "1 2", "abc",
                                      "1e999999999999", "1e200000", "1e-20000", "1_000", "infinit"})
    EXPECT_FALSE(read_decimal(text, value)) << text;
}

TEST(Decimal, KnowsWhatFitsAPrecision) {
  EXPECT_TRUE(fits("9999999.9994", 10, 3));
  EXPECT_FALSE(fits("9999999.9995", 10, 3));
  EXPECT_FALSE(fits("10000000", 10, 3));
  EXPECT_TRUE(fits("000009999999", 10, 3));
  EXPECT_TRUE(fits("0.00000001", 2, 2));
  EXPECT_FALSE(fits("0.995", 2, 2));
  EXPECT_FALSE(fits("1", 2, 2));
  EXPECT_TRUE(fits("12345", 3, -2));
  EXPECT_TRUE(fits("NaN", 3, 1));
  EXPECT_FALSE(fits("-Infinity", 3, 1));
}

TEST(Decimal, IsWrittenInGroupsOfFourDigits) {
  using Words = std::vector<int>;
  EXPECT_EQ(words_of("0"), (Words{0, 0, 0, 0}));
  EXPECT_EQ(words_of("-0.000"), (Words{0, 0, 0, 3}));
  EXPECT_EQ(words_of("1"), (Words{1, 0, 0, 0, 1}));
  EXPECT_EQ(words_of(" -12345.678 "), (Words{3, 1, 0x4000, 3, 1, 2345, 6780}));
  EXPECT_EQ(words_of("10000"), (Words{1, 1, 0, 0, 1}));
  EXPECT_EQ(words_of("1.50"), (Words{2, 0, 0, 2, 1, 5000}));
  EXPECT_EQ(words_of("0.00001"), (Words{1, -2, 0, 5, 1000}));
  EXPECT_EQ(words_of("1e-8"), (Words{1, -2, 0, 8, 1}));
  EXPECT_EQ(words_of("1.5E+5"), (Words{1, 1, 0, 0, 15}));
  EXPECT_EQ(words_of("nan"), (Words{0, 0, static_cast<std::int16_t>(0xC000), 0}));
  EXPECT_EQ(words_of("-inf"), (Words{0, 0, static_cast<std::int16_t>(0xF000), 0}));
}

}  // namespace
}  // namespace batchout::postgres
