// A small reader of JSON for suites: shares no code with the readers under test, and trusts its input to be valid.

#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace batchout::conformance {

/// A value, comparable as RFC 9535 compares: numbers by value, members in any order.
struct Json {
  enum class Type : std::uint8_t { null, boolean, number, text, list, object };

  Type type = Type::null;
  double number = 0;  ///< 0 or 1 of a boolean.
  std::string text;
  std::vector<Json> items;                                ///< Of a list, and values of an object.
  std::vector<std::pair<std::string, std::size_t>> keys;  ///< Sorted; the number is that of the item.

  /// The member of that name, or null.
  const Json* find(std::string_view key) const {
    for (const auto& [name, item] : keys)
      if (name == key) return &items[item];
    return nullptr;
  }

  bool operator==(const Json& other) const {
    if (type != other.type || number != other.number || text != other.text || items.size() != other.items.size())
      return false;
    if (type != Type::object) return items == other.items;
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (keys[i].first != other.keys[i].first || !(items[keys[i].second] == other.items[other.keys[i].second]))
        return false;
    return true;
  }
};

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : rest_(text) {}

  Json value() {
    Json json;
    switch (next()) {
      case '{':
        json.type = Json::Type::object;
        items(json, '}');
        std::sort(json.keys.begin(), json.keys.end());
        return json;
      case '[':
        json.type = Json::Type::list;
        items(json, ']');
        return json;
      case '"':
        json.type = Json::Type::text;
        json.text = text();
        return json;
      default:
        return scalar();
    }
  }

 private:
  char next() {
    while (!rest_.empty() && std::string_view(" \t\r\n").contains(rest_[0])) rest_.remove_prefix(1);
    return rest_.empty() ? '\0' : rest_[0];
  }

  bool take(char c) {
    if (next() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void items(Json& json, char close) {
    rest_.remove_prefix(1);
    while (!take(close) && !rest_.empty()) {
      if (close == '}') {
        next();
        json.keys.emplace_back(text(), json.items.size());
        take(':');
      }
      json.items.push_back(value());
      take(',');
    }
  }

  std::string text() {
    std::string out;
    rest_.remove_prefix(1);
    for (; !rest_.empty() && rest_[0] != '"'; rest_.remove_prefix(1)) {
      if (rest_[0] != '\\') {
        out += rest_[0];
        continue;
      }
      rest_.remove_prefix(1);
      const auto known = std::string_view("bfnrt").find(rest_[0]);
      if (rest_[0] == 'u')
        append_code_point(out);
      else
        out += known == std::string_view::npos ? rest_[0] : "\b\f\n\r\t"[known];
    }
    if (!rest_.empty()) rest_.remove_prefix(1);
    return out;
  }

  // The four digits behind `u`; leads to the last of them.
  std::uint32_t four_digits() {
    std::uint32_t code = 0;
    std::from_chars(rest_.data() + 1, rest_.data() + 5, code, 16);
    rest_.remove_prefix(4);
    return code;
  }

  void append_code_point(std::string& out) {
    std::uint32_t code = four_digits();
    if (code >= 0xD800 && code < 0xDC00) {
      rest_.remove_prefix(2);
      code = 0x10000 + ((code - 0xD800) << 10) + (four_digits() - 0xDC00);
    }
    const int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    const std::uint32_t mark = more == 0 ? 0 : 0xFF00u >> (more + 1) & 0xFF;
    out += static_cast<char>(mark | code >> (6 * more));
    for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80 | (code >> (6 * i) & 0x3F));
  }

  Json scalar() {
    const std::string_view word = rest_.substr(0, std::min(rest_.find_first_of(",]} \t\r\n"), rest_.size()));
    rest_.remove_prefix(word.size());
    Json json;
    if (word == "null") return json;
    json.type = word == "true" || word == "false" ? Json::Type::boolean : Json::Type::number;
    if (json.type == Json::Type::boolean)
      json.number = word == "true" ? 1 : 0;
    else
      std::from_chars(word.data(), word.data() + word.size(), json.number);
    return json;
  }

  std::string_view rest_;
};

inline Json json_of(std::string_view text) {
  return JsonReader(text).value();
}

}  // namespace batchout::conformance
