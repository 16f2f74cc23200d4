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

namespace batchout::xml {
namespace {

constexpr std::array<std::string_view, 9> kMergingAxes = {
    "ancestor",          "ancestor-or-self", "descendant", "descendant-or-self", "following",
    "following-sibling", "parent",           "preceding",  "preceding-sibling",
};
constexpr std::array<std::string_view, 8> kTruthOperators = {"and", "or", "=", "!=", "<", "<=", ">", ">="};
constexpr std::array<std::string_view, 7> kTruthFunctions = {
    "boolean", "contains", "false", "lang", "not", "starts-with", "true",
};

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::ranges::find(names, name) != names.end();
}

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
         (is_one_of(predicate.text, kTruthFunctions) || predicate.text.starts_with(kOwnPrefix));
}

std::string text_of(std::span<const Expr> predicates) {
  std::string text;
  for (const Expr& predicate : predicates) text += fmt::format("[{}]", to_text(predicate));
  return text;
}

struct Predicates {
  std::string positions;
  // From the first one that merges on; empty: none does.
  std::string conditions;
};

// Nothing if one of the latter may ask for the position of a node, which counts along the axis of the step.
std::optional<Predicates> divided(std::span<const Expr> predicates) {
  const auto first = static_cast<std::size_t>(std::ranges::find_if(predicates, merges) - predicates.begin());
  if (!std::ranges::all_of(predicates.subspan(first), is_condition)) return std::nullopt;
  return Predicates{text_of(predicates.first(first)), text_of(predicates.subspan(first))};
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
    const auto predicates = divided(path.predicates);
    if (!predicates) return false;
    if (set->kind == Expr::Kind::call && set->text == kInOrder) set = &set->operands[0];
    from_one_ = false;
    if (set->kind == Expr::Kind::call) {
      if (any_merges(set->operands)) return false;
      add_piece(to_text(*set) + predicates->positions);
    } else {
      route_.start = routes_of(*set);
      if (route_.start.empty()) return false;
      if (!predicates->positions.empty()) route_.filter = std::string(kFound) + predicates->positions;
    }
    return add_conditions(predicates->conditions);
  }

  bool add(const LocationStep& step) {
    if (step.slashes == "//" && is_merging(step))
      return add({"/", "descendant-or-self", "node()", {}}) && add({"/", step.axis, step.test, step.predicates});
    const auto predicates = divided(step.predicates);
    if (!predicates || step.axis == "namespace") return false;
    const LocationStep plain{step.slashes, step.axis, step.test, {}};
    const std::string text = to_text(plain) + predicates->positions;
    const bool merges_here = step_merges(from_one_, step);
    if (!is_open_ || merges_here) {
      const bool is_first = route_.pieces.empty() && route_.start.empty();
      add_piece((is_first               ? std::string(step.slashes)
                 : step.slashes == "//" ? "descendant-or-self::node()/"
                                        : "") +
                text);
    } else {
      route_.pieces.back().append(step.slashes) += text;
    }
    if (merges_here) is_open_ = false;
    return add_conditions(predicates->conditions);
  }

  void add_piece(std::string piece) {
    route_.pieces.push_back(std::move(piece));
    is_open_ = true;
  }
  bool add_conditions(const std::string& conditions) {
    if (conditions.empty()) return true;
    add_piece("self::node()" + conditions);
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

bool has_before(std::string_view path, std::string_view word, std::string_view sign) {
  for (std::size_t at = path.find(word); at != std::string_view::npos; at = path.find(word, at + 1)) {
    const std::string_view rest = path.substr(at + word.size());
    if (rest.substr(std::min(rest.find_first_not_of(" \t\r\n"), rest.size())).starts_with(sign)) return true;
  }
  return false;
}

}  // namespace batchout::xml
