// Payloads are told apart by where they are, not by their bytes: to compare those for each of many look-ups would be
// quadratic.

#include "components/xml/last_document.h"

#include <libxml/xpath.h>

#include "components/xml/runs.h"
#include "components/xml/scopes.h"

namespace batchout::xml {
namespace {

// Bytes of a document that has at most some hundred neighbours, so that it is not worth while to number its nodes, or
// to look for runs.
constexpr std::size_t kSmallSize = 4 * 1024;

}  // namespace

std::optional<Fault> LastDocument::read(std::string_view payload) {
  if (shared_ && read_ && payload.data() == payload_.data() && payload.size() == payload_.size()) return fault_;
  fault_ = parse(payload);
  payload_ = payload;
  read_ = true;
  return fault_;
}

std::optional<Fault> LastDocument::parse(std::string_view payload) {
  const auto text = decoder_.decode(payload, form_);
  if (!text) return text.error();
  if (form_ == Form::xml)
    if (auto fault = decoder_.check(scan(*text))) return fault;
  numbered_ = false;
  comparisons_.reset();
  run_.reset();
  size_ = text->size();
  return tree_.parse(*text);
}

void LastDocument::number_nodes() {
  if (numbered_ || size_ <= kSmallSize) return;
  xmlXPathOrderDocElems(tree_.document());
  numbered_ = true;
}

std::size_t LastDocument::comparisons_of_namespaces() {
  if (!comparisons_) comparisons_ = xml::comparisons_of_namespaces(tree_.root());
  return *comparisons_;
}

std::size_t LastDocument::longest_run() {
  if (!run_) run_ = size_ <= kSmallSize ? 0 : xml::longest_run(*tree_.document());
  return *run_;
}

}  // namespace batchout::xml
