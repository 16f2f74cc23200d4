// Neighbours that are no elements come one after the other in a walk, since nothing is below them: entities are
// replaced.

#include "components/xml/runs.h"

#include <algorithm>

#include "components/xml/names.h"
#include "components/xml/path.h"

namespace batchout::xml {
namespace {

// Attributes of an element, and levels, that most documents have.
constexpr std::size_t kFew = 32;

std::size_t beyond_few(std::size_t count) {
  return count > kFew ? count - kFew : 0;
}

std::size_t attributes_of(const xmlNode& element) {
  std::size_t count = 0;
  for (const xmlAttr* attribute = element.properties; attribute != nullptr; attribute = attribute->next) ++count;
  return count;
}

/// The most of what was seen, node by node.
struct Most {
  std::size_t run = 0;
  std::size_t attributes = 0;
  std::size_t depth = 0;

  void see(const xmlNode& node, std::size_t depth_here) {
    run_here_ = node.type == XML_ELEMENT_NODE ? 0 : run_here_ + 1;
    run = std::max(run, run_here_);
    depth = std::max(depth, depth_here);
    if (node.type == XML_ELEMENT_NODE) attributes = std::max(attributes, attributes_of(node));
  }
  void end_run() { run_here_ = 0; }
  Comparisons comparisons() const { return {run + beyond_few(depth), beyond_few(attributes)}; }

 private:
  std::size_t run_here_ = 0;
};

}  // namespace

// `//` before an axis is evaluated as a step of its own (pieces.h).
bool may_find_others(std::string_view path) {
  return has_before(path, "//", ".") || (path.contains("//") && path.contains("::")) ||
         std::ranges::any_of(kNodeTypes, [path](std::string_view test) { return has_before(path, test, "("); });
}

bool may_find_attributes(std::string_view path) {
  return path.contains('@') || has_before(path, "attribute", "::");
}

Comparisons most_comparisons(const xmlDoc& document) {
  Most most;
  std::size_t depth = 0;
  for (const xmlNode* node = document.children; node != nullptr; node = node->next) {
    most.see(*node, depth);
    while (node->type == XML_ELEMENT_NODE && node->children != nullptr) {
      node = node->children;
      most.end_run();
      most.see(*node, ++depth);
    }
    for (; node->next == nullptr; most.end_run(), --depth) {
      node = node->parent;
      if (node->type != XML_ELEMENT_NODE) return most.comparisons();
    }
  }
  return most.comparisons();
}

}  // namespace batchout::xml
