// Time zones: the offset of every instant, and the instant of every local time.

#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace batchout {

// A zone never changes and lives as long as the program; any thread may use it.
class TimeZone {
 public:
  // The zone of an IANA name such as "Europe/Berlin" or "UTC"; null if there is none. Safe to call from any thread. The
  // first call for a zone reads files.
  static const TimeZone* find(std::string_view name);

  // As `find`, and besides "utc", "local" (the machine's zone) and fixed offsets: "+03:00", "-0330", "02".
  static const TimeZone* find_lenient(std::string_view name);

  // Never null, also on machines without time zone files.
  static const TimeZone* utc();

  const std::string& name() const { return name_; }

  // Seconds east of UTC at an instant given in microseconds since 1970.
  std::int32_t offset_at(std::int64_t utc_us) const;

  // Microseconds of the local clock at an instant.
  std::int64_t to_local(std::int64_t utc_us) const;

  // The instant at which the local clock shows `local_us`. A time that a change of offset skips or repeats is read
  // with the offset before the change.
  std::int64_t to_utc(std::int64_t local_us) const;

 private:
  struct Loader;

  explicit TimeZone(std::string name) : name_(std::move(name)) {}

  // From `begins_[i]` (seconds since 1970) on, `offsets_[i]` holds; local clocks show it from `local_begins_[i]` on.
  std::string name_;
  std::vector<std::int64_t> begins_;
  std::vector<std::int64_t> local_begins_;
  std::vector<std::int32_t> offsets_;
  // The calendar repeats after 400 years; later seconds are looked up in the last 400 years before.
  std::int64_t horizon_ = std::numeric_limits<std::int64_t>::max();
};

}  // namespace batchout
