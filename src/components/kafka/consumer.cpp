// A member of a consumer group, over librdkafka 2.0.2.
//
// Several of its calls wait for ever when a broker does not answer; they are replaced by a queue and a bounded wait.

#include "components/kafka/consumer.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "components/kafka/errors.h"

namespace batchout::kafka {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr int kQueryMs = 5'000;            // For an answer about offsets.
constexpr int kProbeMs = 200;              // To find out whether a broker is back.
constexpr milliseconds kJoinWait{3'000};   // For a first assignment that is on its way when we leave.
constexpr milliseconds kCloseWait{5'000};  // For leaving the group.

Result<> result_of(rd_kafka_resp_err_t code) {
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return std::unexpected(error_of(code));
}

Result<> result_of(Handle<rd_kafka_error_t> error) {
  if (!error) return {};
  return std::unexpected(error_of(rd_kafka_error_code(error.get()), rd_kafka_error_string(error.get())));
}

// The error of a whole commit, or the first one of a partition in it.
rd_kafka_resp_err_t outcome_of(rd_kafka_event_t& answer) {
  auto code = rd_kafka_event_error(&answer);
  const auto* list = rd_kafka_event_topic_partition_list(&answer);
  for (int i = 0; list != nullptr && i < list->cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    code = list->elems[i].err;
  return code;
}

}  // namespace

Result<std::unique_ptr<Consumer>> Consumer::open(const Settings& settings, Log log) {
  BATCHOUT_TRY(Conf conf, make_conf(settings));
  std::unique_ptr<Consumer> made(new Consumer(settings, std::move(log)));
  rd_kafka_conf_set_opaque(conf.get(), made.get());
  rd_kafka_conf_set_rebalance_cb(conf.get(), &Consumer::on_rebalance);
  rd_kafka_conf_set_error_cb(conf.get(), &Consumer::on_error);
  rd_kafka_conf_set_log_cb(conf.get(), &Consumer::on_log);
  std::array<char, 512> reason{};
  made->client_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), reason.data(), reason.size());
  if (made->client_ == nullptr)
    return fail(Verdict::configuration, kWrongSettings,
                fmt::format("librdkafka does not take the settings; correct them: {}", reason.data()));
  static_cast<void>(conf.release());  // Owned by the client now.
  BATCHOUT_CHECK(made->subscribe(settings));
  return made;
}

Consumer::Consumer(const Settings& settings, Log log) : servers_(settings.servers()), log_(std::move(log)) {}

// One queue for messages, callbacks and log lines, so that all of them come on the thread that polls.
Result<> Consumer::subscribe(const Settings& settings) {
  BATCHOUT_CHECK(result_of(rd_kafka_poll_set_consumer(client_)));
  BATCHOUT_CHECK(result_of(rd_kafka_set_log_queue(client_, nullptr)));
  const PartitionList topics = new_partition_list();
  for (const std::string& topic : settings.topic)
    if (rd_kafka_topic_partition_list_find(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA) == nullptr)
      rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  return result_of(rd_kafka_subscribe(client_, topics.get()));
}

// ------------------------------------------------------------------------------------------------------ callbacks

void Consumer::on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* list, void* self) {
  static_cast<Consumer*>(self)->record(code, *list);
}

void Consumer::record(rd_kafka_resp_err_t code, const rd_kafka_topic_partition_list_t& list) {
  has_joined_ = true;
  down_ = false;
  if (closing_) {  // Then any assignment means giving everything back, whatever the protocol.
    rd_kafka_assign(client_, nullptr);
    return;
  }
  Rebalance event;
  event.assigned = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  // Any other code says that the group failed: what we had is gone.
  event.lost = !event.assigned && (code != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS || rd_kafka_assignment_lost(client_));
  event.partitions.reset(rd_kafka_topic_partition_list_copy(&list));
  rebalances_.push_back(std::move(event));
  unanswered_ = true;
  rd_kafka_yield(client_);
}

void Consumer::on_error(rd_kafka_t*, int code, const char* reason, void* self) {
  auto& consumer = *static_cast<Consumer*>(self);
  const auto error = static_cast<rd_kafka_resp_err_t>(code);
  consumer.log_.debug(fmt::format("{}: {}", rd_kafka_err2name(error), reason));
  if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    consumer.down_ = true;
  } else if (error == RD_KAFKA_RESP_ERR__FATAL) {
    consumer.error_ = consumer.fatal();
  } else if (class_of(error) == Class::unwell) {
    consumer.trouble_ = reason;
  } else if (!consumer.error_) {
    consumer.error_ = error_of(error, reason);
  }
}

void Consumer::on_log(const rd_kafka_t* client, int, const char* facility, const char* text) {
  static_cast<const Consumer*>(rd_kafka_opaque(client))->log_.debug(fmt::format("{}: {}", facility, text));
}

// -------------------------------------------------------------------------------------------------------- polling

Message Consumer::poll(milliseconds wait) {
  return Message(rd_kafka_consumer_poll(client_, static_cast<int>(wait.count())));
}

Rebalance Consumer::take_rebalance() {
  Rebalance event = std::move(rebalances_.front());
  rebalances_.pop_front();
  return event;
}

std::optional<Error> Consumer::fatal() const {
  std::array<char, 512> reason{};
  const auto code = rd_kafka_fatal_error(client_, reason.data(), reason.size());
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  return error_of(RD_KAFKA_RESP_ERR__FATAL, reason.data());
}

bool Consumer::unreachable() {
  if (!down_) return false;
  // Librdkafka tells when the last broker goes, not when the first one is back.
  const struct rd_kafka_metadata* metadata = nullptr;
  if (rd_kafka_metadata(client_, 0, nullptr, &metadata, kProbeMs) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_metadata_destroy(metadata);
    down_ = false;
  }
  return down_;
}

// ----------------------------------------------------------------------------------------------------- assignment

bool Consumer::cooperative() const {
  return std::string_view(rd_kafka_rebalance_protocol(client_)) == "COOPERATIVE";
}

Result<> Consumer::assign(const rd_kafka_topic_partition_list_t& partitions) {
  unanswered_ = false;
  if (cooperative()) return result_of(Handle<rd_kafka_error_t>(rd_kafka_incremental_assign(client_, &partitions)));
  return result_of(rd_kafka_assign(client_, &partitions));
}

void Consumer::unassign(const rd_kafka_topic_partition_list_t& partitions) {
  unanswered_ = false;
  const auto done = cooperative()
                        ? result_of(Handle<rd_kafka_error_t>(rd_kafka_incremental_unassign(client_, &partitions)))
                        : result_of(rd_kafka_assign(client_, nullptr));
  if (!done) log_.debug(fmt::format("Partitions were not given back: {}", done.error().message));
}

Result<PartitionList> Consumer::seek(PartitionList partitions) {
  PartitionList stopped = new_partition_list();
  if (partitions->cnt == 0) return stopped;
  BATCHOUT_CHECK(result_of(Handle<rd_kafka_error_t>(rd_kafka_seek_partitions(client_, partitions.get(), kQueryMs))));
  for (int i = 0; i < partitions->cnt; ++i) {
    const rd_kafka_topic_partition_t& element = partitions->elems[i];
    if (element.err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    if (element.err != RD_KAFKA_RESP_ERR__STATE) return std::unexpected(error_of(element.err));
    rd_kafka_topic_partition_list_add(stopped.get(), element.topic, element.partition)->offset = element.offset;
  }
  return stopped;
}

Result<> Consumer::restart(const rd_kafka_topic_partition_list_t& partitions) {
  if (!cooperative()) return result_of(rd_kafka_assign(client_, &partitions));
  BATCHOUT_CHECK(result_of(Handle<rd_kafka_error_t>(rd_kafka_incremental_unassign(client_, &partitions))));
  return result_of(Handle<rd_kafka_error_t>(rd_kafka_incremental_assign(client_, &partitions)));
}

void Consumer::pause(rd_kafka_topic_partition_list_t& partitions, bool on) {
  if (partitions.cnt == 0) return;
  const auto code =
      on ? rd_kafka_pause_partitions(client_, &partitions) : rd_kafka_resume_partitions(client_, &partitions);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    log_.debug(fmt::format("Partitions were not {}: {}", on ? "paused" : "resumed", rd_kafka_err2str(code)));
}

// -------------------------------------------------------------------------------------------------------- offsets

Result<> Consumer::committed(rd_kafka_topic_partition_list_t& partitions) {
  BATCHOUT_CHECK(result_of(rd_kafka_committed(client_, &partitions, kQueryMs)));
  for (int i = 0; i < partitions.cnt; ++i) BATCHOUT_CHECK(result_of(partitions.elems[i].err));
  return {};
}

Result<Watermarks> Consumer::watermarks(const std::string& topic, std::int32_t partition) {
  Watermarks found;
  BATCHOUT_CHECK(result_of(
      rd_kafka_query_watermark_offsets(client_, topic.c_str(), partition, &found.low, &found.high, kQueryMs)));
  return found;
}

Result<> Consumer::commit(const rd_kafka_topic_partition_list_t& offsets) {
  const Handle<rd_kafka_queue_t> queue(rd_kafka_queue_new(client_));
  auto code = rd_kafka_commit_queue(client_, &offsets, queue.get(), nullptr, nullptr);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const Handle<rd_kafka_event_t> answer(rd_kafka_queue_poll(queue.get(), kQueryMs));
    code = answer ? outcome_of(*answer) : RD_KAFKA_RESP_ERR__TIMED_OUT;
  }
  switch (class_of(code)) {
    case Class::none:
      return {};
    case Class::membership:
      log_.debug(fmt::format("Offsets were not committed, because the group is changing: {}", rd_kafka_err2str(code)));
      return {};
    case Class::unwell:
      return fail(Verdict::environment, kNotCommitted,
                  fmt::format("The brokers did not take the offsets of the group; check that they run: {}: {}",
                              servers_, rd_kafka_err2str(code)));
    default:
      return std::unexpected(error_of(code));
  }
}

// -------------------------------------------------------------------------------------------------------- leaving

Consumer::~Consumer() {
  if (client_ == nullptr) return;
  closing_ = true;
  const bool safe = may_destroy();
  close();
  if (safe || has_joined_)
    rd_kafka_destroy_flags(client_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  else
    log_.debug("The consumer is left behind, because the group never answered");
}

// Librdkafka 2.0.2 aborts the process when a cooperative consumer is destroyed after the group took it in and before
// its first assignment. So a first assignment is waited for; without one the client is left to the end of the process.
bool Consumer::may_destroy() {
  const auto outside = [this] {
    char* member = rd_kafka_memberid(client_);
    const bool none = member == nullptr || *member == '\0';
    rd_kafka_mem_free(client_, member);
    return none;
  };
  const auto until = Clock::now() + kJoinWait;
  while (!has_joined_ && !outside() && Clock::now() < until) poll(milliseconds(50));
  return has_joined_ || outside();
}

void Consumer::close() {
  const Handle<rd_kafka_queue_t> queue(rd_kafka_queue_new(client_));
  // A fatal error closes by itself.
  if (Handle<rd_kafka_error_t>(rd_kafka_consumer_close_queue(client_, queue.get()))) return;
  if (unanswered_) rd_kafka_assign(client_, nullptr);
  const auto until = Clock::now() + kCloseWait;
  // Messages that were fetched and not read come out here, too; calls that only serve callbacks abort on them.
  while (rd_kafka_consumer_closed(client_) == 0 && Clock::now() < until)
    Message(rd_kafka_consume_queue(queue.get(), 50));
}

}  // namespace batchout::kafka
