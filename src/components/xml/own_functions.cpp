// A comparison of two sets is true if it is true of any two nodes of them (section 3.4). Texts of one set are looked up
// in those of the other one; of numbers only the smallest and the largest matter.

#include "components/xml/own_functions.h"

#include <libxml/xpathInternals.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "components/xml/order.h"
#include "components/xml/tree.h"
#include "components/xml/xpath.h"

namespace batchout::xml {
namespace {

// ----------------------------------------------------------------------------------------------------- what they do

// Bytes of texts that are as much work as a step.
constexpr std::size_t kBytesOfStep = 64;

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

void in_order(xmlXPathParserContext* call, int) {
  Object nodes = pop_nodes(call);
  if (!nodes) return;
  if (nodes->nodesetval != nullptr) correct_order(*nodes->nodesetval);
  valuePush(call, nodes.release());
}

void first(xmlXPathParserContext* call, int) {
  const Object nodes = pop_nodes(call);
  if (!nodes) return;
  if (nodes->nodesetval != nullptr) correct_order(*nodes->nodesetval);
  valuePush(call, xmlXPathNewNodeSet(nodes_of(nodes).empty() ? nullptr : nodes_of(nodes).front()));
}

// False if the budget is used up.
bool read_text(xmlXPathParserContext* call, const xmlNode* node, std::string& text) {
  text.clear();
  append_text_of(node, text);
  return count_steps(call, 1 + text.size() / kBytesOfStep);
}

// Calls `take` with each node and its text; false if it is false, or if the budget is used up.
template <class Take>
bool each_text(xmlXPathParserContext* call, std::span<xmlNode*> nodes, Take take) {
  std::string text;
  for (const xmlNode* const node : nodes)
    if (!read_text(call, node, text) || !take(node, text)) return false;
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
  const bool result = kIsTrue(call, nodes_of(left), nodes_of(right));
  if (call->error == XPATH_EXPRESSION_OK) valuePush(call, xmlXPathNewBoolean(result ? 1 : 0));
}

struct OwnComparison {
  std::string_view sign;
  std::string_view function;
  bool is_swapped;
};
constexpr std::string_view kEqual = "batchout-equal";
constexpr std::string_view kUnequal = "batchout-unequal";
constexpr std::string_view kLess = "batchout-less";
constexpr std::string_view kLessOrEqual = "batchout-less-or-equal";
constexpr std::array<OwnComparison, 6> kComparisons = {{{"=", kEqual, false},
                                                        {"!=", kUnequal, false},
                                                        {"<", kLess, false},
                                                        {"<=", kLessOrEqual, false},
                                                        {">", kLess, true},
                                                        {">=", kLessOrEqual, true}}};

// --------------------------------------------------------------------------------------------- where they are needed

// Kinds of nodes that an expression may find, as bits.
constexpr unsigned kElements = 1;
constexpr unsigned kAttributes = 2;
// Texts, comments and instructions.
constexpr unsigned kOthers = 4;

constexpr std::array<std::string_view, 5> kArithmetic = {"+", "-", "*", "div", "mod"};
// Of the standard functions, those that do not take the first node of an argument.
constexpr std::array<std::string_view, 5> kWholeSetFunctions = {"boolean", "count", "id", "not", "sum"};

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::ranges::find(names, name) != names.end();
}

unsigned kinds_of(const Expr& expr);

// Namespaces have no order. `before` are the kinds from which the step begins.
unsigned kinds_of(const LocationStep& step, unsigned before) {
  if (step.axis == "namespace") return 0;
  if (step.axis == "attribute") return kAttributes;
  if (step.axis == "self" || step.test == ".") return step.slashes == "//" ? before | kElements | kOthers : before;
  if (step.axis == "parent" || step.axis == "ancestor" || step.test == "..") return kElements;
  if (step.test == "node()") return kElements | kOthers | (step.axis.ends_with("-or-self") ? before : 0);
  return step.test.ends_with(')') ? kOthers : kElements;
}

// A path begins at one node, of whichever kind.
unsigned kinds_of(const Expr& expr) {
  if (!expr.finds_nodes()) return 0;
  if (expr.is_union()) return kinds_of(expr.operands[0]) | kinds_of(expr.operands[1]);
  if (expr.kind == Expr::Kind::call) return expr.text == "id" ? kElements : kinds_of(expr.operands[0]);
  unsigned kinds = expr.operands.empty() ? kElements : kinds_of(expr.operands[0]);
  for (const LocationStep& step : expr.steps) kinds = kinds_of(step, kinds);
  return kinds;
}

bool is_mixed(const Expr& expr) {
  const unsigned kinds = kinds_of(expr);
  return (kinds & kOthers) != 0 && kinds != kOthers;
}

void wrap(Expr& expr, std::string_view function) {
  Expr call{Expr::Kind::call, std::string(function), {}, {}, {}};
  call.operands.push_back(std::move(expr));
  expr = std::move(call);
}

void wrap_mixed(Expr& expr, std::string_view function) {
  if (is_mixed(expr)) wrap(expr, function);
}

void call_in_binary(Expr& expr) {
  if (is_one_of(expr.text, kArithmetic))
    for (Expr& operand : expr.operands) wrap_mixed(operand, kFirst);
  const auto* const own = std::ranges::find(kComparisons, std::string_view(expr.text), &OwnComparison::sign);
  if (own == kComparisons.end() || !expr.operands[0].finds_nodes() || !expr.operands[1].finds_nodes()) return;
  expr.kind = Expr::Kind::call;
  expr.text = own->function;
  if (own->is_swapped) std::swap(expr.operands[0], expr.operands[1]);
}

void call_in_all(std::span<Expr> list) {
  for (Expr& expr : list) call_own_functions(expr);
}

}  // namespace

void register_own_functions(xmlXPathContext& context) {
  const auto add = [&](std::string_view name, xmlXPathFunction function) {
    xmlXPathRegisterFunc(&context, reinterpret_cast<const xmlChar*>(name.data()), function);
  };
  add(kInOrder, in_order);
  add(kFirst, first);
  add(kEqual, compare<any_equal>);
  add(kUnequal, compare<any_unequal>);
  add(kLess, compare<any_less>);
  add(kLessOrEqual, compare<any_less_or_equal>);
}

void call_own_functions(Expr& expr) {
  call_in_all(expr.operands);
  call_in_all(expr.predicates);
  for (LocationStep& step : expr.steps) call_in_all(step.predicates);
  if (expr.kind == Expr::Kind::negation || (expr.kind == Expr::Kind::call && !is_one_of(expr.text, kWholeSetFunctions)))
    for (Expr& operand : expr.operands) wrap_mixed(operand, kFirst);
  if (expr.kind == Expr::Kind::path && !expr.predicates.empty()) wrap_mixed(expr.operands[0], kInOrder);
  if (expr.kind == Expr::Kind::binary) call_in_binary(expr);
}

}  // namespace batchout::xml
