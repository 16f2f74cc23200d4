// Tarjan's algorithm without recursion, since a chain may be as long as a batch.

#include "components/postgres/row_groups.h"

#include <algorithm>
#include <utility>

namespace batchout::postgres {
namespace {

class Search {
 public:
  explicit Search(const std::vector<std::vector<std::size_t>>& needs)
      : needs_(needs), seen_(needs.size()), low_(needs.size()), level_(needs.size()), open_(needs.size()) {}

  // How many groups stand behind a row in the longest chain, and what ends there.
  std::vector<std::pair<std::size_t, std::vector<std::size_t>>> run() {
    for (std::size_t row = 0; row < needs_.size(); ++row)
      if (seen_[row] == 0) from(row);
    return std::move(groups_);
  }

 private:
  void from(std::size_t row) {
    enter(row);
    while (!path_.empty()) {
      auto& [at, next] = path_.back();
      if (next == needs_[at].size()) {
        leave();
        continue;
      }
      const std::size_t needed = needs_[at][next++];
      if (seen_[needed] == 0)
        enter(needed);
      else if (open_[needed])
        low_[at] = std::min(low_[at], seen_[needed]);
    }
  }

  void enter(std::size_t row) {
    low_[row] = seen_[row] = ++count_;
    open_[row] = true;
    stack_.push_back(row);
    path_.emplace_back(row, 0);
  }

  void leave() {
    const std::size_t row = path_.back().first;
    path_.pop_back();
    if (!path_.empty()) low_[path_.back().first] = std::min(low_[path_.back().first], low_[row]);
    if (low_[row] == seen_[row]) end_group(row);
  }

  void end_group(std::size_t first) {
    const auto begin = std::prev(std::find(stack_.rbegin(), stack_.rend(), first).base());
    std::vector<std::size_t> group(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    std::ranges::sort(group);
    for (const std::size_t row : group) open_[row] = false;
    std::size_t level = 0;
    for (const std::size_t row : group)
      for (const std::size_t needed : needs_[row])
        if (!std::ranges::binary_search(group, needed)) level = std::max(level, level_[needed] + 1);
    for (const std::size_t row : group) level_[row] = level;
    groups_.emplace_back(level, std::move(group));
  }

  const std::vector<std::vector<std::size_t>>& needs_;
  /// By row: its number in the order of the search, from 1; the least one that it leads to; the level of its group.
  std::vector<std::size_t> seen_, low_, level_;
  /// Its group has not ended.
  std::vector<bool> open_;
  std::vector<std::size_t> stack_;
  /// Rows under way, and which of their needs comes next.
  std::vector<std::pair<std::size_t, std::size_t>> path_;
  std::size_t count_ = 0;
  std::vector<std::pair<std::size_t, std::vector<std::size_t>>> groups_;
};

}  // namespace

// By level, so that rows of one table stay together and in their order.
std::vector<std::vector<std::size_t>> groups_of(const std::vector<std::vector<std::size_t>>& needs) {
  auto found = Search(needs).run();
  std::ranges::sort(found);
  std::vector<std::vector<std::size_t>> groups;
  groups.reserve(found.size());
  for (auto& [level, group] : found) groups.push_back(std::move(group));
  return groups;
}

}  // namespace batchout::postgres
