// Loads zones from the system's compiled time zone files and keeps them as sorted tables.
//
// The date library lists the changes; those after the last one follow from the rule at the end of the file, which that
// library does not read.

#include "base/time_zone.h"

#include <date/tz.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>

#include "base/calendar.h"
#include "base/zone_rule.h"

namespace batchout {
namespace {

// After so many years the calendar repeats, weekdays included: 146,097 days are whole weeks.
constexpr std::int64_t kCycleYears = 400;
constexpr std::int64_t kCycleSeconds = 146'097LL * 86'400;

// The last line of the zone's file; empty if there is none. Versions 2 and up of the format (RFC 8536) end with a line
// that holds a TZ text; version 1 has none, and its last bytes are not of that form.
std::string rule_text(const std::string& name) {
  std::ifstream file("/usr/share/zoneinfo/" + name, std::ios::binary);
  std::string line, last;
  while (std::getline(file, line)) last.swap(line);
  return last;
}

// hh[[:]mm] behind a sign; without a sign it is east.
bool parse_offset(std::string_view text, std::int32_t& seconds) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.size() == 5 && text[2] != ':') return false;
  std::string digits(text);
  if (digits.size() == 5) digits.erase(2, 1);
  if ((digits.size() != 2 && digits.size() != 4) || digits.find_first_not_of("0123456789") != std::string::npos)
    return false;
  const int number = std::stoi(digits);
  seconds = digits.size() == 2 ? number * 3600 : number / 100 * 3600 + number % 100 * 60;
  if (seconds >= 86'400) return false;
  if (negative) seconds = -seconds;
  return true;
}

}  // namespace

// Zones by name, made at the first call for each and shared from then on. Safe to call from any thread.
struct TimeZone::Loader {
  static const TimeZone* find(std::string_view name) {
    static auto& zones = *new Zones;
    return zones.find(name, load);
  }

  // A map of its own: a name such as "02" must not hide a zone of the system.
  static const TimeZone* find_offset(std::string_view name) {
    static auto& zones = *new Zones;
    return zones.find(name, [](TimeZone& zone) {
      std::int32_t seconds = 0;
      if (!parse_offset(zone.name_, seconds)) return false;
      add(zone, std::numeric_limits<std::int64_t>::min(), seconds);
      return true;
    });
  }

  // As the C library finds it: TZ first, then the system's setting.
  static std::string local_name() {
    if (const char* variable = std::getenv("TZ"); variable != nullptr && *variable != '\0')
      return *variable == ':' ? variable + 1 : variable;
    try {
      return date::current_zone()->name();
    } catch (const std::exception&) {
      return "UTC";
    }
  }

 private:
  // Never destroyed: blocks and threads that outlive main may still point to zones.
  class Zones {
   public:
    // The zone of that name, made by `fill` the first time; null if `fill` refuses. What is refused is not remembered,
    // so hostile names cost time but no memory.
    const TimeZone* find(std::string_view name, bool (*fill)(TimeZone&)) {
      const std::lock_guard lock(mutex_);
      if (const auto known = zones_.find(name); known != zones_.end()) return known->second.get();
      std::unique_ptr<TimeZone> zone(new TimeZone(std::string(name)));
      if (!fill(*zone)) return nullptr;
      finish(*zone);
      return zones_.emplace(zone->name_, std::move(zone)).first->second.get();
    }

   private:
    std::mutex mutex_;
    std::map<std::string, std::unique_ptr<const TimeZone>, std::less<>> zones_;
  };

  // In order of time. What changes only a zone's name is no change here.
  static void add(TimeZone& zone, std::int64_t begin, std::int32_t offset) {
    if (!zone.offsets_.empty() && zone.offsets_.back() == offset) return;
    zone.begins_.push_back(begin);
    zone.offsets_.push_back(offset);
  }

  // False if there is no such zone. A file whose rule cannot be read keeps the last listed offset for ever.
  static bool load(TimeZone& zone) {
    if (zone.name_ == "UTC") {  // Works without time zone files.
      add(zone, std::numeric_limits<std::int64_t>::min(), 0);
      return true;
    }
    try {
      load_changes(zone, *date::locate_zone(zone.name_));
    } catch (const std::exception&) {
      return false;
    }
    if (const auto rule = parse_zone_rule(rule_text(zone.name_)); rule && rule->has_summer) extend(zone, *rule);
    return true;
  }

  // The years that users may have; before the first one its offset holds.
  static void load_changes(TimeZone& zone, const date::time_zone& source) {
    const date::sys_seconds first = date::sys_days(date::year(1) / 1 / 1);
    const date::sys_seconds last = date::sys_days(date::year(9999) / 12 / 31);
    for (date::sys_seconds at = first; at < last;) {
      const date::sys_info info = source.get_info(at);
      add(zone, at.time_since_epoch().count(), static_cast<std::int32_t>(info.offset.count()));
      at = info.end;
    }
    zone.begins_.front() = std::numeric_limits<std::int64_t>::min();
  }

  // Adds the changes of so many years that every later one repeats one which follows the rule wholly. The horizon lies
  // behind the last change of its year in both hemispheres.
  static void extend(TimeZone& zone, const ZoneRule& rule) {
    const std::int64_t last = zone.begins_.back();
    const std::int64_t first_year = last < 0 ? 1970 : civil_date(last / 86'400).year;
    const std::int64_t last_year = first_year + kCycleYears + 1;
    for (std::int64_t year = first_year; year <= last_year; ++year) {
      std::pair<std::int64_t, std::int32_t> changes[] = {
          {ZoneRule::local_seconds(rule.summer_begins, year) - rule.standard_offset, rule.summer_offset},
          {ZoneRule::local_seconds(rule.summer_ends, year) - rule.summer_offset, rule.standard_offset}};
      std::ranges::sort(changes);
      for (const auto& [begin, offset] : changes)
        if (begin > last) add(zone, begin, offset);
    }
    zone.horizon_ = day_of({last_year, 12, 1}) * 86'400;
  }

  // Where a change begins on the local clock: the later of its two readings, so that a time which the clock skips or
  // shows twice is read with the offset before the change.
  static void finish(TimeZone& zone) {
    zone.local_begins_.push_back(std::numeric_limits<std::int64_t>::min());
    for (std::size_t i = 1; i < zone.begins_.size(); ++i)
      zone.local_begins_.push_back(zone.begins_[i] + std::max(zone.offsets_[i - 1], zone.offsets_[i]));
  }
};

const TimeZone* TimeZone::find(std::string_view name) {
  return Loader::find(name);
}

const TimeZone* TimeZone::find_lenient(std::string_view name) {
  if (name == "utc" || name == "Z") return utc();
  if (name == "local") {
    const TimeZone* zone = find(Loader::local_name());
    return zone != nullptr ? zone : utc();
  }
  const TimeZone* zone = Loader::find_offset(name);
  return zone != nullptr ? zone : find(name);
}

const TimeZone* TimeZone::utc() {
  static const TimeZone* const zone = find("UTC");
  return zone;
}

namespace {

// The offset whose beginning is the last one at or before `seconds`. `begins` starts with the least number, so there
// always is one before.
std::int32_t offset_from(const std::vector<std::int64_t>& begins, const std::vector<std::int32_t>& offsets,
                         std::int64_t horizon, std::int64_t seconds) {
  if (offsets.size() == 1) return offsets.front();
  if (seconds >= horizon) seconds -= (1 + (seconds - horizon) / kCycleSeconds) * kCycleSeconds;
  const auto next = std::ranges::upper_bound(begins, seconds);
  return offsets[static_cast<std::size_t>(next - begins.begin()) - 1];
}

}  // namespace

// Beyond the table the years repeat every 400: the calendar and the rule both do.
std::int32_t TimeZone::offset_at(std::int64_t utc_us) const {
  return offset_from(begins_, offsets_, horizon_, floor_divide(utc_us, kSecond));
}

std::int64_t TimeZone::to_local(std::int64_t utc_us) const {
  return utc_us + offset_at(utc_us) * kSecond;
}

std::int64_t TimeZone::to_utc(std::int64_t local_us) const {
  return local_us - offset_from(local_begins_, offsets_, horizon_, floor_divide(local_us, kSecond)) * kSecond;
}

}  // namespace batchout
