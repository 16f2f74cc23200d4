// A path as libxml2 compiles it, whole and in pieces.

#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "components/xml/xpath.h"

namespace batchout::xml {

/// Belongs to the lane of its XPath.
class CompiledPath {
 public:
  static std::expected<CompiledPath, XPath::Mistake> compile(XPath& xpath, const std::string& path);

  /// What the path finds from `node`, in the order of the document; null if it fails there, or if the budget is used
  /// up. To find nodes, each once, is an effort in proportion to the steps counted. So is to put them in order, if the
  /// XPath knows what one step may cost in the document (XPath::start). What functions and operators do with texts and
  /// sets of nodes is not counted.
  Object evaluate(XPath& xpath, xmlNode* node) const;

 private:
  /// Of pieces.h.
  struct Piece {
    Expression expression;
    bool merges = false;
  };
  using Nodes = std::vector<xmlNode*>;

  Object find(XPath& xpath, xmlNode* node) const;
  Object in_pieces(XPath& xpath, xmlNode* node) const;
  static std::expected<std::vector<std::vector<Piece>>, XPath::Mistake> compile_pieces(XPath& xpath,
                                                                                       std::string_view path);
  static bool find_from(XPath& xpath, const Piece& piece, const Nodes& nodes, std::unordered_set<xmlNode*>& seen,
                        Nodes& found);

  Piece whole_;
  std::vector<std::vector<Piece>> pieces_;
  /// A function of what the pieces find; may be null.
  Expression call_;
  /// Of the first node of them only, which libxml2 would look for in its own order once more.
  bool of_first_ = false;
};

}  // namespace batchout::xml
