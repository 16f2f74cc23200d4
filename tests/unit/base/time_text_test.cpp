// How dates and times are written.

#include "base/time_text.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/calendar.h"

namespace batchout {
namespace {

std::string shown(std::int64_t us, const TimeZone* zone) {
  char buffer[kTimeSizeMax];
  return {buffer, write_time(buffer, us, zone)};
}

TEST(TimeText, FractionIsWrittenOnlyIfThereIsOne) {
  EXPECT_EQ(shown(1'572'570'123'000'000, TimeZone::utc()), "2019-11-01T01:02:03+00:00");
  EXPECT_EQ(shown(1'572'570'123'500'000, TimeZone::utc()), "2019-11-01T01:02:03.500000+00:00");
  EXPECT_EQ(shown(-1, TimeZone::utc()), "1969-12-31T23:59:59.999999+00:00");
}

TEST(TimeText, OffsetIsWrittenOnlyInAZone) {
  EXPECT_EQ(shown(0, nullptr), "1970-01-01T00:00:00");
  EXPECT_EQ(shown(0, TimeZone::find_lenient("-03:30")), "1969-12-31T20:30:00-03:30");
  EXPECT_EQ(shown(kFirstDay * kDay, TimeZone::find("Europe/Berlin")), "0001-01-01T00:53:28+00:53:28");
}

TEST(TimeText, AnyCellFits) {
  EXPECT_EQ(shown(std::numeric_limits<std::int64_t>::max(), nullptr), "294247-01-10T04:00:54.775807");
  EXPECT_EQ(shown(std::numeric_limits<std::int64_t>::min(), TimeZone::utc()), "-290308-12-21T19:59:05.224192+00:00");
  char buffer[kDateSizeMax];
  EXPECT_EQ(std::string(buffer, write_date(buffer, 2'932'897)), "10000-01-01");
}

TEST(TimeText, EpochIsExactToTheMicrosecond) {
  EXPECT_EQ(epoch(1'572'570'000.5), 1'572'570'000'500'000);
  EXPECT_EQ(epoch(-0.25), -250'000);
  EXPECT_EQ(epoch(0.0000025), 2);
  EXPECT_EQ(epoch(-62'135'596'800.0), kFirstDay * kDay);
  for (const double seconds : {253'402'300'800.0, -62'135'596'801.0, 1e300, -1e300,
                               std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
    EXPECT_EQ(epoch(seconds), std::nullopt) << seconds;
}

}  // namespace
}  // namespace batchout
