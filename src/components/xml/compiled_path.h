// A path as libxml2 compiles it, whole and in pieces.

#pragma once

#include <expected>
#include <string>
#include <vector>

#include "components/xml/xpath.h"

namespace batchout::xml {

/// Belongs to the lane of its XPath.
class CompiledPath {
 public:
  static std::expected<CompiledPath, XPath::Mistake> compile(XPath& xpath, const std::string& path);

  /// What the path finds from `node`, in the order of the document; null if it fails there, or if the budget is used
  /// up. The effort is in proportion to the steps counted.
  Object evaluate(XPath& xpath, xmlNode* node) const;

 private:
  Object find(XPath& xpath, xmlNode* node) const;
  Object in_pieces(XPath& xpath, xmlNode* node) const;

  Expression whole_;
  /// Of pieces.h.
  bool merges_ = false;
  std::vector<std::vector<Expression>> pieces_;
};

}  // namespace batchout::xml
