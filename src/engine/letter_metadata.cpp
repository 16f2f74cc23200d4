// Headers are looked up by name only, so those that nobody asks for are not kept.

#include "engine/letter_metadata.h"

#include <array>
#include <map>
#include <string_view>
#include <utility>
#include <variant>

#include "base/base64.h"
#include "base/unicode.h"
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

}  // namespace

std::string letter_metadata(const Payloads& payloads, std::size_t payload, const PlannedInput& input) {
  std::string out, headers;
  for (const auto& [name, field] : kFields) append_member(name, payloads.metadata(payload, field), out);
  std::map<std::string_view, MetaValue> asked;
  for (const OriginColumn& column : input.projection.origins)
    if (column.source == OriginColumn::Source::metadata && column.meta.field == MetaField::header)
      asked[column.meta.header] = payloads.metadata(payload, MetaField::header, column.meta.header);
  for (const auto& [name, value] : asked) append_member(name, value, headers);
  if (!headers.empty()) out += (out.empty() ? "{\"headers\":" : ",\"headers\":") + headers + "}";
  return out.empty() ? out : out + "}";
}

}  // namespace batchout
