// Files that are made and written to, in folders where other users may have put something in their way.

#include "base/written_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace batchout {

bool is_strange_link(const std::string& path) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode) && status.st_uid != 0 &&
         status.st_uid != ::geteuid();
}

// What is no link is opened at once: nobody can put one there between the look and the open.
Descriptor open_to_write(const std::string& path, int flags, std::uint32_t rights) {
  flags |= O_CLOEXEC | O_NOCTTY;
  Descriptor file(::open(path.c_str(), flags | O_NOFOLLOW, rights));
  if (file || errno != ELOOP) return file;
  if (!is_strange_link(path)) return Descriptor(::open(path.c_str(), flags, rights));
  errno = ELOOP;
  return {};
}

}  // namespace batchout
