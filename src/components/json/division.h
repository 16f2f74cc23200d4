// How the work on a projection is divided: what one walk over the bytes can do, and what needs the tree.
//
// A level needs the tree if its path does, or if a level around it needs it; a column, too. Everything else is a
// projection of its own for the walk, with the same levels and columns under other numbers.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "components/json/automaton.h"
#include "components/json/compiled.h"

namespace batchout::json {

/// Levels and columns of a projection, some of them.
struct Share {
  std::vector<bool> levels;
  std::vector<bool> columns;
};

struct Division {
  explicit Division(const CompiledProjection& compiled);

  /// Why the tree is needed, by level and by column, for people; empty: it is not.
  std::vector<std::string> level_reasons;
  std::vector<std::string> column_reasons;

  /// True if there is a column for the walk, so that it is worth its while.
  bool has_walk() const;
  /// True if nothing is left for the tree.
  bool is_whole() const;
  /// What is left for the tree; the payload's level is part of the walk.
  Share rest() const;
};

/// What the walk does, as a projection of its own.
struct WalkPart {
  WalkPart(const CompiledProjection& whole, const Division& division);

  std::shared_ptr<const CompiledProjection> compiled;
  /// The number in the whole, of each level and each column.
  std::vector<LevelId> levels;
  std::vector<std::size_t> columns;
};

}  // namespace batchout::json
