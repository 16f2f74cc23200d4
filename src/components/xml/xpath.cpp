// Objects of results are reused by the context: most paths find one node.

#include "components/xml/xpath.h"

#include <libxml/xpathInternals.h>

#include <algorithm>
#include <cmath>

#include "components/xml/fence.h"
#include "components/xml/own_functions.h"

namespace batchout::xml {
namespace {

// About as much work as one step is anyway.
constexpr std::size_t kComparisonsOfStep = 16;
// The same for nodes that are compared by their addresses; of as many steps as an expression has taken, each may have
// found one that was compared with those of half of all others, but not with more nodes than there are.
constexpr unsigned long kComparedInStep = 256;

const xmlChar* xml_chars(const std::string& text) {
  return reinterpret_cast<const xmlChar*>(text.c_str());
}

// libxml2's own messages name its internals; these are for who wrote the path.
std::string_view meaning(int error) {
  switch (error) {
    case XPATH_UNFINISHED_LITERAL_ERROR:
    case XPATH_START_LITERAL_ERROR:
      return "the quote is not closed";
    case XPATH_VARIABLE_REF_ERROR:
    case XPATH_UNDEF_VARIABLE_ERROR:
      return "a path has no variables";
    case XPATH_INVALID_PREDICATE_ERROR:
      return "the predicate is not valid, or not closed";
    case XPATH_UNCLOSED_ERROR:
      return "a bracket or parenthesis is not closed";
    case XPATH_UNKNOWN_FUNC_ERROR:
      return "there is no such function";
    case XPATH_INVALID_OPERAND:
      return "an operand is not valid";
    case XPATH_INVALID_TYPE:
      return "an argument is of the wrong kind";
    case XPATH_INVALID_ARITY:
      return "a function has the wrong number of arguments";
    case XPATH_INVALID_CHAR_ERROR:
    case XPATH_ENCODING_ERROR:
      return "a character is not valid";
    case XPATH_UNDEF_PREFIX_ERROR:
      return "a prefix is not declared in namespaces";
    default:
      return "the path is not valid XPath";
  }
}

}  // namespace

// Errors are silenced here and read from the context afterwards. The cache keeps objects of results from call to call.
XPath::XPath(const Namespaces& namespaces) : context_(xmlXPathNewContext(nullptr)) {
  for (const auto& [prefix, uri] : namespaces) xmlXPathRegisterNs(context_.get(), xml_chars(prefix), xml_chars(uri));
  context_->error = [](void*, xmlError*) {};
  context_->opLimit = kStepsMax;
  register_own_functions(*context_);
  xmlXPathContextSetCache(context_.get(), 1, -1, 0);
}

std::expected<Expression, XPath::Mistake> XPath::compile(const std::string& path) {
  const Quiet quiet;
  xmlResetError(&context_->lastError);
  Expression expression(xmlXPathCtxtCompile(context_.get(), xml_chars(path)));
  if (expression) return expression;
  return std::unexpected(mistake());
}

// libxml2 counts each step as one. A limit of zero would be none.
void XPath::start(xmlDoc* document, std::size_t comparisons, std::size_t nodes) {
  nodes_ = std::max<std::size_t>(1, nodes);
  context_->doc = document;
  context_->node = nullptr;
  context_->opCount = 0;
  context_->opLimit = std::max(1UL, kStepsMax / (1 + comparisons / kComparisonsOfStep));
}

// Steps are counted in the context: the budget is shared by all expressions of a document.
Object XPath::evaluate(xmlXPathCompExpr& expression, xmlNode* node) {
  context_->node = node;
  return Object(xmlXPathCompiledEval(&expression, context_.get()));
}

Object XPath::evaluate(xmlXPathCompExpr& expression, xmlNode* node, unsigned long most) {
  const unsigned long limit = context_->opLimit;
  context_->opLimit = std::min(limit, context_->opCount + most);
  Object found = evaluate(expression, node);
  context_->opLimit = limit;
  return found;
}

Object XPath::evaluate_merging(xmlXPathCompExpr& expression, xmlNode* node, unsigned long most) {
  const unsigned long before = context_->opCount;
  const unsigned long left = (context_->opLimit - before) * kComparedInStep;
  const auto root = static_cast<unsigned long>(std::sqrt(static_cast<double>(left)));
  const unsigned long affordable = std::max({1UL, root, left / nodes_});
  Object found = evaluate(expression, node, std::min(most, affordable));
  const unsigned long used = context_->opCount - before;
  const unsigned long compared = used >= affordable ? left : used * std::min<unsigned long>(used, nodes_);
  context_->opCount = std::min(context_->opLimit, before + std::max(used, compared / kComparedInStep));
  return found;
}

// The context owns values of variables.
void XPath::set_variable(std::string_view name, Object value) {
  xmlXPathRegisterVariable(context_.get(), xml_chars(std::string(name.substr(1))), value.release());
}

void XPath::count(std::size_t steps) {
  context_->opCount = steps < context_->opLimit - context_->opCount ? context_->opCount + steps : context_->opLimit;
}

XPath::Mistake XPath::mistake() const {
  const int error = context_->lastError.code - XML_XPATH_EXPRESSION_OK;
  const auto offset = static_cast<std::size_t>(context_->lastError.int1 < 0 ? 0 : context_->lastError.int1);
  return {std::string(meaning(error)), offset};
}

}  // namespace batchout::xml
