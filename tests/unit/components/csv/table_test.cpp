// The masks of the table against a reader that looks at one character after the other.

#include "components/csv/table.h"

#include <gtest/gtest.h>

#include <random>

#include "slow_reader.h"

namespace batchout::csv {
namespace {

using test::quickly;
using test::slowly;

TEST(CsvTable, ReadsRandomTextsAsASlowReaderDoes) {
  std::mt19937 random(20261126);
  int good = 0;
  for (int round = 0; round < 30'000; ++round) {
    const bool often_quoted = round % 2 == 0;
    std::string text;
    for (std::size_t size = random() % 150; text.size() < size;) {
      if (often_quoted && (text.empty() || text.ends_with(',') || text.ends_with('\n')))
        text += random() % 2 == 0 ? "\"a\"\"\r\n,\"" : "\"\"";
      text += ",,\n\r\"abc\xC3\xA9"[random() % (often_quoted ? 4 : 10)];
    }
    const auto expected = slowly(text);
    ASSERT_EQ(quickly(text), expected) << text;
    good += expected ? 1 : 0;
  }
  EXPECT_GT(good, 3'000);
}

TEST(CsvTable, BoundsTheRowsBeforeItKeepsThem) {
  Table table;
  const std::string text = std::string(2'000, ',') + std::string(64, ' ');
  const auto fault = table.parse({text.data(), 2'000}, Format{}, 1'000);
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->code, kTooLong);
}

}  // namespace
}  // namespace batchout::csv
