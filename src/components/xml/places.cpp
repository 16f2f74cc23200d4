// A step tells nodes with the same name apart by a number. Elements of a default namespace have no name that a path
// could have without its declarations, so theirs is `*`, and they are counted among all elements.

#include "components/xml/places.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

namespace batchout::xml {
namespace {

std::string_view text_of(const xmlChar* text) {
  return text == nullptr ? "" : reinterpret_cast<const char*>(text);
}

std::string name_of(const xmlNode& node) {
  const bool has_prefix = node.ns != nullptr && node.ns->prefix != nullptr;
  return has_prefix ? fmt::format("{}:{}", text_of(node.ns->prefix), text_of(node.name))
                    : std::string(text_of(node.name));
}

// Without its number.
std::string label_of(const xmlNode& node) {
  switch (node.type) {
    case XML_ELEMENT_NODE:
      return node.ns != nullptr && node.ns->prefix == nullptr ? "*" : name_of(node);
    case XML_TEXT_NODE:
    case XML_CDATA_SECTION_NODE:
      return "text()";
    case XML_COMMENT_NODE:
      return "comment()";
    case XML_PI_NODE:
      return fmt::format("processing-instruction('{}')", text_of(node.name));
    default:
      return {};
  }
}

}  // namespace

std::string Places::of(const xmlNode& node) {
  if (node.type == XML_NAMESPACE_DECL) return {};
  if (node.parent == nullptr) return "/";
  const std::string& before = before_children_of(*node.parent);  // First: it counts the node.
  return before + step_of(node);
}

const std::string& Places::before_children_of(const xmlNode& node) {
  const auto found = before_children_.find(&node);
  if (found != before_children_.end()) return found->second;
  count_children(node);
  return before_children_[&node] = node.parent == nullptr ? "/" : of(node) + "/";
}

std::string Places::step_of(const xmlNode& node) {
  if (node.type == XML_ATTRIBUTE_NODE) return "@" + name_of(node);
  const std::size_t number = numbers_[&node];
  return number == 0 ? label_of(node) : fmt::format("{}[{}]", label_of(node), number);
}

void Places::count_children(const xmlNode& parent) {
  std::unordered_map<std::string, std::vector<const xmlNode*>> by_label;
  for (const xmlNode* child = parent.children; child != nullptr; child = child->next) {
    const std::string label = label_of(*child);
    if (label != "*") by_label[label].push_back(child);
    if (child->type == XML_ELEMENT_NODE) by_label["*"].push_back(child);
  }
  for (const auto& [label, nodes] : by_label)
    for (std::size_t i = 0; i < nodes.size(); ++i)
      if (nodes.size() > 1 && label_of(*nodes[i]) == label) numbers_[nodes[i]] = i + 1;
}

}  // namespace batchout::xml
