// Mostly two texts are equal byte by byte; only those that are not are looked into.

#include "pipeline/json_values.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "base/json_text.h"
#include "batchout/block.h"
#include "config/load.h"

namespace batchout {
namespace {

// As deep as configurations are.
constexpr int kDepthMax = 64;

bool is_number(std::string_view text) {
  return !text.empty() && (text.front() == '-' || (text.front() >= '0' && text.front() <= '9')) &&
         is_json(text, JsonEscapes::any, kDepthMax);
}

/// A decimal number in one form only: its digits without zeros at either end, and the power of ten behind the last one.
/// Zero has no digits. None where the exponent does not fit into 64 bits.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;

  bool operator==(const Decimal&) const = default;
};

std::optional<Decimal> decimal_of(std::string_view number) {
  Decimal out;
  const std::size_t e = number.find_first_of("eE");
  if (e != std::string_view::npos) {
    std::string_view exponent = number.substr(e + 1);
    if (exponent.starts_with('+')) exponent.remove_prefix(1);
    const auto [end, error] = std::from_chars(exponent.data(), exponent.data() + exponent.size(), out.exponent);
    constexpr std::int64_t kMost = std::int64_t{1} << 40;  // Room for the digits, so that nothing overflows below.
    if (error != std::errc() || out.exponent > kMost || out.exponent < -kMost) return std::nullopt;
  }
  bool fraction = false;
  for (const char c : number.substr(0, e)) {
    out.negative = out.negative || c == '-';
    fraction = fraction || c == '.';
    if (c == '-' || c == '.') continue;
    out.exponent -= fraction ? 1 : 0;
    if (c != '0' || !out.digits.empty()) out.digits += c;
  }
  for (; out.digits.ends_with('0'); ++out.exponent) out.digits.pop_back();
  return out.digits.empty() ? Decimal{} : out;
}

bool same_number(std::string_view a, std::string_view b) {
  const auto left = decimal_of(a), right = decimal_of(b);
  return left && right && *left == *right;
}

bool same_node(const Node& a, const Node& b);

bool same_entries(const Node& a, const Node& b) {
  return a.entries().size() == b.entries().size() && std::ranges::all_of(a.entries(), [&](const Node::Entry& entry) {
           const Node* other = b.find(entry.key);
           return other != nullptr && same_node(entry.value, *other);
         });
}

bool same_node(const Node& a, const Node& b) {
  if (a.is_mapping() && b.is_mapping()) return same_entries(a, b);
  if (a.is_list() && b.is_list()) return std::ranges::equal(a.items(), b.items(), same_node);
  if (a.is_mapping() || a.is_list() || b.is_mapping() || b.is_list()) return false;
  return same_json(json_of(a), json_of(b));
}

bool is_container(std::string_view json) {
  return json.starts_with('{') || json.starts_with('[');
}

std::string number_of(const Node& node) {
  if (node.type() == Node::Type::integer) return fmt::format("{}", node.integer());
  if (is_number(node.written())) return node.written();
  Cell cell;
  cell.tag = Tag::real;
  cell.real = node.real();
  std::string out;
  append_json(cell, nullptr, out);
  return out;
}

}  // namespace

std::string json_of(std::string_view text) {
  Cell cell;
  cell.tag = Tag::text;
  cell.text = text;
  std::string out;
  append_json(cell, nullptr, out);
  return out;
}

// Recursion is as deep as a configuration may be.
std::string json_of(const Node& node) {
  std::string out;
  switch (node.type()) {
    case Node::Type::null:
      return "null";
    case Node::Type::boolean:
      return node.boolean() ? "true" : "false";
    case Node::Type::integer:
    case Node::Type::real:
      return number_of(node);
    case Node::Type::text:
      return json_of(std::string_view(node.text()));
    case Node::Type::list:
      for (const Node& item : node.items()) out += (out.empty() ? "" : ", ") + json_of(item);
      return "[" + out + "]";
    case Node::Type::mapping:
      for (const Node::Entry& entry : node.entries())
        out += (out.empty() ? "" : ", ") + json_of(std::string_view(entry.key)) + ": " + json_of(entry.value);
      return "{" + out + "}";
  }
  return out;
}

bool same_json(std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (is_number(a) && is_number(b)) return same_number(a, b);
  if (!is_container(a) || !is_container(b) || !is_text(a) || !is_text(b)) return false;
  Problems ignored;
  const auto left = load_json(a, {}, ignored), right = load_json(b, {}, ignored);
  return left && right && same_node(*left, *right);
}

std::string one_form_of(std::string_view json) {
  const auto decimal = is_number(json) ? decimal_of(json) : std::nullopt;
  if (!decimal) return std::string(json);
  return fmt::format("{}{}e{}", decimal->negative ? "-" : "", decimal->digits, decimal->exponent);
}

std::string field_of(std::string_view json) {
  if (json == "null") return {};
  if (!json.starts_with('"')) return std::string(json);
  std::string out;
  append_unescaped(json, out);
  return out;
}

bool same_field(std::string_view json, std::string_view field) {
  return field_of(json) == field || (is_number(json) && is_number(field) && same_number(json, field));
}

}  // namespace batchout
