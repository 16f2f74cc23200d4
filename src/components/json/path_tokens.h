// The tokens of a path: names, numbers, quoted names, backquoted operators and punctuation.

#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "components/json/path.h"

namespace batchout::json {

/// The one word that is an operator, where it has no quotes.
inline constexpr std::string_view kWhereName = "where";

struct PathToken {
  enum class Kind : std::uint8_t {
    /// A bare or quoted name, perhaps with slots.
    name,
    /// An integer as written.
    number,
    /// A bare word with slots in it: a name, or within brackets a position.
    composed,
    /// What stood between backquotes.
    operation,
    /// One of * . [ ] ( ) $ , : | &, or D for two dots, W for `where`.
    mark,
    end,
  };

  Kind kind = Kind::end;
  /// Of a mark; 0 for others.
  char mark = 0;
  /// In quotes or backquotes.
  bool quoted = false;
  Words words;
  /// Where it begins in the written path, in characters from 1; 0 if unknown.
  int column = 0;
};

/// Splits a template into tokens; the last one is `end`.
std::expected<std::vector<PathToken>, Extractor::PathProblem> path_tokens(const Template& path);

}  // namespace batchout::json
