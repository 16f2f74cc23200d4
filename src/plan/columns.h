// Column types: which settings each has, and the cast it makes of them.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "batchout/component.h"
#include "batchout/spec.h"
#include "data/cast.h"
#include "data/projection.h"
#include "registry/registry.h"

namespace batchout {

/// Where the value of a column comes from: one of three keys, and what is written there.
struct ValuePlace {
  /// path, position or resolved_path.
  std::string key;
  std::string text;
  /// None for a path, which an extractor follows.
  std::optional<OriginColumn::Source> origin;
};

/// A column's settings, whatever its type.
/// Decoded, but not yet looked up: `extractor` may name nothing, `processors` are mappings as written.
struct ColumnSettings {
  std::string extractor;
  ValuePlace place;
  std::optional<Strategy> strategy;
  std::vector<Node> processors;
  Cast cast;
};

/// Descriptions of all column types, for references and suggestions; without those of old dialects on request.
std::vector<SpecInfo> column_types(bool old_ones = true);

/// The settings of a column of type `type`, or nothing if an error was reported. The type is one of column_types().
std::optional<ColumnSettings> decode_column(std::string_view type, const Node& node, const Decoding& decoding);

}  // namespace batchout
