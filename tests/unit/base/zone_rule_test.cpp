// The rule at the end of a zone file, for years the file does not list.

#include "base/zone_rule.h"

#include <gtest/gtest.h>

#include "base/calendar.h"

namespace batchout {
namespace {

std::int64_t local(CivilDate date, int hour) {
  return day_of(date) * 86'400 + hour * 3600;
}

TEST(ZoneRule, NamesTheChangesOfAYear) {
  const auto rule = parse_zone_rule("EST5EDT,M3.2.0,M11.1.0");
  ASSERT_TRUE(rule && rule->has_summer);
  EXPECT_EQ(rule->standard_offset, -5 * 3600);
  EXPECT_EQ(rule->summer_offset, -4 * 3600);
  EXPECT_EQ(ZoneRule::local_seconds(rule->summer_begins, 2040), local({2040, 3, 11}, 2));
  EXPECT_EQ(ZoneRule::local_seconds(rule->summer_ends, 2040), local({2040, 11, 4}, 2));
}

TEST(ZoneRule, MayBeAnOffsetOnly) {
  const auto rule = parse_zone_rule("<-0330>3:30");
  ASSERT_TRUE(rule);
  EXPECT_FALSE(rule->has_summer);
  EXPECT_EQ(rule->standard_offset, -(3 * 3600 + 1800));
}

TEST(ZoneRule, CountsDaysInThreeWays) {
  auto rule = parse_zone_rule("A0B,M10.5.0/-1,J60/26:30");
  ASSERT_TRUE(rule);
  EXPECT_EQ(ZoneRule::local_seconds(rule->summer_begins, 2019), local({2019, 10, 26}, 23));
  EXPECT_EQ(ZoneRule::local_seconds(rule->summer_ends, 2020), local({2020, 3, 2}, 2) + 1800);
  rule = parse_zone_rule("A0B-2,59/0,0");
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->summer_offset, 2 * 3600);
  EXPECT_EQ(ZoneRule::local_seconds(rule->summer_begins, 2020), local({2020, 2, 29}, 0));
  EXPECT_EQ(ZoneRule::local_seconds(rule->summer_ends, 2020), local({2020, 1, 1}, 2));
}

TEST(ZoneRule, RefusesWhatIsNoRule) {
  for (const char* text : {"", "5", "EST", "EST5EDT,", "EST5EDT,M3.2.0", "EST5EDT,M13.1.0,M1.1.0", "EST5EDT,M3.6.0,J1",
                           "EST5EDT,M3.2.0,M11.1.0x", "<-03", "EST999", "EST5EDT,J999,J1", "EST5EDT,M3.2.7,M11.1.0"})
    EXPECT_FALSE(parse_zone_rule(text)) << text;
}

}  // namespace
}  // namespace batchout
