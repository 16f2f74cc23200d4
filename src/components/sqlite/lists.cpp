// Of several lists with the same values in one batch the last one counts, so rows of the earlier ones are deleted, too,
// unless they are in it. A key that has gone to another list is in that one.

#include "components/sqlite/lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/joined.h"
#include "components/sqlite/table.h"

namespace batchout {
namespace {

struct Names {
  std::string list;
  std::vector<std::string> keys, within;
};

std::string listed(const std::vector<std::string>& names, std::string_view prefix = {}) {
  return joined(names.size(), ", ",
                [&](std::size_t i) { return fmt::format("{}{}", prefix, sqlite_identifier(names[i])); });
}

std::string equal(const std::vector<std::string>& names, std::string_view one, std::string_view other) {
  return joined(names.size(), " AND ", [&](std::size_t i) {
    return fmt::format("{0}.{2} = {1}.{2}", one, other, sqlite_identifier(names[i]));
  });
}

// The lists lead to the rows of the target, so that an index on them is used. `condition` chooses among the lists.
std::string delete_sql(const Names& names, const std::string& target, std::string_view condition) {
  return fmt::format(
      "DELETE FROM {0} WHERE ({1}) IN (SELECT {2} FROM (SELECT DISTINCT {3} FROM {4}{8}) AS l CROSS JOIN {0} AS t ON "
      "{5} "
      "WHERE NOT EXISTS (SELECT 1 FROM {4} AS k WHERE {6} AND k.\"\" = (SELECT max(m.\"\") FROM {4} AS m WHERE {7})))",
      sqlite_identifier(target), listed(names.keys), listed(names.keys, "t."), listed(names.within), names.list,
      equal(names.within, "t", "l"), equal(names.keys, "t", "k"), equal(names.within, "t", "m"), condition);
}

}  // namespace

// The columns keep the affinities of the target, so that values compare as there. The number of the payload has the
// name that no column of a configuration has: none.
Result<SqliteLists> SqliteLists::open(SqliteStore& store, const SqliteConfig& config, const std::string& output,
                                      const TableShape& shape, const std::vector<std::size_t>& keys) {
  SqliteLists lists;
  if (config.replace_within.empty()) return lists;
  lists.store_ = &store;
  Names names{.list = "temp." + sqlite_identifier("list " + output), .keys = {}, .within = {}};
  std::vector<std::string> columns;
  std::vector<std::size_t> others;
  std::string parameters;
  for (std::size_t i = 0; i < shape.columns.size(); ++i) {
    const std::string& name = shape.columns[i].name;
    const bool key = std::ranges::find(keys, i) != keys.end();
    const bool within = std::ranges::find(config.replace_within, name) != config.replace_within.end();
    if (key) names.keys.push_back(name);
    if (within) names.within.push_back(name);
    if (key && !within) others.push_back(i);
    if (!key && !within) continue;
    columns.push_back(name);
    parameters += fmt::format("?{}, ", i + 1);
    lists.bound_.push_back(i);
  }
  lists.rows_ = ListRows(std::move(others));
  lists.payload_parameter_ = static_cast<int>(shape.columns.size()) + 1;
  BATCHOUT_CHECK(store.execute("DROP TABLE IF EXISTS " + names.list));
  BATCHOUT_CHECK(store.execute(fmt::format("CREATE TABLE {} AS SELECT {}, 0 AS \"\" FROM {} WHERE 0", names.list,
                                           listed(columns), sqlite_identifier(config.table))));
  const std::string bare = sqlite_identifier("list " + output);
  BATCHOUT_CHECK(store.execute(
      fmt::format("CREATE INDEX temp.{} ON {} ({})", sqlite_identifier("keys " + output), bare, listed(names.keys))));
  BATCHOUT_CHECK(store.execute(fmt::format("CREATE INDEX temp.{} ON {} ({}, \"\")",
                                           sqlite_identifier("lists " + output), bare, listed(names.within))));
  BATCHOUT_TRY(lists.note_, store.prepare(fmt::format("INSERT INTO {} VALUES ({}?{})", names.list, parameters,
                                                      lists.payload_parameter_)));
  BATCHOUT_TRY(lists.delete_, store.prepare(delete_sql(names, config.table, "")));
  BATCHOUT_TRY(lists.delete_one_, store.prepare(delete_sql(names, config.table, " WHERE \"\" = ?1")));
  BATCHOUT_TRY(lists.forget_, store.prepare("DELETE FROM " + names.list));
  return lists;
}

sqlite3_stmt* SqliteLists::note(std::size_t row) {
  sqlite3_clear_bindings(note_.get());
  sqlite3_bind_int64(note_.get(), payload_parameter_, rows_.payload(row));
  return note_.get();
}

Result<> SqliteLists::noted() {
  any_ = true;
  return store_->step(note_.get(), "A row of a list was refused");
}

void SqliteLists::start(const Block& block, std::uint64_t first) {
  rows_.start(block);
  NotedBlock& noted = blocks_.emplace_back(block, first);
  for (std::size_t row = 0; row < block.rows(); ++row) noted.payloads.push_back(rows_.payload(row));
}

// Within a transaction that a trigger has ended nothing is left to be refused.
Result<> SqliteLists::unless_ended(SqliteStore& store, Result<> done) {
  if (!done && done.error().verdict == Verdict::row && !store.in_transaction())
    return std::unexpected(sqlite_ended(std::move(done).error()));
  return done;
}

Result<> SqliteLists::replace() {
  if (!any_) return forget();
  const Result<> done = unless_ended(
      *store_, store_->tried([&] { return store_->step(delete_.get(), "Rows that have left their list stay"); }));
  if (done) return forget();
  late_ = done.error().verdict == Verdict::row;
  return late_ ? Result<>{} : done;
}

Result<> SqliteLists::replace_late(const Refuse& refuse) {
  if (!late_) return {};
  std::int64_t payload = 0;
  Result<> done;
  for (const NotedBlock& noted : blocks_)
    for (std::size_t row = 0; row < noted.payloads.size(); ++row) {
      if (noted.payloads[row] == 0) continue;
      if (payload != noted.payloads[row]) {
        payload = noted.payloads[row];
        sqlite3_bind_int64(delete_one_.get(), 1, payload);
        done = unless_ended(*store_, store_->tried([&] {
          return store_->step(delete_one_.get(), "A row that has left its list cannot be deleted");
        }));
        if (!done && done.error().verdict != Verdict::row) return done;
      }
      if (!done) refuse(noted.block, row, noted.first + row, done.error());
    }
  return forget();
}

Result<> SqliteLists::forget() {
  blocks_.clear();
  late_ = false;
  if (!std::exchange(any_, false)) return {};
  return store_->step(forget_.get(), "The lists of a batch cannot be forgotten");
}

}  // namespace batchout
