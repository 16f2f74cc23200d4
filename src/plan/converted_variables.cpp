// Which settings decide is one table. Nothing is guessed of a variable that is unset: its value is that of the file.

#include "plan/converted_variables.h"

#include <algorithm>
#include <array>
#include <utility>

namespace batchout {
namespace {

constexpr std::string_view kFromEnvironment = "from_env";

// What the rest of a component means depends on its type. Paths and queries are read to see what they say, and names to
// see what belongs together.
constexpr std::pair<std::string_view, std::string_view> kDeciding[] = {
    {"inputs", "type"},           {"outputs", "type"},      {"processors", "type"},   {"extractors", "type"},
    {"extractors", "syntax"},     {"indexes", "type"},      {"indexes", "path"},      {"indexes", "extractor"},
    {"indexes", "strategy"},      {"columns", "type"},      {"columns", "path"},      {"columns", "position"},
    {"columns", "resolved_path"}, {"columns", "extractor"}, {"columns", "cast"},      {"columns", "strategy"},
    {"selectors", "type"},        {"selectors", "query"},   {"selectors", "columns"}, {"tasks", "type"},
    {"tasks", "inputs"},          {"tasks", "outputs"},     {"tasks", "selector"},    {"tasks", "threads"},
};

bool decides(std::string_view section, std::string_view setting) {
  return std::ranges::find(kDeciding, std::pair(section, setting)) != std::end(kDeciding);
}

const Node* variables_of(const Node& component) {
  const Node* variables = component.find(kFromEnvironment);
  return variables != nullptr && variables->is_mapping() ? variables : nullptr;
}

Node without(const Node& mapping, std::string_view key) {
  Node out = Node::mapping();
  for (const Node::Entry& entry : mapping.entries())
    if (entry.key != key) out.add(entry);
  return out;
}

void collect(std::string_view section, const Node& component, std::set<std::string>& names) {
  const Node* variables = variables_of(component);
  for (const Node::Entry& entry : variables != nullptr ? variables->entries() : std::vector<Node::Entry>{})
    if (decides(section, entry.key)) names.insert(entry.value.written());
}

}  // namespace

ReadComponent with_variables_read(std::string_view section, const Node& component, const Environment& environment) {
  ReadComponent out{component, {}};
  const Node* variables = variables_of(component);
  if (variables == nullptr) return out;
  for (const Node::Entry& entry : variables->entries()) {
    if (!decides(section, entry.key)) continue;
    const Node* in_file = component.find(entry.key);
    GivenSetting given{entry.key, entry.value.written(), environment(entry.value.written()), std::nullopt};
    if (in_file != nullptr) given.in_file = *in_file;
    if (given.value) out.settings.set(entry.key, Node(*given.value));
    out.settings = without_variable(out.settings, entry.key);
    out.given.push_back(std::move(given));
  }
  return out;
}

// Where the variable is unset, its value is known to be that of the file, which is rewritten already.
bool give_back(const GivenSetting& given, std::optional<Node> in_file, Node& rewritten) {
  const Node* now = rewritten.find(given.setting);
  if (now == nullptr || (given.value && (!now->is_text() || now->text() != *given.value))) return false;
  if (given.value && in_file)
    rewritten.set(given.setting, *std::move(in_file));
  else if (given.value)
    rewritten = without(rewritten, given.setting);
  const Node* others = rewritten.find(kFromEnvironment);
  Node variables = others != nullptr ? *others : Node::mapping();
  variables.set(given.setting, given.variable);
  rewritten.set(kFromEnvironment, std::move(variables));
  return true;
}

Node without_variable(const Node& mapping, std::string_view setting) {
  const Node* variables = variables_of(mapping);
  if (variables == nullptr || variables->find(setting) == nullptr) return mapping;
  Node others = without(*variables, setting);
  Node out = mapping;
  if (others.entries().empty()) return without(mapping, kFromEnvironment);
  out.set(kFromEnvironment, std::move(others));
  return out;
}

// Processors have no names, and defaults are merged into components of one section.
std::set<std::string> deciding_variables(const Node& config) {
  std::set<std::string> names;
  const Node* defaults = config.find("defaults");
  for (const Node::Entry& section : config.entries()) {
    const Node* of_section = defaults != nullptr ? defaults->find(section.key) : nullptr;
    if (of_section != nullptr) collect(section.key, *of_section, names);
    for (const Node::Entry& component : section.value.entries()) {
      collect(section.key, component.value, names);
      const Node* processors = component.value.find("processors");
      if (processors == nullptr) continue;
      collect("processors", *processors, names);
      for (const Node& processor : processors->items()) collect("processors", processor, names);
    }
  }
  return names;
}

}  // namespace batchout
