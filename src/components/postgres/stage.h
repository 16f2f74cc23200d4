// The staging table of an upsert: how it is made and filled, and the rows of it that go into the target, one per key.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/joined.h"
#include "components/postgres/target.h"
#include "data/upsert_rules.h"

namespace batchout::postgres {

/// How several rows of one key in a batch become one.
enum class Folding : std::uint8_t {
  /// The last one, or the last of those with the newest version.
  last,
  /// Each column by its rule.
  by_column,
  /// Not at all: the first row of each key is merged, then the second, and so on.
  in_turns,
};

enum class MergeWay : std::uint8_t {
  /// INSERT … ON CONFLICT, which needs a unique index on the keys.
  on_conflict,
  /// New keys first, then the others, because ON CONFLICT does not see which cells are absent.
  insert_first,
  /// Locks the target against other writers, updates what is there, inserts the rest.
  locked,
};

/// What a row of the stage is there for.
enum class RowKind : char {
  row = 'r',
  /// Deletes the row with its keys.
  removed = 'd',
  /// Deletes it once all tables have been written: nothing of its key comes after it.
  removed_late = 'l',
  /// Says that nothing is left within its columns of `replace_within`.
  emptied = 'e',
  /// Was refused by us; what the table has of it stays.
  refused = 'x',
};

/// Borrows from `target`, which must stay where it is.
struct Merge {
  struct Column {
    const TargetColumn* target = nullptr;
    MergeRule rule = MergeRule::overwrite;
    /// Column of the rows that come.
    std::size_t source = 0;
  };

  const Target* target = nullptr;
  /// Those that are written, in the order of the rows.
  std::vector<Column> columns;
  std::vector<const TargetColumn*> keys;
  /// Rows older than the target's are left out; null: there are no versions.
  const TargetColumn* version = nullptr;
  bool keeps_absent = false;
  bool skips_unchanged = true;
  /// Some rows delete.
  bool removes = false;
  /// Rows of a payload replace those with the same values here.
  std::vector<const TargetColumn*> within;
  MergeWay way = MergeWay::on_conflict;
  Folding folding = Folding::last;
  /// Name of the temporary table; empty: rows are not merged.
  std::string stage;
  /// Its columns beside those of the target. The number of each row; rows of one key are merged in this order.
  std::string sequence = "batchout_sequence";
  /// With `keeps_absent`: '1' for each column whose cell is absent, else '0'.
  std::string absent = "batchout_absent";
  /// With Folding::in_turns: which row of its key it is; null is the first. 0, with MergeWay::insert_first: it is in
  /// the target.
  std::string turn = "batchout_turn";
  /// With `removes` or `within`: a RowKind.
  std::string kind = "batchout_kind";
  /// With `within`: the number of the payload.
  std::string payload = "batchout_payload";

  bool is_key(const TargetColumn* column) const;
  bool has_kinds() const { return removes || !within.empty(); }
  /// Name of the boolean that a folded row has for a column whose cell may be absent.
  std::string absent_flag(std::size_t column) const;
};

/// Rows of the stage by their numbers: from `first` to before `last`.
struct StageRows {
  std::int64_t first = 0;
  std::int64_t last = 0;
  /// With Folding::in_turns: the turn at hand.
  std::string turn{};
  /// Without those that MergeWay::insert_first has inserted.
  bool inserted_left_out = false;
  /// Where the merge has kinds.
  RowKind kind = RowKind::row;
  /// With Folding::last: without rows whose key is deleted late.
  bool removed_late_left_out = false;
};

/// By the rules of the columns, which must be known.
Folding folding_of(const Merge& merge);

/// (Re-)creates the temporary table, which the server empties at the end of every transaction.
std::string create_stage_sql(const Merge& merge);

/// For many merges of few rows each, and what takes it away again.
std::string index_stage_sql(const Merge& merge);
std::string drop_stage_index_sql(const Merge& merge);

/// Gives rows of the stage new numbers from `start` on, in the order of `numbers`: those that they have, with commas.
std::string renumber_sql(const Merge& merge, std::string_view numbers, std::int64_t start);

/// COPY into the stage or, without one, into the target.
std::string copy_sql(const Merge& merge, bool binary);

/// With Folding::in_turns: numbers the rows of each key. Then the turns of some rows, in order.
std::string number_turns_sql(const Merge& merge);
std::string turns_sql(const Merge& merge, const StageRows& rows);

/// With `within`: of rows that a later payload of the batch replaces it is only noted that their keys are gone.
std::string fold_lists_sql(const Merge& merge);

/// Lets deletions that nothing of their key follows wait until all tables have been written.
std::string postpone_removals_sql(const Merge& merge);

/// A query of one row per key: the columns and, with `keeps_absent`, the flags of the absent ones.
std::string folded_rows(const Merge& merge, const StageRows& rows);

/// The condition that chooses rows of the stage.
std::string in_stage(const Merge& merge, const StageRows& rows);

std::string target_name(const Merge& merge);
std::string stage_name(const Merge& merge);

/// That two rows have equal values in `columns`.
std::string same_values(const std::vector<const TargetColumn*>& columns, std::string_view one, std::string_view other);

/// Key columns in quotes after `prefix`, for example `s.`.
std::string key_names(const Merge& merge, std::string_view prefix = {});

/// An operator of pg_catalog by its full name, so that nothing shadows it; those of extensions are found along the
/// search path.
std::string operator_of(const TargetColumn& column, std::string_view name);

}  // namespace batchout::postgres
