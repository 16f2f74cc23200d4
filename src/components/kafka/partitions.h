// The partitions that an input has ever been given, and how far each has been taken.

#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/payloads.h"
#include "components/kafka/handles.h"
#include "components/kafka/landmark.h"

namespace batchout::kafka {

struct Partition {
  std::string topic;
  std::int32_t number = 0;
  /// Its place in the list.
  UnitId id{};

  /// Assigned to us, and fetched.
  bool owned = false;
  /// Taken from us, which the engine has still to confirm: nothing more is handed out.
  bool revoked = false;
  /// Librdkafka has given up fetching; what the partition holds has to be looked at.
  bool stopped = false;
  /// Offset from which on messages are taken.
  std::int64_t expected = Position::kUnset;
  /// The message that has to come again before any is taken; none: nothing is to be compared, or it has been.
  std::optional<Witness> witness = {};
  /// Another one came in its place: nothing is taken.
  bool replaced = false;
  /// Number of the message taken last among the payloads in hand.
  std::optional<std::size_t> last_taken = {};
  /// Last committed to the group by us.
  std::int64_t acknowledged = Position::kUnset;
  /// What the group should have and does not: it was changing when it was told, or has not answered yet.
  std::int64_t unheard = Position::kUnset;
  /// What it is being told.
  std::int64_t told = Position::kUnset;
  /// Where the partition ended when we last came there; none while there is more before us, or may be.
  std::int64_t end = Position::kUnset;
  /// Messages below `expected` since the last one taken.
  std::uint64_t skipped = 0;
  /// What Listening said when the partition was last heard, or asked for its end.
  std::chrono::steady_clock::duration heard_at{};

  /// Offset from which on messages are fetched.
  std::int64_t fetched_from() const { return witness ? std::min(expected, witness->offset) : expected; }

  Unit unit() const { return {id, "kafka:" + topic, std::to_string(number)}; }
  /// What all messages of the partition share, and that their positions are their offsets.
  void note(Payloads& payloads) const {
    payloads.note_of(id, MetaField::topic, topic);
    payloads.note_of(id, MetaField::partition, number);
    payloads.note_of(id, MetaField::offset, 0);
  }
  std::string text() const { return "kafka:" + topic + "/" + std::to_string(number); }
};

/// References hold until another partition is met for the first time.
class Partitions {
 public:
  /// The partition, with the same id each time it is asked for.
  Partition& at(std::string_view topic, std::int32_t number);
  Partition& at(UnitId id) { return partitions_[static_cast<std::size_t>(id)]; }
  /// Null for an id that was never given.
  Partition* find(UnitId id);

  std::span<Partition> all() { return partitions_; }
  bool owns_any() const;

 private:
  std::vector<Partition> partitions_;
  // Messages come in runs of one partition.
  std::size_t last_ = 0;
};

/// Adds the partition to a list of librdkafka's, with an offset.
inline void add_to(rd_kafka_topic_partition_list_t& list, const Partition& partition, std::int64_t offset) {
  rd_kafka_topic_partition_list_add(&list, partition.topic.c_str(), partition.number)->offset = offset;
}

}  // namespace batchout::kafka
