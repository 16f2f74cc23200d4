// The statements by which the tables of dead letters are read and marked, which differ little between databases.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "data/dead_letters.h"
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
  /// The id of a row that was the last one and is deleted is given again.
  bool reuses_ids;
  /// What stands around the bytes of a payload that is read.
  std::string_view payload_begin, payload_end;
};

/// A column that tables of earlier versions do not have.
struct LetterColumn {
  /// Nothing is null. Borrows the record.
  using Value = std::variant<std::monostate, std::int64_t, std::string_view>;

  std::string_view name;
  /// Types in the two databases, and what else stands behind a name.
  std::string_view postgres, sqlite;
  /// Of a letter that is kept; null: the table says it.
  Value (*value)(const DeadLetterRecord& record);
};

/// In the order in which they have come.
std::span<const LetterColumn> added_letter_columns();

/// Which of those a table has, by their places.
class LetterColumns {
 public:
  /// Of names with commas in between.
  explicit LetterColumns(std::string_view names);
  static LetterColumns all();

  bool has(std::string_view name) const;
  bool complete() const;
  /// Those that are there, and what letters say for them.
  std::vector<const LetterColumn*> written() const;
  std::vector<const LetterColumn*> missing() const;

 private:
  std::vector<bool> there_;
};

/// Letters with a greater id than `after`, at most `count`, by id. Where carriers are asked for, other letters of their
/// places come, too: has_carrier() tells them.
std::string select_letters_sql(const LetterDialect& dialect, const std::string& pipeline, const LetterFilter& filter,
                               std::int64_t after, std::size_t count, const LetterColumns& columns);

/// Ids of letters, and the bytes that are kept with them.
std::string select_payloads_sql(const LetterDialect& dialect, std::span<const std::int64_t> ids);

/// Reads what that says.
using PayloadReader =
    std::function<Result<>(std::span<const std::int64_t> ids, std::map<std::int64_t, std::string>& payloads)>;

/// Gives letters of a page that the filter asks for to the sink, with some payloads in memory at a time; null: without
/// payloads. Letters that are gone when theirs are read are left out. False once the sink has had enough.
Result<bool> give_letters(std::span<Letter> letters, const LetterFilter& filter, const PayloadReader& payloads,
                          const LetterSink& sink);

/// True if the filter does not ask for carriers, or the letter has one of them.
bool has_carrier(const LetterFilter& filter, const Letter& letter);

/// A row of select_letters_sql, by its columns as texts; an empty one is null.
Letter letter_of(const std::function<std::string_view(int column)>& text);

/// The index by which letters of a row are found, and that of those with bytes; what is behind ON.
std::string letter_rows_index(const LetterDialect& dialect);
std::string letter_payloads_index(const LetterDialect& dialect);

/// Columns by which letters are compared.
std::span<const std::string_view> compared_letter_columns();

/// The id of a letter that is new and says the same as the row `v`, which has those columns, `number_min` and
/// `number_max`; else null. The table must have all columns. It is no constraint, since a conflict would wait for a
/// transaction that nobody may ever end.
std::string alike_letter_sql(const LetterDialect& dialect);
/// `number_min` and `number_max` of a letter: the numbers of letters that may say the same.
std::pair<std::int64_t, std::int64_t> numbers_alike(const DeadLetterRecord& record);

/// Each changes only letters that are new; all of `ids` have to be among those changed.
std::string resolve_letters_sql(const LetterDialect& dialect, const std::string& pipeline,
                                std::span<const std::int64_t> ids, std::string_view status);
/// Deletes what LetterBook::prune says. Ids are never given again: where they could be, the last letter stays.
std::string prune_letters_sql(const LetterDialect& dialect, const std::string& pipeline, std::int64_t until);
std::string fail_letters_sql(const LetterDialect& dialect, const std::string& pipeline,
                             std::span<const std::int64_t> ids, const Reject& reject, const LetterColumns& columns);

}  // namespace batchout
