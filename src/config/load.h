// Configurations from text: YAML 1.1, and JSON where the text is JSON. Every node knows its line and column.

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "batchout/node.h"
#include "batchout/result.h"

namespace batchout {

/// The mapping in `text`, or nothing if an error was reported. `file` is named in problems and may be empty.
/// A file named *.json is read as JSON only; elsewhere, what begins like JSON but is not may still be YAML.
std::optional<Node> load_text(std::string_view text, const std::string& file, Problems& problems);
/// The same for a file of at most DocumentLimits::kSizeMax bytes; one that cannot be read is a problem without a place.
/// `hash` gets the SHA-256 of its bytes, if they could be read.
std::optional<Node> load_file(const std::filesystem::path& file, Problems& problems, std::string* hash = nullptr);

/// True for UTF-8 without NUL.
bool is_text(std::string_view text);

/// Duplicate keys are reported as warnings, since only the loaded configuration tells whether it is a strict one.
/// This makes errors of them.
void refuse_duplicates(Problems& problems);

/// The grammars: one document, or nothing if an error was reported. The text is valid UTF-8 without a byte order mark.
std::optional<Node> load_yaml(std::string_view text, const std::string& file, Problems& problems);
std::optional<Node> load_json(std::string_view text, const std::string& file, Problems& problems);

}  // namespace batchout
