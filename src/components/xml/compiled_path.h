// A path as libxml2 compiles it, whole and in pieces.

#pragma once

#include <expected>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "components/xml/expr.h"
#include "components/xml/pieces.h"
#include "components/xml/xpath.h"

namespace batchout::xml {

/// Belongs to the lane of its XPath.
class CompiledPath {
 public:
  static std::expected<CompiledPath, XPath::Mistake> compile(XPath& xpath, const std::string& path);

  /// What the path finds from `node`, in the order of the document; null if it fails there, or if the budget is used
  /// up. The effort is in proportion to the steps counted, if the XPath knows what one step may cost in the document
  /// (XPath::start).
  Object evaluate(XPath& xpath, xmlNode* node);

 private:
  /// Of pieces.h, whose words these are.
  struct CompiledRoute;
  struct CompiledPiece {
    /// Null: there are routes.
    Expression expression;
    bool merges = false;
    std::vector<CompiledRoute> routes;
  };
  struct CompiledRoute {
    std::vector<CompiledRoute> start;
    Expression filter;
    std::vector<CompiledPiece> pieces;
  };
  using Nodes = std::vector<xmlNode*>;
  using Seen = std::unordered_set<xmlNode*>;

  static std::optional<std::vector<CompiledRoute>> compile_routes(XPath& xpath, const std::vector<Route>& routes);
  static std::optional<CompiledPiece> compile_piece(XPath& xpath, const Piece& piece);
  bool compile_plan(XPath& xpath);

  Object find(XPath& xpath, xmlNode* node);
  Object by_plan(XPath& xpath, xmlNode* node) const;
  static Object by_routes(XPath& xpath, const std::vector<CompiledRoute>& routes, xmlNode* node);
  static bool follow(XPath& xpath, const CompiledRoute& route, xmlNode* node, Seen& seen, Nodes& all);
  static bool start_at(XPath& xpath, const CompiledRoute& route, xmlNode* node, Nodes& nodes);
  static Object find_from_one(XPath& xpath, const CompiledPiece& piece, xmlNode* node);
  static bool find_from(XPath& xpath, const CompiledPiece& piece, const Nodes& nodes, Seen& seen, Nodes& found);

  CompiledPiece whole_;
  /// What a plan is made of; nothing once it has been made, or for what has none.
  std::optional<Expr> unplanned_;
  /// Of the plan; empty: there is none.
  std::vector<std::vector<CompiledRoute>> sets_;
  /// What is done with the sets; null: the only one is what the path finds.
  Expression rest_;
};

}  // namespace batchout::xml
