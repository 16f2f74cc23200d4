// Any bytes through every cast: nothing crashes, and what comes out can be read back.
//
// The first byte picks the cast, the second what the value is; the rest is the value. ISO times are also read by a slow
// parser of this file, which tries every form of a date in turn and shares no code with ours: what it cannot read has
// to be refused, what ours reads has to be among its readings.

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/iso_time.h"
#include "base/json_text.h"
#include "base/number_text.h"
#include "base/time_text.h"
#include "base/unicode.h"
#include "data/cast.h"
#include "data/render.h"

namespace batchout {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// ------------------------------------------------------------------------------------------------ ISO, slowly

// True if `text` begins with `form`, in which 'd' is any digit. The digits are left in `digits`.
bool begins(std::string_view text, std::string_view form, std::string& digits) {
  digits.clear();
  if (text.size() < form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == 'd' ? !digit : text[i] != form[i]) return false;
    if (form[i] == 'd') digits += text[i];
  }
  return true;
}

int number(const std::string& digits, std::size_t at, std::size_t size) {
  return std::atoi(digits.substr(at, size).c_str());
}

std::optional<std::int64_t> slow_day(bool week, const std::string& digits) {
  using namespace std::chrono;
  const year y{number(digits, 0, 4)};
  if (y < year{1} || y > year{9999}) return std::nullopt;
  const auto count = [](sys_days day) -> std::int64_t { return day.time_since_epoch().count(); };
  if (!week) {
    const year_month_day date = y / number(digits, 4, 2) / number(digits, 6, 2);
    return date.ok() ? std::optional(count(sys_days(date))) : std::nullopt;
  }
  const int number_of_week = number(digits, 4, 2);
  const int day_of_week = digits.size() > 6 ? number(digits, 6, 1) : 1;
  if (number_of_week < 1 || number_of_week > 53 || day_of_week < 1 || day_of_week > 7) return std::nullopt;
  const auto first_monday = [&](year of) {
    const sys_days fourth = of / January / 4;
    return fourth - (weekday(fourth) - Monday);
  };
  const sys_days monday = first_monday(y) + weeks(number_of_week - 1);
  if (monday >= first_monday(y + years(1))) return std::nullopt;
  const sys_days day = monday + days(day_of_week - 1);
  if (day < sys_days(year{1} / January / 1) || day > sys_days(year{9999} / December / 31)) return std::nullopt;
  return count(day);
}

struct SlowClock {
  std::array<int, 3> parts{};
  std::string fraction;
  std::int64_t total() const {
    const int microseconds = number((fraction + "000000").substr(0, 6), 0, 6);
    return ((parts[0] * 60LL + parts[1]) * 60 + parts[2]) * 1'000'000 + microseconds;
  }
};

std::optional<SlowClock> slow_clock(std::string_view text) {
  for (const std::string_view form : {"dd:dd:dd", "dddddd", "dd:dd", "dddd", "dd"}) {
    SlowClock clock;
    std::string digits;
    if (!begins(text, form, digits)) continue;
    for (std::size_t i = 0; 2 * i < digits.size(); ++i) clock.parts[i] = number(digits, 2 * i, 2);
    std::string_view rest = text.substr(form.size());
    const bool third_colon = form == "dd:dd:dd" && rest.starts_with(':');
    const bool pointed = third_colon || rest.starts_with('.') || rest.starts_with(',');
    if (pointed) rest.remove_prefix(1);
    if (rest.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    clock.fraction = rest;
    if (rest.empty()) return pointed ? std::nullopt : std::optional(clock);
    if (!pointed && (form != "dddddd" || rest.size() < 2)) return std::nullopt;
    return clock;
  }
  return std::nullopt;
}

bool slow_time(std::string_view text, WrittenTime& time) {
  const std::size_t zone = std::min(text.find_first_of("+-Z"), text.size());
  std::string_view written = text.substr(0, zone);
  const bool blank = zone < text.size() && written.ends_with(' ');
  if (blank) written.remove_suffix(1);
  const auto clock = slow_clock(written);
  if (!clock || clock->parts[0] > 23 || clock->parts[1] > 59 || clock->parts[2] > 59) return false;
  if (blank && !clock->fraction.empty() && clock->fraction.size() < 6) return false;
  time.local_us += clock->total();
  if (zone == text.size()) return true;
  const std::string_view rest = text.substr(zone + 1);
  if (text[zone] == 'Z') {
    time.offset_us = 0;
    return rest.empty();
  }
  const auto offset = slow_clock(rest);
  if (!offset || offset->total() >= 86'400'000'000) return false;
  time.offset_us = text[zone] == '-' ? -offset->total() : offset->total();
  return true;
}

std::vector<WrittenTime> slow_readings(std::string_view text) {
  std::vector<WrittenTime> readings;
  for (const std::string_view form : {"dddd-dd-dd", "dddddddd", "dddd-Wdd", "dddd-Wdd-d", "ddddWdd", "ddddWddd"}) {
    std::string digits;
    if (!begins(text, form, digits)) continue;
    const auto day = slow_day(form.contains('W'), digits);
    if (!day) continue;
    WrittenTime time{*day * 86'400'000'000};
    std::size_t at = form.size();
    if (at == text.size()) {
      readings.push_back(time);
      continue;
    }
    next_character(text, at);
    if (slow_time(text.substr(at), time)) readings.push_back(time);
  }
  return readings;
}

void check_iso(std::string_view text) {
  const auto ours = read_iso_time(text);
  const auto slow = slow_readings(text);
  bool among = false;
  for (const WrittenTime& reading : slow)
    among = among || (ours && reading.local_us == ours->local_us && reading.offset_us == ours->offset_us);
  require(ours ? among : slow.empty() || text.contains('W'));  // Of week dates there may be readings that are not ours.
  if (const auto day = read_iso_date(text)) require(ours && ours->local_us == *day * 86'400'000'000);
}

// ---------------------------------------------------------------------------------------------------- every cast

std::vector<Cast> casts() {
  std::vector<Cast> all;
  for (const Kind kind : {Kind::boolean, Kind::integer, Kind::real, Kind::decimal, Kind::text, Kind::json}) {
    all.emplace_back().kind = kind;
  }
  all.emplace_back(all[0]).truthy = true;
  all.emplace_back(all[4]).nul = NulPolicy::strip;
  all.emplace_back(all[4]).nul = NulPolicy::replace;
  all.emplace_back(all[1]).on_error = OnError::reject_row;
  Cast& digits = all.emplace_back();
  digits.kind = Kind::dynamic;
  digits.keeps_digits = true;
  for (const Kind kind : {Kind::datetime, Kind::date})
    for (const TimeParser parser : {TimeParser::iso, TimeParser::unix, TimeParser::custom, TimeParser::lenient})
      for (const char* zone : {"", "UTC", "America/New_York"}) {
        Cast& cast = all.emplace_back();
        cast.kind = kind;
        cast.parser = parser;
        cast.zone = TimeZone::find(zone);
      }
  return all;
}

// A value whose tag is picked by `choice`.
Cell value_of(unsigned choice, std::string_view bytes) {
  constexpr Tag kTags[] = {Tag::text,    Tag::text,    Tag::text, Tag::integer, Tag::real,    Tag::boolean,
                           Tag::decimal, Tag::decimal, Tag::json, Tag::date,    Tag::datetime};
  Cell cell{kTags[choice % std::size(kTags)], 0, 0, bytes};
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data(), std::min(bytes.size(), sizeof word));
  cell.integer = cell.tag == Tag::boolean ? static_cast<std::int64_t>(word & 1) : static_cast<std::int64_t>(word);
  cell.real = std::bit_cast<double>(word);
  // No source has days and times further away: PostgreSQL's end with the year 294276.
  if (cell.tag == Tag::date) cell.integer = static_cast<std::int32_t>(word);
  if (cell.tag == Tag::datetime) cell.integer >>= 1;
  if (cell.tag == Tag::real || !is_textual(cell.tag)) cell.text = {};
  if (cell.tag == Tag::decimal && !is_json_number(bytes)) cell.text = "9223372036854775808";
  return cell;
}

void check_round_trip(const Cast& cast, const Cell& cell) {
  std::string text;
  append_text(cell, cast.zone, text);
  if (cell.tag == Tag::integer) require(read_integer(text)->value == cell.integer);
  if (cell.tag == Tag::real && !std::isnan(cell.real)) require(read_real(text) == cell.real);
  if (cell.tag == Tag::date) require(read_iso_date(text) == cell.integer);
  if (cell.tag == Tag::decimal) require(is_json_number(text) && read_decimal(text) == text);
  if (cell.tag == Tag::datetime) {
    const auto read = read_iso_time(text);
    require(read && read->local_us - read->offset_us.value_or(0) == cell.integer);
  }
}

void check_cast(const Cast& cast, const Cell& value) {
  Column column;
  CastFailures failures;
  append_cast(cast, value, column, failures);
  require(column.size() == 1);
  const Cell cell = column.cell(0);
  require((failures.count > 0 || column.failed(0)) == (cell.tag == Tag::null));
  require(failures.sample.size() <= 64);
  if (cell.tag != Tag::null) require((castable(cast) & tags_of(value.tag)) != 0);
  if (cast.kind != Kind::dynamic && cell.tag != Tag::null) check_round_trip(cast, cell);
}

// Round trips that the ISO parser must survive for any text that the number parsers take.
void check_numbers(std::string_view text) {
  const auto digits = read_decimal(text);
  const auto real = read_real(text);
  require(!digits ||
          (is_json_number(*digits) && read_decimal(*digits) == digits && real && read_real(*digits) == real));
  if (const auto whole = read_integer(text); whole && text.size() <= kDecimalSizeMax) require(digits.has_value());
  std::string unescaped;
  if (text.starts_with('"') && is_json(text, JsonEscapes::paired, 64) && text.ends_with('"'))
    append_unescaped(text, unescaped);
}

}  // namespace
}  // namespace batchout

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace batchout;
  static std::vector<Cast> all = casts();
  if (size < 2) return 0;
  Cast& cast = all[data[0] % all.size()];
  std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (cast.parser == TimeParser::custom) {  // A line end divides the format from the text.
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    cast.format = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  check_iso(bytes);
  check_numbers(bytes);
  check_cast(cast, value_of(data[1], bytes));
  return 0;
}
