// Reading what the command line names.

#pragma once

#include <expected>
#include <string>

namespace batchout::cli {

/// The whole file, or standard input for "-"; at most 512 MiB. Else a sentence that says why not, for the user.
std::expected<std::string, std::string> read_payload(const std::string& path);

}  // namespace batchout::cli
