// Files of which each is written once.

#include "base/file_series.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>

#include "base/files.h"

namespace batchout {
namespace {

constexpr std::string_view kNumber = "{batch}", kTime = "{time}";
// Names that others may take before us, one after the other.
constexpr int kTriesMax = 10'000;

std::string_view name_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

bool has_mask(std::string_view text) {
  return text.contains(kNumber) || text.contains(kTime);
}

void fill_in(std::string& name, std::string_view mask, const std::string& value) {
  for (std::size_t at = name.find(mask); at != std::string::npos; at = name.find(mask, at + value.size()))
    name.replace(at, mask.size(), value);
}

std::string utc_now() {
  using namespace std::chrono;
  const auto now = time_point_cast<microseconds>(system_clock::now());
  const std::time_t seconds = system_clock::to_time_t(floor<std::chrono::seconds>(now));
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}.{:06}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec, now.time_since_epoch().count() % 1'000'000);
}

// Renames without replacing. Returns 0 or the errno. Not all file systems can do that in one step.
int rename_new(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  if (::link(from.c_str(), to.c_str()) != 0) return errno;
  ::unlink(from.c_str());
  return 0;
}

}  // namespace

bool FileSeries::is_mask(std::string_view path) {
  return has_mask(name_of(path));
}

bool FileSeries::folder_is_plain(std::string_view path) {
  return !has_mask(path.substr(0, path.size() - name_of(path).size()));
}

// The process number keeps writers of one folder apart; after a crash the same one mostly comes again, and cleans up.
FileSeries::FileSeries(const std::string& mask) : folder_(folder_of(mask)), name_(name_of(mask)) {
  fresh_ = fmt::format("{}/.{}.{}.new", folder_, name_, ::getpid());
}

// With a time in the name there is nothing to count on from: no name comes twice.
void FileSeries::find_last() {
  const std::size_t at = name_.find(kNumber);
  if (at == std::string::npos || name_.contains(kTime)) return;
  const std::string_view before = std::string_view(name_).substr(0, at);
  const std::string_view after = std::string_view(name_).substr(at + kNumber.size());
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, ignored)) {
    const std::string present = entry.path().filename().native();
    if (present.size() <= before.size() + after.size() || !present.starts_with(before) || !present.ends_with(after))
      continue;
    const char* begin = present.data() + before.size();
    const char* end = present.data() + present.size() - after.size();
    std::uint64_t number = 0;
    const auto [stop, code] = std::from_chars(begin, end, number);
    if (code == std::errc() && stop == end) number_ = std::max(number_, number);
  }
}

std::string FileSeries::next_name() {
  std::string name = name_;
  fill_in(name, kNumber, fmt::format("{:06}", ++number_));
  fill_in(name, kTime, utc_now());
  return folder_ + "/" + name;
}

int FileSeries::publish() {
  if (!counted_) find_last();
  counted_ = true;
  const std::uint64_t before = number_;
  int failed = EEXIST;
  for (int tries = 0; failed == EEXIST && tries < kTriesMax; ++tries) failed = rename_new(fresh_, next_name());
  if (failed) number_ = before;
  return failed;
}

}  // namespace batchout
