// JSON (RFC 8259) into nodes. Numbers beyond 64 bits become reals and keep their digits as written.

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <system_error>

#include "base/unicode.h"
#include "config/draft.h"
#include "config/load.h"
#include "config/scalar.h"

namespace batchout {
namespace {

// Recursive descent; the depth limit bounds the stack. Every member that can fail reports and returns false.
class JsonReader {
 public:
  JsonReader(std::string_view text, const std::string& file, Problems& problems)
      : text_(text), draft_(file, problems) {}

  // One value and nothing but blanks around it, as RFC 8259 wants it; a file cut off in the middle is no value.
  std::optional<Node> document() {
    Node root;
    if (!value(root)) return std::nullopt;
    skip_blanks();
    if (at_ < text_.size()) {
      wrong("something follows the end of the document");
      return std::nullopt;
    }
    return root;
  }

 private:
  // NUL stands for the end: the text has none.
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  // Moves on only if the next byte is the wanted one.
  bool take(char wanted) {
    if (peek() != wanted) return false;
    ++at_;
    return true;
  }
  // The four of the RFC: other Unicode blanks are mistakes.
  void skip_blanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").contains(text_[at_])) ++at_;
  }

  // The place of the next byte. Places are asked for in order, so that each byte is counted once. Columns count
  // characters, lines end with LF only.
  Node::Mark mark() {
    for (; marked_ < at_; ++marked_) {
      const char byte = text_[marked_];
      if (byte == '\n')
        mark_ = {mark_.line + 1, 1};
      else if (!continues_character(byte))
        ++mark_.column;
    }
    return mark_;
  }
  // At the next byte, which is the first one that does not fit; always false.
  bool wrong(std::string message) { return draft_.fail("BO101", mark(), "not valid JSON: " + std::move(message)); }

  // The node's place is its first byte.
  bool value(Node& out) {
    skip_blanks();
    const Node::Mark place = mark();
    bool good = false;
    if (peek() == '{')
      good = object(out, place);
    else if (peek() == '[')
      good = array(out, place);
    else if (peek() == '"')
      good = text(out);
    else
      good = word(out);
    out.set_mark(place);
    return good && draft_.take(0, place);  // Without aliases the text cannot outgrow the file.
  }

  // `place` is that of the opening brace, which is still to be taken.
  bool object(Node& out, Node::Mark place) {
    if (!draft_.enter(place)) return false;
    MappingDraft mapping(draft_);
    ++at_;
    skip_blanks();
    if (!take('}')) {
      do {
        if (!member(mapping)) return false;
        skip_blanks();
      } while (take(','));
      if (!take('}')) return wrong("expected a comma or a closing brace");
    }
    draft_.leave();
    out = mapping.finish();
    return true;
  }

  // One `"key": value`; a trailing comma leads here and finds no key.
  bool member(MappingDraft& mapping) {
    skip_blanks();
    Node::Entry entry;
    entry.mark = mark();
    if (peek() != '"') return wrong("expected a key in double quotes");
    if (!string(entry.key)) return false;
    skip_blanks();
    if (!take(':')) return wrong("expected a colon after the key");
    draft_.push(entry.key);
    if (!value(entry.value)) return false;
    draft_.pop();
    mapping.add(std::move(entry));
    return true;
  }

  // `place` is that of the opening bracket, which is still to be taken.
  bool array(Node& out, Node::Mark place) {
    if (!draft_.enter(place)) return false;
    out = Node::list();
    ++at_;
    skip_blanks();
    if (!take(']')) {
      do {
        Node item;
        draft_.push(out.items().size());
        if (!value(item)) return false;
        draft_.pop();
        out.push(std::move(item));
        skip_blanks();
      } while (take(','));
      if (!take(']')) return wrong("expected a comma or a closing bracket");
    }
    draft_.leave();
    return true;
  }

  // Quotes make a text of whatever is in them: "1" is no number.
  bool text(Node& out) {
    std::string value;
    if (!string(value)) return false;
    out = Node(std::move(value));
    return true;
  }

  // From the opening quote to behind the closing one. The text is known to be UTF-8, so bytes are copied.
  bool string(std::string& out) {
    ++at_;
    while (at_ < text_.size()) {
      const char byte = text_[at_];
      if (byte == '"') {
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(byte) < 0x20) return wrong("a control character in a text is not escaped");
      ++at_;
      if (byte != '\\')
        out += byte;
      else if (!escape(out))
        return false;
    }
    return wrong("a text is not closed");
  }

  // Behind the backslash.
  bool escape(std::string& out) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (take('u')) return unicode_escape(out);
    const std::size_t letter = at_ < text_.size() ? kLetters.find(text_[at_]) : std::string_view::npos;
    if (letter == std::string_view::npos) return wrong("unknown escape in a text");
    ++at_;
    out += kMeanings[letter];
    return true;
  }

  // Behind \u. Characters beyond 16 bits are written as two escapes, a high surrogate and a low one.
  bool unicode_escape(std::string& out) {
    std::uint32_t character = 0;
    if (!four_digits(character)) return false;
    if (character >= 0xD800 && character <= 0xDBFF) {
      std::uint32_t low = 0;
      if (!take('\\') || !take('u')) return wrong("half of a surrogate pair in a text");
      if (!four_digits(low)) return false;
      if (low < 0xDC00 || low > 0xDFFF) return wrong("half of a surrogate pair in a text");
      character = 0x10000 + ((character - 0xD800) << 10) + (low - 0xDC00);
    } else if (character >= 0xDC00 && character <= 0xDFFF) {
      return wrong("half of a surrogate pair in a text");
    }
    append_utf8(character, out);
    return true;
  }

  // Capitals and small letters alike; for an unsigned number from_chars takes no sign.
  bool four_digits(std::uint32_t& out) {
    const std::string_view digits = text_.substr(at_, 4);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out, 16);
    if (error != std::errc{} || end != digits.data() + 4) return wrong("\\u needs four hexadecimal digits");
    at_ += 4;
    return true;
  }

  // `character` is below U+110000 and no surrogate: the escapes have been put together.
  static void append_utf8(std::uint32_t character, std::string& out) {
    const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80 | ((character >> shift) & 0x3F)); };
    if (character < 0x80) {
      out += static_cast<char>(character);
    } else if (character < 0x800) {
      out += static_cast<char>(0xC0 | (character >> 6));
      tail(0);
    } else if (character < 0x10000) {
      out += static_cast<char>(0xE0 | (character >> 12));
      tail(6), tail(0);
    } else {
      out += static_cast<char>(0xF0 | (character >> 18));
      tail(12), tail(6), tail(0);
    }
  }

  // null, true, false or a number: everything up to the next character that can end one. The word stays in the node as
  // written, which keeps digits beyond 64 bits and the form of an exponent.
  bool word(Node& out) {
    const std::size_t end = std::min(text_.find_first_of(" \t\r\n,:{}[]\"", at_), text_.size());
    const std::string_view word = text_.substr(at_, end - at_);
    if (word == "null")
      out = Node();
    else if (word == "true" || word == "false")
      out = Node(word == "true");
    else if (!number(word, out))
      return wrong(word.empty() ? "expected a value" : "unknown word, expected a value; texts need double quotes");
    out.set_written(std::string(word));
    at_ = end;
    return true;
  }

  // -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)? The grammar of RFC 8259, section 6: no leading zeros, no plus,
  // digits on both sides of the point.
  static bool number(std::string_view word, Node& out) {
    std::size_t i = word.starts_with('-') ? 1 : 0;
    const auto digits = [&] {
      const std::size_t begin = i;
      while (i < word.size() && word[i] >= '0' && word[i] <= '9') ++i;
      return i - begin;
    };
    const bool zero = i < word.size() && word[i] == '0';
    const std::size_t whole = digits();
    if (whole == 0 || (zero && whole > 1)) return false;
    const bool integer = i == word.size();
    if (i < word.size() && word[i] == '.') {
      ++i;
      if (digits() == 0) return false;
    }
    if (i < word.size() && (word[i] | 0x20) == 'e') {
      ++i;
      if (i < word.size() && (word[i] == '+' || word[i] == '-')) ++i;
      if (digits() == 0) return false;
    }
    if (i != word.size()) return false;
    const auto exact = integer ? decimal_integer(word) : std::nullopt;
    out = exact ? Node(*exact) : Node(nearest_real(word));
    return true;
  }

  std::string_view text_;
  Draft draft_;
  // Next byte.
  std::size_t at_ = 0;
  // Bytes that `mark_` has counted.
  std::size_t marked_ = 0;
  Node::Mark mark_{1, 1};
};

}  // namespace

std::optional<Node> load_json(std::string_view text, const std::string& file, Problems& problems) {
  return JsonReader(text, file, problems).document();
}

}  // namespace batchout
