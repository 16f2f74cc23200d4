// Names of schemas, tables and columns as SQL writes them, and texts. The only place where either becomes part of a
// statement.

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

/// A text without NUL as a value in a statement. E'' reads backslashes whatever the server is set to.
std::string literal(std::string_view text);

}  // namespace batchout::postgres
