// The quick reader of times agrees with the cast that it stands for, and leaves everything else to it.

#include "components/json/fixed_time.h"

#include <gtest/gtest.h>

#include <string>

#include "data/cast.h"

namespace batchout::json {
namespace {

TEST(FixedTime, ReadsWhatTheCastReads) {
  Cast cast;
  cast.kind = Kind::datetime;
  std::uint32_t state = 1;
  std::size_t read = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = "2019-02-28T23:59:58";
    for (int change = i % 4; change >= 0; --change) {
      state = state * 1664525 + 1013904223;
      text[(state >> 8) % text.size()] = "0123456789012345678901234567890123456789-:T/;@\xB0 "[(state >> 16) % 48];
    }
    std::int64_t us = 0;
    if (!read_fixed_time(text, us)) continue;
    ++read;
    Column column;
    CastFailures failures;
    append_cast(cast, {Tag::text, 0, 0, text}, column, failures);
    ASSERT_EQ(column.tag(0), Tag::datetime) << text;
    ASSERT_EQ(column.integer(0), us) << text;
  }
  EXPECT_GT(read, 10'000u);
}

// What comes behind the seconds, changed here and there.
std::string random_time(std::uint32_t& state) {
  const auto below = [&state](std::size_t n) {
    state = state * 1664525 + 1013904223;
    return (state >> 8) % n;
  };
  static constexpr const char* kTails[] = {"",       "Z",       "+01:00",      "-09:30",        ".5",
                                           ".123Z",  ".123456", ".123456Z",    ".000001+23:59", ".1234567",
                                           "+24:00", "+00:60",  ".12-00:00",   ".99999-12:00",  "+0100",
                                           "z",      ".",       ".5+01:00:00", "+01:00:00.5",   " +01:00"};
  std::string text = std::string("2019-02-28T23:59:58") + kTails[below(std::size(kTails))];
  for (std::size_t change = below(3); change > 0; --change)
    text[below(text.size())] = "0123456789012345678901234567890123456789-:T/;@+.Z"[below(49)];
  return text;
}

TEST(FixedTime, ReadsFractionsAndOffsetsAsTheCastDoes) {
  std::uint32_t state = 3;
  std::size_t read = 0;
  for (int i = 0; i < 200'000; ++i) {
    const std::string text = random_time(state);
    const std::string padded = text + "\"" + std::string(64, ' ');
    std::int64_t us = 0;
    const char* const quote = read_quoted_time(padded.data(), us);
    if (quote == nullptr) continue;
    ASSERT_EQ(quote - padded.data(), static_cast<std::ptrdiff_t>(text.size())) << text;
    ++read;
    for (const TimeParser parser : {TimeParser::iso, TimeParser::lenient}) {
      Cast cast;
      cast.kind = Kind::datetime;
      cast.parser = parser;
      Column column;
      CastFailures failures;
      append_cast(cast, {Tag::text, 0, 0, text}, column, failures);
      ASSERT_EQ(column.tag(0), Tag::datetime) << text;
      ASSERT_EQ(column.integer(0), us) << text;
    }
  }
  EXPECT_GT(read, 50'000u);
}

TEST(FixedTime, LeavesOtherFormsAlone) {
  std::int64_t us = 0;
  EXPECT_TRUE(read_fixed_time("1970-01-01T00:00:01", us));
  EXPECT_EQ(us, 1'000'000);
  EXPECT_TRUE(read_fixed_time("2020-02-29T00:00:00", us));
  for (const char* text : {"2019-02-29T00:00:00", "2019-13-01T00:00:00", "2019-00-01T00:00:00", "2019-01-00T00:00:00",
                           "2019-01-01T24:00:00", "2019-01-01T00:60:00", "2019-01-01T00:00:60", "2019-01-01 00:00:00",
                           "2019-01-01T00:00:0", "2019-01-01T00:00:0Z", "2019/01/01T00:00:00", "0999-01-01T00:00:00",
                           "9999-12-31T00:00:00", "2019-01-01T00.00.00", "2019-0:-01T00:00:00", "", "2019-01-01",
                           "1899-12-31T00:00:00", "2100-01-01T00:00:00"})
    EXPECT_FALSE(read_fixed_time(text, us)) << text;
}

}  // namespace
}  // namespace batchout::json
