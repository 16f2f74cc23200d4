// A tokenizer just good enough for valid paths; the grammar is checked by the compiler of libxml2.

#include "components/xml/pieces.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "components/xml/markup.h"

namespace batchout::xml {
namespace {

// From two nodes they can find one and the same.
constexpr std::array<std::string_view, 9> kMergingAxes = {
    "ancestor",          "ancestor-or-self", "descendant", "descendant-or-self", "following",
    "following-sibling", "parent",           "preceding",  "preceding-sibling",
};
constexpr std::array<std::string_view, 4> kNodeTypes = {"comment", "node", "processing-instruction", "text"};

constexpr std::array<std::string_view, 4> kOperators = {"and", "or", "div", "mod"};
constexpr std::array<std::string_view, 2> kTruthOperators = {"and", "or"};
constexpr std::array<std::string_view, 8> kSetFunctions = {
    "boolean", "count", "normalize-space", "not", "number", "string", "string-length", "sum",
};
constexpr std::array<std::string_view, 4> kWholeSetFunctions = {"boolean", "count", "not", "sum"};
constexpr std::array<std::string_view, 4> kTruthFunctions = {"boolean", "contains", "not", "starts-with"};

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::ranges::find(names, name) != names.end();
}

bool begins_name(char c) {
  return is(c, kNameStart) || static_cast<unsigned char>(c) >= 0x80;
}

// Without colons.
std::size_t name_size(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && text[size] != ':' &&
         (is(text[size], kNamePart) || static_cast<unsigned char>(text[size]) >= 0x80))
    ++size;
  return size;
}

// Behind the literal that begins at `at`.
std::size_t behind_literal(std::string_view text, std::size_t at) {
  return std::min(text.find(text[at], at + 1), text.size() - 1) + 1;
}

// Behind what closes the bracket or parenthesis at `at`.
std::size_t behind_group(std::string_view text, std::size_t at) {
  for (int depth = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"' || c == '\'') at = behind_literal(text, at) - 1;
    if (c == '[' || c == '(') ++depth;
    if ((c == ']' || c == ')') && --depth == 0) return at + 1;
  }
  return text.size();
}

bool begins_axis(std::string_view rest) {
  return rest.substr(std::min(rest.find_first_not_of(" \t\r\n"), rest.size())).starts_with("::");
}

// Splits at a character outside of brackets, parentheses and quotes. Nothing if they are not closed.
std::vector<std::string_view> split_outside(std::string_view path, char separator) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  int depth = 0;
  for (std::size_t at = 0; at < path.size(); ++at) {
    const char c = path[at];
    if (c == '"' || c == '\'') at = behind_literal(path, at) - 1;
    if (c == '[' || c == '(') ++depth;
    if (c == ']' || c == ')') --depth;
    if (c != separator || depth != 0) continue;
    parts.push_back(path.substr(start, at - start));
    start = at + 1;
  }
  if (depth != 0) return {};
  parts.push_back(path.substr(start));
  return parts;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is(text.front(), kBlank)) text.remove_prefix(1);
  while (!text.empty() && is(text.back(), kBlank)) text.remove_suffix(1);
  return text;
}

// A step without blanks outside of its predicates, as nearly everybody writes them; no other expression.
bool is_step(std::string_view step) {
  if (step == "." || step == "..") return true;
  std::string_view test = step.substr(0, step.find('['));
  if (test.size() < step.size() && step.back() != ']') return false;
  if (test.starts_with('@')) test.remove_prefix(1);
  if (const std::size_t axis = test.find("::"); axis != std::string_view::npos) {
    if (test.substr(0, axis) == "namespace" || name_size(test) != axis) return false;
    test.remove_prefix(axis + 2);
  }
  if (const std::size_t open = test.find('('); open != std::string_view::npos)
    return test.ends_with(')') && is_one_of(test.substr(0, open), kNodeTypes);
  if (const std::size_t colon = test.find(':'); colon != std::string_view::npos) {
    if (name_size(test) != colon) return false;
    test.remove_prefix(colon + 1);
  }
  return test == "*" || (!test.empty() && begins_name(test.front()) && name_size(test) == test.size());
}

// There a name is an operator (section 3.7).
bool follows_operand(std::string_view before) {
  before = trimmed(before);
  return !before.empty() && !std::string_view("/:@[(,|=<>!+-").contains(before.back());
}

bool is_merging_step(std::string_view step) {
  const std::size_t axis = name_size(step);
  return step == ".." || (begins_axis(step.substr(axis)) && is_one_of(step.substr(0, axis), kMergingAxes));
}

struct SlashedStep {
  // What separates it from the step before: empty, one or two.
  std::string_view slashes;
  std::string_view step;
};

// Nothing for what is no path of steps alone.
std::optional<std::vector<SlashedStep>> steps_of(std::string_view path) {
  std::vector<SlashedStep> steps;
  std::string_view slashes;
  for (const std::string_view part : split_outside(path, '/')) {
    // Nothing stands before a slash at the beginning, and between two.
    if (part.empty()) {
      slashes = steps.empty() && slashes.empty() ? "/" : "//";
      continue;
    }
    if (!is_step(part)) return std::nullopt;
    steps.push_back({steps.empty() || !slashes.empty() ? slashes : "/", part});
    slashes = {};
  }
  if (steps.empty() || path.ends_with('/')) return std::nullopt;
  return steps;
}

// `a and b`, but not `a[b and c]`.
bool has_truth_operator(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const std::size_t name = begins_name(c) ? name_size(text.substr(at)) : 0;
    if (is_one_of(text.substr(at, name), kTruthOperators) && follows_operand(text.substr(0, at))) return true;
    if (c == '[' || c == '(')
      at = behind_group(text, at);
    else if (c == '"' || c == '\'')
      at = behind_literal(text, at);
    else
      at += std::max<std::size_t>(name, 1);
  }
  return false;
}

// A predicate that is true or not of a node whatever its position, which a number would be. Rather no than yes.
bool is_condition(std::string_view predicate) {
  if (has_before(predicate, "last", "(") || has_before(predicate, "position", "(")) return false;
  for (const char comparison : {'=', '<', '>'})
    if (split_outside(predicate, comparison).size() > 1) return true;
  if (has_truth_operator(predicate)) return true;
  const std::size_t name = name_size(predicate);
  if (is_one_of(predicate.substr(0, name), kTruthFunctions) && predicate.substr(name).starts_with('('))
    return behind_group(predicate, name) == predicate.size();
  return std::ranges::all_of(split_outside(predicate, '|'),
                             [](std::string_view path) { return steps_of(trimmed(path)).has_value(); });
}

struct DividedStep {
  std::string_view step;
  // Its predicates from the first one that merges on; empty: none does.
  std::string_view conditions;
};

// Nothing if one of these may ask for the position of a node, which counts along the axis of the step.
std::optional<DividedStep> divided(std::string_view step) {
  std::size_t first = step.size();
  for (std::size_t at = step.find('['); at < step.size();) {
    const std::size_t end = behind_group(step, at);
    const std::string_view predicate = trimmed(step.substr(at + 1, end - at - 2));
    if (first == step.size() && merges(predicate)) first = at;
    if (first < step.size() && !is_condition(predicate)) return std::nullopt;
    at = step.find('[', end);
  }
  return DividedStep{step.substr(0, first), step.substr(first)};
}

// A step that merges is a piece of its own: what it finds counts once for all that comes behind it. So are predicates
// that merge, each evaluation of which begins at one node.
// libxml2 leaves the node itself out of `.//.`.
std::optional<std::vector<std::string>> pieces_of_one(std::string_view path) {
  const auto steps = steps_of(path);
  if (!steps) return std::nullopt;
  std::vector<std::string> pieces;
  bool ends = true;
  bool from_one = true;
  for (const auto& [slashes, whole_step] : *steps) {
    const auto parts = divided(whole_step);
    if (!parts) return std::nullopt;
    const auto& [step, conditions] = *parts;
    const bool is_merging = !from_one && (slashes == "//" || is_merging_step(step));
    if (ends || is_merging)
      pieces.push_back(pieces.empty() ? std::string(slashes) : slashes == "//" ? "descendant-or-self::node()/" : "");
    else
      pieces.back() += slashes;
    pieces.back() += step;
    if (!conditions.empty()) pieces.push_back("self::node()" + std::string(conditions));
    ends = is_merging || !conditions.empty();
    from_one = from_one && step == ".";
  }
  return pieces;
}

}  // namespace

// `one` as long as the step that comes next begins at one node only: at the beginning of a path, also of one in a
// predicate or an argument.
bool merges(std::string_view path) {
  bool one = true;
  for (std::size_t at = 0; at < path.size();) {
    const std::string_view rest = path.substr(at);
    const char c = rest.front();
    const std::size_t name = begins_name(c) ? name_size(rest) : 0;
    if (c == '|') return true;
    if (!one && (rest.starts_with("//") || rest.starts_with("..") || is_merging_step(rest))) return true;
    if (is_one_of(rest.substr(0, name), kOperators) && follows_operand(path.substr(0, at))) {
      one = true;
      at += name;
    } else if (name > 0 && begins_axis(rest.substr(name))) {
      at = path.find("::", at) + 2;
    } else if (name > 0 || rest.starts_with("..") || rest.starts_with("//")) {
      one = false;
      at += name > 0 ? name : 2;
    } else if (c == '"' || c == '\'') {
      one = false;
      at = behind_literal(path, at);
    } else {
      if (std::string_view("[(,=<>!+-").contains(c)) one = true;
      if (c == '*' || c == ')' || c == ']') one = false;
      ++at;
    }
  }
  return false;
}

std::vector<std::vector<std::string>> pieces_of(std::string_view path) {
  std::vector<std::vector<std::string>> alternatives;
  for (const std::string_view alternative : split_outside(path, '|')) {
    auto pieces = pieces_of_one(trimmed(alternative));
    if (!pieces) return {};
    alternatives.push_back(std::move(*pieces));
  }
  return alternatives;
}

bool has_before(std::string_view path, std::string_view word, std::string_view sign) {
  for (std::size_t at = path.find(word); at != std::string_view::npos; at = path.find(word, at + 1))
    if (trimmed(path.substr(at + word.size())).starts_with(sign)) return true;
  return false;
}

std::optional<Call> call_of(std::string_view path) {
  path = trimmed(path);
  const std::string_view function = path.substr(0, name_size(path));
  const std::string_view argument = path.substr(function.size());
  if (!is_one_of(function, kSetFunctions) || !argument.starts_with('(')) return std::nullopt;
  if (behind_group(argument, 0) != argument.size()) return std::nullopt;
  const bool of_all = is_one_of(function, kWholeSetFunctions);
  return Call{function, trimmed(argument.substr(1, argument.size() - 2)), !of_all};
}

}  // namespace batchout::xml
