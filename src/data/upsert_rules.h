// What an upsert makes of a row that is there and one that comes: settings that outputs with keys share.
//
// The meaning is that of one row after the other, in the order in which they come; how many of them are in a batch
// makes no difference.

#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "batchout/block.h"
#include "batchout/component.h"
#include "batchout/spec.h"

namespace batchout {

/// The value of a column where the row is there already. A null in the new row changes nothing, but with `overwrite`.
enum class MergeRule : std::uint8_t {
  overwrite,
  keep,      ///< The first value stays, null too.
  coalesce,  ///< The new one, unless it is null.
  add,
  max,
  min,
  append,  ///< Texts and lists, the new one last.
};

/// A cell whose path has found nothing.
enum class AbsentCells : std::uint8_t {
  null,
  /// Leaves the stored value; new rows get the default of the column. Of columns with the rules `overwrite` and `keep`;
  /// to the other rules it is a null.
  keep,
};

/// A column of the rows that the settings of an output name beside its keys.
struct NamedColumn {
  std::string setting;  ///< Its key, for example "rules".
  std::string column;
  /// A row that is stored twice would count twice in it.
  bool counts = false;
};

struct UpsertRules {
  std::string version_column;
  std::map<std::string, MergeRule> rules;
  AbsentCells absent = AbsentCells::null;
  std::optional<bool> skip_unchanged;
  /// By column: the values that make a row a deletion.
  std::map<std::string, std::vector<Node>> delete_when;
  /// Rows of one payload with equal values here take the place of all that the table has with them.
  std::vector<std::string> replace_within;

  /// `Config` has `keys`, and `bool upserts() const`.
  template <class Config>
  static void describe_rules(Spec<Config>& s);
  template <class Config>
  static void describe_replacement(Spec<Config>& s);

  MergeRule rule_of(const std::string& column) const;
  /// A row that is stored twice would count twice.
  bool counts_rows() const;
  /// Old dialects write whatever comes.
  bool skips_unchanged(Dialect dialect) const { return skip_unchanged.value_or(dialect == Dialect::v1); }
  bool marks_are_scalars() const;
  std::vector<NamedColumn> named_columns() const;
};

/// Tells rows that delete from others.
class DeleteMarks {
 public:
  DeleteMarks() = default;
  DeleteMarks(const UpsertRules& rules, const TableShape& shape);

  /// Turns to the rows of a block, which must outlive the questions.
  void start(const Block& block);
  bool marks(std::size_t row);

 private:
  struct Mark {
    std::size_t column = 0;
    std::vector<std::string> values;
    std::vector<double> numbers;
    const TimeZone* zone = nullptr;
  };
  std::vector<Mark> marks_;
  std::vector<Block::View> views_;
  std::string text_;
};

/// Tells which rows of a batch are one list of `replace_within`: those of one payload. Rows that a query has made have
/// none, and are one list all together.
class ListRows {
 public:
  ListRows() = default;
  /// `others`: columns of the shape that are keys and not of `replace_within`.
  explicit ListRows(std::vector<std::size_t> others) : others_(std::move(others)) {}

  /// Turns to the rows of the next block, which must outlive the questions.
  void start(const Block& block);
  /// Grows from payload to payload, over the blocks.
  std::int64_t payload(std::size_t row) const { return payloads_[row]; }
  /// What an empty list leaves of its parent (`outer`): a row that has no entry where the other keys come from. Of rows
  /// that a query has made: one whose other keys are all empty.
  bool empties(std::size_t row) const;

 private:
  std::vector<std::size_t> others_;
  std::vector<Block::View> views_;
  const Block* block_ = nullptr;
  /// By row.
  std::vector<std::int64_t> payloads_;
  /// Of the row before, in this block or the one before.
  std::int64_t payload_ = 0;
  const Values* values_ = nullptr;
  std::uint32_t origin_ = Block::kNone;
};

template <>
struct Choices<MergeRule> {
  static constexpr std::string_view names[] = {"overwrite", "keep", "coalesce", "add", "max", "min", "append"};
};
template <>
struct Choices<AbsentCells> {
  static constexpr std::string_view names[] = {"null", "keep"};
};

template <class Config>
void UpsertRules::describe_rules(Spec<Config>& s) {
  constexpr std::string_view kUpsertOnly = "has a meaning with mode: upsert only";
  s.field("version_column", &UpsertRules::version_column,
          "With upsert: a row whose version is older than that of the row that is there changes nothing.")
      .field("rules", &UpsertRules::rules,
             "With upsert: what becomes of a column whose row is there already, by name; overwrite where nothing is "
             "said.")
      .field("absent", &UpsertRules::absent,
             "With upsert: a value that a payload does not have becomes null, or keeps what is there.")
      .field("skip_unchanged", &UpsertRules::skip_unchanged,
             "With upsert: a row that would change nothing is not written; by default so in `batchout: 1`.")
      .field(
          "delete_when", &UpsertRules::delete_when,
          "With upsert: columns with the values that make a row delete the one with its keys, for example {op: [d]}.")
      .check(
          "version_column", [](const Config& c) { return c.upserts() || c.version_column.empty(); }, kUpsertOnly)
      .check(
          "rules", [](const Config& c) { return c.upserts() || c.rules.empty(); }, kUpsertOnly)
      .check(
          "absent", [](const Config& c) { return c.upserts() || c.absent == AbsentCells::null; }, kUpsertOnly)
      .check(
          "skip_unchanged", [](const Config& c) { return c.upserts() || !c.skip_unchanged; }, kUpsertOnly)
      .check(
          "delete_when", [](const Config& c) { return c.upserts() || c.delete_when.empty(); }, kUpsertOnly)
      .check(
          "delete_when", [](const Config& c) { return c.marks_are_scalars(); },
          "takes texts, numbers and booleans: {column: value} or {column: [value, value]}")
      .check(
          "delete_when",
          [](const Config& c) {
            return std::ranges::none_of(c.keys, [&](const std::string& key) { return c.delete_when.contains(key); });
          },
          "names one of the keys, by which the row is found; name another column")
      .check(
          "version_column",
          [](const Config& c) {
            return std::ranges::find(c.keys, c.version_column) == c.keys.end() || c.version_column.empty();
          },
          "is one of the keys, so rows of different versions would be different rows; name another column")
      .check(
          "version_column", [](const Config& c) { return !c.rules.contains(c.version_column); },
          "always holds the newest version; leave it out of rules")
      .check(
          "rules",
          [](const Config& c) {
            return std::ranges::none_of(c.keys, [&](const std::string& key) { return c.rules.contains(key); });
          },
          "name one of the keys, which never change; leave it out")
      .check(
          "rules", [](const Config& c) { return c.version_column.empty() || !c.counts_rows(); },
          "have add or append, which a version_column would make lose rows that come late; leave one of the two out");
  describe_replacement(s);
}

// A list that comes stands for itself: what was there before must not matter.
template <class Config>
void UpsertRules::describe_replacement(Spec<Config>& s) {
  const auto replaces = [](const Config& c) { return !c.replace_within.empty(); };
  s.field(
       "replace_within", &UpsertRules::replace_within,
       "With upsert: columns within which the rows of a payload replace those that are there, for example [order_id].")
      .check(
          "replace_within", [=](const Config& c) { return c.upserts() || !replaces(c); },
          "has a meaning with mode: upsert only")
      .check(
          "replace_within", [=](const Config& c) { return !replaces(c) || c.version_column.empty(); },
          "cannot be combined with version_column: rows that left a list have no version; leave one of the two out")
      .check(
          "replace_within", [=](const Config& c) { return !replaces(c) || c.delete_when.empty(); },
          "cannot be combined with delete_when: rows that are to be deleted leave the list; leave one of the two out")
      .check(
          "replace_within",
          [=](const Config& c) {
            return !replaces(c) || (c.absent == AbsentCells::null && std::ranges::all_of(c.rules, [](const auto& rule) {
                                      return rule.second == MergeRule::overwrite;
                                    }));
          },
          "cannot be combined with absent: keep and rules other than overwrite: the rows of a list replace others as a "
          "whole")
      .check(
          "replace_within",
          [=](const Config& c) {
            return !replaces(c) || c.keys.empty() || !std::ranges::all_of(c.keys, [&](const std::string& key) {
              return std::ranges::find(c.replace_within, key) != c.replace_within.end();
            });
          },
          "holds all of the keys, so a list would have one row; keys need a column that tells its rows apart");
}

}  // namespace batchout
