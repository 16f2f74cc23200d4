// Reading what the command line names.

#pragma once

#include <optional>
#include <string>

namespace batchout::cli {

/// The whole file, or standard input for "-"; nothing if it cannot be read.
std::optional<std::string> read_all(const std::string& path);

}  // namespace batchout::cli
