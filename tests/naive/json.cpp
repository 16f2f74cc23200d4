// RFC 8259: one function a rule of the grammar, which is false, or null, if the rule does not fit.

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "naive.h"

namespace batchout::naive {
namespace {

using Type = Value::Type;

std::string utf8_of(std::uint32_t code) {
  const int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;  // Bytes behind the first one.
  std::string bytes(1, static_cast<char>(more == 0 ? code : (0xFF80u >> more & 0xFF) | code >> 6 * more));
  for (int i = more - 1; i >= 0; --i) bytes += static_cast<char>(0x80 | (code >> 6 * i & 0x3F));
  return bytes;
}

class Reader {
 public:
  Reader(std::string_view text, const ProjectionLimits& limits, bool lenient)
      : text_(text), limits_(limits), lenient_(lenient) {}

  std::unique_ptr<Value> document() {
    take("\xEF\xBB\xBF");
    auto read = value(nullptr);
    return next("") && at_ == text_.size() ? std::move(read) : nullptr;
  }

 private:
  bool take(std::string_view word) {
    const bool fits = text_.substr(at_).starts_with(word);
    at_ += fits ? word.size() : 0;
    return fits;
  }
  // After blanks, which stand around everything but the parts of texts and numbers.
  bool next(std::string_view word) {
    at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
    return take(word);
  }

  std::unique_ptr<Value> value(const Value* parent) {
    auto made = std::make_unique<Value>(Type::null, parent);
    next("");
    const std::size_t start = at_;
    if (!rest_of(*made)) return nullptr;
    made->source = text_.substr(start, at_ - start);
    return made;
  }
  bool rest_of(Value& value) {
    if (take("null")) return true;
    value.type = Type::boolean;
    if (take("true") || take("false")) return true;
    value.type = Type::text;
    if (take("\"")) return text(value.text);
    value.type = Type::list;
    if (take("[")) return container(value, "]");
    value.type = Type::object;
    if (take("{")) return container(value, "}");
    value.type = Type::number;
    return (lenient_ && (take("NaN") || take("Infinity") || take("-Infinity"))) || number();
  }
  bool container(Value& value, std::string_view close) {
    if (++depth_ > limits_.depth_max) return false;
    for (bool first = true; !next(close); first = false) {
      if (!first && !take(",")) return false;
      if (!(value.type == Type::object ? member(value) : element(value))) return false;
    }
    --depth_;
    return true;
  }
  bool element(Value& list) {
    list.items.push_back(value(&list));
    return list.items.back() != nullptr;
  }

  // Of members with one name the last value counts, at the place of the first.
  bool member(Value& object) {
    std::string name;
    if (!next("\"") || !text(name) || !next(":")) return false;
    const auto place = static_cast<std::size_t>(std::ranges::find(object.names, name) - object.names.begin());
    if (place == object.names.size()) object.names.push_back(name);
    object.items.resize(object.names.size());
    object.items[place] = value(&object);
    return object.items[place] != nullptr;
  }
  bool text(std::string& out) {
    const std::size_t start = at_;
    while (!take("\""))
      if (!(take("\\") ? escape(out) : character(out))) return false;
    return at_ - 1 - start <= limits_.string_size_max;
  }

  // It is made anew from its bits: what does not come out the same was not in the one right form.
  bool character(std::string& out) {
    const auto byte = [this](std::size_t i) { return i < text_.size() ? static_cast<unsigned char>(text_[i]) : 0u; };
    const unsigned first = byte(at_);
    const std::size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0x80 ? 1 : 0;
    std::uint32_t code = more == 0 ? first : first & (0x3Fu >> more);
    for (std::size_t i = 1; i <= more; ++i) code = code << 6 | (byte(at_ + i) & 0x3F);
    out += utf8_of(code);
    return code >= 0x20 && code <= 0x10FFFF && !is_surrogate(code) && take(utf8_of(code));
  }
  static bool is_surrogate(std::uint32_t code) { return code >= 0xD800 && code <= 0xDFFF; }

  bool escape(std::string& out) {
    constexpr std::string_view kEscapes = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
    for (std::size_t i = 0; i < kEscapes.size(); ++i)
      if (take(kEscapes.substr(i, 1))) return out += kMeanings[i], true;
    std::uint32_t code = 0, low = 0;
    if (!take("u") || !hex4(code)) return false;
    if (is_surrogate(code)) {
      if (code > 0xDBFF || !take("\\u") || !hex4(low) || low < 0xDC00 || low > 0xDFFF) return false;
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    out += utf8_of(code);
    return true;
  }
  bool hex4(std::uint32_t& code) {
    const std::string_view hex = text_.substr(at_, 4);
    at_ += hex.size();
    return hex.size() == 4 && hex.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos &&
           std::from_chars(hex.data(), hex.data() + 4, code, 16).ec == std::errc{};
  }
  bool digits() {
    const std::size_t start = at_;
    at_ = std::min(text_.find_first_not_of("0123456789", at_), text_.size());
    return at_ > start;
  }
  bool number() {
    const std::size_t start = at_;
    take("-");
    if (!take("0") && !digits()) return false;
    if (take(".") && !digits()) return false;
    if ((take("e") || take("E")) && (take("+") || take("-") || true) && !digits()) return false;
    return at_ - start <= limits_.number_size_max;
  }
  std::string_view text_;
  const ProjectionLimits& limits_;
  bool lenient_;
  std::size_t at_ = 0;
  std::uint32_t depth_ = 0;
};

Cell number_cell(std::string_view digits) {
  Cell cell{Tag::real, 0, std::strtod(std::string(digits).c_str(), nullptr), digits};
  if (digits.contains('N') || digits.contains('I')) cell.text = {};  // Not digits.
  if (digits.find_first_not_of("-0123456789") != std::string_view::npos) return cell;
  const bool fits = std::from_chars(digits.data(), digits.data() + digits.size(), cell.integer).ec == std::errc{};
  return {fits ? Tag::integer : Tag::decimal, cell.integer, 0, digits};
}

}  // namespace

std::unique_ptr<Value> read(std::string_view document, const ProjectionLimits& limits, bool lenient) {
  return Reader(document, limits, lenient).document();
}

Cell cell_of(const Value& value) {
  if (value.type == Type::null) return {Tag::null, 0, 0, {}};
  if (value.type == Type::boolean) return {Tag::boolean, value.source == "true" ? 1 : 0, 0, {}};
  if (value.type == Type::text) return {Tag::text, 0, 0, value.text};
  if (value.type == Type::number) return number_cell(value.source);
  return {Tag::json, 0, 0, value.source};
}

}  // namespace batchout::naive
