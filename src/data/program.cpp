// Slots filled in as text, in a way that no value can change what the rest of the path means.

#include "data/program.h"

#include <algorithm>

#include "data/slot.h"

namespace batchout {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool can_be_quoted(char c) {
  return c != '\'' && c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20;
}

bool is_integer(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Which quotes are open behind a run of path; a backslash between them takes the next character along.
class Quotes {
 public:
  bool open() const { return open_ != '\0'; }

  void pass(std::string_view literal) {
    for (const char c : literal) {
      if (escaped_) {
        escaped_ = false;
      } else if (open()) {
        escaped_ = c == '\\';
        if (c == open_) open_ = '\0';
      } else if (c == '\'' || c == '"') {
        open_ = c;
      }
    }
  }

 private:
  char open_ = '\0';
  bool escaped_ = false;
};

}  // namespace

std::optional<Template> Extractor::filled(const Template& path, std::span<const Cell> values) const {
  std::string text;
  Quotes quotes;
  for (const auto& piece : path.pieces) {
    if (const auto* literal = std::get_if<std::string>(&piece)) {
      quotes.pass(*literal);
      text += *literal;
      continue;
    }
    const auto& slot = std::get<Template::Slot>(piece);
    const std::size_t before = text.size();
    if (!append_slot(values[slot.level], slot.format, text)) return std::nullopt;
    const std::string_view value = std::string_view(text).substr(before);
    const bool stands = quotes.open() ? std::ranges::all_of(value, can_be_quoted)
                                      : is_integer(value) || (!value.empty() && std::ranges::all_of(value, is_plain));
    if (!stands) return std::nullopt;
  }
  return Template{path.written, {std::move(text)}};
}

}  // namespace batchout
