// A mended configuration may read headers that the old one did not.

#include "engine/letter_metadata.h"

#include <array>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include "base/base64.h"
#include "base/unicode.h"
#include "data/dead_letters.h"
#include "data/render.h"

namespace batchout {
namespace {

using Field = std::pair<std::string_view, MetaField>;
constexpr std::array kFields = {
    Field{"topic", MetaField::topic},   Field{"partition", MetaField::partition},
    Field{"offset", MetaField::offset}, Field{"timestamp", MetaField::timestamp},
    Field{"key", MetaField::key},       Field{"file", MetaField::file},
    Field{"status", MetaField::status},
};

// A database's JSON takes no NUL.
void append_bytes(std::string_view bytes, std::string& out) {
  if (find_broken_utf8(bytes) >= bytes.size() && !bytes.contains('\0')) {
    append_json_string(bytes, out);
  } else {
    out += "{\"base64\":";
    append_json_string(base64(bytes), out);
    out += '}';
  }
}

/// False if nothing is known.
bool append_value(const MetaValue& value, std::string& out) {
  if (std::holds_alternative<std::monostate>(value)) return false;
  if (const auto* number = std::get_if<std::int64_t>(&value))
    out += std::to_string(*number);
  else if (const auto* bytes = std::get_if<std::string_view>(&value))
    append_bytes(*bytes, out);
  else
    out += "null";
  return true;
}

void append_member(std::string_view name, const MetaValue& value, std::string& out) {
  std::string member = out.empty() ? "{" : ",";
  append_json_string(name, member);
  member += ':';
  if (append_value(value, member)) out += member;
}

struct Headers {
  /// Members of an object that is not closed; empty: none.
  std::string members;
  std::size_t left_out = 0;
};

Headers headers_of(const Payloads& payloads, std::size_t payload, const PlannedInput& input) {
  Headers headers;
  std::set<std::string_view> asked;
  for (const OriginColumn& column : input.projection.origins)
    if (column.source == OriginColumn::Source::metadata && column.meta.field == MetaField::header)
      asked.insert(column.meta.header);
  const auto value_of = [&](std::string_view name) { return payloads.metadata(payload, MetaField::header, name); };
  for (const std::string_view name : asked) append_member(shown_text(name), value_of(name), headers.members);
  std::size_t room = kOtherHeadersMax;
  for (const std::string_view name : payloads.headers(payload)) {
    if (asked.contains(name)) continue;
    const std::size_t before = headers.members.size();
    append_member(shown_text(name), value_of(name), headers.members);
    const std::size_t size = headers.members.size() - before;
    if (size <= room) {
      room -= size;
    } else {
      headers.members.resize(before);
      ++headers.left_out;
    }
  }
  return headers;
}

}  // namespace

std::string letter_metadata(const Payloads& payloads, std::size_t payload, const PlannedInput& input) {
  std::string out;
  for (const auto& [name, field] : kFields) append_member(name, payloads.metadata(payload, field), out);
  const Headers headers = headers_of(payloads, payload, input);
  if (!headers.members.empty()) out += (out.empty() ? "{\"headers\":" : ",\"headers\":") + headers.members + "}";
  if (headers.left_out > 0) append_member("headers_left_out", static_cast<std::int64_t>(headers.left_out), out);
  return out.empty() ? out : out + "}";
}

}  // namespace batchout
