// Quoting of names.

#include "components/postgres/identifier.h"

#include "base/assertion.h"

namespace batchout::postgres {

bool valid_identifier(std::string_view name) {
  // NAMEDATALEN - 1 of every server built with defaults.
  constexpr std::size_t kBytesMax = 63;
  return !name.empty() && name.size() <= kBytesMax && !name.contains('\0');
}

std::string quoted(std::string_view name) {
  BATCHOUT_ASSERT(valid_identifier(name));
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out += '"';
}

std::string literal(std::string_view text) {
  std::string out = "E'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += c;
    out += c;
  }
  return out += '\'';
}

std::string qualified(std::string_view schema, std::string_view table) {
  return quoted(schema) + "." + quoted(table);
}

}  // namespace batchout::postgres
