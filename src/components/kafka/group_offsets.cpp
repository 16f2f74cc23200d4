// What the group is asked and told about offsets.
//
// Where outputs keep the positions the group's offsets are for people to look at: then nothing waits for the
// coordinator, and what it refuses is told once.

#include <fmt/format.h>

#include <utility>

#include "components/kafka/errors.h"
#include "components/kafka/input.h"

namespace batchout::kafka {
namespace {

using std::chrono::milliseconds;

// For an offset that is under way when the input ends, and for the last one.
constexpr milliseconds kLastWait{1'000};

}  // namespace

KafkaInput::~KafkaInput() {
  if (!consumer_ || !kept_elsewhere_ || refused_) return;
  for (int i = 0; i < 2; ++i) tell_group(kLastWait);
}

// Asks the group for what the engine does not know. A group that refuses to be asked lets the question run into its
// time limit; that it does is told among the messages.
Result<> KafkaInput::fill_in_committed(std::span<Position> positions) {
  const PartitionList list = new_partition_list();
  for (const Position& position : positions)
    if (position.number == Position::kUnset) add_to(*list, partitions_.at(position.unit), RD_KAFKA_OFFSET_INVALID);
  if (list->cnt == 0) return {};
  const bool needed = settings_.partitions.empty() || start_ == Start::committed;
  if (refused_ && !needed) return {};
  BATCHOUT_CHECK(consumer_->committed(*list));
  for (Position& position : positions) {
    const Partition& partition = partitions_.at(position.unit);
    const auto* found = rd_kafka_topic_partition_list_find(list.get(), partition.topic.c_str(), partition.number);
    if (found != nullptr && found->offset >= 0) position.number = found->offset;
  }
  return {};
}

// The engine may finish and acknowledge a batch between a Revoked that is not lost and its release. A position that was
// committed already is not sent again.
Result<> KafkaInput::tell_stored(std::span<const Position> positions) {
  for (const Position& position : positions) {
    Partition* partition = partitions_.find(position.unit);
    if (partition == nullptr || !partition->owned || position.number < 0) continue;
    partition->unheard = position.number == partition->acknowledged ? Position::kUnset : position.number;
    any_unheard_ = any_unheard_ || partition->unheard != Position::kUnset;
  }
  return commit_unheard();
}

// A group that is changing hears it later: when the next position is acknowledged, or when nothing comes. A partition
// that goes to another member meanwhile is forgotten with its assignment.
Result<> KafkaInput::commit_unheard() {
  if (kept_elsewhere_) {
    tell_group(milliseconds(0));
    return {};
  }
  if (!any_unheard_) return {};
  const PartitionList list = unheard();
  if (list->cnt > 0) {
    BATCHOUT_TRY(const bool heard, consumer_->commit(*list));
    if (!heard) return {};
  }
  for (Partition& partition : partitions_.all())
    if (const auto heard = std::exchange(partition.unheard, Position::kUnset); heard != Position::kUnset)
      partition.acknowledged = heard;
  any_unheard_ = false;
  return {};
}

PartitionList KafkaInput::unheard() {
  PartitionList list = new_partition_list();
  for (const Partition& partition : partitions_.all())
    if (partition.owned && partition.unheard != Position::kUnset) add_to(*list, partition, partition.unheard);
  return list;
}

// One commit is under way at a time, with all that has come since the one before. `wait` is for its answer.
void KafkaInput::tell_group(milliseconds wait) {
  if (consumer_->commit_under_way()) {
    const auto answer = consumer_->commit_answer(wait);
    if (!answer) return;
    group_answered(*answer);
  }
  if (!any_unheard_) return;
  const PartitionList list = unheard();
  any_unheard_ = false;
  if (list->cnt == 0) return;
  for (Partition& partition : partitions_.all())
    partition.told = partition.owned ? partition.unheard : Position::kUnset;
  consumer_->commit_later(*list);
}

// What was not heard is sent again with the next position, or when nothing comes. What was refused waits for the next
// position: the group would have to refuse it with every pull.
void KafkaInput::group_answered(const Result<bool>& answer) {
  const bool heard = answer.has_value() && *answer;
  const bool refused = !answer && does_without_group(answer.error());
  for (Partition& partition : partitions_.all()) {
    const auto told = std::exchange(partition.told, Position::kUnset);
    if (heard && told != Position::kUnset) partition.acknowledged = told;
    if (heard && told == partition.unheard) partition.unheard = Position::kUnset;
    const bool to_send = partition.unheard != Position::kUnset && !(refused && told == partition.unheard);
    any_unheard_ = any_unheard_ || to_send;
  }
  if (!answer && !refused) log_.debug(answer.error().message);
}

// A right to the group is not needed where it neither keeps the positions nor shares out the partitions. Told once.
bool KafkaInput::does_without_group(const Error& error) {
  if (!kept_elsewhere_ || error.verdict != Verdict::configuration) return false;
  if (!std::exchange(refused_, true))
    log_.warning(
        fmt::format("The group does not take offsets, which is no harm to the rows, whose positions the outputs "
                    "keep; group {}: {} [{}]",
                    settings_.consumer_group, error.message, error.code));
  return true;
}

}  // namespace batchout::kafka
