// Payloads on a command line are read whole, up to the size that inputs accept.

#include "app/cli/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

namespace batchout::cli {
namespace {

// Bytes.
constexpr std::size_t kPayloadMax = 512 << 20;

std::unexpected<std::string> unreadable(const std::string& path, const std::string& why) {
  return std::unexpected(fmt::format("the payload cannot be read: {}: {}", path == "-" ? "standard input" : path, why));
}

std::string errno_text() {
  return std::generic_category().message(errno);
}

}  // namespace

// Not by size and seek: standard input and FIFOs have neither. The descriptor of standard input is duplicated, so that
// closing ours leaves it open.
std::expected<std::string, std::string> read_payload(const std::string& path) {
  const int file = path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return unreadable(path, errno_text());
  std::string text;
  std::array<char, 65536> block{};
  ssize_t count = 0;
  do {
    count = read(file, block.data(), block.size());
    if (count > 0) text.append(block.data(), static_cast<std::size_t>(count));
  } while ((count > 0 && text.size() <= kPayloadMax) || (count < 0 && errno == EINTR));
  // Before `close`, which may change errno.
  const std::string why = count < 0 ? errno_text() : "it has more than 512 MiB";
  close(file);
  if (count != 0) return unreadable(path, why);
  return text;
}

}  // namespace batchout::cli
