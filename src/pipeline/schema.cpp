// A schema is a tree of mappings, so it is built as a Node and printed as JSON.
//
// Looser than the program on purpose: a scalar may stand where a text is expected, a text for a number or a truth value
// (quoted as in the old dialects, or ${...}), one value for a list of one, and null for what has a default.

#include "pipeline/schema.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "batchout/node.h"

namespace batchout {
namespace {

struct Section {
  std::string_view name, role;
};

// Maps have no types.
constexpr std::array kSections = {
    Section{"inputs", "input"},   Section{"extractors", "extractor"}, Section{"indexes", "index"},
    Section{"columns", "column"}, Section{"selectors", "selector"},   Section{"outputs", "output"},
    Section{"tasks", "task"},
};

Node type_named(std::string_view name) {
  return Node::mapping({{"type", name}});
}

Node reference_to(std::string_view definition) {
  return Node::mapping({{"$ref", fmt::format("#/$defs/{}", definition)}});
}

Node any_of(std::vector<Node> schemas) {
  return Node::mapping({{"anyOf", Node::list(std::move(schemas))}});
}

Node constants(const std::vector<std::string>& values) {
  Node list = Node::list();
  for (const std::string& value : values) list.push(value);
  return Node::mapping({{"enum", std::move(list)}});
}

// What a variable or a file will fill in.
Node placeholder() {
  return Node::mapping({{"type", "string"}, {"pattern", R"(\$\{)"}});
}

Node written_number() {
  return Node::mapping({{"type", "string"}, {"pattern", R"(^\s*[-+]?[0-9]|\$\{)"}});
}

Node scalar() {
  return Node::mapping({{"type", Node::list({"string", "number", "boolean"})}});
}

Node list_of(Node item) {
  return Node::mapping({{"type", "array"}, {"items", std::move(item)}});
}

Node mapping_to(Node value) {
  return Node::mapping({{"type", "object"}, {"additionalProperties", std::move(value)}});
}

Node keys_of(const SpecInfo& info);

// Of what has keys and short forms, too: alone, in a list, or by names. Its keys are a definition of its own.
Node short_or_long(const SpecInfo& info) {
  const Node one = any_of({reference_to(info.type), Node::mapping()});
  return any_of({scalar(), reference_to(info.type), list_of(one), mapping_to(one)});
}

// Of a number, or of what may be written as one.
Node number(std::string_view type, const FieldInfo& field) {
  Node plain = type_named(type);
  if (field.min) plain.set("minimum", *field.min);
  if (field.max) plain.set("maximum", *field.max);
  return any_of({std::move(plain), written_number()});
}

// `type` in the words of FieldInfo::type.
Node value_of(std::string_view type, const FieldInfo& field) {
  constexpr std::string_view kList = "list of ", kMapping = "mapping to ";
  if (type.starts_with(kList)) {
    Node item = value_of(type.substr(kList.size()), field);
    return any_of({list_of(item), item});
  }
  if (type.starts_with(kMapping)) return mapping_to(value_of(type.substr(kMapping.size()), field));
  const bool has_short_form = field.choices.empty() && type != "mapping";
  std::vector<Node> forms;
  if (!field.choices.empty()) forms.insert(forms.end(), {constants(field.choices), placeholder()});
  if (field.inside != nullptr) forms.push_back(has_short_form ? short_or_long(*field.inside) : keys_of(*field.inside));
  if (!forms.empty()) return any_of(std::move(forms));
  if (type == "boolean") return Node::mapping({{"type", Node::list({"boolean", "string", "integer"})}});
  if (type == "integer" || type == "number") return number(type, field);
  if (type == "time" || type == "size") return number("number", field);
  if (type == "text" || type == "secret text") return scalar();
  return Node::mapping();
}

Node with_null(Node schema) {
  return any_of({std::move(schema), type_named("null")});
}

Node property(const FieldInfo& field) {
  Node schema = field.key == "processors" ? Node::mapping({{"type", "array"}, {"items", reference_to("processor")}})
                                          : value_of(field.type, field);
  if (!field.required) schema = with_null(std::move(schema));
  schema.set("description", field.doc);
  if (!field.default_text.empty()) schema.set("$comment", "Default: " + field.default_text);
  return schema;
}

Node properties_of(const SpecInfo& info) {
  Node properties = Node::mapping();
  for (const FieldInfo& field : info.fields) {
    properties.set(field.key, property(field));
    for (const std::string& alias : field.aliases) properties.set(alias, property(field));
  }
  return properties;
}

// Keys that are required may also come from `defaults` or the environment, so no schema requires them.
Node keys_of(const SpecInfo& info) {
  return Node::mapping({{"type", "object"}, {"properties", properties_of(info)}});
}

std::vector<std::string> names_of(const SpecInfo& info) {
  std::vector<std::string> names{info.type};
  names.insert(names.end(), info.aliases.begin(), info.aliases.end());
  return names;
}

// One type of a role: where `type` names it, its keys hold.
Node choice(const SpecInfo& info) {
  Node named = Node::mapping(
      {{"properties", Node::mapping({{"type", constants(names_of(info))}})}, {"required", Node::list({"type"})}});
  Node then = Node::mapping({{"description", info.doc}, {"properties", properties_of(info)}});
  return Node::mapping({{"if", std::move(named)}, {"then", std::move(then)}});
}

// Dialect 1 has short forms beside the mapping; what is said of the keys of an object does not concern them.
Node forms_of(std::string_view role) {
  if (role == "task" || role == "processor") return "object";
  Node forms = Node::list({"object", "string", "number", "boolean"});
  if (role == "index" || role == "column" || role == "selector") forms.push("array");
  return forms;
}

// Components of a role. Names of types that are not known may come from a program that embeds the library.
Node definition(std::string_view role, std::span<const SpecInfo> types) {
  std::vector<std::string> names;
  std::vector<Node> choices;
  for (const SpecInfo& info : types) {
    if (info.role != role) continue;
    std::ranges::move(names_of(info), std::back_inserter(names));
    choices.push_back(choice(info));
  }
  Node type = any_of({constants(names), type_named("string")});
  type.set("description", fmt::format("Which {} it is.", role));
  Node environment = type_named("object");
  environment.set("description", "Keys with the names of the environment variables that hold their values.");
  return Node::mapping(
      {{"type", forms_of(role)},
       {"properties", Node::mapping({{"type", std::move(type)}, {"from_env", std::move(environment)}})},
       {"allOf", Node::list(std::move(choices))}});
}

// ---------------------------------------------------------------------------------------------------------- JSON

void append_text(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

void append(const Node& node, std::size_t depth, std::string& out);

// One entry a line, each written by `each`.
template <class Entries, class Each>
void append_all(const Entries& entries, std::size_t depth, std::string& out, const Each& each) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    out += i == 0 ? "\n" : ",\n";
    out.append(2 * (depth + 1), ' ');
    each(entries[i]);
  }
  if (!entries.empty()) out.append(1, '\n').append(2 * depth, ' ');
}

// Texts of declarations have no control characters.
void append(const Node& node, std::size_t depth, std::string& out) {
  switch (node.type()) {
    case Node::Type::mapping:
      out += '{';
      append_all(node.entries(), depth, out, [&](const Node::Entry& entry) {
        append_text(entry.key, out);
        out += ": ";
        append(entry.value, depth + 1, out);
      });
      out += '}';
      return;
    case Node::Type::list:
      out += '[';
      append_all(node.items(), depth, out, [&](const Node& item) { append(item, depth + 1, out); });
      out += ']';
      return;
    case Node::Type::real:
      out += fmt::format("{}", node.real());
      return;
    default:
      append_text(node.text(), out);
  }
}

}  // namespace

// Sections that are not known are not refused: old dialects pass them over.
std::string schema_of(std::span<const SpecInfo> types, const SpecInfo& pipeline, const SpecInfo& tests) {
  Node properties = Node::mapping(), definitions = Node::mapping();
  for (const Section& section : kSections) {
    properties.set(section.name, with_null(mapping_to(reference_to(section.role))));
    definitions.set(section.role, definition(section.role, types));
  }
  definitions.set("processor", definition("processor", types));
  for (const std::string_view section : {"maps", "defaults"}) properties.set(section, with_null(type_named("object")));
  properties.set("batchout", Node::mapping({{"description", "The program's own dialect: 1."}}));
  properties.set("pipeline", with_null(keys_of(pipeline)));
  properties.set("tests", with_null(mapping_to(keys_of(tests))));
  for (const FieldInfo& field : tests.fields)
    if (field.inside != nullptr) definitions.set(field.inside->type, keys_of(*field.inside));
  std::string out;
  append(Node::mapping({{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                        {"title", "Batchout configuration"},
                        {"type", "object"},
                        {"properties", std::move(properties)},
                        {"$defs", std::move(definitions)}}),
         0, out);
  return out + "\n";
}

}  // namespace batchout
