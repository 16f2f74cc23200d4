// Where partitions are read from: at a position that is known, at what the group has, or at an end of the partition.

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <thread>
#include <utility>

#include "components/kafka/errors.h"
#include "components/kafka/input.h"

namespace batchout::kafka {
namespace {

using std::chrono::milliseconds;

// Four looks half a second apart: a new leader learns the end of its partition within the replicas' fetch interval,
// which is 500 ms by default.
constexpr int kLooksAtTheEnd = 4;
constexpr milliseconds kBetweenLooks{500};

}  // namespace

// Everything that can fail comes before the assignment: after an error the rebalance is still unanswered, and the
// engine asks again.
Result<std::vector<Position>> KafkaInput::begin(std::span<const Position> positions) {
  std::vector<Position> starts(positions.begin(), positions.end());
  if (starts.empty()) return starts;
  BATCHOUT_CHECK(fill_in_committed(starts));
  const PartitionList list = new_partition_list();
  std::vector<Partition> begun;
  std::deque<Gap> gaps;
  for (Position& start : starts) {
    const Partition& partition = partitions_.at(start.unit);
    BATCHOUT_TRY(const Watermarks marks, watermarks(partition, start.number));
    BATCHOUT_CHECK(check_cluster(start, partition));
    BATCHOUT_TRY(start.number, starting_offset(start, partition, marks));
    if (start.number < marks.low) gaps.push_back({start.unit, start.number, marks.low});
    begun.push_back(begun_at(start, partition, marks));
    add_to(*list, begun.back(), begun.back().fetched_from());
  }
  BATCHOUT_CHECK(consumer_->assign(*list));
  for (Partition& partition : begun) partitions_.at(partition.id) = std::move(partition);
  // Of an earlier assignment a pause may still stand, or be gone.
  consumer_->pause(*list, holding_back_);
  std::ranges::move(gaps, std::back_inserter(gaps_));
  return starts;
}

// Nothing of an earlier ownership counts. What has been read before the position is fetched once more, if it is still
// there, to see whether it is the same.
Partition KafkaInput::begun_at(const Position& start, const Partition& partition, const Watermarks& marks) const {
  Partition begun{partition.topic, partition.number, partition.id};
  begun.owned = true;
  begun.expected = std::max(start.number, marks.low);
  begun.heard_at = listening_.so_far();
  begun.witness = Landmark::of(start.token).witness;
  if (begun.witness && (begun.witness->offset + 1 != start.number || begun.witness->offset < marks.low))
    begun.witness.reset();
  return begun;
}

// A broker that has just become the leader may know less than the one before: an end below the position is believed
// only when it stays there.
Result<Watermarks> KafkaInput::watermarks(const Partition& partition, std::int64_t position) {
  for (int look = 1;; ++look) {
    BATCHOUT_TRY(const Watermarks found, consumer_->watermarks(partition.topic, partition.number));
    if (position <= found.high || look == kLooksAtTheEnd) return found;
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

// Without a name the position was found by an earlier version, or set by hand: it is taken to belong here.
Result<> KafkaInput::check_cluster(Position& asked, const Partition& partition) {
  cluster_ = consumer_->cluster_id();
  const std::string cluster = Landmark::of(asked.token).cluster;
  if (cluster_.empty() || (asked.number != Position::kUnset && cluster == cluster_)) return {};
  if (asked.number == Position::kUnset || cluster.empty()) {
    asked.token = Landmark{cluster_, Landmark::of(asked.token).witness}.token();
    return {};
  }
  return fail(Verdict::configuration, kOtherCluster,
              fmt::format("The position was reached in another cluster, where offsets mean other messages; correct "
                          "`bootstrap_servers`, or begin here as a first run does with `batchout positions reset`: "
                          "{}, position {} of cluster {}, found cluster {}",
                          partition.text(), asked.number, cluster, cluster_));
}

Result<std::int64_t> KafkaInput::starting_offset(const Position& asked, const Partition& partition,
                                                 const Watermarks& marks) {
  if (asked.number == Position::kUnset) {
    if (start_ == Start::committed)
      return fail(Verdict::configuration, kNoPosition,
                  fmt::format("The group has no committed offset; set `start` to earliest or latest, or commit one: "
                              "{}, group {}",
                              partition.text(), settings_.consumer_group));
    return start_ == Start::earliest ? marks.low : marks.high;
  }
  if (asked.number > marks.high)
    return fail(Verdict::configuration, kRewound,
                fmt::format("The partition ends before the position to go on from: the topic was made anew or has lost "
                            "messages; store a position within it: {}, position {}, end {}",
                            partition.text(), asked.number, marks.high));
  return asked.number;
}

}  // namespace batchout::kafka
