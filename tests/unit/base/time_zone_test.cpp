// Zones of the system's database, and what is not in it. Expectations come from Python's zoneinfo.

#include "base/time_zone.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>
#include <vector>

#include "base/calendar.h"
#include "base/time_text.h"

namespace batchout {
namespace {

std::int64_t at(CivilDate date, int hour = 0, int minute = 0) {
  return day_of(date) * kDay + hour * kHour + minute * kMinute;
}

std::string shown_in(const char* zone, std::int64_t us) {
  char buffer[kTimeSizeMax];
  return {buffer, write_time(buffer, us, TimeZone::find(zone))};
}

TEST(TimeZone, IsFoundByItsExactName) {
  ASSERT_NE(TimeZone::find("Europe/Berlin"), nullptr);
  EXPECT_EQ(TimeZone::find("Europe/Berlin"), TimeZone::find("Europe/Berlin"));
  EXPECT_EQ(TimeZone::find("Europe/Berlin")->name(), "Europe/Berlin");
  EXPECT_EQ(TimeZone::find("UTC"), TimeZone::utc());
  for (const char* name : {"", "Mars/Olympus", "utc", "local", "+03:00", "europe/berlin", "../../etc/passwd", "Europe"})
    EXPECT_EQ(TimeZone::find(name), nullptr) << name;
}

TEST(TimeZone, LenientNamesAreOffsetsToo) {
  EXPECT_EQ(TimeZone::find_lenient("+03:00")->offset_at(0), 3 * 3600);
  EXPECT_EQ(TimeZone::find_lenient("-0330")->offset_at(0), -(3 * 3600 + 1800));
  EXPECT_EQ(TimeZone::find_lenient("02")->offset_at(0), 2 * 3600);
  EXPECT_EQ(TimeZone::find_lenient("utc"), TimeZone::utc());
  EXPECT_EQ(TimeZone::find_lenient("US/Pacific"), TimeZone::find("US/Pacific"));
  EXPECT_NE(TimeZone::find_lenient("local"), nullptr);
  EXPECT_EQ(TimeZone::find("+03:00"), nullptr) << "an offset asked for leniently became a name";
  for (const char* name : {"+24:00", "+3", "+03:0", "+03-00", "++03:00", "Mars/Olympus", ""})
    EXPECT_EQ(TimeZone::find_lenient(name), nullptr) << name;
}

TEST(TimeZone, OffsetsFollowTheRulesOfTheirYear) {
  EXPECT_EQ(shown_in("America/New_York", at({2019, 7, 1}, 12)), "2019-07-01T08:00:00-04:00");
  EXPECT_EQ(shown_in("America/New_York", at({2019, 12, 1}, 10)), "2019-12-01T05:00:00-05:00");
  EXPECT_EQ(shown_in("Asia/Kolkata", at({2019, 7, 1}, 12)), "2019-07-01T17:30:00+05:30");
  EXPECT_EQ(shown_in("Europe/Dublin", at({2019, 7, 1}, 12)), "2019-07-01T13:00:00+01:00");
  EXPECT_EQ(shown_in("Australia/Sydney", at({2019, 12, 31}, 23)), "2020-01-01T10:00:00+11:00");
  EXPECT_EQ(shown_in("Europe/Berlin", at({1890, 1, 1})), "1890-01-01T00:53:28+00:53:28");
}

TEST(TimeZone, OffsetsFollowTheLastRuleForEver) {
  EXPECT_EQ(shown_in("America/New_York", at({2040, 7, 1}, 12)), "2040-07-01T08:00:00-04:00");
  EXPECT_EQ(shown_in("America/New_York", at({2040, 12, 1}, 12)), "2040-12-01T07:00:00-05:00");
  EXPECT_EQ(shown_in("Europe/Berlin", at({9999, 7, 1})), "9999-07-01T02:00:00+02:00");
  EXPECT_EQ(shown_in("Europe/Berlin", at({9999, 1, 1})), "9999-01-01T01:00:00+01:00");
  EXPECT_EQ(shown_in("Australia/Sydney", at({2500, 1, 1})), "2500-01-01T11:00:00+11:00");
}

TEST(TimeZone, SkippedAndRepeatedTimesTakeTheOffsetBeforeTheChange) {
  const TimeZone& berlin = *TimeZone::find("Europe/Berlin");
  EXPECT_EQ(berlin.to_utc(at({2019, 3, 31}, 1, 59)), at({2019, 3, 31}, 0, 59));
  EXPECT_EQ(berlin.to_utc(at({2019, 3, 31}, 2, 30)), at({2019, 3, 31}, 1, 30));
  EXPECT_EQ(berlin.to_utc(at({2019, 3, 31}, 3, 0)), at({2019, 3, 31}, 1, 0));
  EXPECT_EQ(berlin.to_utc(at({2019, 10, 27}, 2, 30)), at({2019, 10, 27}, 0, 30));
  EXPECT_EQ(berlin.to_utc(at({2019, 10, 27}, 3, 0)), at({2019, 10, 27}, 2, 0));
  EXPECT_EQ(berlin.to_local(at({2019, 10, 27}, 1, 30)), at({2019, 10, 27}, 2, 30));
}

TEST(TimeZone, AnyInstantHasAnOffset) {
  const TimeZone& zone = *TimeZone::find("America/New_York");
  EXPECT_NE(zone.offset_at(std::numeric_limits<std::int64_t>::min()), 0);
  EXPECT_NE(zone.offset_at(std::numeric_limits<std::int64_t>::max()), 0);
}

TEST(TimeZone, ThreadsMayLookForTheSameZone) {
  std::vector<const TimeZone*> found(4);
  {
    std::vector<std::jthread> threads;
    for (auto& zone : found) threads.emplace_back([&zone] { zone = TimeZone::find("Asia/Tokyo"); });
  }
  for (const auto* zone : found) EXPECT_EQ(zone, found.front());
}

}  // namespace
}  // namespace batchout
