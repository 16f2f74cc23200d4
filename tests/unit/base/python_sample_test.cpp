// A fixed sample of a larger comparison with Python 3.11 (fromisoformat, strptime): valid texts, and random damage to
// them. Expected are microseconds since 1970 on the written clock, then the offset, or 'n' for none.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/iso_time.h"
#include "base/time_format.h"

namespace batchout {
namespace {

struct IsoCase {
  const char* text;
  const char* expected;
};

constexpr IsoCase kIso[] = {
    {"33\342\200\20360-Wa0-115:11.4", "refused"},
    {"8678-W05-6", "211686825600000000 n"},
    {"7091-W07-4W20:25:03", "161606867103000000 n"},
    {"2021902128800000 -13", "refused"},
    {"1889-W4506:6:53Z", "refused"},
    {"2020Wz2 192932 ", "refused"},
    {"1969W51", "-1468800000000 n"},
    {"9460-W27-6t00080,885 ", "refused"},
    {"1762-W25T192744,266869-00:38:19.523", "-6548963535733131 -2299523000"},
    {"3004-WW5T11:Z1\342\200\203:4 ", "refused"},
    {"0640-W51t27:2845-03:3:30.767780", "refused"},
    {"1991-001t07:59:486,6220002", "refused"},
    {"1992031223:21:11,00 ", "refused"},
    {"0110507", "refused"},
    {"1998-W20W07.3661198-W20W07.366118289+19:58", "refused"},
    {"4753-12T06.914417637", "refused"},
    {"2030-016\303\251\342\200\20301327:161", "refused"},
    {"7217-W27-5", "165595536000000000 n"},
    {"4474-W14-713:59+05:02:0.782", "refused"},
    {"2000-073T223155,0019-15", "refused"},
    {"191T5W47921:00:495W47921:00:498", "refused"},
    {"2025W337\303\25100000+24:49", "refused"},
    {"0018-W02-2109:41:408,8207681Z", "refused"},
    {"2018-W47W033327-2440", "refused"},
    {"9999-0%27-20 Z", "refused"},
    {"5676-W47-6", "116978169600000000 n"},
    {"1302W49t05:31:09.90707001+1533", "-21050908130092930 55980000000"},
    {"2007W313105:52:28", "1185947548000000 n"},
    {"2026-W52", "1797811200000000 n"},
    {"5489W44 00:00:00-193506", "111074889600000000 -70506000000"},
    {"0766-W51-4t09:14:36-08:09:12", "-37963867524000000 -29352000000"},
    {"1969W29-09:17:29,85320535 -080013", "-14740950146795 -28813000000"},
    {"9879W25", "249598281600000000 n"},
    {"2025-W16-5-0130", "1744939800000000 n"},
    {"20040322\303\25102:33+01:46:55", "1079922780000000 6415000000"},
    {"1991-W06-22:14:39,2", "665705679200000 n"},
    {"8321W502-185903.4722922", "200448154743472292 n"},
    {"1086-W09-7\303\25110.31604128 Z", "-27890661599683959 0"},
    {"2002W37t18:46:55,9246946Z", "1031597215924694 0"},
    {"1819-W51-6T07,50", "-4734176399500000 n"},
};

struct FormatCase {
  const char* format;
  const char* text;
  const char* expected;
};

constexpr FormatCase kFormats[] = {
    {"%d %m %Y", "14 12 1969", "-1555200000000 n"},
    {"  %B%V%j", "  No  November47327", "refused"},
    {"%H%M%S%f", "123033776936930", "refused"},
    {"%A %d %B %y %H%M", "Sunday 13 April 19 19201", "refused"},
    {"%Y-%jT%H", "3419-071T20", "45732110400000000 n"},
    {"%d/%b/%Y:%H:%M:%S %z", "23/1ar/2011:20:07:13 +0000", "refused"},
    {"%d %m %Y", "07 01 2051", "2556662400000000 n"},
    {"%G-W%V-%u", "2031-W25-1", "1939334400000000 n"},
    {"  %Z%y%S", "z UTC-12e:32:C-12:32:292854", "refused"},
    {":%f:%j  ", ":336753\303\25142:267 ", "refused"},
    {"%a, %d %b %Y %H:%M:%S %Z", "MO, 27 AUG 1  0P:00:00 ", "refused"},
    {"/%S  ", "/4  ", "-2208988796000000 n"},
    {"%p", "Z", "refused"},
    {"  %b  :", "  SE:", "refused"},
    {"T%m  x  %b", "T05  x  May", "-2198620800000000 n"},
    {"%Y %U %w", "2031 36 5", "1946937600000000 n"},
    {"%Y %U %w", "999999 345 4", "refused"},
    {"%H%M%S%f", "12544396732", "-2208942316032680 n"},
    {"%Y %U %w", "/021 12 1", "refused"},
    {"%A %d %B %y %H%M", "5FRIDAY 15 JUNE 40 0109", "refused"},
    {"%M    ", "06    ", "-2208988440000000 n"},
    {" %G,T  ", " 199+,0T  ", "refused"},
    {"%Y%m%dT%H%M%S.%f%z", "20331006T142254.000000+0000", "2012221374000000 0"},
    {"%u", "44", "refused"},
    {"%G-W%V-%u", "3877-WW52-5", "refused"},
    {"%d/%b/%Y:%H:%M:%S %z", "09/Apr/1591:11:54:38 -2213", "-11951582722000000 -79980000000"},
    {"%d.%m.%Y", "13.12.A2030", "refused"},
    {".%c%G", ".Thu Aug  3 10:36:56 2062P6", "refused"},
    {"%H%Zx ", "05U8TCx ", "refused"},
    {"%Y-%jT%H", "2008-1434T16", "refused"},
    {"%S%M%H", "3402008", "refused"},
    {"%d %m %Y", "01 05 8113", "193864752000000000 n"},
    {"%A", "Monday", "-2208988800000000 n"},
    {"%Y %W %a", "2028  9 sat", "1835740800000000 n"},
    {" ", " ", "-2208988800000000 n"},
    {"%Y %U %w", "6259 43 0", "135373248000000000 n"},
    {"%X", "18:14:56", "-2208923104000000 n"},
    {"x%S%jT", "x06349T", "-2178921594000000 n"},
    {"%G-W%V-%u", "1216-W19-6", "-23782377600000000 n"},
    {"%b", "May", "-2198620800000000 n"},
};

std::string shown(const std::optional<WrittenTime>& time) {
  if (!time) return "refused";
  return time->offset_us ? fmt::format("{} {}", time->local_us, *time->offset_us) : fmt::format("{} n", time->local_us);
}

TEST(PythonSample, IsoTimes) {
  for (const auto& [text, expected] : kIso) EXPECT_EQ(shown(read_iso_time(text)), expected) << text;
}

TEST(PythonSample, FormattedTimes) {
  for (const auto& [format, text, expected] : kFormats)
    EXPECT_EQ(shown(read_formatted_time(text, format)), expected) << text << " as " << format;
}

TEST(PythonSample, AColonBehindSecondsIsAPoint) {
  EXPECT_EQ(shown(read_iso_time("2019-11-01 14:02:14:83")), "1572616934830000 n");
  EXPECT_EQ(shown(read_iso_time("2019-11-01 14:02:14:8Z")), "1572616934800000 0");
  for (const char* text : {"2019-11-01 14:02:14:", "2019-11-01 140214:83", "2019-11-01 14:02:14:8 Z"})
    EXPECT_EQ(shown(read_iso_time(text)), "refused") << text;
}

// What Python drops without a word is refused here; docs/casts.md names it.
TEST(PythonSample, CharactersThatPythonDropsAreRefused) {
  for (const char* text : {"2019-11-01T01:02:03x+02:00", "2019-11-01T01:02:03,1234567 8Z", "2019-11-01T0102034Z"})
    EXPECT_FALSE(read_iso_time(text)) << text;
  EXPECT_FALSE(read_iso_date("2019110199"));
}

}  // namespace
}  // namespace batchout
