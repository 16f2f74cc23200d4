// Steps first, then the reader that puts them together.

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <optional>

#include "data/slot.h"
#include "naive.h"

namespace batchout::naive {
namespace {

using Type = Value::Type;
using Number = std::optional<std::int64_t>;

void nothing(const Value&, const Sink&) {}
void self(const Value& value, const Sink& sink) {
  sink(value);
}
void root(const Value& value, const Sink& sink) {
  value.parent != nullptr ? root(*value.parent, sink) : sink(value);
}
void parent(const Value& value, const Sink& sink) {
  if (value.parent != nullptr) sink(*value.parent);
}
void items(const Value& value, const Sink& sink) {
  for (const auto& item : value.items) sink(*item);
}
void members(const Value& value, const Sink& sink) {
  if (value.type == Type::object) items(value, sink);
}

// In jsonpath_rw an object, a text, an integer or a boolean counts as a list of itself.
void elements(const Value& value, const Sink& sink) {
  const Tag tag = cell_of(value).tag;
  if (value.type == Type::list) return items(value, sink);
  if (tag != Tag::null && tag != Tag::real) sink(value);
}

void characters(const Value& text, const Sink& sink) {
  if (text.characters.empty())
    for (const char c : text.text) {
      const bool begins = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
      if (begins) text.characters.push_back(std::make_unique<Value>(Type::text, &text));
      text.characters.back()->text += c;
    }
  for (const auto& character : text.characters) sink(*character);
}

Path then(Path first, Path second) {
  return [=](const Value& value, const Sink& sink) { first(value, [&](const Value& found) { second(found, sink); }); };
}
Path either(Path first, Path second) {
  return [=](const Value& value, const Sink& sink) { first(value, sink), second(value, sink); };
}
Path where(Path path, Path condition) {
  return [=](const Value& value, const Sink& sink) {
    path(value, [&](const Value& found) {
      if (!all_of(condition, found).empty()) sink(found);
    });
  };
}
Path descendants(Path path) {
  return [=](const Value& value, const Sink& sink) {
    path(value, sink);
    for (const auto& item : value.items) descendants(path)(*item, sink);
  };
}
Path member(std::string name) {
  return [=](const Value& value, const Sink& sink) {
    for (std::size_t i = 0; i < value.names.size(); ++i)
      if (value.names[i] == name) sink(*value.items[i]);
  };
}

// `strict`: only lists have positions. In jsonpath_rw texts have them, too, and slices take more for lists.
Path position(std::int64_t number, bool strict) {
  return [=](const Value& value, const Sink& sink) {
    const auto all = value.type == Type::list ? all_of(items, value) : all_of(strict ? nothing : characters, value);
    const auto count = static_cast<std::int64_t>(all.size());
    const std::int64_t i = number < 0 ? number + count : number;
    if (i >= 0 && i < count) sink(*all[static_cast<std::size_t>(i)]);
  };
}

Path slice(Number from, Number to, std::int64_t stride, bool strict) {
  return [=](const Value& value, const Sink& sink) {
    const auto all = all_of(value.type == Type::list ? items : strict ? nothing : elements, value);
    const auto count = static_cast<std::int64_t>(all.size());
    const std::int64_t least = stride < 0 ? -1 : 0;
    const auto bound = [&](Number number, std::int64_t otherwise) {
      if (!number) return otherwise;
      return std::clamp(*number < 0 ? *number + count : *number, least, count + least);
    };
    const auto first = bound(from, stride < 0 ? count - 1 : 0), last = bound(to, stride < 0 ? -1 : count);
    for (auto i = first; stride < 0 ? i > last : stride > 0 && i < last; i += stride)
      sink(*all[static_cast<std::size_t>(i)]);
  };
}

// Marks of characters that came out of a slot, and of a slot whose value has no text, or an empty one.
constexpr char kFilled = '\x01', kMissing = '\x02', kEmpty = '\x03';

struct Word {
  std::string text;
  bool quoted = false;
  bool filled = false;  // In part, by a slot.
  bool known = true;

  Number number() const {
    constexpr std::int64_t kFar = std::int64_t{1} << 40;
    const std::size_t sign = text.starts_with('-') ? 1 : 0;
    const bool digits = text.size() > sign && text.find_first_not_of("0123456789", sign) == std::string::npos;
    return known && digits ? Number(std::clamp<std::int64_t>(std::atoll(text.c_str()), -kFar, kFar)) : std::nullopt;
  }
};

class Reader {
 public:
  Reader(std::string text, bool strict) : text_(std::move(text)), strict_(strict) {}

  Path read() { return !strict_ ? operators(1) : segments(next("$") ? Path(self) : name()); }

 private:
  char peek(std::size_t after = 0) const { return at_ + after < text_.size() ? text_[at_ + after] : '\0'; }
  char taken() { return text_[at_++]; }
  bool next(std::string_view expected) {
    at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
    const bool fits = std::string_view(text_).substr(at_).starts_with(expected);
    at_ += fits ? expected.size() : 0;
    return fits;
  }
  bool in_word(char c) const {
    const auto byte = static_cast<unsigned char>(c);
    return std::isalnum(byte) != 0 || byte >= 0x80 || std::string_view("_@-\x01\x02\x03").contains(c);
  }
  Word word() {
    Word word;
    word.quoted = next("'") || next("\"");
    const char quote = word.quoted ? text_[at_ - 1] : '\0';
    while (at_ < text_.size() && (word.quoted ? peek() != quote : in_word(peek()))) {
      const char c = taken();
      word.known = word.known && c != kMissing;
      word.filled = word.filled || c == kFilled || c == kEmpty;
      if (c == '\\' && strict_)
        escape(word);
      else if (c != kMissing && c != kEmpty)
        word.text += c == kFilled || c == '\\' ? taken() : c;
    }
    at_ += word.quoted ? 1 : 0;
    return word;
  }

  // As in JSON; a quote that JSON does not know stands for itself.
  void escape(Word& word) {
    const bool pair = std::string_view("dD").contains(peek(1)) && std::string_view("89abAB").contains(peek(2));
    const std::size_t size = peek() != 'u' ? 1 : pair ? 11 : 5;
    const std::string json = "\"\\" + text_.substr(at_, size) + '"';
    const auto meant = naive::read(json);
    word.text += meant != nullptr ? meant->text : text_.substr(at_, 1);
    at_ += size;
  }

  // A star, in jsonpath_rw even in quotes, is every member.
  Path named(const Word& word) const {
    if (!word.known) return nothing;
    return word.text == "*" && !strict_ && !word.filled ? Path(members) : member(word.text);
  }
  Path name() { return next("*") ? Path(strict_ ? items : members) : named(word()); }

  Path separated(Path (Reader::*one)()) {
    Path all = (this->*one)();
    while (next(",")) all = either(all, (this->*one)());
    return all;
  }
  Path closed(Path inside, std::string_view mark) {
    next(mark);
    return inside;
  }
  Path brackets() { return closed(separated(&Reader::bracketed), "]"); }

  // The text of a number is a position, in jsonpath_rw, if a slot has filled it in, a name before that.
  Path bracketed() {
    if (next("*")) return strict_ ? items : elements;
    const Word first = word();
    if (next(":")) {
      const Number to = word().number();
      return slice(first.number(), to, next(":") ? word().number().value_or(1) : 1, strict_);
    }
    if (first.quoted || !first.number() || (strict_ && first.filled)) return named(first);
    const Path by_position = position(*first.number(), strict_);
    return first.filled ? either(named(first), by_position) : by_position;
  }

  // jsonpath_rw. From the loosest to the tightest: brackets and `..`, `.`, `|`, `where`.
  Path operators(int tightness) {
    for (Path left = atom();;) {
      if (tightness <= 1 && next("["))
        left = then(left, brackets());
      else if (tightness <= 1 && next(".."))
        left = then(left, descendants(operators(2)));
      else if (tightness <= 2 && (next(""), peek(1) != '.') && next("."))
        left = then(left, operators(3));
      else if (tightness <= 3 && next("|"))
        left = either(left, operators(4));
      else if (next("where"))
        left = where(left, operators(6));
      else
        return left;
    }
  }
  Path atom() {
    if (next("(")) return closed(operators(1), ")");
    if (next("[")) return brackets();
    if (next("$")) return root;
    if (next("`parent`")) return parent;
    return next("`this`") ? self : separated(&Reader::name);
  }

  // RFC 9535.
  Path segments(Path all) {
    for (;;) {
      const bool deep = next("..");
      if (!deep && !next(".") && peek() != '[') return all;
      const Path step = next("[") ? brackets() : name();
      all = then(all, deep ? descendants(step) : step);
    }
  }
  std::string text_;
  bool strict_;
  std::size_t at_ = 0;
};

// The path as text. Integers stand in it as if they had been written there; of other values no character is syntax.
std::string filled_in(const Template& path, std::span<const Cell> slots) {
  std::string text;
  for (const auto& piece : path.pieces) {
    const auto* slot = std::get_if<Template::Slot>(&piece);
    if (slot == nullptr) {
      text += std::get<std::string>(piece);
      continue;
    }
    std::string value;
    const bool is_number = slots[slot->level].tag == Tag::integer && slot->format.empty();
    const bool known = append_slot(slots[slot->level], slot->format, value);
    if (value.empty()) text += known ? kEmpty : kMissing;
    for (const char c : value) (is_number ? text : text += kFilled) += c;
  }
  return text;
}

}  // namespace

Path path_of(const Template& path, std::span<const Cell> slots, bool rfc9535) {
  return Reader(filled_in(path, slots), rfc9535).read();
}

std::vector<const Value*> all_of(const Path& path, const Value& value) {
  std::vector<const Value*> all;
  path(value, [&](const Value& found) { all.push_back(&found); });
  return all;
}

}  // namespace batchout::naive
