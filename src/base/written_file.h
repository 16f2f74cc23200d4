// Files that are made and written to, in folders where other users may have put something in their way.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/files.h"

namespace batchout {

/// Rights of files that are made, of which the umask takes its part: their owner writes, and others read nothing.
inline constexpr std::uint32_t kGroupReads = 0640;
inline constexpr std::uint32_t kOwnerOnly = 0600;

/// A link that neither this user nor root has made: whoever has made it chooses what is written to.
bool is_strange_link(const std::string& path);

/// In the place of the system's words for ELOOP.
inline constexpr std::string_view kStrangeLink = "it is a link of another user, which is not followed";

/// Opens with these flags of open, and makes the file with `rights` where they say so. Empty if it cannot be opened,
/// with errno; ELOOP if it is a strange link.
Descriptor open_to_write(const std::string& path, int flags, std::uint32_t rights);

}  // namespace batchout
