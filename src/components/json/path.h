// Paths into a JSON document, compiled from one of two languages: that of jsonpath_rw 1.4, and RFC 9535.
//
// Both become the same flat list of steps: `a.b` is the step `b` after the step `a`, whatever the parentheses were.
// Slots stay in the steps; their values are inserted as data when the path is evaluated, never read as syntax.

#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/program.h"
#include "data/projection.h"

namespace batchout::json {

/// The languages of paths. The first is what version 0.0.1 calls jsonpath_rw and 0.3.0 jsonpath.
enum class Syntax : std::uint8_t { jsonpath_rw, rfc9535 };

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
struct Condition;

/// Immutable once compiled, shared by lanes.
struct Path {
  std::vector<Step> steps;
};

bool operator==(const Path& a, const Path& b);

/// Only the members that its kind names have a meaning; the others keep their defaults, so that equal steps compare
/// equal.
struct Step {
  enum class Kind : std::uint8_t {
    /// The document.
    root,
    /// The object or list around the node.
    parent,
    /// The members called `names`, in that order.
    members,
    /// All members of an object.
    any_member,
    /// All members of an object, or all elements of a list.
    any_child,
    /// Element `number`; negative numbers count from the end.
    position,
    /// `selector` in brackets: an element if its value is a number, else a member.
    selector,
    /// All elements of a list; an object, text, integer or boolean counts as a list of itself.
    any_element,
    /// Every `stride`-th element from `from` to before `to`.
    slice,
    /// The members or elements for which conditions[0] holds.
    filter,
    /// inner[0] at the node and at everything below it.
    descendants,
    /// The node itself, if inner[0] has a match there.
    where,
    /// Matches of inner[0], then of inner[1], and so on.
    alternatives,
  };

  Kind kind = Kind::root;
  /// Only lists have positions (RFC 9535). Else a text has its characters, a single value is a list of itself in a
  /// slice, and the text of a number is a position in a selector.
  bool strict = false;
  std::vector<Words> names;
  std::int64_t number = 0;
  Words selector;
  std::optional<Words> from;
  std::optional<Words> to;
  std::int64_t stride = 1;
  std::vector<Path> inner;
  std::vector<Condition> conditions;
};

bool operator==(const Step& a, const Step& b);

inline bool operator==(const Path& a, const Path& b) {
  return a.steps == b.steps;
}

class Pattern;

/// A value in a condition.
struct Operand {
  enum class Kind : std::uint8_t {
    /// `tag` says of what kind; numbers and texts are in `words`.
    literal,
    /// The value of words.sole_slot(), of its own type.
    slot,
    /// What `path` finds, from the node under test or, if `absolute`, from the document.
    query,
    /// Characters, elements or members of arguments[0].
    length,
    /// Of the matches of arguments[0].
    count,
    /// The only match of arguments[0].
    value,
    /// True if the text arguments[0] matches the regular expression arguments[1].
    match,
    /// True if something in the text arguments[0] matches the regular expression arguments[1].
    search,
  };

  Kind kind = Kind::literal;
  Tag tag = Tag::null;
  /// Of integers and booleans.
  std::int64_t integer = 0;
  /// Of real numbers.
  double real = 0;
  Words words;
  bool absolute = false;
  Path path;
  std::vector<Operand> arguments;
  /// The compiled regular expression, if it is a literal. Shared by copies of the path; immutable.
  std::shared_ptr<const Pattern> pattern;
};

/// Patterns follow from the arguments.
bool operator==(const Operand& a, const Operand& b);

/// What a filter asks of a node.
struct Condition {
  enum class Kind : std::uint8_t {
    /// At least one of `parts` holds.
    any_of,
    /// Each of `parts` holds.
    all_of,
    /// parts[0] does not hold.
    negation,
    /// The query operands[0] finds something, or the function operands[0] says true.
    test,
    /// operands[0] and operands[1] compare as `comparator` says.
    comparison,
  };
  enum class Comparator : std::uint8_t { equal, not_equal, less, less_or_equal, greater, greater_or_equal };

  Kind kind = Kind::test;
  Comparator comparator = Comparator::equal;
  std::vector<Condition> parts;
  std::vector<Operand> operands;
};

bool operator==(const Condition& a, const Condition& b);

/// A path of more steps is refused, those of inner paths included: evaluation is recursive.
inline constexpr std::size_t kStepsInPathMax = 1000;
/// Parentheses, brackets and functions inside of each other.
inline constexpr int kNestingInPathMax = 64;

/// Compiles a template. The problem's column counts characters of `path.written`. In RFC 9535 a path that begins with a
/// name or an asterisk is read as if `$.` stood before it.
std::expected<Path, Extractor::PathProblem> compile_path(const Template& path, Syntax syntax = Syntax::jsonpath_rw);

/// The number that `text` is, limited to the range of positions; none if it is not an integer.
std::optional<std::int64_t> position_of(std::string_view text);

}  // namespace batchout::json
