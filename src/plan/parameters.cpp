// Values come as texts, whatever the selector computed: a URL, a path and a bound parameter of SQL take texts.

#include "plan/parameters.h"

#include <algorithm>

#include "base/braces.h"

namespace batchout {
namespace {

/// True if `{name}` or `{name:...}` stands in a text of the settings.
bool is_mentioned(const Node& settings, const std::string& name) {
  const std::string brace = "{" + name;
  return std::ranges::any_of(settings.entries(), [&](const Node::Entry& entry) {
    if (!entry.value.is_text()) return false;
    const std::string& text = entry.value.text();
    for (std::size_t at = text.find(brace); at != std::string::npos; at = text.find(brace, at + 1)) {
      const std::size_t end = at + brace.size();
      if (end < text.size() && (text[end] == '}' || text[end] == ':')) return true;
    }
    return false;
  });
}

}  // namespace

std::optional<Node> with_parameters(const Node& settings, const ParameterRow& row) {
  const Node* declared = settings.find("params");
  Node params = declared != nullptr && declared->is_mapping() ? *declared : Node::mapping();
  for (const auto& [name, value] : row) {
    if (params.find(name) == nullptr && !is_mentioned(settings, name)) continue;
    if (!value) return std::nullopt;
    params.set(name, Node(*value));
  }
  if (params.entries().empty()) return settings;
  Node filled = settings;
  filled.set("params", std::move(params));
  return filled;
}

std::vector<std::string> names_without_value(const Node& settings) {
  const Node* params = settings.find("params");
  std::vector<std::string> names;
  for (const Node::Entry& entry : settings.entries()) {
    if (!entry.value.is_text()) continue;
    // Whatever stands in doubled braces comes without them.
    (void)fill_braces(entry.value.text(), [&](std::string_view name) {
      const bool has_value = params != nullptr && params->is_mapping() && params->find(name) != nullptr;
      if (!has_value && std::ranges::find(names, name) == names.end()) names.emplace_back(name);
      return std::optional(std::string());
    });
  }
  return names;
}

Node with_placeholders(const Node& settings, const std::vector<std::string>& names) {
  ParameterRow row;
  for (const std::string& name : names) row.emplace_back(name, "0");
  return *with_parameters(settings, row);
}

}  // namespace batchout
