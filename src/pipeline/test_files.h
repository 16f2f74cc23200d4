// Files that tests read and write.

#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace batchout {

/// The bytes of a regular file, at most 512 MiB; else a sentence without the file's name that says why not.
std::expected<std::string, std::string> bytes_of(const std::filesystem::path& file);

/// Writes the file as a whole or not at all, with the folder for it; empty, or a sentence that says why not.
std::string replace_file(const std::filesystem::path& file, std::string_view bytes);

/// The lines that are not blank, without their ends.
std::vector<std::string> lines_of(std::string_view text);

}  // namespace batchout
