// Kinds of nodes are told from the form of an expression: rather too many than too few.

#include "components/xml/own_calls.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "components/xml/names.h"

namespace batchout::xml {
namespace {

struct OwnComparison {
  std::string_view sign;
  std::string_view function;
  bool is_swapped;
};
constexpr std::array<OwnComparison, 6> kComparisons = {{{"=", kOwnComparisons[0], false},
                                                        {"!=", kOwnComparisons[1], false},
                                                        {"<", kOwnComparisons[2], false},
                                                        {"<=", kOwnComparisons[3], false},
                                                        {">", kOwnComparisons[2], true},
                                                        {">=", kOwnComparisons[3], true}}};

// Kinds of nodes that an expression may find, as bits.
constexpr unsigned kElements = 1;
constexpr unsigned kAttributes = 2;
// Texts, comments and instructions.
constexpr unsigned kOthers = 4;
constexpr unsigned kAll = kElements | kAttributes | kOthers;

constexpr std::array<std::string_view, 5> kArithmetic = {"+", "-", "*", "div", "mod"};
// Of the standard functions, those that do not take the first node of an argument.
constexpr std::array<std::string_view, 5> kWholeSetFunctions = {"boolean", "count", "id", "not", "sum"};

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

unsigned kinds_of(const Expr& expr) {
  if (!expr.finds_nodes()) return 0;
  if (expr.is_union()) return kinds_of(expr.operands[0]) | kinds_of(expr.operands[1]);
  if (expr.kind == Expr::Kind::call) return expr.text == "id" ? kElements : kinds_of(expr.operands[0]);
  unsigned kinds = kAll;  // Of the node that is asked.
  if (!expr.operands.empty()) kinds = kinds_of(expr.operands[0]);
  for (const LocationStep& step : expr.steps) kinds = kinds_of(step, kinds);
  return kinds;
}

// From one node it finds one at most.
bool stays_at_one(const LocationStep& step) {
  return step.slashes != "//" &&
         (step.test == "." || step.test == ".." || step.axis == "self" || step.axis == "parent");
}

bool is_mixed(const Expr& expr) {
  if (expr.kind == Expr::Kind::path && expr.operands.empty() && std::ranges::all_of(expr.steps, stays_at_one))
    return false;
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

void wrap_set(Expr& expr, std::string_view function) {
  if (expr.finds_nodes()) wrap(expr, function);
}

void call_in_binary(Expr& expr) {
  Expr& left = expr.operands[0];
  Expr& right = expr.operands[1];
  const bool is_arithmetic = is_one_of(expr.text, kArithmetic);
  const auto* const own = std::ranges::find(kComparisons, std::string_view(expr.text), &OwnComparison::sign);
  if (!is_arithmetic && own == kComparisons.end()) return;
  if (is_arithmetic || !left.finds_nodes() || !right.finds_nodes()) {
    for (Expr& operand : expr.operands) wrap_set(operand, is_arithmetic ? kFirst : kTexts);
    return;
  }
  expr.kind = Expr::Kind::call;
  expr.text = own->function;
  if (own->is_swapped) std::swap(left, right);
}

void call_in_all(std::span<Expr> list) {
  for (Expr& expr : list) call_own_functions(expr);
}

}  // namespace

void call_own_functions(Expr& expr) {
  call_in_all(expr.operands);
  call_in_all(expr.predicates);
  for (LocationStep& step : expr.steps) call_in_all(step.predicates);
  switch (expr.kind) {
    case Expr::Kind::call:
      if (is_one_of(expr.text, kWholeSetFunctions)) return;
      for (Expr& operand : expr.operands) wrap_mixed(operand, kFirst);
      return;
    case Expr::Kind::negation:
      return wrap_set(expr.operands[0], kFirst);
    case Expr::Kind::binary:
      return call_in_binary(expr);
    case Expr::Kind::path:
      if (expr.predicates.empty()) return;
      if (expr.operands[0].kind == Expr::Kind::call)
        wrap(expr.operands[0], kInOrder);
      else
        wrap_mixed(expr.operands[0], kInOrder);
      return;
    default:
      return;
  }
}

}  // namespace batchout::xml
