// Kinds of values are told by the words of the reference ("integer", "list of text"): a description has no types.

#include "plan/converted_components.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "config/scalar.h"
#include "config/wording.h"

namespace batchout {
namespace {

/// What a lenient reading makes of a scalar.
Node strict_scalar(const Node& node, std::string_view type) {
  Node out = node;
  if (type == "boolean") {
    if (const auto word = node.is_text() ? boolean_word(node.text()) : std::nullopt) out = Node(*word);
    if (node.written() == "1" || node.written() == "0") out = Node(node.written() == "1");
  } else if (type == "integer" || type == "number" || type == "time" || type == "size") {
    if (!node.is_text()) return node;
    if (const auto integer = decimal_integer(node.text()))
      out = Node(*integer);
    else if (const auto real = decimal_real(node.text()))
      out = Node(*real);
  } else if ((type == "text" || type == "secret text") && node.type() == Node::Type::boolean) {
    out = Node(node.written().empty() ? std::string(node.boolean() ? "true" : "false") : node.written());
  }
  out.set_mark(node.mark());
  return out;
}

Node strict_value(const Node& node, std::string_view type) {
  constexpr std::string_view kList = "list of ";
  constexpr std::string_view kMapping = "mapping to ";
  if (node.is_list() && type.starts_with(kList)) {
    Node out = Node::list();
    for (const Node& item : node.items()) out.push(strict_value(item, type.substr(kList.size())));
    const bool single = out.items().size() == 1 && !out.items()[0].is_list() && !out.items()[0].is_mapping() &&
                        !out.items()[0].is_null();
    return single ? out.items()[0] : out;  // Which is a list of one.
  }
  if (node.is_mapping() && type.starts_with(kMapping)) {
    Node out = Node::mapping();
    for (const Node::Entry& entry : node.entries())
      out.add({entry.key, entry.mark, strict_value(entry.value, type.substr(kMapping.size()))});
    return out;
  }
  if (node.is_null() || node.is_list() || node.is_mapping()) return node;
  return strict_scalar(node, type.starts_with(kList) ? type.substr(kList.size()) : type);
}

bool is_default(const Node& node, const FieldInfo& field) {
  if (field.required || field.secret || field.default_text.empty() || node.is_list() || node.is_mapping()) return false;
  if (node.type() == Node::Type::integer && field.default_text == std::to_string(node.integer())) return true;
  if (node.type() == Node::Type::boolean) return field.default_text == (node.boolean() ? "true" : "false");
  return field.default_text == node.written() || field.default_text == in_quotes(node.written());
}

bool is_name(std::string_view text) {
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text.front()))) return false;
  return std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

/// Takes `[position]` off the front.
bool take_position(std::string_view& rest) {
  const std::size_t close = rest.find(']');
  if (!rest.starts_with('[') || close == std::string_view::npos || close == 1) return false;
  const std::string_view inside = rest.substr(1, close - 1);
  // More digits than any list has elements.
  if (inside.size() > 9 || (inside.size() > 1 && inside.front() == '0')) return false;
  if (!std::ranges::all_of(inside, [](unsigned char c) { return std::isdigit(c) != 0; })) return false;
  rest.remove_prefix(close + 1);
  return true;
}

auto field_of(const SpecInfo& spec, const std::string& key) {
  return std::ranges::find_if(spec.fields, [&](const FieldInfo& field) {
    return field.key == key || std::ranges::find(field.aliases, key) != field.aliases.end();
  });
}

/// Of a `from_env`, what gives settings that there are.
void add_variables(const Node::Entry& entry, const SpecInfo& spec, const std::string& path,
                   std::vector<std::string>& left_out, Node& out) {
  Node kept = Node::mapping();
  for (const Node::Entry& variable : entry.value.entries()) {
    if (field_of(spec, variable.key) != spec.fields.end())
      kept.add(variable);
    else if (!entry.inherited)
      left_out.push_back(join_path(join_path(path, entry.key), variable.key));
  }
  if (!kept.entries().empty()) out.add({entry.key, entry.mark, std::move(kept)});
}

bool has(const Node& component, std::string_view key) {
  const Node* variables = component.find("from_env");
  return component.find(key) != nullptr || (variables != nullptr && variables->find(key) != nullptr);
}

/// Whether the type has the setting, and neither file nor variable give it.
bool lacks(const Node& component, const SpecInfo& spec, const std::string& key) {
  return field_of(spec, key) != spec.fields.end() && !has(component, key);
}

std::string text_of(const Node& component, std::string_view key) {
  const Node* value = component.find(key);
  return value != nullptr ? value->written() : "";
}

/// Dialect 1 verifies servers on other machines.
void note_trust(const Node& component, const SpecInfo& spec, const std::string& path, std::vector<std::string>& notes) {
  if (spec.type != "postgres" || has(component, "sslmode")) return;
  const std::string host = text_of(component, "host");
  const bool here = host.empty() || host.front() == '/' || host == "localhost" || host == "127.0.0.1" || host == "::1";
  const Node* variables = component.find("from_env");
  const bool open = has(component, "uri") || (variables != nullptr && variables->find("host") != nullptr);
  if (!here || open)
    notes.push_back(
        fmt::format("{}: a server on another machine is verified; sslmode: prefer goes without, as before", path));
}

}  // namespace

void spell_out_input(const SpecInfo& spec, bool oldest, const std::string& path, Node& input,
                     std::vector<std::string>& notes) {
  if (oldest && lacks(input, spec, "start")) input.set("start", "latest");
  if (spec.type == "postgres" && lacks(input, spec, "limit")) input.set("limit", 1000);
  // Nothing of an old configuration goes on where the last run has ended, but for topics.
  if (lacks(input, spec, "resume") && (spec.type == "file" || has(input, "cursor"))) input.set("resume", false);
  if (oldest && spec.type == "const")
    notes.push_back(fmt::format("{} is read again in every round, not only in the first", path));
  if (spec.type == "file" && input.find("path") != nullptr &&
      text_of(input, "path").find_first_of("*?[-") == std::string::npos)
    notes.push_back(fmt::format("{}: a file that is not there ends the run, unless its path is a mask", path));
  if (spec.type == "sqlite") notes.push_back(fmt::format("{}: a file that is not there ends the run", path));
  note_trust(input, spec, path, notes);
}

void spell_out_output(const SpecInfo& spec, const std::string& path, Node& output, std::vector<std::string>& notes) {
  const std::string file = text_of(output, "path");
  const Node* variables = output.find("from_env");
  const bool unknown = variables != nullptr && variables->find("path") != nullptr;
  if (lacks(output, spec, "compression") && (unknown || file.ends_with(".gz") || file.ends_with(".zst")))
    output.set("compression", "none");
  note_trust(output, spec, path, notes);
}

Node strict_settings(const Node& component, const SpecInfo& spec, const std::string& path,
                     std::vector<std::string>& left_out) {
  Node out = Node::mapping();
  const Node* variables = component.find("from_env");
  for (const Node::Entry& entry : component.entries()) {
    if (entry.key == "type") {
      out.add(entry);
      continue;
    }
    if (entry.key == "from_env") {
      add_variables(entry, spec, path, left_out, out);
      continue;
    }
    const auto field = field_of(spec, entry.key);
    if (field == spec.fields.end()) {
      if (!entry.inherited) left_out.push_back(join_path(path, entry.key));
      continue;
    }
    Node value = strict_value(entry.value, field->type);
    const bool from_variable = variables != nullptr && variables->is_mapping() && variables->find(entry.key) != nullptr;
    if (from_variable || !is_default(value, *field)) out.add({entry.key, entry.mark, std::move(value)});
  }
  return out;
}

bool same_in_both_languages(const NamedPieces& path, const std::vector<std::string>& positions) {
  std::string text;
  for (const auto& piece : path) {
    const auto* slot = std::get_if<NamedSlot>(&piece);
    if (slot == nullptr)
      text += std::get<std::string>(piece);
    else if (slot->format.empty() && std::ranges::find(positions, slot->index) != positions.end())
      text += "0";
    else
      return false;
  }
  std::string_view rest = text;
  bool after_step = rest.starts_with('$');
  if (after_step) rest.remove_prefix(1);
  while (!rest.empty()) {
    if (after_step && take_position(rest)) continue;
    if (after_step && !rest.starts_with('.')) return false;
    if (after_step) rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find_first_of(".["), rest.size());
    if (!is_name(rest.substr(0, end))) return false;
    rest.remove_prefix(end);
    after_step = true;
  }
  return after_step;
}

Node shortened(const Node& component, std::string_view type) {
  Node out = Node::mapping();
  const Node* variables = component.find("from_env");
  const bool from_variable = variables != nullptr && variables->find("type") != nullptr;
  for (const Node::Entry& entry : component.entries())
    if (from_variable || entry.key != "type" || entry.value.written() != type) out.add(entry);
  const Node* path = out.find("path");
  const Node* own_type = out.find("type");
  if (path == nullptr || path->is_list() || path->is_mapping() || path->is_null()) return out;
  if (out.entries().size() == 1) return *path;
  if (out.entries().size() == 2 && own_type != nullptr) return Node::list({*path, *own_type});
  return out;
}

Node without_interpolation(const Node& node) {
  if (node.is_text()) {
    std::string text = node.text();
    for (std::size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at + 3)) text.insert(at, "$");
    return Node(std::move(text));
  }
  if (node.is_list()) {
    Node out = Node::list();
    for (const Node& item : node.items()) out.push(without_interpolation(item));
    return out;
  }
  if (!node.is_mapping()) return node;
  Node out = Node::mapping();
  for (const Node::Entry& entry : node.entries())
    out.add({entry.key, entry.mark, without_interpolation(entry.value), entry.inherited});
  return out;
}

}  // namespace batchout
