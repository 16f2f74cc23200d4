// Rows that wait: their order, and the passes over them.

#include "components/postgres/waiting.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "components/postgres/row_groups.h"
#include "components/postgres/store.h"

namespace batchout::postgres {
namespace {

/// The first pass stores whatever the order suits. Each of the others takes rows whose way was made free by the one
/// before, in turns from either end; what is left behind them is refused.
constexpr int kPassesMax = 16;

constexpr std::string_view kTrying = "Writing rows that have waited for others";

/// Whether other rows that come or go can make a row good.
bool may_pass(const WaitingRow& row) {
  constexpr std::string_view kForeignKey = "23503", kUnique = "23505";
  return row.why && (row.why->state == kForeignKey || row.why->state == kUnique);
}

}  // namespace

void Waiting::clear() {
  rows_.clear();
  refused_.clear();
  late_.clear();
  settled_ = false;
}

void Waiting::add(WaitingRow row) {
  rows_.push_back(std::move(row));
  settled_ = false;
}

Result<std::vector<WaitingRow>> Waiting::end(const WaitingWriter& writer) {
  BATCHOUT_CHECK(settle());
  std::vector<WaitingRow> ended;
  for (std::vector<WaitingRow>* rows : {&rows_, &refused_}) {
    const auto others =
        std::ranges::stable_partition(*rows, [&](const WaitingRow& row) { return row.writer != &writer; });
    std::ranges::move(others, std::back_inserter(ended));
    rows->erase(others.begin(), others.end());
  }
  std::ranges::stable_sort(ended, {}, &WaitingRow::number);
  return ended;
}

// What was written last is deleted first: children before their parents.
Result<> Waiting::settle() {
  if (settled_) return {};
  BATCHOUT_CHECK(store_.read_keys());
  for (; !late_.empty(); late_.pop_back()) BATCHOUT_CHECK(late_.back()->remove_late());
  // What has failed once mostly fails again.
  Isolation later(1);
  for (int passes = 0; passes < kPassesMax && !rows_.empty(); ++passes) {
    BATCHOUT_TRY(const bool helped, pass(passes == 0 ? isolation_ : later, passes % 2 == 0));
    if (!helped) break;
  }
  settled_ = true;
  return {};
}

Result<bool> Waiting::pass(Isolation& isolation, bool forwards) {
  Groups groups = grouped();
  if (!forwards) groups.reverse();
  BATCHOUT_CHECK(arrange(groups.rows));
  BATCHOUT_CHECK(isolation.store(
      groups.rows.size(), [&](std::size_t first, std::size_t last) { return attempt(starts_[first], starts_[last]); },
      [&](std::size_t group, const Refused& why) -> Result<> {
        if (starts_[group + 1] - starts_[group] > 1) return store_alone(group);
        rows_[starts_[group]].why = std::make_shared<const Refused>(why);
        return {};
      },
      std::move(groups.doubtful)));
  const bool helped = std::ranges::find(states_, State::done) != states_.end();
  std::vector<WaitingRow> left;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (states_[i] == State::done) continue;
    const bool waits = states_[i] == State::waits && may_pass(rows_[i]);
    (waits ? left : refused_).push_back(std::move(rows_[i]));
  }
  rows_ = std::move(left);
  return helped;
}

void Waiting::Groups::reverse() {
  std::ranges::reverse(rows);
  std::set<std::size_t> turned;
  for (const std::size_t group : doubtful) turned.insert(rows.size() - 1 - group);
  doubtful = std::move(turned);
}

// Where the keys of rows are not known, they have no needs and stay in their order.
Waiting::Groups Waiting::grouped() const {
  std::vector<Places> needs(rows_.size());
  std::vector<bool> doubtful(rows_.size());
  for (const ForeignKey& key : store_.foreign_keys()) add_needs(key, needs, doubtful);
  add_meetings(needs);
  Groups groups{groups_of(needs), {}};
  const auto doubted = [&](std::size_t row) { return doubtful[row]; };
  for (std::size_t i = 0; i < groups.rows.size(); ++i) {
    const Places& group = groups.rows[i];
    if (std::ranges::none_of(
            group, [&](std::size_t row) { return doubtful[row] || std::ranges::any_of(needs[row], doubted); }))
      continue;
    groups.doubtful.insert(i);
    for (const std::size_t row : group) doubtful[row] = true;
  }
  return groups;
}

void Waiting::add_needs(const ForeignKey& key, std::vector<Places>& needs, std::vector<bool>& doubtful) const {
  std::map<std::string, std::size_t> parents;
  std::string text;
  const auto finds = [&](const WaitingRow& row, const TableName& table, const std::vector<std::string>& columns) {
    text.clear();
    return row.writer->table() == table && row.writer->append_key(row, columns, text);
  };
  for (std::size_t i = 0; i < rows_.size(); ++i)
    if (finds(rows_[i], key.parent, key.referred)) parents.emplace(text, i);
  if (parents.empty()) return;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (!finds(rows_[i], key.child, key.columns)) continue;
    const auto parent = parents.find(text);
    if (parent == parents.end())
      doubtful[i] = true;
    else if (parent->second != i)
      needs[i].push_back(parent->second);
  }
}

// Rows of one key need each other, which makes them one group.
void Waiting::add_meetings(std::vector<Places>& needs) const {
  std::map<std::pair<WaitingWriter*, std::string>, std::size_t> last;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const auto columns = rows_[i].writer->meeting_columns();
    std::string text;
    if (columns.empty() || !rows_[i].writer->append_key(rows_[i], columns, text)) continue;
    const auto [before, first] = last.try_emplace({rows_[i].writer, std::move(text)}, i);
    if (first) continue;
    needs[i].push_back(before->second);
    needs[before->second].push_back(i);
    before->second = i;
  }
}

// Rows stand in the order of the groups afterwards.
Result<> Waiting::arrange(const std::vector<Places>& groups) {
  std::vector<WaitingRow> ordered;
  starts_.clear();
  for (const Places& group : groups) {
    starts_.push_back(ordered.size());
    for (const std::size_t row : group) ordered.push_back(std::move(rows_[row]));
  }
  starts_.push_back(ordered.size());
  rows_ = std::move(ordered);
  states_.assign(rows_.size(), State::waits);
  writers_.clear();
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    auto found = std::ranges::find(writers_, rows_[i].writer, &std::pair<WaitingWriter*, Places>::first);
    if (found == writers_.end()) found = writers_.insert(found, {rows_[i].writer, {}});
    found->second.push_back(i);
  }
  for (const auto& [writer, places] : writers_) {
    std::vector<WaitingRow*> own;
    for (const std::size_t place : places) own.push_back(&rows_[place]);
    BATCHOUT_CHECK(writer->arrange(own));
  }
  return {};
}

// The named row is a group, since that is what the isolation counts.
std::optional<Refused> Waiting::attempt(std::size_t first, std::size_t last) {
  std::optional<std::size_t> named;
  auto failed = store_.attempt(kTrying, PostgresStore::Keys::at_the_end, [&]() -> Result<> {
    for (const auto& [writer, places] : writers_) {
      const auto begin = static_cast<std::size_t>(std::ranges::lower_bound(places, first) - places.begin());
      const auto end = static_cast<std::size_t>(std::ranges::lower_bound(places, last) - places.begin());
      if (begin == end) continue;
      Result<> stored = writer->store_arranged(begin, end);
      if (stored) continue;
      // The server may name the line behind the last one.
      if (const auto row = writer->failed_row(); row && *row < places.size()) named = places[*row];
      return stored;
    }
    return {};
  });
  if (!failed)
    std::fill(states_.begin() + static_cast<std::ptrdiff_t>(first), states_.begin() + static_cast<std::ptrdiff_t>(last),
              State::done);
  if (failed && named)
    failed->row = static_cast<std::size_t>(std::ranges::upper_bound(starts_, *named) - starts_.begin()) - 1;
  return failed;
}

// Of rows that do not go together some may go alone.
Result<> Waiting::store_alone(std::size_t group) {
  for (std::size_t row = starts_[group]; row < starts_[group + 1]; ++row) {
    auto failed = attempt(row, row + 1);
    if (failed && failed->error.verdict != Verdict::row) return std::unexpected(std::move(failed->error));
    if (failed) rows_[row].why = std::make_shared<const Refused>(std::move(*failed));
  }
  settle_meetings(group);
  return {};
}

// Once a later row of its key is stored a row must not follow.
void Waiting::settle_meetings(std::size_t group) {
  std::set<std::pair<WaitingWriter*, std::string>> stored;
  for (std::size_t i = starts_[group + 1]; i-- > starts_[group];) {
    const WaitingRow& row = rows_[i];
    const auto columns = row.writer->meeting_columns();
    std::string key;
    if (columns.empty() || !row.writer->append_key(row, columns, key)) continue;
    if (states_[i] == State::done)
      stored.emplace(row.writer, std::move(key));
    else if (stored.contains({row.writer, key}))
      states_[i] = may_pass(row) && row.writer->yields(row) ? State::done : State::refused;
  }
}

}  // namespace batchout::postgres
