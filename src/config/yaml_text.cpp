// A value is written in braces and brackets if it fits on a line or a few, else as a block. Texts are plain where
// YAML 1.1 reads them back as they are, else in quotes; several lines become a literal block.

#include "config/yaml_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "config/scalar.h"

namespace batchout {
namespace {

// Characters of a line, as far as values can be broken.
constexpr std::size_t kLineMax = 120;
// Lines of one value in braces or brackets.
constexpr std::size_t kWrappedMax = 3;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

// Line ends beside LF, which YAML 1.1 would fold, and their escapes.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kLineEnds = {
    {{"\xC2\x85", "\\N"}, {"\xE2\x80\xA8", "\\L"}, {"\xE2\x80\xA9", "\\P"}}};

bool has_line_end(std::string_view text) {
  return std::ranges::any_of(kLineEnds, [&](const auto& end) { return text.contains(end.first); });
}

/// May stand without quotes. In braces commas, braces and brackets end a value.
bool is_plain(std::string_view text, bool in_flow) {
  if (text.empty() || text.back() == ' ' || text.back() == ':') return false;
  const auto first = static_cast<unsigned char>(text.front());
  if (std::isalnum(first) == 0 && first < 0x80 && !std::string_view("_/$.(^<=").contains(text.front())) return false;
  if (text == "=" || text == "<<" || text.starts_with("---") || text.starts_with("...")) return false;
  if (text.contains(": ") || text.contains(" #") || std::ranges::any_of(text, is_control)) return false;
  if (has_line_end(text)) return false;
  return !in_flow || text.find_first_of(",[]{}") == std::string_view::npos;
}

std::string double_quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto end =
        std::ranges::find_if(kLineEnds, [&](const auto& e) { return text.substr(i).starts_with(e.first); });
    if (end != kLineEnds.end()) {
      out += end->second;
      i += end->first.size() - 1;
    } else if (c == '"' || c == '\\')
      out += fmt::format("\\{}", c);
    else if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (is_control(c))
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out + "\"";
}

std::string quoted(std::string_view text) {
  if (std::ranges::any_of(text, is_control) || has_line_end(text)) return double_quoted(text);
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

std::string text_of(std::string_view text, bool in_flow) {
  return is_plain(text, in_flow) && plain_scalar(text).is_text() ? std::string(text) : quoted(text);
}

/// Keys are texts however they are written.
std::string key_of(std::string_view key, bool in_flow) {
  return is_plain(key, in_flow) ? std::string(key) : quoted(key);
}

/// YAML 1.1 wants a dot and a sign in an exponent, where JSON needs neither.
std::string real_of(const Node& node) {
  if (plain_scalar(node.written()).type() == Node::Type::real) return node.written();
  std::string text = fmt::format("{}", node.real());
  if (plain_scalar(text).type() == Node::Type::real) return text;
  const std::size_t exponent = text.find('e');
  if (exponent != std::string::npos && !text.contains('.')) text.insert(exponent, ".0");
  if (exponent == std::string::npos && !text.contains('.')) text += ".0";
  return text;
}

std::string scalar_of(const Node& node, bool in_flow) {
  switch (node.type()) {
    case Node::Type::boolean:
      return node.boolean() ? "true" : "false";
    case Node::Type::integer:
      return plain_scalar(node.written()).type() == Node::Type::integer ? node.written()
                                                                        : fmt::format("{}", node.integer());
    case Node::Type::real:
      return real_of(node);
    case Node::Type::text:
      return text_of(node.text(), in_flow);
    default:
      // As it was written: a setting may want the very word.
      return !node.written().empty() && plain_scalar(node.written()).is_null() ? node.written() : "null";
  }
}

bool has_lines(const Node& node) {
  return node.is_text() && node.text().contains('\n');
}

std::string flow(const Node& node) {
  std::string out;
  const auto separator = [&] { return out.empty() ? "" : ", "; };
  if (node.is_list()) {
    for (const Node& item : node.items()) out += separator() + flow(item);
    return "[" + out + "]";
  }
  if (!node.is_mapping()) return scalar_of(node, true);
  for (const Node::Entry& entry : node.entries())
    out += fmt::format("{}{}: {}", separator(), key_of(entry.key, true), flow(entry.value));
  return "{" + out + "}";
}

bool contains_lines(const Node& node) {
  return has_lines(node) || std::ranges::any_of(node.items(), contains_lines) ||
         std::ranges::any_of(node.entries(), [](const Node::Entry& entry) { return contains_lines(entry.value); });
}

/// Lines that a literal block gives back as they are: no blanks at their ends or at the front of the first one.
bool is_literal(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.front() == '\n' || text.ends_with("\n\n")) return false;
  if (has_line_end(text)) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ' && (i + 1 == text.size() || text[i + 1] == '\n')) return false;
    if (is_control(text[i]) && text[i] != '\n') return false;
  }
  return true;
}

void literal(std::string_view text, std::size_t indent, std::string& out) {
  out += text.ends_with('\n') ? " |\n" : " |-\n";
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) out += std::string(indent, ' ') + std::string(text.substr(0, end));
    out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// In braces or brackets over a few lines; empty if it would take more, or one of its values does not fit.
std::string wrapped(const Node& node, std::size_t indent, std::size_t used) {
  std::vector<std::string> parts;
  for (const Node& item : node.items()) parts.push_back(flow(item));
  for (const Node::Entry& entry : node.entries())
    parts.push_back(fmt::format("{}: {}", key_of(entry.key, true), flow(entry.value)));
  std::string out = node.is_list() ? " [" : " {";
  std::size_t width = used + out.size();
  std::size_t lines = 1;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string part = parts[i] + (i + 1 < parts.size() ? "," : node.is_list() ? "]" : "}");
    const bool first = out.ends_with('[') || out.ends_with('{');
    if (width + 1 + part.size() <= kLineMax) {
      out += (first ? "" : " ") + part;
      width += part.size() + (first ? 0 : 1);
      continue;
    }
    if (++lines > kWrappedMax || indent + part.size() > kLineMax) return {};
    out += "\n" + std::string(indent, ' ') + part;
    width = indent + part.size();
  }
  return out + "\n";
}

void entries(const Node& mapping, std::size_t indent, std::string& out);

/// What follows a key and its colon, up to the end of the line or block. `used` characters of the line are taken.
void value(const Node& node, std::size_t indent, std::size_t used, std::string& out) {
  const bool nested = node.is_list() || node.is_mapping();
  const bool empty = nested && node.items().empty() && node.entries().empty();
  if (has_lines(node) && is_literal(node.text())) return literal(node.text(), indent, out);
  if (!nested) {
    out += " " + scalar_of(node, false) + "\n";
    return;
  }
  const std::string line = flow(node);
  if (empty || (used + 1 + line.size() <= kLineMax && !contains_lines(node))) {
    out += " " + line + "\n";
    return;
  }
  if (const std::string few = contains_lines(node) ? "" : wrapped(node, indent, used); !few.empty()) {
    out += few;
    return;
  }
  out += "\n";
  if (node.is_mapping()) return entries(node, indent, out);
  for (const Node& item : node.items()) {
    if (item.is_mapping() && !item.entries().empty() && indent + 2 + flow(item).size() > kLineMax) {
      std::string block;  // Its first key stands behind the dash.
      entries(item, indent + 2, block);
      block[indent] = '-';
      out += block;
      continue;
    }
    out += std::string(indent, ' ') + "-";
    value(item, indent + 2, indent + 1, out);
  }
}

void entries(const Node& mapping, std::size_t indent, std::string& out) {
  for (const Node::Entry& entry : mapping.entries()) {
    const std::string key = key_of(entry.key, false);
    out += std::string(indent, ' ') + key + ":";
    value(entry.value, indent + 2, indent + key.size() + 1, out);
  }
}

}  // namespace

// Sections are blocks, however short: their components stand below each other.
std::string yaml_text(const Node& root) {
  constexpr std::string_view kInOneLine[] = {"pipeline", "defaults"};
  std::string out;
  for (const Node::Entry& section : root.entries()) {
    const bool short_one = std::ranges::find(kInOneLine, section.key) != std::end(kInOneLine);
    const std::string key = key_of(section.key, false);
    out += key + ":";
    if (!section.value.is_mapping() || section.value.entries().empty() || short_one) {
      value(section.value, 2, key.size() + 1, out);
    } else {
      out += "\n";
      entries(section.value, 2, out);
    }
  }
  return out;
}

}  // namespace batchout
