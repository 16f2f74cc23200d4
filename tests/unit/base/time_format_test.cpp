// Expectations come from Python 3.11 (datetime.strptime in the C locale). A week that its year does not have is
// refused, though Python counts on into the next year.

#include "base/time_format.h"

#include <gtest/gtest.h>

#include "shown_time.h"

namespace batchout {
namespace {

struct Case {
  const char* text;
  const char* format;
  const char* expected;  // Empty: refused.
};

constexpr Case kTimes[] = {
    {"01/11/2019 05:06:07", "%d/%m/%Y %H:%M:%S", "2019-11-01T05:06:07"},
    {"1/2/2019 5:6:7", "%d/%m/%Y %H:%M:%S", "2019-02-01T05:06:07"},
    {"32/01/2019 00:00:00", "%d/%m/%Y %H:%M:%S", ""},
    {"01/11/2019 05:06:07 extra", "%d/%m/%Y %H:%M:%S", ""},
    {"Nov 01, 2019 01:02 PM", "%b %d, %Y %I:%M %p", "2019-11-01T13:02:00"},
    {"Feb 29, 2020 12:00 AM", "%b %d, %Y %I:%M %p", "2020-02-29T00:00:00"},
    {"Foo 01, 2019 01:02 PM", "%b %d, %Y %I:%M %p", ""},
    {"2019-11-01 01:02:03 +0200", "%Y-%m-%d %H:%M:%S %z", "2019-11-01T01:02:03 +7200"},
    {"2019-11-01 01:02:03 -05:30", "%Y-%m-%d %H:%M:%S %z", "2019-11-01T01:02:03 -19800"},
    {"2019-11-01 01:02:03 Z", "%Y-%m-%d %H:%M:%S %z", "2019-11-01T01:02:03 +0"},
    {"2019-11-01 01:02:03 z", "%Y-%m-%d %H:%M:%S %z", ""},
    {"2019-11-01 01:02:03", "%Y-%m-%d %H:%M:%S %z", ""},
    {"2019-11-01 01:02:03 +01:00:30", "%Y-%m-%d %H:%M:%S %z", "2019-11-01T01:02:03 +3630"},
    {"2019-11-01 01:02:03 +2400", "%Y-%m-%d %H:%M:%S %z", ""},
    {"19305", "%y%j", "2019-11-01T00:00:00"},
    {"00001", "%y%j", "2000-01-01T00:00:00"},
    {"19366", "%y%j", "2020-01-01T00:00:00"},
    {"112019", "%d%m%Y", "2019-01-01T00:00:00"},
    {"68", "%y", "2068-01-01T00:00:00"},
    {"69", "%y", "1969-01-01T00:00:00"},
    {"2019-11-01T01:02:03.5", "%Y-%m-%dT%H:%M:%S.%f", "2019-11-01T01:02:03.500000"},
    {"2019-11-01T01:02:03.1234567", "%Y-%m-%dT%H:%M:%S.%f", ""},
    {"friday 1 NOVEMBER 2019", "%A %d %B %Y", "2019-11-01T00:00:00"},
    {"2019   11\t01", "%Y %m %d", "2019-11-01T00:00:00"},
    {"20191101", "%Y %m %d", ""},
    {"Nov  1 2019", "%b %d %Y", "2019-11-01T00:00:00"},
    {"Fri Nov  1 01:02:03 2019", "%c", "2019-11-01T01:02:03"},
    {"11/01/19 01:02:03", "%x %X", "2019-11-01T01:02:03"},
    {"2019 44 5", "%G %V %u", "2019-11-01T00:00:00"},
    {"2019 53 1", "%G %V %u", "2019-12-30T00:00:00"},
    {"2019 44", "%G %V", ""},
    {"2019 43 5", "%Y %U %w", "2019-11-01T00:00:00"},
    {"2019 43 Fri", "%Y %W %a", "2019-11-01T00:00:00"},
    {"2019 0 2", "%Y %W %w", "2019-01-01T00:00:00"},
    {"2019 44", "%Y %W", "2019-01-01T00:00:00"},
    {"05", "%H", "1900-01-01T05:00:00"},
    {"24", "%H", ""},
    {"61", "%S", ""},
    {"59", "%S", "1900-01-01T00:00:59"},
    {"100%", "%H0%%", "1900-01-01T10:00:00"},
    {"29 Feb", "%d %b", ""},
    {"1 Nov", "%d %b", "1900-11-01T00:00:00"},
    {"12 am", "%I %p", "1900-01-01T00:00:00"},
    {"12 pm", "%I %p", "1900-01-01T12:00:00"},
    {"13 pm", "%H %p", "1900-01-01T13:00:00"},
    {"2019 UTC", "%Y %Z", "2019-01-01T00:00:00"},
    {"2019 CET", "%Y %Z", ""},
    {"0000", "%Y", ""},
    {"2019", "%q", ""},
    {"2019", "%Y%", ""},
    {"", "%Y", ""},
    {"", "", "1900-01-01T00:00:00"},
    {"x", "", ""},
    {"2019-02-29", "%Y-%m-%d", ""},
};

TEST(TimeFormat, IsReadAsPythonReadsIt) {
  for (const auto& [text, format, expected] : kTimes)
    EXPECT_EQ(shown(read_formatted_time(text, format)), expected) << text << " as " << format;
}

TEST(TimeFormat, GoingBackIsBounded) {
  std::string format, text;
  for (int i = 0; i < 60; ++i) format += "%f", text += "111111";
  EXPECT_FALSE(read_formatted_time(text + "x", format + "y"));
  EXPECT_FALSE(read_formatted_time(std::string(100'000, ' '), "%Y %m"));
}

TEST(TimeFormat, ProblemsAreFoundBeforeAnyValue) {
  EXPECT_EQ(time_format_problem("%d/%m/%Y %H:%M:%S.%f %z %%"), std::nullopt);
  EXPECT_EQ(time_format_problem("%Y-%q"), "the format has an unknown directive: %q");
  EXPECT_EQ(time_format_problem("%Y %c"), "the format has a directive twice: %Y");
  EXPECT_EQ(time_format_problem("100%"), "the format ends with a single %");
}

}  // namespace
}  // namespace batchout
