// A member of a consumer group: librdkafka's consumer behind calls that fail with our errors and end in bounded time.
//
// Callbacks only record; they run inside `poll`, on the caller's thread. Whoever polls takes the recorded rebalances
// in order and answers each with `assign` or `unassign`.

#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "batchout/log.h"
#include "components/kafka/handles.h"
#include "components/kafka/settings.h"

namespace batchout::kafka {

/// Partitions that the group gave us or took from us.
struct Rebalance {
  bool assigned = false;
  /// Taken without asking: another member may have them already.
  bool lost = false;
  PartitionList partitions;
};

/// The offsets that a partition holds: from `low` on, before `high`.
struct Watermarks {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

/// Used by one thread. Never moves: librdkafka holds its address.
class Consumer {
 public:
  /// Makes the consumer and subscribes; connecting goes on in the background. Partitions that are named in the settings
  /// are an assignment at once, and no other follows.
  static Result<std::unique_ptr<Consumer>> open(const Settings& settings, Log log);
  /// Leaves the group and waits for that, at most a few seconds.
  ~Consumer();
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  /// The next message or per-partition error, or null. Returns early when a rebalance was recorded.
  Message poll(std::chrono::milliseconds wait);

  bool rebalanced() const { return !rebalances_.empty(); }
  Rebalance take_rebalance();

  /// What librdkafka reported about the whole client and does not get over by itself; told once.
  std::optional<Error> take_error() { return std::exchange(error_, std::nullopt); }
  /// The error after which librdkafka does nothing more, if there was one.
  std::optional<Error> fatal() const;
  /// True if no broker was reachable when librdkafka last said anything, and none is now. May wait a little.
  bool unreachable();
  /// Librdkafka's last word about a connection.
  const std::string& trouble() const { return trouble_; }

  /// Answer a rebalance. `assign` starts fetching at the given offsets.
  Result<> assign(const rd_kafka_topic_partition_list_t& partitions);
  void unassign(const rd_kafka_topic_partition_list_t& partitions);

  /// True if partitions come and go one by one; else `assign` replaces all of them.
  bool cooperative() const;

  /// Moves fetching to the given offsets. Returns the partitions whose fetching had ended: only assigning them anew
  /// starts it again.
  Result<PartitionList> seek(PartitionList partitions);
  /// Ends and starts fetching at the given offsets; without `cooperative` the list has to name all partitions.
  Result<> restart(const rd_kafka_topic_partition_list_t& partitions);
  /// A courtesy: what fails is logged, and messages may still come.
  void pause(rd_kafka_topic_partition_list_t& partitions, bool on);

  /// Fills in the offsets that the group has committed; RD_KAFKA_OFFSET_INVALID where there is none.
  Result<> committed(rd_kafka_topic_partition_list_t& partitions);
  /// Asks the leader of the partition, not what was fetched with the last messages.
  Result<Watermarks> watermarks(const std::string& topic, std::int32_t partition);
  /// Commits the offsets to the group. False if the group is changing, which is not an error: nothing depends on the
  /// commit, and it may be tried again.
  Result<bool> commit(const rd_kafka_topic_partition_list_t& offsets);

  /// The same without waiting. Not while another one is under way.
  void commit_later(const rd_kafka_topic_partition_list_t& offsets);
  bool commit_under_way() const { return later_ != nullptr; }
  /// What `commit` would have returned, once; nothing if it is not known after `wait`. One must be under way.
  std::optional<Result<bool>> commit_answer(std::chrono::milliseconds wait);

  /// Empty if the cluster has none, or nothing has been heard of it yet; known once `watermarks` was answered.
  std::string cluster_id() const;

 private:
  void refresh(const std::string& topic);
  Result<bool> heard(rd_kafka_resp_err_t code);
  Consumer(const Settings& settings, Log log);

  static void on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* list, void* self);
  static void on_error(rd_kafka_t*, int code, const char* reason, void* self);
  static void on_log(const rd_kafka_t* client, int level, const char* facility, const char* text);

  Result<> subscribe(const Settings& settings);
  void choose_partitions(const Settings& settings);
  void record(rd_kafka_resp_err_t code, const rd_kafka_topic_partition_list_t& list);
  void answer_last();
  bool await_assignment();
  bool is_joining() const;
  bool close();

  /// Owned, but given back by the destructor only where that is safe.
  rd_kafka_t* client_ = nullptr;
  std::string servers_;
  Log log_;
  /// Recorded and not yet taken, oldest first.
  std::deque<Rebalance> rebalances_;
  std::optional<Error> error_;
  std::string trouble_;
  /// Librdkafka has said that all brokers are down.
  bool down_ = false;
  // Where the answer to `commit_later` comes; null while none is under way.
  Handle<rd_kafka_queue_t> later_;
  // It was not even sent.
  rd_kafka_resp_err_t not_sent_ = RD_KAFKA_RESP_ERR_NO_ERROR;
  // The last one, while it waits for assign or unassign; else without partitions.
  Rebalance unanswered_;
  // The group has answered with a first assignment.
  bool has_joined_ = false;
};

}  // namespace batchout::kafka
