// RFC 8259: one function a rule of the grammar.

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "naive.h"

namespace batchout::naive {
namespace {

using Type = Value::Type;

struct Reader : Cursor {
  const ProjectionLimits& limits;
  const bool lenient;
  std::uint32_t depth = 0;
  std::unique_ptr<Value> document() {
    for (const wchar_t letter : wide(text)) expect(letter >> 11 != 0x1B);  // Half of a pair.
    expect(Utf8().to_bytes(wide(text)) == text);  // A character that is cut off is passed over.
    auto read = (take("\xEF\xBB\xBF"), value(nullptr));
    expect(next("") && at == text.size());
    return read;
  }
  std::unique_ptr<Value> value(const Value* parent) {
    auto made = std::make_unique<Value>(Type::null, parent);
    next("");
    const std::size_t start = at;
    if (take("\""))
      made->type = Type::text, made->text = characters();
    else if (take("[") || take("{"))
      container(*made, text[at - 1] == '[');
    else if (take("true") || take("false"))
      made->type = Type::boolean;
    else if (!take("null"))
      made->type = Type::number, number();
    made->source = text.substr(start, at - start);
    if (made->type == Type::boolean || made->type == Type::number) made->text = made->source;
    return made;
  }
  void container(Value& made, bool is_list) {
    made.type = is_list ? Type::list : Type::object;
    expect(++depth <= limits.depth_max);
    for (bool first = true; !next(is_list ? "]" : "}"); first = false) {
      expect(first || next(","));
      is_list ? made.items.push_back(value(&made)) : member(made);
    }
    --depth;
  }
  // Of members with one name the last value counts, at the place of the first.
  void member(Value& object) {
    expect(next("\""));
    const std::string name = characters();
    const auto place = static_cast<std::size_t>(std::ranges::find(object.names, name) - object.names.begin());
    if (place == object.names.size()) object.names.push_back(name);
    object.items.resize(object.names.size());
    expect(next(":"));
    object.items[place] = value(&object);
  }
  std::string characters() {
    const std::size_t start = at;
    std::string all;
    while (!take("\"")) {
      expect(static_cast<unsigned char>(peek()) >= 0x20);
      all += take("\\") ? escape("\"") : std::string(1, text[at++]);
    }
    expect(at - 1 - start <= limits.string_size_max);
    return all;
  }
  void number() {
    const auto digits = [this] { expect(!run("0123456789").empty()); };
    const std::size_t start = at;
    if (lenient && (take("NaN") || take("Infinity") || take("-Infinity"))) return;
    take("-");
    if (!take("0")) digits();
    if (take(".")) digits();
    if ((take("e") || take("E")) && (take("+") || take("-") || true)) digits();
    expect(at - start <= limits.number_size_max);
  }
};

}  // namespace

bool Cursor::next(std::string_view word) {
  const std::size_t before = std::exchange(at, std::min(text.find_first_not_of(" \t\r\n", at), text.size()));
  return take(word) || (at = before, false);
}
std::string Cursor::run(std::string_view letters) {
  const std::size_t start = std::exchange(at, std::min(text.find_first_not_of(letters, at), text.size()));
  return std::string(text.substr(start, at - start));
}
std::string Cursor::escape(std::string_view quote) {
  constexpr std::string_view kEscapes = "\\/bfnrt", kMeanings = "\\/\b\f\n\r\t";
  const auto hex4 = [this] {
    const std::string hex(take("u") ? text.substr(at, 4) : "");
    expect(hex.size() == 4 && hex.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos);
    return at += 4, std::stoul(hex, nullptr, 16);
  };
  if (take(quote)) return std::string(quote);
  if (const auto i = kEscapes.find(peek()); i < kEscapes.size()) return ++at, std::string(1, kMeanings[i]);
  unsigned long code = hex4();
  if (code >> 10 == 0x36) {  // The first half of a pair.
    const unsigned long low = take("\\") ? hex4() : 0;
    expect(low >> 10 == 0x37);
    code = 0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF);
  }
  expect(code >> 11 != 0x1B);
  return narrow(static_cast<wchar_t>(code));
}

std::unique_ptr<Value> read(std::string_view document, const ProjectionLimits& limits, bool lenient) try {
  return Reader{{document}, limits, lenient}.document();
} catch (const std::exception&) {
  return nullptr;
}

Cell cell_of(const Value& value) {
  const std::string& text = value.text;
  if (value.type == Type::null) return {Tag::null, 0, 0, {}};
  if (value.type == Type::boolean) return {Tag::boolean, text == "true" ? 1 : 0, 0, {}};
  if (value.type == Type::text) return {Tag::text, 0, 0, text};
  if (value.type != Type::number) return {Tag::json, 0, 0, value.source};
  if (text.find_first_of("NI") != std::string::npos) return {Tag::real, 0, std::strtod(text.c_str(), nullptr), {}};
  if (text.find_first_of(".eE") != std::string::npos) return {Tag::real, 0, std::strtod(text.c_str(), nullptr), text};
  std::int64_t integer = 0;
  const bool fits = std::from_chars(text.data(), text.data() + text.size(), integer).ec == std::errc();
  return {fits ? Tag::integer : Tag::decimal, integer, 0, text};
}

}  // namespace batchout::naive
