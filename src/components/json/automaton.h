// All paths of a projection as one automaton over the values of a document, for a single walk in document order.
//
// The paths make a trie. Several places of it can lie on one value (`a[0].x` and `a[*].x` meet at the first element),
// so a state is a set of places; states are made from the sets that can occur, once.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "components/json/compiled.h"

namespace batchout::json {

using StateId = std::uint32_t;
inline constexpr StateId kSkipped = 0xFFFFFFFF;  ///< Nothing of the value is wanted.

/// A value, or one character of a text, that becomes the cell of a column.
struct Capture {
  static constexpr std::int32_t kWhole = -1;
  std::uint32_t column = 0;
  std::int32_t character = kWhole;
};

struct State {
  struct Edge {
    std::string key;
    StateId target = kSkipped;
  };

  // An object.
  std::vector<Edge> edges;  ///< At most kEdgesMax; keys differ.
  StateId other_member = kSkipped;
  std::vector<LevelId> object_levels;  ///< Each member is an entry of these.
  bool every_member = false;           ///< Members beside the edges matter, and so do duplicates among them.
  bool walks_object = false;
  bool needs_tree = false;  ///< An object here must be left to the tree.

  // A list.
  std::vector<StateId> positions;  ///< Of the first elements.
  StateId other_element = kSkipped;
  std::vector<LevelId> list_levels;  ///< Each element is an entry of these.
  bool walks_list = false;

  // What is captured depends on the value: steps `[*]` take some single values for lists of one.
  std::vector<Capture> from_object;
  std::vector<Capture> from_list;
  std::vector<Capture> from_text;
  std::vector<Capture> from_single;  ///< Integers and booleans.
  std::vector<Capture> from_plain;   ///< Null, and numbers with fraction or exponent.
};

struct Automaton {
  static constexpr std::size_t kEdgesMax = 64;
  static constexpr std::size_t kStatesMax = 4096;
  static constexpr std::uint32_t kPositionsMax = 1024;

  std::vector<State> states;  ///< The first one is for the document.
};

/// Why a path cannot take part in the walk; empty if it can.
std::string_view unfusable_level(const CompiledProjection& compiled, LevelId level);
std::string_view unfusable_column(const CompiledProjection& compiled, std::size_t column);

/// The automaton of a projection, or nothing if a path cannot take part or the states are too many.
std::optional<Automaton> fuse(const CompiledProjection& compiled);

}  // namespace batchout::json
