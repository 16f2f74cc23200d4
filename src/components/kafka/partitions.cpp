// The partitions that an input has ever been given: few, so they are looked up by going through them.

#include "components/kafka/partitions.h"

#include <algorithm>

namespace batchout::kafka {

Partition& Partitions::at(std::string_view topic, std::int32_t number) {
  const auto is_it = [&](const Partition& p) { return p.number == number && p.topic == topic; };
  if (last_ < partitions_.size() && is_it(partitions_[last_])) return partitions_[last_];
  const auto found = std::ranges::find_if(partitions_, is_it);
  last_ = static_cast<std::size_t>(found - partitions_.begin());
  if (found == partitions_.end()) {
    Partition& made = partitions_.emplace_back();
    made.topic = topic;
    made.number = number;
    made.id = static_cast<UnitId>(last_);
  }
  return partitions_[last_];
}

Partition* Partitions::find(UnitId id) {
  const auto index = static_cast<std::size_t>(id);
  return index < partitions_.size() ? &partitions_[index] : nullptr;
}

bool Partitions::owns_any() const {
  return std::ranges::any_of(partitions_, &Partition::owned);
}

}  // namespace batchout::kafka
