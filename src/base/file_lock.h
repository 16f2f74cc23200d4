// A file that one process at a time may hold.

#pragma once

#include <cstdint>
#include <string>

#include "base/files.h"

namespace batchout {

/// The name leads to this file.
bool leads_to(const std::string& path, int descriptor);

/// Opens `path` for reading and writing, makes it if it is not there, and takes the lock on it (flock), which lasts as
/// long as the descriptor. Empty if another process has the lock, with errno EWOULDBLOCK, or if the file cannot be
/// opened. A file that is replaced by another one meanwhile is not taken.
Descriptor open_locked(const std::string& path);

}  // namespace batchout
