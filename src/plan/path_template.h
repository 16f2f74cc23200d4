// Path templates: text with slots for the values of indexes.

#pragma once

#include <expected>
#include <optional>
#include <span>
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

/// By the rules of the old dialects: `{name}` and `{name:02d}` are slots, `{{` and `}}` are braces. Conversions (`!r`),
/// attributes and positional slots, which the original accepted by accident, are refused. The first problem ends it.
/// Whether an index of that name exists is not looked at.
std::expected<NamedPieces, TemplateProblem> parse_template(std::string_view text);

/// By the rules of our own dialect: braces around the name of one of `indexes` are a slot, `{{name}}` is that name in
/// braces, and `{{{name}}}` the value in braces; all other braces are themselves, as the `{2,3}` of a pattern. What
/// looks like a misspelt index is a problem.
std::expected<NamedPieces, TemplateProblem> parse_braces(std::string_view text, std::span<const std::string> indexes);

/// What looks like a slot of an index that is not among `indexes`, by the same rules, at the byte `column` (from 1); 0:
/// the first one of the path.
std::optional<NamedSlot> undeclared_slot(std::string_view text, std::span<const std::string> indexes, int column);

/// The path as parse_braces reads it.
std::string with_braces(const NamedPieces& pieces, std::span<const std::string> indexes);

}  // namespace batchout
