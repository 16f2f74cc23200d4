// Reads templates from left to right, one piece at a time: one reader for each of the two rules for braces.

#include "plan/path_template.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "config/wording.h"

namespace batchout {
namespace {

// Letters, digits, - and _, not beginning with a digit; any byte beyond ASCII, so names in all scripts work.
bool is_name(std::string_view text) {
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text.front()))) return false;
  for (const char c : text)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '-' && static_cast<unsigned char>(c) < 0x80)
      return false;
  return true;
}

bool is_format(std::string_view text) {
  // A fill of zeros, a width and an integer type: what makes sense for the position of a list element.
  while (!text.empty() && std::isdigit(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  return text.empty() || text == "d";
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::expected<NamedPieces, TemplateProblem> pieces() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const bool doubled = at_ + 1 < text_.size() && text_[at_ + 1] == c;
      if ((c == '{' || c == '}') && doubled) {
        literal_ += c;
        at_ += 2;
      } else if (c == '{') {
        if (auto problem = slot()) return std::unexpected(std::move(*problem));
      } else if (c == '}') {
        return std::unexpected(
            TemplateProblem{"a closing brace without an opening one; write '}}' for a brace", column()});
      } else {
        literal_ += c;
        ++at_;
      }
    }
    end_literal();
    return std::move(pieces_);
  }

 private:
  int column() const { return static_cast<int>(at_) + 1; }

  // Called before each slot and at the end, so that no literal is empty and none stands beside another.
  void end_literal() {
    if (!literal_.empty()) pieces_.emplace_back(std::move(literal_));
    literal_.clear();
  }

  // Moves behind the closing brace. The column of a problem is that of the opening one.
  std::optional<TemplateProblem> slot() {
    const std::size_t close = text_.find('}', at_);
    if (close == std::string_view::npos)
      return TemplateProblem{"an opening brace without a closing one; write '{{' for a brace", column()};
    const std::string_view inside = text_.substr(at_ + 1, close - at_ - 1);
    const std::size_t colon = inside.find(':');
    const std::string_view name = inside.substr(0, colon);
    const std::string_view format = colon == std::string_view::npos ? "" : inside.substr(colon + 1);
    if (!is_name(name))
      return TemplateProblem{fmt::format("a slot is the name of an index in braces, not '{{{}}}'", inside), column()};
    if (!is_format(format))
      return TemplateProblem{fmt::format("a slot's format is a width such as '02d', not '{}'", format), column()};
    end_literal();
    pieces_.emplace_back(NamedSlot{std::string(name), std::string(format), column()});
    at_ = close + 1;
    return std::nullopt;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string literal_;
  NamedPieces pieces_;
};

// Beyond that many indexes nobody looks for typing mistakes: each costs a comparison with each name in braces.
constexpr std::size_t kSuggestedMax = 24;

class BraceReader {
 public:
  BraceReader(std::string_view text, std::span<const std::string> indexes) : text_(text), indexes_(indexes) {}

  std::expected<NamedPieces, TemplateProblem> pieces() {
    while (at_ < text_.size()) {
      if (take_doubled() || take_tripled()) continue;
      if (text_[at_] != '{' || !take_slot()) literal_ += text_[at_++];
      if (problem_) return std::unexpected(std::move(*problem_));
    }
    end_literal();
    return std::move(pieces_);
  }

 private:
  bool is_index(std::string_view name) const { return std::ranges::find(indexes_, name) != indexes_.end(); }

  void end_literal() {
    if (!literal_.empty()) pieces_.emplace_back(std::move(literal_));
    literal_.clear();
  }

  bool take_doubled() {
    if (!text_.substr(at_).starts_with("{{")) return false;
    const std::size_t close = text_.find('}', at_);
    if (close == std::string_view::npos || !text_.substr(close).starts_with("}}")) return false;
    const std::string_view name = text_.substr(at_ + 2, close - at_ - 2);
    if (!is_index(name)) return false;
    literal_ += fmt::format("{{{}}}", name);
    at_ = close + 2;
    return true;
  }

  /// `{{{name}}}`: braces around a value.
  bool take_tripled() {
    const std::size_t close = text_.find('}', at_);
    if (!text_.substr(at_).starts_with("{{{") || close == std::string_view::npos ||
        !text_.substr(close).starts_with("}}}"))
      return false;
    const std::string_view inside = text_.substr(at_ + 3, close - at_ - 3);
    if (!is_index(inside.substr(0, inside.find(':')))) return false;
    literal_ += '{';
    at_ += 2;
    if (!take_slot()) return true;  // The format is wrong.
    literal_ += '}';
    at_ += 2;
    return true;
  }

  bool take_slot() {
    const std::size_t close = text_.find('}', at_);
    if (close == std::string_view::npos) return false;
    const std::string_view inside = text_.substr(at_ + 1, close - at_ - 1);
    const std::size_t colon = inside.find(':');
    const std::string_view name = inside.substr(0, colon);
    const std::string_view format = colon == std::string_view::npos ? "" : inside.substr(colon + 1);
    const int column = static_cast<int>(at_) + 1;
    if (!is_index(name)) {
      refuse_misspelt(name, column);
      return false;
    }
    if (!is_format(format)) {
      problem_ = {fmt::format("a slot's format is a width such as '02d', not '{}'", format), column};
      return false;
    }
    end_literal();
    pieces_.emplace_back(NamedSlot{std::string(name), std::string(format), column});
    at_ = close + 1;
    return true;
  }

  void refuse_misspelt(std::string_view name, int column) {
    if (!is_name(name) || indexes_.size() > kSuggestedMax) return;
    if (const auto meant = near_miss(name, indexes_))
      problem_ = {fmt::format("there is no index '{}', did you mean '{}'?", name, *meant), column};
  }

  std::string_view text_;
  std::span<const std::string> indexes_;
  std::size_t at_ = 0;
  std::string literal_;
  NamedPieces pieces_;
  std::optional<TemplateProblem> problem_;
};

bool begins_with_brace(const std::variant<std::string, NamedSlot>& piece) {
  const auto* literal = std::get_if<std::string>(&piece);
  return literal != nullptr && literal->starts_with('}');
}

}  // namespace

std::expected<NamedPieces, TemplateProblem> parse_braces(std::string_view text, std::span<const std::string> indexes) {
  return BraceReader(text, indexes).pieces();
}

std::optional<NamedSlot> undeclared_slot(std::string_view text, std::span<const std::string> indexes, int column) {
  for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) break;
    const std::string_view inside = text.substr(open + 1, close - open - 1);
    const std::size_t colon = std::min(inside.find(':'), inside.size());
    const std::string_view name = inside.substr(0, colon);
    const std::string_view format = inside.substr(std::min(colon + 1, inside.size()));
    const int first = static_cast<int>(open) + 1;
    const bool here = column == 0 || (column >= first && column <= static_cast<int>(close) + 1);
    if (here && is_name(name) && is_format(format) && std::ranges::find(indexes, name) == indexes.end())
      return NamedSlot{std::string(name), std::string(format), first};
  }
  return std::nullopt;
}

std::string with_braces(const NamedPieces& pieces, std::span<const std::string> indexes) {
  std::string out;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto& piece = pieces[i];
    if (const auto* slot = std::get_if<NamedSlot>(&piece)) {
      const bool braced = out.ends_with('{') && i + 1 < pieces.size() && begins_with_brace(pieces[i + 1]);
      out += fmt::format("{}{{{}{}{}}}{}", braced ? "{" : "", slot->index, slot->format.empty() ? "" : ":",
                         slot->format, braced ? "}" : "");
      continue;
    }
    std::string literal = std::get<std::string>(piece);
    for (const std::string& index : indexes) {
      const std::string braced = fmt::format("{{{}}}", index);
      for (std::size_t at = literal.find(braced); at != std::string::npos;
           at = literal.find(braced, at + braced.size() + 2))
        literal.replace(at, braced.size(), fmt::format("{{{}}}", braced));
    }
    out += literal;
  }
  return out;
}

// Braces are ASCII, so bytes are enough to find them; columns count bytes, too.
std::expected<NamedPieces, TemplateProblem> parse_template(std::string_view text) {
  return Reader(text).pieces();
}

}  // namespace batchout
