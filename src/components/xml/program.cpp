// The walk first, if the projection has one; what it leaves is read once more, as a tree.

#include "components/xml/program.h"

#include <utility>

#include "components/xml/scan.h"

namespace batchout::xml {
namespace {

// Bytes.
constexpr std::size_t kExcerptMax = 256;

// The excerpt is cut at a byte, maybe inside of a character.
void refuse(const Payloads& payloads, std::size_t payload, Fault fault, Extraction& out) {
  const auto& entry = payloads.entry(payload);
  Reject reject;
  reject.stage = Reject::Stage::extract;
  reject.code = fault.code;
  reject.message = std::move(fault.reason);
  reject.excerpt = payloads.bytes(payload).substr(0, kExcerptMax);
  reject.unit = entry.unit;
  reject.position = entry.position;
  out.rejects.push_back(std::move(reject));
}

}  // namespace

XmlProgram::XmlProgram(std::shared_ptr<const CompiledProjection> compiled, Form form, bool tree_only)
    : XmlProgram(std::move(compiled), std::make_shared<LastDocument>(form), form) {
  if (tree_only || form == Form::html) return;
  if (auto automaton = fuse(*compiled_)) fused_ = std::make_unique<FusedWalk>(compiled_, std::move(*automaton));
}

XmlProgram::XmlProgram(std::shared_ptr<const CompiledProjection> compiled, std::shared_ptr<LastDocument> document,
                       Form form)
    : compiled_(std::move(compiled)), form_(form), document_(std::move(document)) {
  tree_.emplace(compiled_, document_);
}

std::unique_ptr<SharingProgram> XmlProgram::sibling(const Projection& projection) {
  document_->share();
  auto compiled = std::make_shared<const CompiledProjection>(projection, compiled_->namespaces);
  return std::unique_ptr<SharingProgram>(new XmlProgram(std::move(compiled), document_, form_));
}

void XmlProgram::join(SharingProgram& other) {
  auto* xml = dynamic_cast<XmlProgram*>(&other);
  if (xml == nullptr || xml->form_ != form_) return;
  document_ = xml->document_;
  document_->share();
  tree_.emplace(compiled_, document_);
}

void XmlProgram::run(const Payloads& payloads, Extraction& out) {
  for (std::size_t payload = 0; payload < payloads.count(); ++payload) {
    // Refused elsewhere, in the words of its input.
    if (payloads.entry(payload).state == Payloads::State::broken || !payloads.fault(payload).empty()) continue;
    if (auto fault = extract(payloads, payload, out)) {
      refuse(payloads, payload, std::move(*fault), out);
      continue;
    }
    const auto& entry = payloads.entry(payload);
    out.payloads.push_back(static_cast<std::uint32_t>(payload));
    out.values->units.push_back(entry.unit);
    out.values->positions.push_back(entry.position);
  }
}

// A document that the walk leaves is read twice; those are few.
std::optional<Fault> XmlProgram::extract(const Payloads& payloads, std::size_t payload, Extraction& out) {
  const Payloads::State state = payloads.entry(payload).state;
  if (state == Payloads::State::missing) return Fault{kMissing, "the source has no value here"};
  if (state == Payloads::State::too_large) return Fault{kTooLarge, "the payload is larger than the limit"};
  const std::string_view bytes = payloads.bytes(payload);
  if (fused_ != nullptr) {
    auto text = decoder_.decode(bytes, form_);
    if (!text) return std::move(text).error();
    const Scanned scanned = scan(*text);
    if (scanned.is_utf8 && fused_->extract(*text, scanned, out)) return std::nullopt;
  }
  if (auto fault = document_->read(bytes)) return fault;
  return tree_->extract(out);
}

}  // namespace batchout::xml
