// XPath has no escapes: a text with both kinds of quotes is written as a concatenation, so that no value of a payload
// can end the literal it stands in.

#include "components/xml/path.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "components/xml/names.h"
#include "data/slot.h"

namespace batchout::xml {
namespace {

// The core library of XPath 1.0, section 4.
constexpr std::array<std::string_view, 27> kFunctions = {
    "boolean",
    "ceiling",
    "concat",
    "contains",
    "count",
    "false",
    "floor",
    "id",
    "lang",
    "last",
    "local-name",
    "name",
    "namespace-uri",
    "normalize-space",
    "not",
    "number",
    "position",
    "round",
    "starts-with",
    "string",
    "string-length",
    "substring",
    "substring-after",
    "substring-before",
    "sum",
    "translate",
    "true",
};

/// A value that stands outside of quotes.
bool is_plain_word(std::string_view value) {
  if (value.starts_with('-')) value.remove_prefix(1);
  return !value.empty() && std::ranges::all_of(value, [](char c) { return is_name_part(c) || c == ':'; });
}

// concat needs two arguments at least, hence the empty text in front.
void append_literal(std::string_view text, std::string& out) {
  if (!text.contains('"')) {
    out.append(1, '"').append(text) += '"';
  } else if (!text.contains('\'')) {
    out.append(1, '\'').append(text) += '\'';
  } else {
    out += "concat(\"\"";
    while (!text.empty()) {
      const std::size_t size = std::min(text.find('"'), text.size());
      if (size > 0) out.append(",\"").append(text.substr(0, size)) += '"';
      text.remove_prefix(size);
      const std::size_t quotes = std::min(text.find_first_not_of('"'), text.size());
      if (quotes > 0) out.append(",'").append(text.substr(0, quotes)) += '\'';
      text.remove_prefix(quotes);
    }
    out += ')';
  }
}

/// Reads a marked path from left to right.
class Filling {
 public:
  Filling(std::string_view path, std::span<const Cell> slots, std::string& out)
      : rest_(path), slots_(slots), out_(out) {}

  // False if a value is missing or would be read as syntax.
  bool run() {
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == '"' || c == '\'') {
        if (!quoted(c)) return false;
      } else if (c == kSlotBegin) {
        const std::size_t before = out_.size();
        if (!slot(out_) || !is_plain_word(std::string_view(out_).substr(before))) return false;
      } else {
        out_ += c;
        rest_.remove_prefix(1);
      }
    }
    return true;
  }

 private:
  // The literal is written anew only if a slot is in it; its value may hold either quote.
  bool quoted(char quote) {
    const std::string_view inside = rest_.substr(1, rest_.find(quote, 1) - 1);
    if (!inside.contains(kSlotBegin)) {  // Also what is not closed: the compiler will say so.
      const std::size_t size = std::min(inside.size() + 2, rest_.size());
      out_ += rest_.substr(0, size);
      rest_.remove_prefix(size);
      return true;
    }
    const std::size_t after = rest_.size() - std::min(rest_.size(), inside.size() + 2);
    literal_.clear();
    rest_.remove_prefix(1);
    while (rest_.size() > after + 1) {
      if (rest_.front() == kSlotBegin) {
        if (!slot(literal_)) return false;
      } else {
        literal_ += rest_.front();
        rest_.remove_prefix(1);
      }
    }
    rest_.remove_prefix(rest_.size() - after);
    append_literal(literal_, out_);
    return true;
  }

  // The marks were written by `marked`, so they are well formed.
  bool slot(std::string& into) {
    const std::size_t end = rest_.find(kSlotEnd);
    const std::string_view inside = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    const std::size_t colon = inside.find(':');
    LevelId level = 0;
    std::from_chars(inside.data(), inside.data() + colon, level);
    return append_slot(slots_[level], std::string(inside.substr(colon + 1)), into);
  }

  std::string_view rest_;
  std::span<const Cell> slots_;
  std::string& out_;
  std::string literal_;
};

/// What stands outside of brackets, parentheses and quotes, one character after the other; nested parts are passed
/// over.
class Outside {
 public:
  explicit Outside(std::string_view path) : path_(path) {}

  /// False at the end, or where something is not closed.
  bool next(char& c) {
    if (at_ == path_.size()) return false;
    here_ = at_;
    c = path_[at_++];
    return (c != '[' && c != '(') || pass();
  }
  bool at_end() const { return at_ == path_.size() && good_; }
  /// What is in front of the last character.
  std::string_view before() const { return path_.substr(0, here_); }

 private:
  bool pass() {
    int depth = 1;
    while (at_ < path_.size() && depth > 0) {
      const char c = path_[at_++];
      if (c == '"' || c == '\'') {
        at_ = path_.find(c, at_);
        if (at_ == std::string_view::npos) break;
        ++at_;
      } else if (c == '[' || c == '(') {
        ++depth;
      } else if (c == ']' || c == ')') {
        --depth;
      }
    }
    at_ = std::min(at_, path_.size());
    return good_ = depth == 0;
  }

  std::string_view path_;
  std::size_t at_ = 0;
  std::size_t here_ = 0;
  bool good_ = true;
};

bool ends_with_node_type(std::string_view before) {
  const std::size_t start = before.find_last_of("/:");
  return is_one_of(before.substr(start == std::string_view::npos ? 0 : start + 1), kNodeTypes);
}

}  // namespace

std::string marked_slot(LevelId level) {
  return fmt::format("{}{}:{}", kSlotBegin, level, kSlotEnd);
}

std::string marked(const Template& path) {
  std::string text;
  for (const auto& piece : path.pieces) {
    if (const auto* literal = std::get_if<std::string>(&piece)) {
      text += *literal;
    } else {
      const auto& slot = std::get<Template::Slot>(piece);
      text += fmt::format("{}{}:{}{}", kSlotBegin, slot.level, slot.format, kSlotEnd);
    }
  }
  return text;
}

bool fill_in(std::string_view path, std::span<const Cell> slots, std::string& out) {
  out.clear();
  return Filling(path, slots, out).run();
}

// Rather no than yes: a path for which it says no is only evaluated in full, which is slower.
bool is_location(std::string_view path) {
  Outside outside(path);
  char previous = '\0';
  for (char c = '\0'; outside.next(c); previous = c) {
    if (c == '[') {
      c = ']';
      continue;
    }
    if (c == '(') {
      if (previous != '\0' && !ends_with_node_type(outside.before())) return false;
      c = ')';
      continue;
    }
    const bool after_group = previous == ')' || previous == ']';
    if (c == ':' && previous == ':') return false;  // Axes other than the usual ones.
    if (after_group && c != '/') return false;
    if (c == '*' ? previous != '\0' && !std::string_view("/:@").contains(previous)
                 : !is_name_part(c) && !std::string_view("/:@").contains(c))
      return false;
  }
  return !path.empty() && outside.at_end();
}

// Reasons are nouns, to stand behind "because of".
std::optional<SimplePath> simple_path(std::string_view path, const Namespaces& namespaces, std::string_view& reason) {
  SimplePath simple;
  if (path.contains("//")) return reason = "descendants", std::nullopt;
  if (path.contains('[')) return reason = "a predicate", std::nullopt;
  simple.absolute = path.starts_with('/');
  if (simple.absolute) path.remove_prefix(1);
  if (path == ".") return simple;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    std::string_view part = path.substr(0, slash);
    const bool last = slash == std::string_view::npos;
    path.remove_prefix(last ? path.size() : slash + 1);
    Step step;
    if (part == "text()") {
      step.kind = Step::Kind::text;
    } else if (part == "*") {
      step.kind = Step::Kind::any;
    } else {
      if (part.starts_with('@')) {
        step.kind = Step::Kind::attribute;
        part.remove_prefix(1);
      }
      if (const std::size_t colon = part.find(':'); colon != std::string_view::npos) {
        const auto found = namespaces.find(std::string(part.substr(0, colon)));
        if (found != namespaces.end())
          step.name_space = found->second;
        else if (part.substr(0, colon) == "xml")
          step.name_space = kXmlNamespace;
        else
          return reason = "an axis", std::nullopt;
        part.remove_prefix(colon + 1);
      }
      if (part.empty() || name_size(part) != part.size()) return reason = "an expression", std::nullopt;
      step.name = part;
    }
    const bool ends = step.kind == Step::Kind::attribute || step.kind == Step::Kind::text;
    if ((ends && !last) || (last == false && path.empty())) return reason = "an expression", std::nullopt;
    simple.steps.push_back(std::move(step));
  }
  if (simple.steps.empty() && simple.absolute) return reason = "the document itself", std::nullopt;
  return simple;
}

bool has_before(std::string_view path, std::string_view word, std::string_view sign) {
  for (std::size_t at = path.find(word); at != std::string_view::npos; at = path.find(word, at + 1)) {
    const std::string_view rest = path.substr(at + word.size());
    if (rest.substr(std::min(rest.find_first_not_of(" \t\r\n"), rest.size())).starts_with(sign)) return true;
  }
  return false;
}

// A tokenizer just good enough to tell names from texts and numbers; the grammar is checked by the compiler of libxml2.
std::optional<Extractor::PathProblem> check_names(std::string_view path, const Namespaces& namespaces) {
  const auto problem = [](std::string message, std::size_t at) {
    return Extractor::PathProblem{std::move(message), static_cast<int>(at) + 1};
  };
  for (std::size_t at = 0; at < path.size();) {
    const char c = path[at];
    if (c == '"' || c == '\'') {
      at = std::min(path.find(c, at + 1), path.size() - 1) + 1;
      continue;
    }
    if (c == '$') return problem("a path has no variables", at);
    const std::size_t size = name_size(path.substr(at));
    if (size == 0) {
      ++at;
      while (is_digit(c) && at < path.size() && is_name_part(path[at])) ++at;  // Also exponents, as `1e3`.
      continue;
    }
    const std::string_view name = path.substr(at, size);
    const std::size_t start = at;
    at += size;
    if (path.substr(at).starts_with(':') && !path.substr(at).starts_with("::")) {
      if (name != "xml" && !namespaces.contains(std::string(name)))
        return problem(fmt::format("the prefix {} is not declared in namespaces", name), start);
      at += 1 + name_size(path.substr(at + 1));
    }
    const std::string_view rest = path.substr(std::min(path.find_first_not_of(" \t\r\n", at), path.size()));
    const bool follows_operand = start > 0 && (path[start - 1] == ' ');
    const bool is_operator = follows_operand && (name == "and" || name == "or" || name == "div" || name == "mod");
    if (rest.starts_with('(') && !is_operator && !is_one_of(name, kNodeTypes) && !is_one_of(name, kFunctions))
      return problem(fmt::format("there is no function {}", path.substr(start, at - start)), start);
  }
  return std::nullopt;
}

}  // namespace batchout::xml
