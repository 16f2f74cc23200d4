// XPath 1.0 by libxml2: expressions compiled once, evaluated under one budget of steps per document.

#pragma once

#include <libxml/xpath.h>

#include <cstddef>
#include <expected>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "components/xml/fault.h"
#include "components/xml/path.h"

namespace batchout::xml {

struct FreeXPath {
  void operator()(xmlXPathCompExpr* expression) const { xmlXPathFreeCompExpr(expression); }
  void operator()(xmlXPathObject* object) const { xmlXPathFreeObject(object); }
  void operator()(xmlXPathContext* context) const { xmlXPathFreeContext(context); }
};

/// Not to be shared by threads: evaluating remembers functions in it.
using Expression = std::unique_ptr<xmlXPathCompExpr, FreeXPath>;
using Object = std::unique_ptr<xmlXPathObject, FreeXPath>;

/// One per lane.
class XPath {
 public:
  explicit XPath(const Namespaces& namespaces);

  struct Mistake {
    std::string message;
    /// In the expression.
    std::size_t offset = 0;
  };
  /// A mistake has its place in `path`.
  std::expected<Expression, Mistake> compile(const std::string& path);

  /// There may be more namespaces than other nodes.
  static constexpr std::size_t kAnyNodes = std::numeric_limits<std::size_t>::max();

  /// The document that is asked from now on; its budget is full. Null: none. `comparisons` are those of one step, where
  /// they are many (scopes.h, runs.h): the budget has the fewer steps. It has `nodes` at most that one path may find.
  void start(xmlDoc* document, std::size_t comparisons = 0, std::size_t nodes = kAnyNodes);

  /// What the expression finds from `node`; null if it fails on this document, or if the budget is used up.
  Object evaluate(xmlXPathCompExpr& expression, xmlNode* node);
  /// The same for an expression whose effort may be the square of its steps (pieces.h): so they are counted, also those
  /// of an evaluation that fails.
  Object evaluate_merging(xmlXPathCompExpr& expression, xmlNode* node, unsigned long most = kStepsMax);

  /// Gives a variable, with its `$`, a value for the expressions that are evaluated from now on; null takes it away.
  void set_variable(std::string_view name, Object value);

  /// Counts work on what was found, or for a path.
  void count(std::size_t steps);

  /// True once the steps of all expressions in the document exceed kStepsMax.
  bool exhausted() const { return context_->opCount >= context_->opLimit; }
  /// Since `start`; each as many as it may cost.
  unsigned long steps() const { return context_->opCount * (kStepsMax / context_->opLimit); }

  /// Why the last compilation or evaluation failed.
  Mistake mistake() const;

 private:
  /// Within `most` steps: null if they are not enough, too.
  Object evaluate(xmlXPathCompExpr& expression, xmlNode* node, unsigned long most);

  std::unique_ptr<xmlXPathContext, FreeXPath> context_;
  std::size_t nodes_ = 0;
};

}  // namespace batchout::xml
