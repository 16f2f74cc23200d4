// A comparison of two sets is true if it is true of any two nodes of them (section 3.4). Texts of one set are looked up
// in those of the other one; of numbers only the smallest and the largest matter.

#include "components/xml/own_functions.h"

#include <libxml/xpathInternals.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "components/xml/expr.h"
#include "components/xml/markup.h"
#include "components/xml/order.h"
#include "components/xml/tree.h"
#include "components/xml/xpath.h"

namespace batchout::xml {
namespace {

// What is as much work as a step: nodes that are visited, and bytes that are copied.
constexpr std::size_t kNodesOfStep = 8;
constexpr std::size_t kBytesOfStep = 64;
// Nodes that are compared with each other.
constexpr std::size_t kNodePairsOfStep = 64;
// Characters that `translate` writes, and comparisons that it takes to find them.
constexpr std::size_t kTranslatedOfStep = 8;
constexpr std::size_t kBytePairsOfStep = 64;
// Names of attributes that are compared with another one.
constexpr std::size_t kNamesOfStep = 2;
// What libxml2 counts for a call of ours in place of an operator.
constexpr unsigned long kStepsOfCall = 2;

// An argument; null and an error if it is no set.
Object pop_nodes(xmlXPathParserContext* call) {
  Object object(valuePop(call));
  if (object && object->type == XPATH_NODESET) return object;
  xmlXPathErr(call, XPATH_INVALID_TYPE);
  return nullptr;
}

std::span<xmlNode*> nodes_of(const Object& object) {
  if (object->nodesetval == nullptr) return {};
  return {object->nodesetval->nodeTab, static_cast<std::size_t>(object->nodesetval->nodeNr)};
}

// False and an error if the budget is used up.
bool count_steps(xmlXPathParserContext* call, std::size_t steps) {
  xmlXPathContext& context = *call->context;
  const bool enough = steps < context.opLimit - context.opCount;
  context.opCount = enough ? context.opCount + steps : context.opLimit;
  if (!enough) xmlXPathErr(call, XPATH_OP_LIMIT_EXCEEDED);
  return enough;
}

void give_call_back(xmlXPathParserContext* call) {
  call->context->opCount -= std::min(call->context->opCount, kStepsOfCall);
}

// What it takes to make a text.
struct Effort {
  std::size_t nodes = 0;
  std::size_t bytes = 0;

  std::size_t steps() const { return nodes / kNodesOfStep + bytes / kBytesOfStep; }
};

std::size_t size_of(const xmlChar* text) {
  return text == nullptr ? 0 : std::strlen(reinterpret_cast<const char*>(text));
}

const xmlNode* first_child(const xmlNode& node) {
  return node.type == XML_ELEMENT_NODE || node.type == XML_ATTRIBUTE_NODE || node.type == XML_DOCUMENT_NODE ||
                 node.type == XML_HTML_DOCUMENT_NODE
             ? node.children
             : nullptr;
}

bool has_content(const xmlNode& node) {
  return node.type == XML_TEXT_NODE || node.type == XML_CDATA_SECTION_NODE || node.type == XML_COMMENT_NODE ||
         node.type == XML_PI_NODE;
}

void add(const xmlNode& top, Effort& effort) {
  if (top.type == XML_NAMESPACE_DECL) {
    ++effort.nodes;
    effort.bytes += size_of(reinterpret_cast<const xmlNs&>(top).href);
    return;
  }
  for (const xmlNode* node = &top;;) {
    ++effort.nodes;
    if (has_content(*node)) effort.bytes += size_of(node->content);
    if (const xmlNode* const child = first_child(*node)) {
      node = child;
      continue;
    }
    while (node != &top && node->next == nullptr) node = node->parent;
    if (node == &top) return;
    node = node->next;
  }
}

// Of a set the first node becomes a text.
Effort effort_of(const xmlXPathObject& object) {
  Effort effort;
  if (object.type == XPATH_STRING) effort.bytes = size_of(object.stringval);
  if (object.type == XPATH_NODESET && object.nodesetval != nullptr && object.nodesetval->nodeNr > 0)
    add(*object.nodesetval->nodeTab[0], effort);
  return effort;
}

// From 0, if there are so many.
const xmlXPathObject* argument(const xmlXPathParserContext& call, int count, int number) {
  return number < count && count <= call.valueNr ? call.valueTab[call.valueNr - count + number] : nullptr;
}

// Without arguments they are about the node that is asked.
std::size_t steps_of_arguments(const xmlXPathParserContext& call, int count) {
  Effort effort;
  if (count == 0 && call.context->node != nullptr) add(*call.context->node, effort);
  std::size_t steps = effort.steps();
  for (int i = 0; i < count; ++i)
    if (const auto* const value = argument(call, count, i)) steps += effort_of(*value).steps();
  return steps;
}

std::size_t bytes_of_argument(const xmlXPathParserContext& call, int count, int number) {
  const auto* const value = argument(call, count, number);
  return value == nullptr ? 0 : effort_of(*value).bytes;
}

std::size_t steps_of_translate(const xmlXPathParserContext& call, int count) {
  const std::size_t bytes = bytes_of_argument(call, count, 0);
  return steps_of_arguments(call, count) + bytes / kTranslatedOfStep +
         bytes * bytes_of_argument(call, count, 1) / kBytePairsOfStep;
}

// The nearest attribute `xml:lang` around a node counts, which is copied.
std::size_t steps_of_lang(const xmlXPathParserContext& call, int count) {
  std::size_t names = 0;
  Effort effort;
  for (const xmlNode* node = call.context->node; node != nullptr; node = node->parent) {
    ++names;
    if (node->type != XML_ELEMENT_NODE) continue;
    for (const xmlAttr* attribute = node->properties; attribute != nullptr; attribute = attribute->next) {
      ++names;
      if (xmlStrEqual(attribute->name, reinterpret_cast<const xmlChar*>("lang")) != 0)
        add(reinterpret_cast<const xmlNode&>(*attribute), effort);
    }
  }
  return steps_of_arguments(call, count) + names / kNamesOfStep + effort.steps();
}

// Names and namespaces are copied.
std::size_t steps_of_name(const xmlXPathParserContext& call, int count) {
  const xmlNode* node = call.context->node;
  if (const auto* const value = argument(call, count, 0)) {
    const bool has_node = value->type == XPATH_NODESET && value->nodesetval != nullptr && value->nodesetval->nodeNr > 0;
    node = has_node ? value->nodesetval->nodeTab[0] : nullptr;
  }
  if (node == nullptr || (node->type != XML_ELEMENT_NODE && node->type != XML_ATTRIBUTE_NODE)) return 0;
  const xmlNs* const space = node->ns;
  return (size_of(node->name) + (space == nullptr ? 0 : size_of(space->href) + size_of(space->prefix))) / kBytesOfStep;
}

Effort effort_of_all(const xmlXPathObject& object) {
  if (object.type != XPATH_NODESET || object.nodesetval == nullptr) return effort_of(object);
  Effort effort;
  for (int i = 0; i < object.nodesetval->nodeNr; ++i) add(*object.nodesetval->nodeTab[i], effort);
  return effort;
}

std::size_t steps_of_sum(const xmlXPathParserContext& call, int count) {
  const auto* const value = argument(call, count, 0);
  return value == nullptr ? 0 : effort_of_all(*value).steps();
}

std::size_t words_in(std::string_view text) {
  std::size_t words = 0;
  bool in_word = false;
  for (const char c : text) {
    const bool is_blank = is(c, kBlank);
    if (!is_blank && !in_word) ++words;
    in_word = !is_blank;
  }
  return words;
}

// Each element that is found is compared with those before.
std::size_t steps_of_id(const xmlXPathParserContext& call, int count) {
  const auto* const value = argument(call, count, 0);
  if (value == nullptr) return 0;
  std::size_t words = 0;
  if (value->type == XPATH_STRING) words = words_in(reinterpret_cast<const char*>(value->stringval));
  std::string text;
  for (int i = 0; value->type == XPATH_NODESET && value->nodesetval != nullptr && i < value->nodesetval->nodeNr; ++i) {
    text.clear();
    append_text_of(value->nodesetval->nodeTab[i], text);
    words += words_in(text);
  }
  return effort_of_all(*value).steps() + words * words / kNodePairsOfStep;
}

using Steps = std::size_t (*)(const xmlXPathParserContext& call, int count);

// A standard function that is only called if there are steps enough.
template <xmlXPathFunction kFunction, Steps kSteps = steps_of_arguments>
void counted(xmlXPathParserContext* call, int count) {
  if (count_steps(call, kSteps(*call, count))) kFunction(call, count);
}

// libxml2 does not export this one.
void name(xmlXPathParserContext* call, int count) {
  static const xmlXPathFunction function = [] {
    const std::unique_ptr<xmlXPathContext, FreeXPath> fresh(xmlXPathNewContext(nullptr));
    return xmlXPathFunctionLookup(fresh.get(), reinterpret_cast<const xmlChar*>("name"));
  }();
  if (count_steps(call, steps_of_name(*call, count))) function(call, count);
}

Object pop_text(xmlXPathParserContext* call) {
  return Object(xmlXPathConvertString(valuePop(call)));
}

std::string_view view(const Object& text) {
  return text == nullptr || text->stringval == nullptr ? "" : reinterpret_cast<const char*>(text->stringval);
}

void push_text(xmlXPathParserContext* call, std::string_view text) {
  valuePush(call, xmlXPathWrapString(
                      xmlStrndup(reinterpret_cast<const xmlChar*>(text.data()), static_cast<int>(text.size()))));
}

// Calls `give` with a text, another one that is looked for in it, and where that is. libxml2 itself takes time in
// proportion to the product of their sizes.
template <class Give>
void search(xmlXPathParserContext* call, int count, Give give) {
  if (count != 2) return xmlXPathErr(call, XPATH_INVALID_ARITY);
  if (!count_steps(call, steps_of_arguments(*call, count))) return;
  const Object wanted = pop_text(call);
  const Object text = pop_text(call);
  // Both end with a zero byte.
  const char* const found = std::strstr(view(text).data(), view(wanted).data());
  give(view(text), view(wanted),
       found == nullptr ? std::string_view::npos : static_cast<std::size_t>(found - view(text).data()));
}

void contains(xmlXPathParserContext* call, int count) {
  search(call, count, [call](std::string_view, std::string_view, std::size_t at) {
    valuePush(call, xmlXPathNewBoolean(at != std::string_view::npos ? 1 : 0));
  });
}

void substring_before(xmlXPathParserContext* call, int count) {
  search(call, count, [call](std::string_view text, std::string_view, std::size_t at) {
    push_text(call, at == std::string_view::npos ? "" : text.substr(0, at));
  });
}

void substring_after(xmlXPathParserContext* call, int count) {
  search(call, count, [call](std::string_view text, std::string_view wanted, std::size_t at) {
    push_text(call, at == std::string_view::npos ? "" : text.substr(at + wanted.size()));
  });
}

void in_order(xmlXPathParserContext* call, int) {
  Object nodes = pop_nodes(call);
  if (!nodes) return;
  if (nodes->nodesetval != nullptr) correct_order(*nodes->nodesetval);
  valuePush(call, nodes.release());
}

// Its text will be made.
void first(xmlXPathParserContext* call, int) {
  const Object nodes = pop_nodes(call);
  if (!nodes) return;
  if (nodes->nodesetval != nullptr) correct_order(*nodes->nodesetval);
  Object first(xmlXPathNewNodeSet(nodes_of(nodes).empty() ? nullptr : nodes_of(nodes).front()));
  give_call_back(call);
  if (count_steps(call, effort_of(*first).steps())) valuePush(call, first.release());
}

// The set as it is; the texts of all nodes may be made.
void texts(xmlXPathParserContext* call, int) {
  Object nodes = pop_nodes(call);
  give_call_back(call);
  if (nodes && count_steps(call, effort_of_all(*nodes).steps())) valuePush(call, nodes.release());
}

// False if the budget is used up.
bool read_text(xmlXPathParserContext* call, const xmlNode* node, std::string& text) {
  Effort effort;
  add(*node, effort);
  if (!count_steps(call, 1 + effort.steps())) return false;
  text.clear();
  append_text_of(node, text);
  return true;
}

// Calls `take` with each node and its text; false if it is false, or if the budget is used up.
template <class Take>
bool each_text(xmlXPathParserContext* call, std::span<xmlNode*> nodes, Take take) {
  std::string text;
  Effort effort;
  for (const xmlNode* const node : nodes) {
    const std::size_t before = effort.steps();
    add(*node, effort);
    if (!count_steps(call, effort.steps() - before)) return false;
    text.clear();
    append_text_of(node, text);
    if (!take(node, text)) return false;
  }
  return true;
}

// Of texts only their hashes are kept: those of elements in one another can be many times as long as the document.
bool any_equal(xmlXPathParserContext* call, std::span<xmlNode*> left, std::span<xmlNode*> right) {
  if (left.size() > right.size()) std::swap(left, right);
  if (left.empty()) return false;
  std::unordered_multimap<std::size_t, const xmlNode*> by_hash;
  std::string other;
  bool found = false;
  const auto keep = [&](const xmlNode* node, const std::string& text) {
    return by_hash.emplace(std::hash<std::string>()(text), node), true;
  };
  const auto look = [&](const xmlNode*, const std::string& text) {
    const auto [first, last] = by_hash.equal_range(std::hash<std::string>()(text));
    for (auto same = first; same != last && !found; ++same) {
      if (!read_text(call, same->second, other)) return false;
      found = other == text;
    }
    return !found;
  };
  each_text(call, left, keep) && each_text(call, right, look);
  return found;
}

// All are equal only if each equals the first one.
bool any_unequal(xmlXPathParserContext* call, std::span<xmlNode*> left, std::span<xmlNode*> right) {
  if (left.empty() || right.empty()) return false;
  std::optional<std::string> first_text;
  bool found = false;
  const auto differs = [&](const xmlNode*, const std::string& text) {
    if (!first_text) first_text = text;
    return !(found = text != *first_text);
  };
  each_text(call, left, differs) && each_text(call, right, differs);
  return found;
}

struct Range {
  double smallest = std::numeric_limits<double>::infinity();
  double largest = -std::numeric_limits<double>::infinity();
  bool empty = true;
};

// Texts that are no numbers compare with nothing.
Range range_of(xmlXPathParserContext* call, std::span<xmlNode*> nodes) {
  Range range;
  each_text(call, nodes, [&](const xmlNode*, const std::string& text) {
    const double number = xmlXPathCastStringToNumber(reinterpret_cast<const xmlChar*>(text.c_str()));
    if (std::isnan(number)) return true;
    range.smallest = std::min(range.smallest, number);
    range.largest = std::max(range.largest, number);
    range.empty = false;
    return true;
  });
  return range;
}

bool any_less(xmlXPathParserContext* call, std::span<xmlNode*> left, std::span<xmlNode*> right) {
  const Range low = range_of(call, left);
  const Range high = range_of(call, right);
  return !low.empty && !high.empty && low.smallest < high.largest;
}

bool any_less_or_equal(xmlXPathParserContext* call, std::span<xmlNode*> left, std::span<xmlNode*> right) {
  const Range low = range_of(call, left);
  const Range high = range_of(call, right);
  return !low.empty && !high.empty && low.smallest <= high.largest;
}

using Comparison = bool (*)(xmlXPathParserContext* call, std::span<xmlNode*> left, std::span<xmlNode*> right);

template <Comparison kIsTrue>
void compare(xmlXPathParserContext* call, int) {
  const Object right = pop_nodes(call);
  const Object left = right ? pop_nodes(call) : nullptr;
  if (!left) return;
  give_call_back(call);
  const bool result = kIsTrue(call, nodes_of(left), nodes_of(right));
  if (call->error == XPATH_EXPRESSION_OK) valuePush(call, xmlXPathNewBoolean(result ? 1 : 0));
}

// How libxml2 names what it has by itself, and what we make of it.
struct Function {
  std::string_view name;
  xmlXPathFunction function;
};
constexpr std::array<Function, 27> kFunctions = {{
    {kInOrder, in_order},
    {kFirst, first},
    {kTexts, texts},
    {kOwnComparisons[0], compare<any_equal>},
    {kOwnComparisons[1], compare<any_unequal>},
    {kOwnComparisons[2], compare<any_less>},
    {kOwnComparisons[3], compare<any_less_or_equal>},
    {"ceiling", counted<xmlXPathCeilingFunction>},
    {"concat", counted<xmlXPathConcatFunction>},
    {"contains", contains},
    {"floor", counted<xmlXPathFloorFunction>},
    {"id", counted<xmlXPathIdFunction, steps_of_id>},
    {"lang", counted<xmlXPathLangFunction, steps_of_lang>},
    {"local-name", counted<xmlXPathLocalNameFunction, steps_of_name>},
    {"name", name},
    {"namespace-uri", counted<xmlXPathNamespaceURIFunction, steps_of_name>},
    {"normalize-space", counted<xmlXPathNormalizeFunction>},
    {"number", counted<xmlXPathNumberFunction>},
    {"round", counted<xmlXPathRoundFunction>},
    {"starts-with", counted<xmlXPathStartsWithFunction>},
    {"string", counted<xmlXPathStringFunction>},
    {"string-length", counted<xmlXPathStringLengthFunction>},
    {"substring", counted<xmlXPathSubstringFunction>},
    {"substring-after", substring_after},
    {"substring-before", substring_before},
    {"sum", counted<xmlXPathSumFunction, steps_of_sum>},
    {"translate", counted<xmlXPathTranslateFunction, steps_of_translate>},
}};

}  // namespace

// A name that is there is not replaced, only removed.
void register_own_functions(xmlXPathContext& context) {
  for (const auto& [text, function] : kFunctions) {
    const auto* const name = reinterpret_cast<const xmlChar*>(text.data());
    xmlXPathRegisterFunc(&context, name, nullptr);
    xmlXPathRegisterFunc(&context, name, function);
  }
}

}  // namespace batchout::xml
