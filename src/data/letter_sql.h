// The statements by which the tables of dead letters are read and marked, which differ little between databases.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "data/letter_book.h"

namespace batchout {

/// What one database writes otherwise than another.
struct LetterDialect {
  std::string_view table;
  /// The function that gives the bytes of a value.
  std::string_view size;
  /// The present time.
  std::string_view now;
  /// Columns `created_at` and `resolved_at` as text, and a time to compare the first one with.
  std::string (*time)(std::string_view column);
  std::string (*instant)(std::int64_t us);
  std::string (*literal)(std::string_view text);
  /// Bytes as text: a function's name, or empty if they are read as they are.
  std::string_view payload;
};

/// Columns that tables of earlier versions do not have, each with its type.
struct LetterColumn {
  std::string_view name, postgres, sqlite;
};
inline constexpr LetterColumn kAddedLetterColumns[] = {
    {"input", "text NOT NULL DEFAULT ''", "TEXT NOT NULL DEFAULT ''"},
    {"row_no", "bigint", "INTEGER"},
    {"row_count", "bigint", "INTEGER"},
    {"metadata", "jsonb", "TEXT"},
    {"attempts", "bigint NOT NULL DEFAULT 1", "INTEGER NOT NULL DEFAULT 1"},
    {"resolved_at", "timestamptz", "TEXT"},
};

/// Letters with a greater id than `after`, at most `count`, by id. `old`: the table lacks the columns above. Where
/// carriers are asked for, other letters of their places come, too: has_carrier() tells them.
std::string select_letters_sql(const LetterDialect& dialect, const std::string& pipeline, const LetterFilter& filter,
                               std::int64_t after, std::size_t count, bool payloads, bool old);

/// True if the filter does not ask for carriers, or the letter has one of them.
bool has_carrier(const LetterFilter& filter, const Letter& letter);

/// A row of that query, by its columns as texts; an empty one is null. The payload is left to the caller: it is the
/// column kLetterPayload.
inline constexpr int kLetterPayload = 23;
Letter letter_of(const std::function<std::string_view(int column)>& text);

/// Each changes only letters that are new; all of `ids` have to be among those changed.
std::string resolve_letters_sql(const LetterDialect& dialect, const std::string& pipeline,
                                std::span<const std::int64_t> ids, std::string_view status);
std::string fail_letters_sql(const LetterDialect& dialect, const std::string& pipeline,
                             std::span<const std::int64_t> ids, const Reject& reject);

}  // namespace batchout
