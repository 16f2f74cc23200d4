// Declarations are counted from the root down and taken back on the way up, without recursion.

#include "components/xml/scopes.h"

#include <algorithm>

#include "components/xml/path.h"

namespace batchout::xml {
namespace {

// Bytes of a namespace from which on it matters that libxml2 copies it for each node that it finds.
constexpr std::size_t kLongNamespace = 1024;

// Declarations of namespaces that hold in an element, those of its ancestors included.
struct Scope {
  std::size_t count = 0;
  // Of their prefixes, and one for each end.
  std::size_t bytes = 0;
  // Of the longest namespace, if that is long.
  std::size_t longest = 0;
};

Scope declared_by(const xmlNode& element) {
  Scope scope;
  if (element.type != XML_ELEMENT_NODE) return scope;
  for (const xmlNs* space = element.nsDef; space != nullptr; space = space->next) {
    ++scope.count;
    scope.bytes += 1 + static_cast<std::size_t>(xmlStrlen(space->prefix));
    const auto size = static_cast<std::size_t>(xmlStrlen(space->href));
    if (size >= kLongNamespace) scope.longest = std::max(scope.longest, size);
  }
  return scope;
}

// Entities are replaced, so that only elements have children.
const xmlNode* first_child(const xmlNode& node) {
  return node.type == XML_ELEMENT_NODE ? node.children : nullptr;
}

}  // namespace

bool has_namespace_axis(std::string_view path) {
  return has_before(path, "namespace", "::");
}

std::size_t comparisons_of_namespaces(const xmlNode* root) {
  std::size_t most = 0;
  std::size_t longest = 0;
  Scope scope;
  for (const xmlNode* node = root;;) {
    const Scope added = declared_by(*node);
    scope.count += added.count;
    scope.bytes += added.bytes;
    most = std::max(most, scope.count * scope.bytes);
    longest = std::max(longest, added.longest);
    if (const xmlNode* child = first_child(*node)) {
      node = child;
      continue;
    }
    for (;; node = node->parent) {
      const Scope removed = declared_by(*node);
      scope.count -= removed.count;
      scope.bytes -= removed.bytes;
      if (node == root) return most + longest;
      if (node->next != nullptr) break;
    }
    node = node->next;
  }
}

}  // namespace batchout::xml
