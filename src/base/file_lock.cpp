// Locks of whole files, by flock.

#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/written_file.h"

namespace batchout {

bool leads_to(const std::string& path, int descriptor) {
  struct stat named{};
  struct stat opened{};
  return ::stat(path.c_str(), &named) == 0 && ::fstat(descriptor, &opened) == 0 && named.st_dev == opened.st_dev &&
         named.st_ino == opened.st_ino;
}

// Whoever has waited for a file that was replaced holds the lock on nothing.
Descriptor open_locked(const std::string& path) {
  for (;;) {
    Descriptor file = open_to_write(path, O_RDWR | O_CREAT);
    if (!file) return {};
    if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
      const int number = errno;
      file.close();
      errno = number;
      return {};
    }
    if (leads_to(path, file.number())) return file;
  }
}

}  // namespace batchout
