// Neighbours that are no elements come one after the other in a walk, since nothing is below them: entities are
// replaced.

#include "components/xml/runs.h"

#include <algorithm>
#include <array>

#include "components/xml/pieces.h"

namespace batchout::xml {

bool may_find_others(std::string_view path) {
  constexpr std::array<std::string_view, 4> kTests = {"comment", "node", "processing-instruction", "text"};
  return has_before(path, "//", ".") ||
         std::ranges::any_of(kTests, [path](std::string_view test) { return has_before(path, test, "("); });
}

std::size_t longest_run(const xmlDoc& document) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const xmlNode* node = document.children; node != nullptr; node = node->next) {
    run = node->type == XML_ELEMENT_NODE ? 0 : run + 1;
    longest = std::max(longest, run);
    while (node->type == XML_ELEMENT_NODE && node->children != nullptr) {
      node = node->children;
      run = node->type == XML_ELEMENT_NODE ? 0 : 1;
      longest = std::max(longest, run);
    }
    for (; node->next == nullptr; run = 0) {
      node = node->parent;
      if (node->type != XML_ELEMENT_NODE) return longest;
    }
  }
  return longest;
}

}  // namespace batchout::xml
