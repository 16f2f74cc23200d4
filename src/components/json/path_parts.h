// A path template as text that stays and places where values of slots go, each with what the language reads there.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "components/json/path.h"

namespace batchout::json {

struct PathPart {
  enum class Role : std::uint8_t {
    /// `text` as it is.
    literal,
    /// The inside of quotes, with escapes as written.
    quoted,
    /// The name of a member, not in brackets of its own.
    name,
    /// A member or a position, alone between its brackets or (RFC 9535) commas.
    selector,
    /// A bound of a slice.
    bound,
    /// A value in a filter.
    operand,
  };

  Role role = Role::literal;
  /// Of a literal.
  std::string text;
  /// Of all others; there is at least one slot.
  Words words;
  /// Around a quoted text.
  char quote = 0;
  /// Of a name: brackets may stand here, in place of the dot before it if there is one. A single dot is no part of the
  /// literal before.
  bool brackets = false;
  bool dot = false;
  /// Of a name: begins the path.
  bool first = false;
  /// Of a selector of jsonpath_rw, whose brackets are no part of the literals around it: what they follow; empty where
  /// they are a step themselves, as in `a.[b]`.
  Words before;
  /// Of the same: | or `where` comes next. Behind brackets it takes all from part `group` on, which begins the path or
  /// what is in the parentheses around; behind a dot it would take the last step alone.
  bool enclosed = false;
  std::size_t group = 0;
};

/// The parts of a path that `syntax` has been found to read.
std::vector<PathPart> path_parts(const Template& path, Syntax syntax);

}  // namespace batchout::json
