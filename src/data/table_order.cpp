// A sort that keeps what it need not change.

#include "data/table_order.h"

#include <algorithm>

namespace batchout {

std::vector<std::size_t> parents_first(const std::vector<TableName>& tables, const References& references) {
  std::vector<std::size_t> left(tables.size()), order;
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = i;
  const auto waits = [&](std::size_t table) {
    return std::ranges::any_of(left,
                               [&](std::size_t other) { return references.contains({tables[table], tables[other]}); });
  };
  while (!left.empty()) {
    auto next = std::ranges::find_if_not(left, waits);
    if (next == left.end()) next = left.begin();
    order.push_back(*next);
    left.erase(next);
  }
  return order;
}

}  // namespace batchout
