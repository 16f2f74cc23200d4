// Files that are made and written to, in folders where other users may have put something in their way.

#pragma once

#include <cstdint>
#include <string>

#include "base/files.h"

namespace batchout {

struct WriteRules {
  /// Of a file that is made; the umask takes its part of them.
  std::uint32_t rights = 0640;
  /// Links that another user has made are followed, too.
  bool strange_links = false;
};

/// Their owner writes, their group reads, and others do nothing.
inline constexpr WriteRules kGroupReads;
/// Of the older dialects: the umask alone decides, and every link is followed.
inline constexpr WriteRules kUmaskDecides{0666, true};

/// A link that neither this user nor root has made: whoever has made it chooses what is written to.
bool is_strange_link(const std::string& path);

/// Why the file at `path` could not be opened or written, by the errno.
std::string write_error_text(const std::string& path, int number);

/// Opens with these flags of open, and makes the file where they say so. Empty if it cannot be opened, with errno;
/// ELOOP if it is a strange link and the rules do not follow it.
Descriptor open_to_write(const std::string& path, int flags, const WriteRules& rules = kGroupReads);

}  // namespace batchout
