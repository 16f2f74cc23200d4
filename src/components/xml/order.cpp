// Elements have their numbers in `content`, negative, as libxml2 has it. What is no element stands right behind one:
// the number of that one and what tells nodes with the same number apart make a key.

#include "components/xml/order.h"

#include <libxml/xpathInternals.h>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <span>
#include <unordered_map>
#include <vector>

namespace batchout::xml {
namespace {

struct Key {
  // Of the last element that begins before the node, or that it is.
  std::ptrdiff_t number = 0;
  enum class Kind : unsigned char { element, attribute, other } kind = Kind::element;
  // From the root, negative: behind the end of that element come those inside of others first.
  std::ptrdiff_t depth = 0;
  // Among attributes, or among neighbours that are no elements.
  std::ptrdiff_t index = 0;

  auto operator<=>(const Key&) const = default;
};

struct Place {
  Key key;
  xmlNode* node = nullptr;
};

// 0 for a document, and for an element without a number.
std::ptrdiff_t number_of(const xmlNode* node) {
  if (node == nullptr || node->type != XML_ELEMENT_NODE) return 0;
  return std::max<std::ptrdiff_t>(0, -reinterpret_cast<std::ptrdiff_t>(node->content));
}

/// Numbers of the last elements that begin inside of others, which remember those on the way.
class LastNumbers {
 public:
  std::ptrdiff_t in(const xmlNode* element) {
    way_.assign(1, element);
    for (const xmlNode* child = element->last; child != nullptr;) {
      const auto known = numbers_.find(child);
      if (known != numbers_.end()) return remember(known->second);
      if (child->type == XML_ELEMENT_NODE) {
        way_.push_back(child);
        child = child->last;
      } else {
        child = child->prev;
      }
    }
    return remember(number_of(way_.back()));
  }

 private:
  std::ptrdiff_t remember(std::ptrdiff_t number) {
    for (const xmlNode* const element : way_) numbers_[element] = number;
    return number;
  }

  std::unordered_map<const xmlNode*, std::ptrdiff_t> numbers_;
  std::vector<const xmlNode*> way_;
};

// Of a text, comment or instruction. `previous` is the place of another node, in most cases of a neighbour, which saves
// to go along all of them.
Key key_of_other(const xmlNode* node, const Place& previous, LastNumbers& last_numbers) {
  Key key{0, Key::Kind::other, 0, 0};
  const xmlNode* before = node->prev;
  for (; before != nullptr && before->type != XML_ELEMENT_NODE; before = before->prev, ++key.index)
    if (before == previous.node) {
      key.index += previous.key.index + 1;
      return {previous.key.number, Key::Kind::other, previous.key.depth, key.index};
    }
  key.number = before != nullptr ? last_numbers.in(before) : number_of(node->parent);
  for (const xmlNode* around = node->parent; around != nullptr; around = around->parent) --key.depth;
  return key;
}

Key key_of(const xmlNode* node, const Place& previous, LastNumbers& last_numbers) {
  switch (node->type) {
    case XML_ATTRIBUTE_NODE: {
      Key key{number_of(node->parent), Key::Kind::attribute, 0, 0};
      for (const xmlNode* before = node->prev; before != nullptr; before = before->prev) ++key.index;
      return key;
    }
    case XML_TEXT_NODE:
    case XML_CDATA_SECTION_NODE:
    case XML_COMMENT_NODE:
    case XML_PI_NODE:
      return key_of_other(node, previous, last_numbers);
    default:
      return {number_of(node), Key::Kind::element, 0, 0};
  }
}

}  // namespace

void sort_nodes(xmlNodeSet& nodes) {
  xmlXPathNodeSetSort(&nodes);
  correct_order(nodes);
}

// Most documents are small, and have no numbers. Nodes of namespaces know no document.
void correct_order(xmlNodeSet& nodes) {
  const std::span<xmlNode*> all(nodes.nodeTab, static_cast<std::size_t>(nodes.nodeNr));
  if (all.size() < 2 || all.front()->type == XML_NAMESPACE_DECL) return;
  if (number_of(xmlDocGetRootElement(all.front()->doc)) == 0) return;
  unsigned types = 0;
  for (const xmlNode* const node : all) types |= 1u << node->type;
  const auto have = [&](auto... some) { return (types & ((1u << some) | ...)) != 0; };
  if (have(XML_NAMESPACE_DECL) || !have(XML_ELEMENT_NODE, XML_ATTRIBUTE_NODE) ||
      !have(XML_TEXT_NODE, XML_CDATA_SECTION_NODE, XML_COMMENT_NODE, XML_PI_NODE))
    return;
  std::vector<Place> places;
  places.reserve(all.size());
  Place other;
  LastNumbers last_numbers;
  for (xmlNode* const node : all) {
    places.push_back({key_of(node, other, last_numbers), node});
    if (places.back().key.kind == Key::Kind::other) other = places.back();
  }
  std::ranges::sort(places, {}, &Place::key);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = places[i].node;
}

}  // namespace batchout::xml
