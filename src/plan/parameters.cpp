// Values come as texts, whatever the selector computed: a URL, a path and a bound parameter of SQL take texts.

#include "plan/parameters.h"

#include <algorithm>

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

}  // namespace batchout
