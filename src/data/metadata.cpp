// From what inputs note to cells: numbers, instants and texts.

#include "data/metadata.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/calendar.h"
#include "base/unicode.h"
#include "data/cast.h"
#include "data/valueless_rows.h"

namespace batchout {
namespace {

constexpr std::size_t kSampleSizeMax = 64;
constexpr std::size_t kExcerptSizeMax = 256;

bool is_utf8(std::string_view bytes) {
  const auto beyond = std::ranges::find_if(bytes, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  for (std::size_t at = static_cast<std::size_t>(beyond - bytes.begin()); at < bytes.size();)
    if (next_character(bytes, at) == kNoCharacter) return false;
  return true;
}

// At most `size_max` bytes; what is not text is written as "\x" and two digits.
std::string shown(std::string_view bytes, std::size_t size_max) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t before = at;
    const bool good = next_character(bytes, at) != kNoCharacter;
    const std::string piece = good ? std::string(bytes.substr(before, at - before))
                                   : fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes[before]));
    if (text.size() + piece.size() > size_max) break;
    text += piece;
  }
  return text;
}

// What is in no year from 1 to 9999 is left as a text, which no column of times takes.
Cell instant(std::int64_t milliseconds, std::string& text) {
  constexpr std::int64_t kFirst = kFirstDay * (kDay / 1000), kEnd = (kLastDay + 1) * (kDay / 1000);
  if (milliseconds >= kFirst && milliseconds < kEnd)
    return {.tag = Tag::datetime, .integer = milliseconds * 1000, .text = {}};
  text = fmt::format("{} ms since 1970", milliseconds);
  return {.tag = Tag::text, .text = text};
}

// `text` is memory that the cell may borrow.
Cell cell_of(const MetaValue& value, const MetaName& name, std::string& text) {
  if (std::holds_alternative<std::nullptr_t>(value)) return {.tag = Tag::null, .text = {}};
  if (const auto* bytes = std::get_if<std::string_view>(&value)) return {.tag = Tag::text, .text = *bytes};
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number == nullptr) return {};
  if (name.field == MetaField::timestamp && !name.milliseconds) return instant(*number, text);
  return {.tag = Tag::integer, .integer = *number, .text = {}};
}

}  // namespace

void fill_metadata(const OriginColumn& origin, const Payloads& payloads, std::size_t number, Extraction& extraction) {
  Column& out = extraction.values->columns[number];
  CastFailures& failures = extraction.failures[number];
  std::string text;
  for (const std::uint32_t payload : extraction.payloads) {
    const bool asks_for_value = origin.meta.field == MetaField::header && origin.meta.header.empty();
    const Cell cell =
        asks_for_value ? Cell{.tag = Tag::boolean, .integer = is_valueless(payloads, payload) ? 1 : 0, .text = {}}
                       : cell_of(payloads.metadata(payload, origin.meta.field, origin.meta.header), origin.meta, text);
    if (cell.tag != Tag::text || is_utf8(cell.text)) {
      append_cast(origin.cast, cell, out, failures);
    } else if (origin.cast.on_error != OnError::null) {
      out.append_failed(shown(cell.text, kExcerptSizeMax));
    } else {
      if (failures.count++ == 0) failures.sample = shown(cell.text, kSampleSizeMax);
      out.append_null();
    }
  }
}

}  // namespace batchout
