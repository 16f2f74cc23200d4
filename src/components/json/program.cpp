// The walk needs no scan. For trees there is one of the whole arena; if it finds anything wrong, each document is
// scanned alone, so that a bad one never harms its neighbours.

#include "components/json/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "components/json/scalar.h"

namespace batchout::json {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// Bytes.
constexpr std::size_t kExcerptMax = 256;

// Where the scan of a document found a control character, or the text that is not closed.
Fault bad_text(std::string_view document) {
  std::size_t open = std::string_view::npos;
  for (std::size_t i = 0; i < document.size(); ++i) {
    const char c = document[i];
    const bool inside = open != std::string_view::npos;
    if (c == '"') {
      open = inside ? std::string_view::npos : i;
    } else if (inside && c == '\\') {
      ++i;
    } else if (inside && static_cast<unsigned char>(c) < 0x20) {
      return {kMalformed, "a text has a control character", i};
    }
  }
  return {kMalformed, "a text is not closed", std::min(open, document.size())};
}

Fault scan_fault(ScanFault fault, std::string_view document) {
  switch (fault) {
    case ScanFault::empty:
      return {kEmpty, "the payload is empty", 0};
    case ScanFault::bad_utf8:
      return {kBadUtf8, "the payload is not UTF-8", utf8_fault(document)};
    case ScanFault::too_large:
      return {kTooLarge, "the payload is too large for the extractor", 0};
    default:
      return bad_text(document);
  }
}

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

JsonProgram::JsonProgram(std::shared_ptr<const CompiledProjection> compiled, Way way) : tree_(compiled) {
  const Division division(*compiled);
  if (way == Way::tree || !division.has_walk()) return;
  WalkPart part(*compiled, division);
  auto automaton = fuse(*part.compiled);
  if (!automaton) return;
  fused_.emplace(part.compiled, std::move(*automaton),
                 way == Way::any_order ? KeyOrder::Way::any : KeyOrder::Way::as_it_suits);
  if (!division.is_whole()) shared_.emplace(*compiled, std::move(part), division.rest());
}

void JsonProgram::run(const Payloads& payloads, Extraction& out) {
  arena_scanned_ = !is_fused() && arena_scanner_.scan(payloads.arena()) == ScanFault::none;
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
  const std::string_view document = payloads.bytes(payload);
  switch (payloads.entry(payload).state) {
    case Payloads::State::missing:
      return Fault{kMissing, "the source has no value here", 0};
    case Payloads::State::too_large:
      return Fault{kTooLarge, "the payload is larger than the limit", 0};
    case Payloads::State::usable:
    case Payloads::State::broken:
      break;
  }
  if (document.starts_with(kByteOrderMark)) {
    // A scalar right behind the mark has no token of its own, so the document is read without it.
    const std::string_view rest = document.substr(kByteOrderMark.size());
    document_.assign(rest).append(Payloads::kSeparator).append(Payloads::kPadding, ' ');
    auto fault = extract_alone({document_.data(), rest.size()}, out);
    if (fault) fault->offset += kByteOrderMark.size();
    return fault;
  }
  if (!arena_scanned_) return extract_alone(document, out);
  while (tokens_.here() < document.data()) ++tokens_.at;
  return shared_ ? extract_shared(document, tokens_, out) : tree_.extract(document, tokens_, out);
}

std::optional<Fault> JsonProgram::extract_alone(std::string_view document, Extraction& out) {
  if (is_fused() && fused_->extract(document, out)) return std::nullopt;
  const ScanFault fault = document_scanner_.scan(document);
  if (fault != ScanFault::none) return scan_fault(fault, document);
  const Tokens tokens = document_scanner_.tokens();
  return shared_ ? extract_shared(document, tokens, out) : tree_.extract(document, tokens, out);
}

// The tree first, because it may refuse the document. A document that the walk leaves is the tree's as a whole.
std::optional<Fault> JsonProgram::extract_shared(std::string_view document, Tokens tokens, Extraction& out) {
  if (auto fault = tree_.parse(document, tokens)) return fault;
  if (auto fault = tree_.find(shared_->task)) return fault;
  shared_->exchange(out);
  const bool walked = fused_->extract(document, shared_->extraction);
  shared_->exchange(out);
  if (!walked)
    if (auto fault = tree_.find(tree_.whole())) return fault;
  tree_.append(walked ? shared_->task : tree_.whole(), out);
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
