// The walk first, if the projection has one; what it leaves is read once more, as a tree.

#include "components/xml/program.h"

#include <fmt/format.h>

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
    : form_(form), tree_(compiled, form) {
  if (tree_only || form == Form::html) return;
  if (auto automaton = fuse(*compiled)) fused_ = std::make_unique<FusedWalk>(compiled, std::move(*automaton));
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
  auto text = decoder_.decode(payloads.bytes(payload), form_);
  if (!text) return std::move(text).error();
  if (form_ == Form::xml) {
    const Scanned scanned = scan(*text);
    if (!scanned.is_utf8)
      return Fault{kBadEncoding, fmt::format("the payload is not UTF-8, at byte {}", scanned.fault)};
    if (fused_ && fused_->extract(*text, scanned, out)) return std::nullopt;
  }
  return tree_.extract(*text, out);
}

}  // namespace batchout::xml
