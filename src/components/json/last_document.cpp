// Payloads are told apart by where they are, not by their bytes: to compare those for each of many look-ups would be
// quadratic.

#include "components/json/last_document.h"

#include <algorithm>

#include "batchout/payloads.h"
#include "components/json/scalar.h"

namespace batchout::json {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

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

}  // namespace

bool LastDocument::reads_like(const LastDocument& other) const {
  return lenient_ == other.lenient_ && limits_.depth_max == other.limits_.depth_max &&
         limits_.string_size_max == other.limits_.string_size_max &&
         limits_.number_size_max == other.limits_.number_size_max;
}

// A scalar right behind a byte order mark has no token of its own, so the document is read without it.
std::string_view LastDocument::open(std::string_view payload) {
  if (shared_ && opened_ && payload.data() == payload_.data() && payload.size() == payload_.size()) return document_;
  opened_ = true;
  read_ = false;
  payload_ = document_ = payload;
  if (!payload.starts_with(kByteOrderMark)) return document_;
  const std::string_view rest = payload.substr(kByteOrderMark.size());
  copy_.assign(rest).append(Payloads::kSeparator).append(Payloads::kPadding, ' ');
  document_ = {copy_.data(), rest.size()};
  return document_;
}

std::optional<Fault> LastDocument::read(std::optional<Tokens> tokens) {
  if (!read_) fault_ = parse(tokens);
  read_ = true;
  return fault_;
}

std::optional<Fault> LastDocument::parse(std::optional<Tokens> tokens) {
  if (!tokens) {
    if (const ScanFault fault = scanner_.scan(document_); fault != ScanFault::none) return scan_fault(fault, document_);
    tokens = scanner_.tokens();
  }
  ++trees_made_;
  return tree_.parse(document_, *tokens, limits_, lenient_);
}

}  // namespace batchout::json
