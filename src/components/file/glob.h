// File masks: *, ?, [] within a name, and ** for any depth of folders.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "batchout/result.h"

namespace batchout {

/// True if `path` holds a character that makes it a mask.
bool is_mask(std::string_view path);

/// The regular files that match `mask`, sorted, as the mask would have them written: relative to `folder` if it is
/// relative. Names that begin with a dot match only a pattern that does. `**` stands for any number of folders if
/// `recursive`, else it is a `*`; links to folders are not followed by it. Folders that cannot be read hold nothing.
/// More than `count_max` files are an error.
Result<std::vector<std::string>> matching_files(std::string_view folder, std::string_view mask, bool recursive,
                                                std::size_t count_max);

}  // namespace batchout
