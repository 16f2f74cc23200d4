// All paths of a projection as one automaton over the elements of a document, for a single walk in document order.
//
// The paths make a trie. Several places of it can lie on one element (a relative path begins at any root element, an
// absolute one at that of its name), so a state is a set of places; states are made from the sets that can occur, once.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "components/xml/compiled.h"

namespace batchout::xml {

using StateId = std::uint32_t;
/// Nothing of the element is wanted.
inline constexpr StateId kSkipped = 0xFFFFFFFF;

/// A namespace of the paths by number; documents have others besides.
using SpaceId = std::uint32_t;
inline constexpr SpaceId kNoSpace = 0;
inline constexpr SpaceId kXmlSpace = 1;
/// None that a path names.
inline constexpr SpaceId kOtherSpace = 0xFFFFFFFF;

/// What is wanted of an element that the paths lead to.
struct State {
  struct Edge {
    std::string name;
    SpaceId space = kNoSpace;
    StateId target = kSkipped;
  };
  struct Attribute {
    std::string name;
    SpaceId space = kNoSpace;
    std::vector<std::uint32_t> columns;
  };

  /// Child elements by name. Searched one after the other, since an element is asked for few names.
  std::vector<Edge> edges;
  /// Any other child element.
  StateId other = kSkipped;
  std::vector<Attribute> attributes;
  /// Columns that take text nodes of the element.
  std::vector<std::uint32_t> texts;
  /// Columns that take the text of the element and all below it.
  std::vector<std::uint32_t> values;
  /// The element is an entry of these.
  std::vector<LevelId> levels;
};

struct Automaton {
  /// Sets of places could be exponentially many; beyond this the tree does it.
  static constexpr std::size_t kStatesMax = 4096;

  /// The first one is for the document, whose child is the root element.
  std::vector<State> states;
  /// Namespaces by number; the first is none.
  std::vector<std::string> spaces;
};

/// Why a path cannot take part in the walk; empty if it can. As a noun, to stand behind "because of".
std::string_view unfusable_level(const CompiledProjection& compiled, LevelId level);
std::string_view unfusable_column(const CompiledProjection& compiled, std::size_t column);

/// The automaton of a projection, or nothing if a path cannot take part or the states are too many.
std::optional<Automaton> fuse(const CompiledProjection& compiled);

}  // namespace batchout::xml
