// Days, weeks and civil dates against known ones.

#include "base/calendar.h"

#include <gtest/gtest.h>

namespace batchout {
namespace {

TEST(Calendar, DaysAndDatesAreOneToOne) {
  int year = 1, month = 1, day = 1;
  for (std::int64_t number = kFirstDay; number < kFirstDay + 2 * 146'097; ++number) {
    const CivilDate date = civil_date(number);
    ASSERT_TRUE(date.year == year && date.month == month && date.day == day) << number;
    ASSERT_EQ(day_of(date), number);
    if (++day > days_of_month(year, month)) day = 1, ++month;
    if (month > 12) month = 1, ++year;
  }
  EXPECT_EQ(year, 801);  // Twice 400 years: the calendar repeats.
  EXPECT_EQ(day_of({9999, 12, 31}), kLastDay);
}

TEST(Calendar, GoesOnBeforeYearOne) {
  EXPECT_EQ(civil_date(kFirstDay - 1).year, 0);
  EXPECT_EQ(day_of({-400, 3, 1}) - day_of({-400, 2, 28}), 2);
  EXPECT_EQ(civil_date(day_of({-1, 12, 31})).day, 31);
}

TEST(Calendar, MondayIsZero) {
  EXPECT_EQ(weekday_of(0), 3);
  EXPECT_EQ(weekday_of(-4), 6);
  EXPECT_EQ(weekday_of(day_of({2019, 11, 1})), 4);
}

TEST(Calendar, WeekDatesKnowTheirYears) {
  EXPECT_EQ(day_of_week_date(2020, 53, 5), day_of({2021, 1, 1}));
  EXPECT_EQ(day_of_week_date(2019, 1, 1), day_of({2018, 12, 31}));
  EXPECT_EQ(day_of_week_date(2019, 53, 1), std::nullopt);
  EXPECT_EQ(day_of_week_date(9999, 52, 6), std::nullopt);
  EXPECT_EQ(checked_day(2019, 2, 29), std::nullopt);
}

}  // namespace
}  // namespace batchout
