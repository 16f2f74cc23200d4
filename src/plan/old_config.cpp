// Defaults come first, since they may name variables.

#include "plan/old_config.h"

namespace batchout {

const Node& OldConfig::section(std::string_view name) const {
  static const Node none = Node::mapping();
  const Node* section = config_.find(name);
  return section != nullptr && section->is_mapping() ? *section : none;
}

std::vector<std::string> OldConfig::names(std::string_view section) const {
  std::vector<std::string> names;
  for (const Node::Entry& entry : this->section(section).entries()) names.push_back(entry.key);
  return names;
}

ReadComponent OldConfig::read(std::string_view section, const Node::Entry& entry) const {
  Node component = entry.value;
  const Node* defaults = config_.find("defaults");
  if (const Node* own = defaults != nullptr && defaults->is_mapping() ? defaults->find(section) : nullptr)
    merge_defaults(component, *own);
  return with_variables_read(section, component, environment_);
}

Node without_key(const Node& mapping, std::string_view key) {
  Node out = Node::mapping();
  for (const Node::Entry& entry : mapping.entries())
    if (entry.key != key) out.add(entry);
  return out;
}

}  // namespace batchout
