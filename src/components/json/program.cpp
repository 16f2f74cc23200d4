// The walk needs no scan. For trees there is one of the whole arena; if it finds anything wrong, each document is
// scanned alone, so that a bad one never harms its neighbours.

#include "components/json/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "components/json/scalar.h"

namespace batchout::json {
namespace {

// Bytes.
constexpr std::size_t kExcerptMax = 256;

void refuse(const Payloads& payloads, std::size_t payload, const Fault& fault, Extraction& out) {
  const auto& entry = payloads.entry(payload);
  Reject reject;
  reject.stage = Reject::Stage::extract;
  reject.code = fault.code;
  const bool has_offset = fault.code == kMalformed || fault.offset > 0;
  reject.message = has_offset ? fmt::format("{}, at byte {}", fault.reason, fault.offset) : std::string(fault.reason);
  reject.excerpt = payloads.bytes(payload).substr(0, kExcerptMax);
  reject.unit = entry.unit;
  reject.position = entry.position;
  out.rejects.push_back(std::move(reject));
}

}  // namespace

JsonProgram::JsonProgram(std::shared_ptr<const CompiledProjection> compiled, Way way)
    : JsonProgram(compiled, std::make_shared<LastDocument>(compiled->projection.limits, compiled->options.lenient)) {
  const Division division(*compiled_);
  if (way == Way::tree || !division.has_walk()) return;
  WalkPart part(*compiled_, division);
  auto automaton = fuse(*part.compiled);
  if (!automaton) return;
  fused_.emplace(part.compiled, std::move(*automaton),
                 way == Way::any_order ? KeyOrder::Way::any : KeyOrder::Way::as_it_suits);
  if (!division.is_whole()) shared_.emplace(*compiled_, std::move(part), division.rest());
}

JsonProgram::JsonProgram(std::shared_ptr<const CompiledProjection> compiled, std::shared_ptr<LastDocument> document)
    : compiled_(std::move(compiled)), document_(std::move(document)) {
  tree_.emplace(compiled_, document_);
}

std::unique_ptr<SharingProgram> JsonProgram::sibling(const Projection& projection) {
  document_->share();
  auto compiled = std::make_shared<const CompiledProjection>(projection, compiled_->options);
  return std::unique_ptr<SharingProgram>(new JsonProgram(std::move(compiled), document_));
}

void JsonProgram::join(SharingProgram& other) {
  auto* json = dynamic_cast<JsonProgram*>(&other);
  if (json == nullptr || !json->document_->reads_like(*document_)) return;
  document_ = json->document_;
  document_->share();
  tree_.emplace(compiled_, document_);
}

// An arena of shared payloads is not scanned: most of its documents have a tree already.
void JsonProgram::run(const Payloads& payloads, Extraction& out) {
  arena_scanned_ = !is_fused() && !document_->is_shared() && arena_scanner_.scan(payloads.arena()) == ScanFault::none;
  if (arena_scanned_) tokens_ = arena_scanner_.tokens();
  for (std::size_t payload = 0; payload < payloads.count(); ++payload) {
    // Refused elsewhere, in the words of its input.
    if (payloads.entry(payload).state == Payloads::State::broken || !payloads.fault(payload).empty()) continue;
    if (const auto fault = extract(payloads, payload, out)) {
      refuse(payloads, payload, *fault, out);
      continue;
    }
    const auto& entry = payloads.entry(payload);
    out.payloads.push_back(static_cast<std::uint32_t>(payload));
    out.values->units.push_back(entry.unit);
    out.values->positions.push_back(entry.position);
  }
}

std::optional<Fault> JsonProgram::extract(const Payloads& payloads, std::size_t payload, Extraction& out) {
  switch (payloads.entry(payload).state) {
    case Payloads::State::missing:
      return Fault{kMissing, "the source has no value here", 0};
    case Payloads::State::too_large:
      return Fault{kTooLarge, "the payload is larger than the limit", 0};
    case Payloads::State::usable:
    case Payloads::State::broken:
      break;
  }
  const std::string_view bytes = payloads.bytes(payload);
  const std::string_view document = document_->open(bytes);
  const std::size_t mark = bytes.size() - document.size();
  if (is_fused() && fused_->extract(document, out)) return std::nullopt;
  std::optional<Tokens> tokens;
  if (arena_scanned_ && mark == 0) {
    while (tokens_.here() < document.data()) ++tokens_.at;
    tokens = tokens_;
  }
  auto fault = extract_from_tree(document, tokens, out);
  if (fault) fault->offset += mark;
  return fault;
}

// The tree first, because it may refuse the document. A document that the walk leaves is the tree's as a whole.
std::optional<Fault> JsonProgram::extract_from_tree(std::string_view document, std::optional<Tokens> tokens,
                                                    Extraction& out) {
  if (auto fault = document_->read(tokens)) return fault;
  if (!shared_) return tree_->extract(out);
  if (auto fault = tree_->find(shared_->task)) return fault;
  shared_->exchange(out);
  const bool walked = fused_->extract(document, shared_->extraction);
  shared_->exchange(out);
  if (!walked)
    if (auto fault = tree_->find(tree_->whole())) return fault;
  tree_->append(walked ? shared_->task : tree_->whole(), out);
  return std::nullopt;
}

void JsonProgram::Shared::exchange(Extraction& out) {
  for (std::size_t level = 0; level < part.levels.size(); ++level)
    std::swap(extraction.levels[level], out.levels[part.levels[level]]);
  for (std::size_t column = 0; column < part.columns.size(); ++column) {
    std::swap(extraction.values->columns[column], out.values->columns[part.columns[column]]);
    std::swap(extraction.failures[column], out.failures[part.columns[column]]);
  }
}

}  // namespace batchout::json
