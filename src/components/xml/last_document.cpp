// Payloads are told apart by where they are, not by their bytes: to compare those for each of many look-ups would be
// quadratic.

#include "components/xml/last_document.h"

#include <libxml/xpath.h>

#include "components/xml/scopes.h"

namespace batchout::xml {
namespace {

// Bytes of a document from which on it has enough nodes for numbers to be worth while.
constexpr std::size_t kNumberedSize = 512;
// The same for what it costs to compare nodes.
constexpr std::size_t kComparedSize = 4 * 1024;

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
  of_namespaces_.reset();
  comparisons_.reset();
  size_ = text->size();
  return tree_.parse(*text);
}

void LastDocument::number_nodes() {
  if (numbered_ || size_ <= kNumberedSize) return;
  xmlXPathOrderDocElems(tree_.document());
  numbered_ = true;
}

std::size_t LastDocument::comparisons_of_namespaces() {
  if (!of_namespaces_) of_namespaces_ = xml::comparisons_of_namespaces(tree_.root());
  return *of_namespaces_;
}

Comparisons LastDocument::comparisons() {
  if (!comparisons_) comparisons_ = size_ <= kComparedSize ? Comparisons() : most_comparisons(*tree_.document());
  return *comparisons_;
}

}  // namespace batchout::xml
