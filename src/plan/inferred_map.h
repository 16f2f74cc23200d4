// The map that the paths of columns imply: each index that they mention, inside of those that its own path mentions.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "batchout/node.h"
#include "plan/declarations.h"

namespace batchout {

/// A map as a configuration writes it, for these columns (numbers of declarations, each once). None if a problem was
/// reported: two indexes beside each other, which may be meant to multiply or to follow each other, or indexes that
/// need each other. `name` is that of the map, `mark` the place of what needs it. Paths that cannot be read and names
/// that nothing has are passed over: whoever compiles the map reports them.
std::optional<Node> inferred_map(const Declarations& declarations, const std::string& file,
                                 const std::vector<std::size_t>& columns, const std::string& name, Node::Mark mark,
                                 Problems& problems);

/// As one line of YAML.
std::string map_text(const Node& map);

}  // namespace batchout
