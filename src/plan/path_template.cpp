// Reads templates from left to right, one piece at a time.

#include "plan/path_template.h"

#include <cctype>

#include <fmt/format.h>

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

}  // namespace

// Braces are ASCII, so bytes are enough to find them; columns count bytes, too.
std::expected<NamedPieces, TemplateProblem> parse_template(std::string_view text) {
  return Reader(text).pieces();
}

}  // namespace batchout
