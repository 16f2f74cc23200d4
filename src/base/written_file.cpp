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

// Of a link that is not followed the system says ELOOP, as of a loop.
std::string write_error_text(const std::string& path, int number) {
  return number == ELOOP && is_strange_link(path) ? "it is a link of another user, which is not followed"
                                                  : errno_text(number);
}

// What is no link is opened at once: nobody can put one there between the look and the open.
Descriptor open_to_write(const std::string& path, int flags, const WriteRules& rules) {
  flags |= O_CLOEXEC | O_NOCTTY;
  Descriptor file(::open(path.c_str(), rules.strange_links ? flags : flags | O_NOFOLLOW, rules.rights));
  if (file || errno != ELOOP || rules.strange_links) return file;
  if (!is_strange_link(path)) return Descriptor(::open(path.c_str(), flags, rules.rights));
  errno = ELOOP;
  return {};
}

}  // namespace batchout
