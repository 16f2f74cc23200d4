// Dead letters in the SQLite file that takes the rows: the table `batchout_dead_letter`.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "components/sqlite/store.h"
#include "data/letter_book.h"

namespace batchout {

/// Adds `letters` in the open transaction, to a table that is made if it is missing, and gets the columns that one of
/// an earlier version lacks.
Result<> keep_dead_letters_in(SqliteStore& store, const std::string& pipeline, std::span<const NewLetter> letters);

/// As those of LetterBook.
Result<> read_dead_letters_in(SqliteStore& store, const std::string& pipeline, const LetterFilter& filter,
                              bool payloads, const LetterSink& sink);
Result<> resolve_dead_letters_in(SqliteStore& store, const std::string& pipeline, std::span<const std::int64_t> ids,
                                 std::string_view status);
Result<> note_letter_failure_in(SqliteStore& store, const std::string& pipeline, std::span<const std::int64_t> ids,
                                const Reject& reject);
Result<std::size_t> prune_dead_letters_in(SqliteStore& store, const std::string& pipeline, std::int64_t until);

}  // namespace batchout
