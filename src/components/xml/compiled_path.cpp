// Nearly all documents are small: a path that merges is tried as a whole, and only if that finds many nodes, in pieces.

#include "components/xml/compiled_path.h"

#include <fmt/format.h>
#include <libxml/xpathInternals.h>

#include <optional>
#include <utility>

#include "components/xml/order.h"
#include "components/xml/own_calls.h"

namespace batchout::xml {
namespace {

// Steps in which the whole path is tried: so few that their square counts for no more than they do.
constexpr unsigned long kFewSteps = 256;

// Null if libxml2's limit of nodes is exceeded.
Object set_of(const std::vector<xmlNode*>& nodes) {
  Object object(xmlXPathWrapNodeSet(xmlXPathNodeSetCreate(nullptr)));
  for (xmlNode* const node : nodes)
    if (xmlXPathNodeSetAddUnique(object->nodesetval, node) < 0) return nullptr;
  sort_nodes(*object->nodesetval);
  return object;
}

std::string variable(std::size_t number) {
  return fmt::format("{}{}", kFound, number);
}

}  // namespace

std::expected<CompiledPath, XPath::Mistake> CompiledPath::compile(XPath& xpath, const std::string& path) {
  CompiledPath compiled;
  auto expr = parse_expr(path);
  if (expr) call_own_functions(*expr);
  auto whole = xpath.compile(expr ? to_text(*expr) : path);
  if (!whole && expr) {  // Rewritten, it is nested too deep.
    expr.reset();
    whole = xpath.compile(path);
  }
  if (!whole) return std::unexpected(std::move(whole).error());
  compiled.whole_ = {std::move(*whole), !expr || merges(*expr), {}};
  if (compiled.whole_.merges) compiled.unplanned_ = std::move(expr);
  return compiled;
}

// False if a part of it does not compile, which is not to be expected.
bool CompiledPath::compile_plan(XPath& xpath) {
  const auto plan = plan_of(*std::exchange(unplanned_, std::nullopt));
  if (!plan) return true;
  for (const auto& set : plan->sets) {
    auto routes = compile_routes(xpath, set);
    if (!routes) return false;
    sets_.push_back(std::move(*routes));
  }
  if (plan->text.empty()) return true;
  auto rest = xpath.compile(plan->text);
  if (rest) rest_ = std::move(*rest);
  return rest.has_value();
}

std::optional<std::vector<CompiledPath::CompiledRoute>> CompiledPath::compile_routes(XPath& xpath,
                                                                                     const std::vector<Route>& routes) {
  std::vector<CompiledRoute> compiled;
  for (const Route& route : routes) {
    CompiledRoute& added = compiled.emplace_back();
    auto start = compile_routes(xpath, route.start);
    if (!start) return std::nullopt;
    added.start = std::move(*start);
    if (!route.filter.empty()) {
      auto filter = xpath.compile(route.filter);
      if (!filter) return std::nullopt;
      added.filter = std::move(*filter);
    }
    for (const Piece& piece : route.pieces) {
      auto compiled_piece = compile_piece(xpath, piece);
      if (!compiled_piece) return std::nullopt;
      added.pieces.push_back(std::move(*compiled_piece));
    }
  }
  return compiled;
}

std::optional<CompiledPath::CompiledPiece> CompiledPath::compile_piece(XPath& xpath, const Piece& piece) {
  CompiledPiece compiled;
  auto routes = compile_routes(xpath, piece.routes);
  if (!routes) return std::nullopt;
  compiled.routes = std::move(*routes);
  if (!compiled.routes.empty()) return compiled;
  auto expression = xpath.compile(piece.path);
  if (!expression) return std::nullopt;
  const auto expr = parse_expr(piece.path);
  compiled.expression = std::move(*expression);
  compiled.merges = !expr || merges(*expr);
  return compiled;
}

Object CompiledPath::evaluate(XPath& xpath, xmlNode* node) {
  Object found = find(xpath, node);
  if (found && found->type == XPATH_NODESET && found->nodesetval != nullptr) correct_order(*found->nodesetval);
  return found;
}

// The plan is made when it is needed first: in most documents it never is.
Object CompiledPath::find(XPath& xpath, xmlNode* node) {
  if (!whole_.merges) return xpath.evaluate(*whole_.expression, node);
  if (unplanned_ || !sets_.empty())
    if (Object found = xpath.evaluate_merging(*whole_.expression, node, kFewSteps)) return found;
  if (unplanned_ && !compile_plan(xpath)) sets_.clear();
  return sets_.empty() ? xpath.evaluate_merging(*whole_.expression, node) : by_plan(xpath, node);
}

Object CompiledPath::by_plan(XPath& xpath, xmlNode* node) const {
  if (!rest_) return by_routes(xpath, sets_.front(), node);
  std::vector<Object> sets;
  for (const auto& routes : sets_) {
    sets.push_back(by_routes(xpath, routes, node));
    if (!sets.back()) return nullptr;
  }
  for (std::size_t i = 0; i < sets.size(); ++i) xpath.set_variable(variable(i), std::move(sets[i]));
  Object result = xpath.evaluate(*rest_, node);
  for (std::size_t i = 0; i < sets.size(); ++i) xpath.set_variable(variable(i), nullptr);
  return result;
}

// Null if it fails.
Object CompiledPath::by_routes(XPath& xpath, const std::vector<CompiledRoute>& routes, xmlNode* node) {
  Nodes all;
  Seen seen;
  for (const CompiledRoute& route : routes)
    if (!follow(xpath, route, node, seen, all)) return nullptr;
  return set_of(all);
}

// Appends what the route finds to `all`, without what is `seen`. False if it fails, as the others.
bool CompiledPath::follow(XPath& xpath, const CompiledRoute& route, xmlNode* node, Seen& seen, Nodes& all) {
  Nodes nodes;
  if (!start_at(xpath, route, node, nodes)) return false;
  for (const CompiledPiece& piece : route.pieces) {
    Seen seen_here;
    Nodes found;
    if (!find_from(xpath, piece, nodes, seen_here, found)) return false;
    nodes = std::move(found);
  }
  for (xmlNode* const found : nodes)
    if (seen.insert(found).second) all.push_back(found);
  return true;
}

bool CompiledPath::start_at(XPath& xpath, const CompiledRoute& route, xmlNode* node, Nodes& nodes) {
  if (route.start.empty()) return nodes.push_back(node), true;
  Object start = by_routes(xpath, route.start, node);
  if (start && route.filter) {
    xpath.set_variable(kFound, std::move(start));
    start = xpath.evaluate(*route.filter, node);
    xpath.set_variable(kFound, nullptr);
  }
  if (!start || start->type != XPATH_NODESET) return false;
  if (start->nodesetval != nullptr)
    nodes.assign(start->nodesetval->nodeTab, start->nodesetval->nodeTab + start->nodesetval->nodeNr);
  return true;
}

// Null if it fails.
Object CompiledPath::find_from_one(XPath& xpath, const CompiledPiece& piece, xmlNode* node) {
  if (!piece.routes.empty()) return by_routes(xpath, piece.routes, node);
  return piece.merges ? xpath.evaluate_merging(*piece.expression, node) : xpath.evaluate(*piece.expression, node);
}

// What the piece finds from all of the nodes, each once.
bool CompiledPath::find_from(XPath& xpath, const CompiledPiece& piece, const Nodes& nodes, Seen& seen, Nodes& found) {
  for (xmlNode* const node : nodes) {
    const Object object = find_from_one(xpath, piece, node);
    if (!object || object->type != XPATH_NODESET) return false;
    for (int i = 0; object->nodesetval != nullptr && i < object->nodesetval->nodeNr; ++i)
      if (seen.insert(object->nodesetval->nodeTab[i]).second) found.push_back(object->nodesetval->nodeTab[i]);
  }
  return true;
}

}  // namespace batchout::xml
