// Files that are compressed part by part: where the last whole part ends, and how their text begins.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/compression.h"

namespace batchout {

struct WholeParts {
  /// Of the file; what follows is the beginning of a part that was never finished.
  std::int64_t length = 0;
  /// Whether their text ends in a line end, or there is none.
  bool ends_in_a_line = true;
};

/// Reads all of the file. Empty where it is not compressed so, or something else follows the parts; a file that cannot
/// be read counts as whole.
std::optional<WholeParts> whole_parts(const std::string& path, Compression how);

/// The first bytes of the text, fewer where the file ends or cannot be unpacked.
std::string beginning_of(const std::string& path, Compression how, std::size_t size_max);

}  // namespace batchout
