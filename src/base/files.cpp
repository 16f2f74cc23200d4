// Files of the operating system: open descriptors, what errno means for a caller, where relative paths lead.

#include "base/files.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace batchout {

void Descriptor::close() {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

// The list names what does not pass by itself; for whatever is not in it, trying again is the safer guess.
Verdict verdict_of_errno(int number) {
  switch (number) {
    case EACCES:
    case EPERM:
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case EROFS:
    case ELOOP:
    case ENAMETOOLONG:
    case ENXIO:
    case ENODEV:
    case EPIPE:
    case EBADF:
      return Verdict::configuration;
    default:
      return Verdict::environment;
  }
}

std::string errno_text(int number) {
  return std::generic_category().message(number);
}

// A descriptor that is not ready is looked at again every second at the latest, whatever poll says.
int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd ready{descriptor, POLLOUT, 0};
      ::poll(&ready, 1, 1000);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

std::string resolve_path(std::string_view folder, std::string_view path) {
  if (folder.empty() || path.starts_with('/')) return std::string(path);
  std::string full(folder);
  if (!full.ends_with('/')) full += '/';
  return full.append(path);
}

// If the working directory is unknown, spellings cannot be compared and each counts for itself. Case and links are not
// resolved, so two names of one file may still be two keys.
std::string path_key(std::string_view folder, std::string_view path) {
  const std::string resolved = resolve_path(folder, path);
  std::error_code error;
  const auto absolute = std::filesystem::absolute(resolved, error);
  return error ? resolved : absolute.lexically_normal().native();
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool is_special(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

void sync_folder(const std::string& path) {
  const Descriptor folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder) ::fsync(folder.number());
}

}  // namespace batchout
