// Paths into a JSON document, compiled from the language of jsonpath_rw 1.4.
//
// A path is a flat list of steps: `a.b` is the step `b` after the step `a`, whatever the parentheses were. Slots stay
// in the steps; their values are inserted as data when the path is evaluated, never read as syntax.

#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/program.h"
#include "data/projection.h"

namespace batchout::json {

/// Text of literals and slots, put together when the path is evaluated.
struct Words {
  std::vector<Template::Piece> pieces;

  bool literal() const { return pieces.empty() || (pieces.size() == 1 && pieces[0].index() == 0); }
  /// The text, of literal words only.
  std::string_view text() const { return pieces.empty() ? std::string_view{} : std::get<std::string>(pieces[0]); }
  /// The slot, if there is nothing else and it has no format.
  const Template::Slot* sole_slot() const;
  void add(char c);
};

bool operator==(const Words& a, const Words& b);

struct Step;

struct Path {
  std::vector<Step> steps;
};

bool operator==(const Path& a, const Path& b);

struct Step {
  enum class Kind : std::uint8_t {
    root,          ///< The document.
    parent,        ///< The object or list around the node.
    members,       ///< The members called `names`, in that order.
    any_member,    ///< All members of an object.
    position,      ///< Element `number`; negative numbers count from the end.
    selector,      ///< `selector` in brackets: an element if its value is a number, else a member.
    any_element,   ///< All elements of a list; an object, text, integer or boolean counts as a list of itself.
    slice,         ///< The elements from `from` to before `to`.
    descendants,   ///< inner[0] at the node and at everything below it.
    where,         ///< The node itself, if inner[0] has a match there.
    alternatives,  ///< Matches of inner[0], then of inner[1].
  };

  Kind kind = Kind::root;
  std::vector<Words> names;
  std::int64_t number = 0;
  Words selector;
  std::optional<Words> from;
  std::optional<Words> to;
  std::vector<Path> inner;

  bool operator==(const Step&) const = default;
};

inline bool operator==(const Path& a, const Path& b) {
  return a.steps == b.steps;
}

/// Compiles a template. The problem's column counts characters of `path.written`.
std::expected<Path, Extractor::PathProblem> compile_path(const Template& path);

/// The number that `text` is, limited to the range of positions; none if it is not an integer.
std::optional<std::int64_t> position_of(std::string_view text);

}  // namespace batchout::json
