// A step that merges is a piece of its own: what it finds counts once for all that comes behind it. So are predicates
// that merge, each evaluation of which begins at one node.

#include "components/xml/pieces.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <span>
#include <utility>

#include "components/xml/names.h"

namespace batchout::xml {
namespace {

constexpr std::array<std::string_view, 9> kMergingAxes = {
    "ancestor",          "ancestor-or-self", "descendant", "descendant-or-self", "following",
    "following-sibling", "parent",           "preceding",  "preceding-sibling",
};
constexpr std::array<std::string_view, 8> kTruthOperators = {"and", "or", "=", "!=", "<", "<=", ">", ">="};
// Standard functions whose result is no number, nor nodes.
constexpr std::array<std::string_view, 17> kTruthAndTextFunctions = {
    "boolean",   "concat",          "contains",         "false",     "lang",        "local-name",
    "name",      "namespace-uri",   "normalize-space",  "not",       "starts-with", "string",
    "substring", "substring-after", "substring-before", "translate", "true",
};

bool any_merges(std::span<const Expr> list) {
  return std::ranges::any_of(list, [](const Expr& expr) { return merges(expr); });
}

// From two nodes it can find one and the same.
bool is_merging(const LocationStep& step) {
  return step.test == ".." || is_one_of(step.axis, kMergingAxes);
}

// `from_one`: what was found before is one node at most, which is changed to what holds behind the step.
bool step_merges(bool& from_one, const LocationStep& step) {
  const bool descends = step.slashes == "//";
  const bool was_one = std::exchange(from_one, from_one && step.test == ".");
  return is_merging(step) ? descends || !was_one : descends && !was_one;
}

// Outside of the predicates of its paths.
bool asks_position(const Expr& expr) {
  if (expr.kind == Expr::Kind::call && (expr.text == "last" || expr.text == "position")) return true;
  return std::ranges::any_of(expr.operands, asks_position);
}

// A predicate that is true or not of a node whatever its position, which a number would be. Rather no than yes.
bool is_condition(const Expr& predicate) {
  if (asks_position(predicate)) return false;
  if (predicate.finds_nodes()) return true;
  if (predicate.kind == Expr::Kind::binary) return is_one_of(predicate.text, kTruthOperators);
  return predicate.kind == Expr::Kind::call &&
         (is_one_of(predicate.text, kTruthAndTextFunctions) || is_one_of(predicate.text, kOwnComparisons));
}

std::string text_of(std::span<const Expr> predicates) {
  std::string text;
  for (const Expr& predicate : predicates) text += fmt::format("[{}]", to_text(predicate));
  return text;
}

constexpr std::array<std::string_view, 4> kBackwards = {"ancestor", "ancestor-or-self", "preceding",
                                                        "preceding-sibling"};

Piece condition(std::span<const Expr> predicates) {
  return {"self::node()" + text_of(predicates), {}};
}

// What is left of the route by predicates on all that it finds, in the order of the document. Nothing if one merges and
// may ask for a position.
std::optional<Route> filtered(Route route, std::span<const Expr> predicates) {
  for (const Expr& predicate : predicates) {
    if (!merges(predicate)) {
      if (route.start.empty() || !route.pieces.empty()) {
        Route start = std::exchange(route, Route());
        route.start.push_back(std::move(start));
      }
      if (route.filter.empty()) route.filter = kFound;
      route.filter += text_of({&predicate, 1});
    } else if (is_condition(predicate)) {
      route.pieces.push_back(condition({&predicate, 1}));
    } else {
      return std::nullopt;
    }
  }
  return route;
}

std::vector<Route> routes_of(const Expr& set);

/// One path becomes one route.
class Routing {
 public:
  std::optional<Route> route(const Expr& path) {
    if (!path.operands.empty() && !begin(path)) return std::nullopt;
    for (const LocationStep& step : path.steps)
      if (!add(step)) return std::nullopt;
    return std::move(route_);
  }

 private:
  // With what stands in parentheses, or a call.
  bool begin(const Expr& path) {
    const Expr* set = &path.operands[0];
    if (set->kind == Expr::Kind::call && set->text == kInOrder) set = &set->operands[0];
    from_one_ = false;
    if (set->kind == Expr::Kind::call) {
      if (any_merges(set->operands)) return false;
      Route call;
      call.pieces.push_back({to_text(*set), {}});
      route_.start.push_back(std::move(call));
    } else {
      route_.start = routes_of(*set);
    }
    if (route_.start.empty()) return false;
    auto left = filtered(std::move(route_), path.predicates);
    if (!left) return false;
    route_ = std::move(*left);
    return true;
  }

  bool add(const LocationStep& step) {
    const auto predicates = std::span(step.predicates);
    const auto first = static_cast<std::size_t>(std::ranges::find_if(predicates, merges) - predicates.begin());
    const bool counts_later = !std::ranges::all_of(predicates.subspan(first), is_condition);
    if (step.axis == "namespace" || (counts_later && is_one_of(step.axis, kBackwards))) return false;
    if (step.slashes == "//" && (is_merging(step) || counts_later))
      return add({"/", "descendant-or-self", "node()", {}}) && add({"/", step.axis, step.test, step.predicates});
    const std::string text =
        to_text(LocationStep{step.slashes, step.axis, step.test, {}}) + text_of(predicates.first(first));
    const bool merges_here = step_merges(from_one_, step);
    if (counts_later) return add_counted(prefix(step) + text, predicates.subspan(first));
    if (!is_open_ || merges_here)
      route_.pieces.push_back({prefix(step) + text, {}});
    else
      route_.pieces.back().path.append(step.slashes) += text;
    if (first < predicates.size()) route_.pieces.push_back(condition(predicates.subspan(first)));
    is_open_ = !merges_here && first == predicates.size();
    return true;
  }
  // What stands in front of a step that begins a piece.
  std::string prefix(const LocationStep& step) const {
    if (route_.pieces.empty() && route_.start.empty()) return std::string(step.slashes);
    return step.slashes == "//" ? "descendant-or-self::node()/" : "";
  }
  bool add_counted(std::string step, std::span<const Expr> predicates) {
    Route one;
    one.pieces.push_back({std::move(step), {}});
    auto left = filtered(std::move(one), predicates);
    if (!left) return false;
    Piece piece;
    piece.routes.push_back(std::move(*left));
    route_.pieces.push_back(std::move(piece));
    is_open_ = false;
    return true;
  }

  Route route_;
  // Steps may be added to the last piece.
  bool is_open_ = false;
  bool from_one_ = true;
};

// None if one cannot be taken apart.
std::vector<Route> routes_of(const Expr& set) {
  std::vector<Route> routes;
  if (set.is_union()) {
    routes = routes_of(set.operands[0]);
    auto more = routes_of(set.operands[1]);
    if (routes.empty() || more.empty()) return {};
    std::ranges::move(more, std::back_inserter(routes));
  } else if (set.kind == Expr::Kind::path) {
    if (auto route = Routing().route(set)) routes.push_back(std::move(*route));
  }
  return routes;
}

// Replaces sets that merge by variables.
bool take_sets(Expr& expr, Plan& plan) {
  if (!merges(expr)) return true;
  const bool is_path = expr.is_union() || expr.kind == Expr::Kind::path;
  if (!is_path) return std::ranges::all_of(expr.operands, [&](Expr& operand) { return take_sets(operand, plan); });
  auto routes = routes_of(expr);
  if (routes.empty()) return false;
  expr = Expr{Expr::Kind::variable, fmt::format("{}{}", kFound, plan.sets.size()), {}, {}, {}};
  plan.sets.push_back(std::move(routes));
  return true;
}

}  // namespace

// A path in a predicate or an argument begins at one node, too.
bool merges(const Expr& expr) {
  if (expr.is_union() || any_merges(expr.operands) || any_merges(expr.predicates)) return true;
  bool from_one = expr.operands.empty();
  for (const LocationStep& step : expr.steps) {
    if (step_merges(from_one, step) || any_merges(step.predicates)) return true;
  }
  return false;
}

std::optional<Plan> plan_of(const Expr& expr) {
  Plan plan;
  Expr rest = expr;
  if (!take_sets(rest, plan)) return std::nullopt;
  if (rest.kind != Expr::Kind::variable) plan.text = to_text(rest);
  return plan;
}

}  // namespace batchout::xml
