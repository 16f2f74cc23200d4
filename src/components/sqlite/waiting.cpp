// Rows that cannot be stored in their place, because a foreign key wants other rows to come or to go first.

#include "components/sqlite/waiting.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>

#include "components/sqlite/store.h"

namespace batchout {
namespace {

/// Each pass takes rows whose way was made free by the one before. A chain of rows in either order needs two, one in no
/// order a pass for every other row; what is left behind them is refused.
constexpr int kPassesMax = 100;

/// A row that a query has made has no payload, and is alone.
auto payload_of(const SqliteWaitingRow& row) {
  const std::uint32_t origin = row.block.origins()[row.row];
  if (origin == Block::kNone) return std::tuple(UnitId{}, std::int64_t{-1}, static_cast<std::int64_t>(row.number));
  const Values& values = row.block.values();
  return std::tuple(values.units[origin], values.positions[origin], std::int64_t{-1});
}

}  // namespace

void SqliteWaiting::clear() {
  rows_.clear();
  keys_.clear();
}

void SqliteWaiting::add(SqliteWaitingRow row) {
  const bool same = !rows_.empty() && rows_.back().writer == row.writer;
  row.turn = rows_.empty() ? 0 : rows_.back().turn + (same ? 0 : 1);
  if (!row.key.empty()) keys_.emplace(row.writer, row.key);
  rows_.push_back(std::move(row));
}

bool SqliteWaiting::holds(const SqliteRowWriter& writer, const std::string& key) const {
  return keys_.contains({&writer, key});
}

Result<std::vector<SqliteWaitingRow>> SqliteWaiting::end(const SqliteRowWriter& writer) {
  BATCHOUT_CHECK(retry());
  std::vector<SqliteWaitingRow> others, refused;
  for (SqliteWaitingRow& row : rows_) {
    if (row.writer != &writer) {
      others.push_back(std::move(row));
      continue;
    }
    // Some have only waited for one of their key.
    BATCHOUT_TRY(const bool done, stored(row));
    if (!done)
      refused.push_back(std::move(row));
    else if (!row.key.empty())
      std::erase_if(refused, [&](const SqliteWaitingRow& before) { return before.yields && before.key == row.key; });
  }
  rows_ = std::move(others);
  keys_.clear();
  for (const SqliteWaitingRow& row : rows_)
    if (!row.key.empty()) keys_.emplace(row.writer, row.key);
  return refused;
}

Result<> SqliteWaiting::retry() {
  std::ranges::stable_sort(rows_, std::ranges::greater(), &SqliteWaitingRow::turn);
  for (int passes = 0; passes < kPassesMax && !rows_.empty(); ++passes) {
    BATCHOUT_TRY(const bool helped, pass(passes % 2 == 0));
    if (!helped) break;
  }
  return store_.checks_keys() ? try_groups() : Result<>{};
}

// Of each key the first row alone, whatever the direction.
Result<bool> SqliteWaiting::pass(bool forwards) {
  std::set<std::pair<const SqliteRowWriter*, std::string>> keys;
  std::vector<std::size_t> tried;
  for (std::size_t i = 0; i < rows_.size(); ++i)
    if (rows_[i].key.empty() || keys.emplace(rows_[i].writer, rows_[i].key).second) tried.push_back(i);
  if (!forwards) std::ranges::reverse(tried);
  std::vector<bool> done(rows_.size());
  for (const std::size_t i : tried) {
    BATCHOUT_TRY(done[i], stored(rows_[i]));
  }
  std::vector<SqliteWaitingRow> left;
  for (std::size_t i = 0; i < rows_.size(); ++i)
    if (!done[i]) left.push_back(std::move(rows_[i]));
  const bool helped = left.size() < rows_.size();
  rows_ = std::move(left);
  return helped;
}

// Rows of a payload stand together afterwards, in their order.
Result<> SqliteWaiting::try_groups() {
  if (rows_.size() < 2) return {};
  BATCHOUT_TRY(const bool all, stored_together(0, rows_.size()));
  if (all) {
    rows_.clear();
    return {};
  }
  std::ranges::stable_sort(rows_, {}, payload_of);
  std::vector<SqliteWaitingRow> left;
  for (std::size_t first = 0; first < rows_.size();) {
    std::size_t last = first + 1;
    while (last < rows_.size() && payload_of(rows_[last]) == payload_of(rows_[first])) ++last;
    BATCHOUT_TRY(const bool done, last - first > 1 ? stored_together(first, last) : Result<bool>(false));
    for (; first < last; ++first)
      if (!done) left.push_back(rows_[first]);
  }
  rows_ = std::move(left);
  return {};
}

Result<bool> SqliteWaiting::stored(SqliteWaitingRow& row) {
  Result<> done = store_.tried([&] { return row.writer->store_again(row.block, row.row); });
  if (done) return true;
  if (done.error().verdict != Verdict::row) return std::unexpected(std::move(done).error());
  row.why = std::move(done).error();
  return false;
}

Result<bool> SqliteWaiting::stored_together(std::size_t first, std::size_t last) {
  const Result<> done = store_.tried([&]() -> Result<> {
    for (std::size_t i = first; i < last; ++i)
      BATCHOUT_CHECK(rows_[i].writer->store_again(rows_[i].block, rows_[i].row));
    return {};
  });
  if (done) return true;
  if (done.error().verdict != Verdict::row) return std::unexpected(done.error());
  return false;
}

}  // namespace batchout
