// What a value may look like depends on where it goes: between quotes it is escaped, elsewhere it gets quotes of its
// own unless it is a plain name or a number that means one.

#include "components/json/filling.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/ascii.h"
#include "base/unicode.h"
#include "components/json/path_tokens.h"
#include "components/json/scalar.h"
#include "data/slot.h"

namespace batchout::json {
namespace {

// Section 2.1 of RFC 9535: beyond it an integer cannot be written, and no list is so long.
constexpr std::int64_t kIntegerMax = (std::int64_t{1} << 53) - 1;

// True if a path finds one value at most.
bool is_single(const Path& path) {
  return std::ranges::all_of(path.steps, [](const Step& step) {
    return (step.kind == Step::Kind::members && step.names.size() == 1) || step.kind == Step::Kind::position ||
           step.kind == Step::Kind::selector;
  });
}

bool is_number(std::string_view text) {
  const std::string ended = std::string(text) + '\n';
  bool is_integer = false;
  return number_size(ended.data(), is_integer) == text.size();
}

}  // namespace

Filling::Filling(const Template& path, Syntax syntax, std::span<const ProjectionLevel> levels, const Extractor* own)
    : syntax_(syntax) {
  for (PathPart& part : path_parts(path, syntax)) {
    const Meaning digits = meaning_of(part, levels, own);
    parts_.push_back({std::move(part), digits});
  }
}

bool Filling::fill(std::span<const Cell> values, std::string& out) {
  out.clear();
  return std::ranges::all_of(parts_, [&](Part& part) {
    part.begin = out.size();
    return append(part, values, out);
  });
}

// Behind the path of its own index a slot stands for what the index goes through. Where a path finds several values,
// one may be an object and the next a list.
Filling::Meaning Filling::meaning_of(const PathPart& part, std::span<const ProjectionLevel> levels,
                                     const Extractor* own) const {
  if (part.role != PathPart::Role::selector || part.words.pieces.size() != 1 || part.before.pieces.empty())
    return Meaning::unknown;
  const LevelId number = std::get<Template::Slot>(part.words.pieces[0]).level;
  if (number >= levels.size() || levels[number].extractor.get() != own) return Meaning::unknown;
  const ProjectionLevel& level = levels[number];
  const auto before = compile_path({{}, part.before.pieces}, syntax_);
  const auto index = compile_path(level.path, syntax_);
  if (!before || !index || *before != *index || !is_single(*index)) return Meaning::unknown;
  if (level.kind == IndexKind::for_object) return Meaning::member;
  return level.kind == IndexKind::for_list ? Meaning::position : Meaning::unknown;
}

bool Filling::append(const Part& part, std::span<const Cell> values, std::string& out) {
  if (part.path.role == PathPart::Role::literal) {
    out += part.path.text;
    return true;
  }
  if (part.path.role == PathPart::Role::quoted) return append_inside(part.path, values, out);
  if (part.path.role == PathPart::Role::operand) return append_operand(part.path, values, out);
  text_.clear();
  for (const auto& piece : part.path.words.pieces) {
    const auto* slot = std::get_if<Template::Slot>(&piece);
    if (slot == nullptr)
      text_ += std::get<std::string>(piece);
    else if (!append_slot(values[slot->level], slot->format, text_))
      return false;
  }
  if (part.path.role == PathPart::Role::name) return append_name(part.path, out);
  if (part.path.role == PathPart::Role::selector) return append_selector(part, values, out);
  // What is no number counts as left out.
  if (const auto position = position_of(text_)) fmt::format_to(std::back_inserter(out), "{}", *position);
  return true;
}

// Literals have their escapes. An asterisk can only come as a whole.
bool Filling::append_inside(const PathPart& part, std::span<const Cell> values, std::string& out) {
  const std::size_t begin = out.size();
  for (const auto& piece : part.words.pieces) {
    const auto* slot = std::get_if<Template::Slot>(&piece);
    if (slot == nullptr) {
      out += std::get<std::string>(piece);
      continue;
    }
    text_.clear();
    if (!append_slot(values[slot->level], slot->format, text_) || !append_escaped(text_, part.quote, out)) return false;
  }
  const std::string_view inside = std::string_view(out).substr(begin);
  return part.quote != '`' && (syntax_ == Syntax::rfc9535 || (inside != "*" && inside != "\\*"));
}

// ASCII only, as other characters may look like blanks, dots or quotes.
bool Filling::is_plain_name() const {
  const auto is_letter = [](char c) { return (lower(c) >= 'a' && lower(c) <= 'z') || c == '_'; };
  return !text_.empty() && is_letter(text_.front()) && (syntax_ == Syntax::rfc9535 || text_ != kWhereName) &&
         std::ranges::all_of(text_, [&](char c) { return is_letter(c) || is_digit(c); });
}

bool Filling::append_name(const PathPart& part, std::string& out) const {
  if (is_plain_name()) {
    if (part.dot) out += '.';
    out += text_;
    return true;
  }
  if (!part.brackets) return append_quoted(out);
  if (part.first) out += '$';
  out += '[';
  const bool good = append_quoted(out);
  out += ']';
  return good;
}

bool Filling::append_selector(const Part& part, std::span<const Cell> values, std::string& out) const {
  const auto* slot = part.path.words.sole_slot();
  const bool is_position = slot != nullptr && values[slot->level].tag == Tag::integer;
  if (syntax_ == Syntax::jsonpath_rw && !is_position) return append_member_or_position(part, out);
  if (!is_position) return append_quoted(out);
  if (syntax_ == Syntax::jsonpath_rw)
    out.append(1, '[').append(text_) += ']';
  else
    out += text_;
  return syntax_ == Syntax::jsonpath_rw ||
         (values[slot->level].integer <= kIntegerMax && values[slot->level].integer >= -kIntegerMax);
}

// Digits that may be either are given as either: only one can be there. They stand behind a dot, which binds tighter
// than brackets, but not as tightly as | and `where`.
bool Filling::append_member_or_position(const Part& part, std::string& out) const {
  const bool digits = position_of(text_).has_value();
  if (!digits || part.digits != Meaning::unknown) {
    out += '[';
    const bool bare = digits ? part.digits == Meaning::position : is_plain_name();
    if (bare) out += text_;
    const bool good = bare || append_quoted(out);
    out += ']';
    return good;
  }
  const bool is_step = part.path.before.pieces.empty();
  const bool enclosed = !is_step && part.path.enclosed;
  if (enclosed) out.insert(parts_[part.path.group].begin, 1, '(');
  fmt::format_to(std::back_inserter(out), "{}([{}]|'{}'){}", is_step ? "" : ".", text_, text_, enclosed ? ")" : "");
  return true;
}

// Of the type of its value, unless it has a format.
bool Filling::append_operand(const PathPart& part, std::span<const Cell> values, std::string& out) {
  const auto* slot = std::get_if<Template::Slot>(&part.words.pieces.front());
  text_.clear();
  if (slot == nullptr || !append_slot(values[slot->level], slot->format, text_)) return false;
  const Tag tag = values[slot->level].tag;
  if (!slot->format.empty() || tag == Tag::text) return append_quoted(out);
  out += text_;
  return tag == Tag::boolean || is_number(text_);
}

bool Filling::append_quoted(std::string& out) const {
  if (syntax_ == Syntax::jsonpath_rw && text_ == "*") return false;
  out += '\'';
  const bool good = append_escaped(text_, '\'', out);
  out += '\'';
  return good;
}

// The older language takes every byte between quotes.
bool Filling::append_escaped(std::string_view text, char quote, std::string& out) const {
  if (syntax_ == Syntax::rfc9535 && find_broken_utf8(text) != std::string_view::npos) return false;
  for (const char c : text) {
    if (syntax_ == Syntax::rfc9535 && static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
      continue;
    }
    if (c == quote || c == '\\') out += '\\';
    out += c;
  }
  return true;
}

std::optional<Template> filled_in(const Template& path, std::span<const Cell> values, Syntax syntax) {
  std::string text;
  if (!Filling(path, syntax).fill(values, text)) return std::nullopt;
  return Template{path.written, {std::move(text)}};
}

}  // namespace batchout::json
