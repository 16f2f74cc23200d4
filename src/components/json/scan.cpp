// The fence around simdjson.

#include "components/json/scan.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>

#include "base/assertion.h"

namespace batchout::json {
namespace {

// Bytes; tokens are 32-bit offsets.
constexpr std::size_t kSizeMax = std::size_t{1} << 31;

}  // namespace

struct Scanner::Parser {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> implementation;
  std::size_t capacity = 0;

  void reserve(std::size_t size) {
    if (size <= capacity) return;
    capacity = std::bit_ceil(std::max<std::size_t>(size, 4096));
    const auto error = implementation ? implementation->set_capacity(capacity)
                                      : simdjson::get_active_implementation()->create_dom_parser_implementation(
                                            capacity, 1, implementation);
    BATCHOUT_ASSERT(error == simdjson::SUCCESS);
  }
};

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text);
}

Scanner::Scanner() : parser_(std::make_unique<Parser>()) {}
Scanner::~Scanner() = default;
Scanner::Scanner(Scanner&&) noexcept = default;
Scanner& Scanner::operator=(Scanner&&) noexcept = default;

ScanFault Scanner::scan(std::string_view text) {
  text_ = text;
  if (text.empty()) return ScanFault::empty;
  if (text.size() > kSizeMax) return ScanFault::too_large;
  parser_->reserve(text.size());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  switch (parser_->implementation->stage1(bytes, text.size(), simdjson::stage1_mode::regular)) {
    case simdjson::SUCCESS:
      return ScanFault::none;
    case simdjson::EMPTY:
      return ScanFault::empty;
    case simdjson::UTF8_ERROR:
      return ScanFault::bad_utf8;
    default:
      return ScanFault::bad_text;
  }
}

Tokens Scanner::tokens() const {
  return {text_.data(), parser_->implementation->structural_indexes.get()};
}

std::size_t Scanner::token_count() const {
  return parser_->implementation->n_structural_indexes;
}

}  // namespace batchout::json
