// Paths as text with marked slots, so that paths can be compared, shortened and filled in as texts.
//
// A slot is written as 0x01, the number of its level, a colon, its format, 0x02: bytes that no path can contain.

#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/block.h"
#include "data/program.h"

namespace batchout::xml {

/// Prefixes of paths to the namespaces that they stand for.
using Namespaces = std::map<std::string, std::string>;

/// The text of a template with marked slots.
std::string marked(const Template& path);

/// A slot without a format, marked.
std::string marked_slot(LevelId level);

inline constexpr char kSlotBegin = '\x01';
inline constexpr char kSlotEnd = '\x02';

/// Fills in the values of slots, by level. Inside quotes a value can be any text; elsewhere it must be a number or a
/// name. False if a value is missing or cannot stand there. Replaces what `out` holds.
bool fill_in(std::string_view path, std::span<const Cell> slots, std::string& out);

/// True for a location path without operators around it: what `P[n]` and `P/x` mean follows from what `P` finds.
bool is_location(std::string_view path);

/// One step of a simple path.
struct Step {
  enum class Kind : unsigned char {
    /// A child element of that name.
    element,
    /// Any child element.
    any,
    /// An attribute of that name; the last step.
    attribute,
    /// Text nodes; the last step.
    text,
  };
  Kind kind = Kind::element;
  /// Without prefix.
  std::string name;
  /// Empty: none.
  std::string name_space;
};

struct SimplePath {
  /// Begins at the document, not at the context node.
  bool absolute = false;
  std::vector<Step> steps;
};

inline constexpr std::string_view kXmlNamespace = "http://www.w3.org/XML/1998/namespace";

/// The path as steps, if it consists of names, attributes and text() only; else why not in `reason`.
std::optional<SimplePath> simple_path(std::string_view path, const Namespaces& namespaces, std::string_view& reason);

/// True if `word` stands in the path, and `sign` behind it or the blanks behind it; also in quotes, and at the end of a
/// name.
bool has_before(std::string_view path, std::string_view word, std::string_view sign);

/// What is wrong with the names in a complete XPath expression: prefixes, functions and variables that nobody declares.
/// `column` counts from 1 in `path`.
std::optional<Extractor::PathProblem> check_names(std::string_view path, const Namespaces& namespaces);

}  // namespace batchout::xml
