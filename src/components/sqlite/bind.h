// Values of statements.

#pragma once

#include <sqlite3.h>

#include <string_view>

namespace batchout {

/// The text has to live until the statement has run.
inline void bind_text(sqlite3_stmt* statement, int number, std::string_view text) {
  // A null pointer would be bound as null.
  sqlite3_bind_text(statement, number, text.empty() ? "" : text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

}  // namespace batchout
