// Names of schemas, tables and columns as SQL writes them. The only place where a name becomes part of a statement.

#pragma once

#include <string>
#include <string_view>

namespace batchout::postgres {

/// True for 1 to 63 bytes without NUL. The server cuts longer names silently, which lets two names become one.
bool valid_identifier(std::string_view name);

/// `name` in double quotes; it must be valid.
std::string quoted(std::string_view name);

/// Schema and table, each in quotes.
std::string qualified(std::string_view schema, std::string_view table);

}  // namespace batchout::postgres
