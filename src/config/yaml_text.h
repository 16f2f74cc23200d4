// Configurations as YAML text, for people: what `load_text` reads back to the same nodes.

#pragma once

#include <string>

#include "batchout/node.h"

namespace batchout {

/// A mapping of sections. Each component stands on a line or a few if it is short enough, else key by key. Places,
/// comments and the style of what was loaded are lost.
std::string yaml_text(const Node& root);

}  // namespace batchout
