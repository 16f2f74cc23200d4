// What each extractor of a mixed map does by itself, and what is left to be looked up entry by entry.

#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "data/mixed.h"
#include "data/projection.h"

namespace batchout {

/// What one extractor fills in one run over a payload: levels around which every index is its own, and the columns at
/// them or at the payload.
struct OwnWork {
  Projection projection;
  /// By level of `projection`: its number in the whole map.
  std::vector<LevelId> levels;
  /// The same for columns.
  std::vector<std::size_t> columns;
};

/// Paths of one extractor that are filled in and looked up together: that of a level, or those of columns at one level.
struct LookUp {
  std::size_t part = 0;
  /// Once for each entry of this level.
  LevelId at = kPayloadLevel;
  /// What is looked up; none: columns.
  std::optional<LevelId> level;
  std::vector<std::size_t> columns;
};

struct MixedWork {
  /// `whole` is borrowed for the call.
  MixedWork(const Projection& whole, std::size_t parts, const MixedExtractor::Readers& readers);

  /// By part.
  std::vector<OwnWork> own;
  /// In an order in which they can be done: levels from the outside in, then columns.
  std::vector<LookUp> look_ups;
  /// By level: whether its part finds it by itself. Everybody finds the payload.
  std::vector<bool> level_is_own;
  /// By level: whether the values of its index are needed, by the map or to fill in paths.
  std::vector<bool> keeps_values;
};

}  // namespace batchout
