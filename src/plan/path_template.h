// Path templates of the old dialects: text with index slots in Python's format syntax.

#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace batchout {

/// A slot by the name of its index.
struct NamedSlot {
  std::string index;
  /// Behind the colon.
  std::string format;
  /// Of the brace, from 1.
  int column = 0;
};

/// A path taken apart; neighbouring literals are merged. Literals are unescaped: `{{` is one brace here. Joining all
/// literals of a template without slots gives the path.
using NamedPieces = std::vector<std::variant<std::string, NamedSlot>>;

struct TemplateProblem {
  std::string message;
  /// From 1.
  int column = 0;
};

/// Takes a template apart: `{name}` and `{name:02d}` are slots, `{{` and `}}` are braces. Conversions (`!r`),
/// attributes and positional slots, which the original accepted by accident, are refused. The first problem ends it.
/// Whether an index of that name exists is not looked at.
std::expected<NamedPieces, TemplateProblem> parse_template(std::string_view text);

}  // namespace batchout
