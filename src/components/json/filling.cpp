// From left to right, with an eye on quotes: between them a value is escaped, elsewhere it gets quotes of its own
// unless it is a number in brackets or part of a longer word.

#include "components/json/filling.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "data/slot.h"

namespace batchout::json {
namespace {

bool continues_name(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '_' || c == '-' ||
         static_cast<unsigned char>(c) >= 0x80;
}

class Filling {
 public:
  Filling(const Template& path, std::span<const Cell> values, Syntax syntax)
      : pieces_(path.pieces), values_(values), syntax_(syntax) {}

  bool run() {
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      if (const auto* text = std::get_if<std::string>(&pieces_[i]))
        literal(*text);
      else if (!slot(i))
        return false;
    }
    return true;
  }
  std::string take() { return std::move(out_); }

 private:
  // A backslash between quotes takes the next character along.
  void literal(std::string_view text) {
    for (const char c : text) {
      if (escaped_) {
        escaped_ = false;
      } else if (quote_ != '\0') {
        escaped_ = c == '\\';
        if (c == quote_) quote_ = '\0';
      } else if (c == '\'' || c == '"' || c == '`') {
        quote_ = c;
      }
    }
    out_ += text;
  }

  bool slot(std::size_t piece) {
    const auto& slot = std::get<Template::Slot>(pieces_[piece]);
    const Cell& value = values_[slot.level];
    std::string text;
    if (!append_slot(value, slot.format, text) || quote_ == '`') return false;
    // In the older language this means all members, between quotes, too.
    if (syntax_ == Syntax::jsonpath_rw && text == "*") return false;
    if (quote_ != '\0') {
      append_escaped(text, quote_);
    } else if (!is_alone(piece)) {
      if (!std::ranges::all_of(text, continues_name)) return false;
      out_ += text;
    } else if (out_.empty() || out_.back() == '.') {
      append_name(text);
    } else if (value.tag == Tag::text && !is_position(text)) {
      append_quoted(text);
    } else {
      out_ += text;
    }
    return true;
  }

  // Whether nothing beside the slot belongs to the same word.
  bool is_alone(std::size_t piece) const {
    if (piece > 0 && (std::holds_alternative<Template::Slot>(pieces_[piece - 1]) || continues_name(out_.back())))
      return false;
    if (piece + 1 == pieces_.size()) return true;
    const auto* next = std::get_if<std::string>(&pieces_[piece + 1]);
    return next != nullptr && !continues_name(next->front());
  }

  // The older language takes digits in brackets for a position, whatever they come from.
  bool is_position(std::string_view text) const {
    if (syntax_ != Syntax::jsonpath_rw) return false;
    if (text.starts_with('-')) text.remove_prefix(1);
    return !text.empty() && std::ranges::all_of(text, is_digit);
  }

  // As both languages read it: a name with quotes is in brackets, in place of its dot. In RFC 9535 two dots stay before
  // them, and a path that begins so begins with the document; the older language has quotes without brackets there.
  void append_name(std::string_view text) {
    const bool begins = out_.empty() || out_.ends_with("..");
    if (syntax_ == Syntax::jsonpath_rw && begins) return append_quoted(text);
    if (out_.empty()) out_ += '$';
    if (!begins) out_.pop_back();
    out_ += '[';
    append_quoted(text);
    out_ += ']';
  }

  void append_quoted(std::string_view text) {
    out_ += '\'';
    append_escaped(text, '\'');
    out_ += '\'';
  }

  // The older language takes every character between quotes.
  void append_escaped(std::string_view text, char quote) {
    for (const char c : text) {
      if (syntax_ == Syntax::rfc9535 && static_cast<unsigned char>(c) < 0x20) {
        fmt::format_to(std::back_inserter(out_), "\\u{:04x}", static_cast<unsigned char>(c));
        continue;
      }
      if (c == quote || c == '\\') out_ += '\\';
      out_ += c;
    }
  }

  const std::vector<Template::Piece>& pieces_;
  std::span<const Cell> values_;
  Syntax syntax_;
  std::string out_;
  char quote_ = '\0';  // That is open; else 0.
  bool escaped_ = false;
};

}  // namespace

std::optional<Template> filled_in(const Template& path, std::span<const Cell> values, Syntax syntax) {
  Filling filling(path, values, syntax);
  if (!filling.run()) return std::nullopt;
  return Template{path.written, {filling.take()}};
}

}  // namespace batchout::json
