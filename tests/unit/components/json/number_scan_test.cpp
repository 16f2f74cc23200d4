// Numbers read eight digits at a time mean what the slow functions say, to the last bit.

#include "components/json/number_scan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <random>
#include <string>

namespace batchout::json {
namespace {

// A number, mostly good, with digits of any count; behind it what arenas have.
std::string random_number(std::mt19937& random) {
  const auto digits = [&random](std::size_t max) {
    std::string text;
    for (std::size_t i = random() % (max + 1); i > 0; --i) text += static_cast<char>('0' + random() % 10);
    return text;
  };
  std::string text = random() % 3 == 0 ? "-" : "";
  text += random() % 4 == 0 ? "0" : digits(22);
  if (random() % 2 == 0) text += "." + digits(20);
  if (random() % 4 == 0) text += (random() % 2 == 0 ? "e" : "E+") + digits(3);
  if (random() % 20 == 0) text.insert(random() % (text.size() + 1), 1, "x-+.e/:"[random() % 7]);
  return text;
}

// What the short readers accept, they read as the long one does.
void expect_short_same(const char* at, const ScannedNumber& number) {
  ShortNumber read;
  const char* const digits = at + (*at == '-' ? 1 : 0);
  if (const char* const end = read_short_number(digits, read)) {
    ASSERT_EQ(end, number.end) << at;
    ASSERT_EQ(read.digits, number.digits) << at;
    ASSERT_EQ(read.fraction_count, number.fraction_count) << at;
  }
  // A byte that cannot follow a number is left to the caller.
  if (const char* const end = skip_short_number(at); end != nullptr && ends_scalar(*end)) {
    ASSERT_EQ(end, number.end) << at;
  }
  if (number.end == nullptr) return;
  const bool is_short = !number.exponent && number.digit_count < 8;
  ASSERT_TRUE(!is_short || (read_short_number(digits, read) != nullptr && skip_short_number(at) != nullptr)) << at;
}

void expect_same(const std::string& text) {
  const std::string padded = text + std::string("\n\x01\n") + std::string(64, ' ');
  bool integer = false;
  const std::size_t size = number_size(padded.data(), integer);
  const ScannedNumber number = scan_number(padded.data());
  ASSERT_EQ(number.end == nullptr ? 0 : static_cast<std::size_t>(number.end - padded.data()), size) << text;
  expect_short_same(padded.data(), number);
  if (size == 0) return;
  ASSERT_EQ(number.integer(), integer) << text;
  Cell expected = number_cell(text, integer);
  if (expected.tag != Tag::integer) expected.integer = 0;
  const Cell cell = cell_of(number, text);
  ASSERT_EQ(cell.tag, expected.tag) << text;
  ASSERT_EQ(cell.integer, expected.integer) << text;
  ASSERT_EQ(std::bit_cast<std::uint64_t>(cell.real), std::bit_cast<std::uint64_t>(expected.real)) << text;
}

TEST(NumberScan, EqualsTheSlowReaders) {
  for (const char* text : {"0",
                           "-0",
                           "-0.0",
                           "00",
                           "-",
                           "1.",
                           ".5",
                           "1e",
                           "1e+",
                           "12345678",
                           "123456789012345678",
                           "9223372036854775807",
                           "-9223372036854775808",
                           "9223372036854775808",
                           "0.1",
                           "1e400",
                           "999999999999999.9",
                           "0.000000000000001",
                           "12345678.12345678",
                           "1:",
                           "1/"})
    expect_same(text);
  std::mt19937 random(1);
  for (int i = 0; i < 200'000; ++i) expect_same(random_number(random));
}

}  // namespace
}  // namespace batchout::json
