// An open file, FIFO or standard input, read forwards in blocks.

#include "components/file/source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace batchout {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// True once the descriptor has bytes or its end. Short waits, because a stop request does not wake poll.
bool wait_readable(int descriptor, steady_clock::time_point deadline, const std::stop_token& stop) {
  constexpr milliseconds kStep{50};
  while (true) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    const auto step = std::clamp(left, milliseconds{0}, kStep);
    pollfd waiting{descriptor, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(step.count())) > 0) return true;
    if (left <= step || stop.stop_requested()) return false;
  }
}

}  // namespace

Result<Source> Source::open(const std::string& path, const std::string& shown, bool special) {
  // Without O_NONBLOCK a FIFO that nobody writes to would hold up the open itself, deaf to a stop request.
  Source source(Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)), shown);
  if (!source.descriptor_)
    return fail(verdict_of_errno(errno), "BO522",
                fmt::format("A file cannot be opened: {}: {}", shown, errno_text(errno)));
  source.inspect();
  if (!source.regular_) {
    struct stat status{};
    const bool folder = ::fstat(source.descriptor_.number(), &status) == 0 && S_ISDIR(status.st_mode);
    if (folder || !special)
      return fail(Verdict::configuration, "BO522",
                  fmt::format("{}: {}",
                              folder ? "A folder was given where a file is needed; name its files by a mask"
                                     : "Only regular files can be read here",
                              shown));
  }
  return source;
}

Result<Source> Source::standard_input() {
  Source source(Descriptor(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)), "-");
  if (!source.descriptor_)
    return fail(Verdict::configuration, "BO522", fmt::format("Standard input is closed: {}", errno_text(errno)));
  source.inspect();
  if (source.regular_) source.start_ = std::max<std::int64_t>(::lseek(source.descriptor_.number(), 0, SEEK_CUR), 0);
  return source;
}

void Source::inspect() {
  struct stat status{};
  regular_ = ::fstat(descriptor_.number(), &status) == 0 && S_ISREG(status.st_mode);
  if (!regular_) return;
  size_ = static_cast<std::size_t>(status.st_size);
  inode_ = fmt::format("{}:{}", status.st_dev, status.st_ino);
}

Result<std::optional<std::size_t>> Source::read(char* out, std::size_t size, steady_clock::time_point deadline,
                                                const std::stop_token& stop) {
  while (true) {
    if (!regular_ && !wait_readable(descriptor_.number(), deadline, stop)) return std::nullopt;
    const ssize_t count = ::read(descriptor_.number(), out, size);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::nullopt;
    if (errno != EINTR)
      return fail(verdict_of_errno(errno), "BO525",
                  fmt::format("A file cannot be read: {}: {}", shown_, errno_text(errno)));
  }
}

Result<> Source::seek(std::int64_t offset) {
  if (regular_ && ::lseek(descriptor_.number(), start_ + offset, SEEK_SET) >= 0) return {};
  return fail(Verdict::configuration, "BO524",
              fmt::format("A batch was dropped, but what has been read from a pipe cannot be read again; put the data "
                          "into a file: {}",
                          shown_));
}

}  // namespace batchout
