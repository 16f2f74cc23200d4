// The scalars of JSON: numbers, texts and literals, checked to the letter of RFC 8259.
//
// All functions read bytes that are followed by at least one readable byte which ends a scalar (payloads are followed
// by a line end), so they need no bounds.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "batchout/block.h"

namespace batchout::json {

/// True for bytes that may follow a number or a literal.
inline bool ends_scalar(char c) {
  switch (c) {
    case ' ':
    case '\t':
    case '\n':
    case '\r':
    case ',':
    case ']':
    case '}':
      return true;
    default:
      return false;
  }
}

/// The size of the number at `at`, or 0 if it is malformed or not ended. `integer` tells whether it has neither
/// fraction nor exponent.
std::size_t number_size(const char* at, bool& integer);

/// The value of a number that `number_size` has accepted, as integer, decimal or real. Its text is the number as
/// written; a real beyond the range of doubles is infinite.
Cell number_cell(std::string_view number, bool integer);

/// What stands behind the digits of a number, from its `e` on, as a power of ten; 0 if `mark` is empty. Exponents far
/// beyond those of doubles are cut off.
std::int64_t exponent_of(std::string_view mark);

/// The size of NaN, Infinity or -Infinity at `at`, which strict JSON does not have, or 0; `value` is what it stands
/// for.
std::size_t special_number_size(const char* at, double& value);

/// The literal true, false or null at `at`: its size, or 0 if it is something else.
inline std::size_t literal_size(const char* at) {
  if (std::memcmp(at, "true", 4) == 0 && ends_scalar(at[4])) return 4;
  if (std::memcmp(at, "null", 4) == 0 && ends_scalar(at[4])) return 4;
  if (std::memcmp(at, "false", 5) == 0 && ends_scalar(at[5])) return 5;
  return 0;
}

/// The closing quote of the text that is the last token before `next`: only blanks are between them.
inline const char* closing_quote(const char* next) {
  do --next;
  while (*next != '"');
  return next;
}

inline bool has_escape(std::string_view text) {
  return !text.empty() && std::memchr(text.data(), '\\', text.size()) != nullptr;
}

/// Result of `unescape` for a text with a bad escape.
inline constexpr std::size_t kBadEscape = static_cast<std::size_t>(-1);

/// Writes what `raw` (between quotes) means to `out`, which has room for raw.size() bytes, and returns the bytes
/// written. Unknown escapes and unpaired surrogates are bad.
std::size_t unescape(std::string_view raw, char* out);

/// True if all escapes of `raw` are good.
bool escapes_are_good(std::string_view raw);

/// The offset of the first byte that is not UTF-8, or text.size().
std::size_t utf8_fault(std::string_view text);

/// Characters in a text.
std::int64_t character_count(std::string_view text);

/// The `position`-th character of a text, counted from the end if negative; empty if there is none.
std::string_view character_at(std::string_view text, std::int64_t position);

}  // namespace batchout::json
