// A configuration of an old dialect, rewritten in our own.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "batchout/node.h"
#include "batchout/result.h"
#include "plan/compile.h"

namespace batchout {

struct ConvertedConfig {
  /// YAML.
  std::string text;
  /// What was left out or could not be kept, a sentence each, for people.
  std::vector<std::string> notes;
};

/// The shortest configuration of dialect 1 that gives the same rows: what would be inferred or is a default is left
/// out, and what old dialects mean without a word is written out. Both are compiled and compared. None if a problem was
/// reported: `config` is wrong, is of our own dialect already, or has no equal there.
std::optional<ConvertedConfig> converted_config(const Node& config, const Registry& registry,
                                                const CompileOptions& options, Problems& problems);

}  // namespace batchout
