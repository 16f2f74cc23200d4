// What a reference means is never longer than the reference itself, so that room is made once.

#include "components/xml/references.h"

#include <array>
#include <charconv>
#include <cstring>
#include <string>

#include "base/unicode.h"

namespace batchout::xml {
namespace {

struct Entity {
  std::string_view name;
  char character;
};
constexpr std::array kEntities = {Entity{"lt", '<'}, Entity{"gt", '>'}, Entity{"amp", '&'}, Entity{"quot", '"'},
                                  Entity{"apos", '\''}};
// Bytes up to the semicolon; longer ones are left to the tree.
constexpr std::size_t kReferenceMax = 12;

// The production Char of XML 1.0.
bool is_character(char32_t c) {
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  return c < 0xD800 || (c >= 0xE000 && c < 0xFFFE) || (c >= 0x10000 && c <= 0x10FFFF);
}

// kNoCharacter if it is no number or no character of XML.
char32_t numbered(std::string_view digits) {
  const bool hex = digits.starts_with('x');
  if (hex) digits.remove_prefix(1);
  std::uint32_t number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number, hex ? 16 : 10);
  const bool whole = read.ec == std::errc() && read.ptr == digits.data() + digits.size();
  return whole && is_character(number) ? number : kNoCharacter;
}

// Writes what the reference between & and ; means to `to`, which is moved behind it.
bool put_reference(std::string_view inside, char*& to) {
  for (const Entity& entity : kEntities)
    if (inside == entity.name) {
      *to++ = entity.character;
      return true;
    }
  if (!inside.starts_with('#')) return false;
  const char32_t c = numbered(inside.substr(1));
  if (c == kNoCharacter) return false;
  std::string text;  // Short enough to need no memory of its own.
  append_character(c, text);
  std::memcpy(to, text.data(), text.size());
  to += text.size();
  return true;
}

}  // namespace

// Of section 2.11 (line ends) and 3.3.3 (attribute values) of the recommendation: a written line end becomes LF or a
// space, one given by a reference stays.
bool append_meaning(std::string_view raw, bool in_attribute, Buffer<char>& out) {
  char* const start = out.room(raw.size());
  char* to = start;
  for (std::size_t at = 0; at < raw.size(); ++at) {
    const char c = raw[at];
    if (c == '&') {
      const std::string_view rest = raw.substr(at + 1, kReferenceMax);
      const std::size_t size = rest.find(';');
      if (size == std::string_view::npos || !put_reference(rest.substr(0, size), to)) return false;
      at += size + 1;
    } else if (c == '\r') {
      if (at + 1 < raw.size() && raw[at + 1] == '\n') ++at;
      *to++ = in_attribute ? ' ' : '\n';
    } else {
      *to++ = in_attribute && (c == '\n' || c == '\t') ? ' ' : c;
    }
  }
  out.advance(static_cast<std::size_t>(to - start));
  return true;
}

void append_lines(std::string_view raw, Buffer<char>& out) {
  char* const start = out.room(raw.size());
  char* to = start;
  for (std::size_t at = 0; at < raw.size(); ++at) {
    if (raw[at] != '\r') {
      *to++ = raw[at];
      continue;
    }
    if (at + 1 < raw.size() && raw[at + 1] == '\n') ++at;
    *to++ = '\n';
  }
  out.advance(static_cast<std::size_t>(to - start));
}

}  // namespace batchout::xml
