// A path as libxml2 compiles it, whole and in pieces.

#pragma once

#include <expected>
#include <string>
#include <string_view>
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
  /// up. To find nodes, each once, is an effort in proportion to the steps counted. So is to put them in order, if the
  /// XPath knows what one step may cost in the document (XPath::start), and to compare two sets of them. What functions
  /// do with texts is not counted.
  Object evaluate(XPath& xpath, xmlNode* node) const;

 private:
  struct Piece {
    Expression expression;
    bool merges = false;
  };
  /// Of pieces.h, whose words these are.
  struct CompiledRoute {
    std::vector<CompiledRoute> start;
    Expression filter;
    std::vector<Piece> pieces;
  };
  using Nodes = std::vector<xmlNode*>;
  using Seen = std::unordered_set<xmlNode*>;

  static std::expected<std::vector<CompiledRoute>, XPath::Mistake> compile_routes(XPath& xpath,
                                                                                  const std::vector<Route>& routes);
  std::expected<void, XPath::Mistake> compile_plan(XPath& xpath, const Plan& plan);

  Object find(XPath& xpath, xmlNode* node) const;
  Object by_plan(XPath& xpath, xmlNode* node) const;
  static Object by_routes(XPath& xpath, const std::vector<CompiledRoute>& routes, xmlNode* node);
  static bool follow(XPath& xpath, const CompiledRoute& route, xmlNode* node, Seen& seen, Nodes& all);
  static bool start_at(XPath& xpath, const CompiledRoute& route, xmlNode* node, Nodes& nodes);
  static bool find_from(XPath& xpath, const Piece& piece, const Nodes& nodes, Seen& seen, Nodes& found);

  Piece whole_;
  /// Of a plan; empty: there is none.
  std::vector<std::vector<CompiledRoute>> sets_;
  /// What is done with the sets; null: the only one is what the path finds.
  Expression rest_;
};

}  // namespace batchout::xml
