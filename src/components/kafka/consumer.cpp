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

// For an answer about offsets.
constexpr int kQueryMs = 5'000;
// For librdkafka's own threads; no broker is asked.
constexpr int kSeekMs = 1'000;
// To find out whether a broker is back.
constexpr int kProbeMs = 200;
// For a first assignment that is on its way when we leave.
constexpr milliseconds kJoinWait{3'000};
// For leaving the group. A broker that holds back the answer to our joining holds back that to our leaving as well.
constexpr milliseconds kCloseWait{3'000};

Result<> result_of(rd_kafka_resp_err_t code) {
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return std::unexpected(error_of(code));
}

Result<> result_of(Handle<rd_kafka_error_t> error) {
  if (!error) return {};
  return std::unexpected(error_of(rd_kafka_error_code(error.get()), rd_kafka_error_string(error.get())));
}

// What a seek answers for a partition that is not fetched, or not yet.
bool wants_restart(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__STATE || code == RD_KAFKA_RESP_ERR__OUTDATED ||
         code == RD_KAFKA_RESP_ERR__IN_PROGRESS || code == RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS;
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

// The callbacks hold the address of the Consumer, so it is made on the heap and never moves.
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
  if (!settings.partitions.empty()) {
    choose_partitions(settings);
    return {};
  }
  const PartitionList topics = new_partition_list();
  for (const std::string& topic : settings.topic)
    if (rd_kafka_topic_partition_list_find(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA) == nullptr)
      rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  return result_of(rd_kafka_subscribe(client_, topics.get()));
}

// Nobody else has a say, so there is no group to wait for when we leave.
void Consumer::choose_partitions(const Settings& settings) {
  has_joined_ = true;
  Rebalance event;
  event.assigned = true;
  event.partitions = new_partition_list();
  for (const std::string& topic : settings.topic)
    for (const std::int32_t partition : settings.partitions)
      if (rd_kafka_topic_partition_list_find(event.partitions.get(), topic.c_str(), partition) == nullptr)
        rd_kafka_topic_partition_list_add(event.partitions.get(), topic.c_str(), partition);
  rebalances_.push_back(std::move(event));
}

// ------------------------------------------------------------------------------------------------------ callbacks

void Consumer::on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* list, void* self) {
  static_cast<Consumer*>(self)->record(code, *list);
}

// The list belongs to librdkafka and ends with the callback, hence the copies. Until the rebalance is answered
// librdkafka fetches nothing and the group waits.
void Consumer::record(rd_kafka_resp_err_t code, const rd_kafka_topic_partition_list_t& list) {
  has_joined_ = true;
  down_ = false;
  Rebalance event;
  event.assigned = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  // Any other code says that the group failed: what we had is gone.
  event.lost = !event.assigned && (code != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS || rd_kafka_assignment_lost(client_));
  event.partitions.reset(rd_kafka_topic_partition_list_copy(&list));
  unanswered_.assigned = event.assigned;
  unanswered_.partitions.reset(rd_kafka_topic_partition_list_copy(&list));
  rebalances_.push_back(std::move(event));
  // Ends the poll, so that the rebalance is told before the messages that wait behind it.
  rd_kafka_yield(client_);
}

// Of several errors that it does not get over, the first is kept.
void Consumer::on_error(rd_kafka_t*, int code, const char* reason, void* self) {
  auto& consumer = *static_cast<Consumer*>(self);
  const auto error = reported(code, reason);
  consumer.log_.debug(fmt::format("{}: {}", rd_kafka_err2name(error), reason));
  if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    consumer.down_ = true;
  } else if (error == RD_KAFKA_RESP_ERR__FATAL) {
    consumer.error_ = consumer.fatal();
  } else if (class_of(error) == Class::unwell || class_of(error) == Class::open) {
    // It tries again by itself, and tells in another way what ends a partition.
    consumer.trouble_ = reason;
  } else if (!consumer.error_) {
    consumer.error_ = error_of(error, reason);
  }
}

void Consumer::on_log(const rd_kafka_t* client, int, const char* facility, const char* text) {
  static_cast<const Consumer*>(rd_kafka_opaque(client))->log_.debug(fmt::format("{}: {}", facility, text));
}

// -------------------------------------------------------------------------------------------------------- polling

// Serves callbacks as well, so it has to be called at least every max.poll.interval.ms (five minutes) by a member that
// wants to stay one.
Message Consumer::poll(milliseconds wait) {
  return Message(rd_kafka_consumer_poll(client_, static_cast<int>(wait.count())));
}

// There must be one.
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

// Metadata of the topics that the client knows is the cheapest question.
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

// An eager assignment replaces all partitions, a cooperative one adds to them.
Result<> Consumer::assign(const rd_kafka_topic_partition_list_t& partitions) {
  unanswered_.partitions.reset();
  if (cooperative()) return result_of(Handle<rd_kafka_error_t>(rd_kafka_incremental_assign(client_, &partitions)));
  return result_of(rd_kafka_assign(client_, &partitions));
}

// What fails here has been taken from us anyhow.
void Consumer::unassign(const rd_kafka_topic_partition_list_t& partitions) {
  unanswered_.partitions.reset();
  const auto done = cooperative()
                        ? result_of(Handle<rd_kafka_error_t>(rd_kafka_incremental_unassign(client_, &partitions)))
                        : result_of(rd_kafka_assign(client_, nullptr));
  if (!done) log_.debug(fmt::format("Partitions were not given back: {}", done.error().message));
}

// The answer of a partition that is only just being started may never come; starting it anew overrides the question.
// librdkafka waits for all partitions together; the error of each stands in its element.
Result<PartitionList> Consumer::seek(PartitionList partitions) {
  PartitionList stopped = new_partition_list();
  if (partitions->cnt == 0) return stopped;
  const Handle<rd_kafka_error_t> error(rd_kafka_seek_partitions(client_, partitions.get(), kSeekMs));
  if (error && rd_kafka_error_code(error.get()) != RD_KAFKA_RESP_ERR__TIMED_OUT)
    return std::unexpected(error_of(rd_kafka_error_code(error.get()), rd_kafka_error_string(error.get())));
  for (int i = 0; i < partitions->cnt; ++i) {
    const rd_kafka_topic_partition_t& element = partitions->elems[i];
    if (element.err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    if (!wants_restart(element.err)) return std::unexpected(error_of(element.err));
    rd_kafka_topic_partition_list_add(stopped.get(), element.topic, element.partition)->offset = element.offset;
  }
  return stopped;
}

// Fetching begins at the offsets of the list; messages fetched before are dropped by librdkafka.
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

// Asks the coordinator, so it may take as long as kQueryMs.
Result<> Consumer::committed(rd_kafka_topic_partition_list_t& partitions) {
  BATCHOUT_CHECK(result_of(rd_kafka_committed(client_, &partitions, kQueryMs)));
  for (int i = 0; i < partitions.cnt; ++i) BATCHOUT_CHECK(result_of(partitions.elems[i].err));
  return {};
}

// What librdkafka once learned of a topic's partitions answers questions for minutes, so a partition that it does not
// know is asked for anew; the next question then hears of it.
Result<Watermarks> Consumer::watermarks(const std::string& topic, std::int32_t partition) {
  Watermarks found;
  const auto code =
      rd_kafka_query_watermark_offsets(client_, topic.c_str(), partition, &found.low, &found.high, kQueryMs);
  if (class_of(code) == Class::no_topic) refresh(topic);
  BATCHOUT_CHECK(result_of(code));
  return found;
}

void Consumer::refresh(const std::string& topic) {
  const Handle<rd_kafka_topic_t> handle(rd_kafka_topic_new(client_, topic.c_str(), nullptr));
  const struct rd_kafka_metadata* metadata = nullptr;
  if (rd_kafka_metadata(client_, 0, handle.get(), &metadata, kProbeMs) == RD_KAFKA_RESP_ERR_NO_ERROR)
    rd_kafka_metadata_destroy(metadata);
}

// rd_kafka_commit waits for ever while there is no coordinator; an answer on a queue of its own can be waited for as
// long as we like, and is dropped with the queue if it comes later.
Result<bool> Consumer::commit(const rd_kafka_topic_partition_list_t& offsets) {
  const Handle<rd_kafka_queue_t> queue(rd_kafka_queue_new(client_));
  auto code = rd_kafka_commit_queue(client_, &offsets, queue.get(), nullptr, nullptr);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const Handle<rd_kafka_event_t> answer(rd_kafka_queue_poll(queue.get(), kQueryMs));
    code = answer ? outcome_of(*answer) : RD_KAFKA_RESP_ERR__TIMED_OUT;
  }
  return heard(code);
}

// As long as there is no coordinator there is no answer either.
void Consumer::commit_later(const rd_kafka_topic_partition_list_t& offsets) {
  later_.reset(rd_kafka_queue_new(client_));
  not_sent_ = rd_kafka_commit_queue(client_, &offsets, later_.get(), nullptr, nullptr);
}

std::optional<Result<bool>> Consumer::commit_answer(milliseconds wait) {
  auto code = not_sent_;
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const Handle<rd_kafka_event_t> answer(rd_kafka_queue_poll(later_.get(), static_cast<int>(wait.count())));
    if (!answer) return std::nullopt;
    code = outcome_of(*answer);
  }
  later_.reset();
  return heard(code);
}

// What became of a commit.
Result<bool> Consumer::heard(rd_kafka_resp_err_t code) {
  switch (class_of(code)) {
    case Class::none:
      return true;
    case Class::membership:
      log_.debug(fmt::format("Offsets were not committed, because the group is changing: {}", rd_kafka_err2str(code)));
      return false;
    case Class::unwell:
      return fail(Verdict::environment, kNotCommitted,
                  fmt::format("The brokers did not take the offsets of the group; check that they run: {}: {}",
                              servers_, rd_kafka_err2str(code)));
    default:
      return std::unexpected(error_of(code));
  }
}

std::string Consumer::cluster_id() const {
  char* id = rd_kafka_clusterid(client_, 0);
  std::string text = id == nullptr ? "" : id;
  rd_kafka_mem_free(client_, id);
  return text;
}

// -------------------------------------------------------------------------------------------------------- leaving

// Librdkafka 2.0.2 aborts the process when a cooperative consumer is destroyed between its acceptance by the group and
// its first assignment. So an assignment that is on its way is waited for; if none comes, or leaving takes too long,
// the client is left to the end of the process.
Consumer::~Consumer() {
  if (client_ == nullptr) return;
  later_.reset();
  const bool safe = await_assignment();
  if (close() && safe)
    rd_kafka_destroy_flags(client_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  else
    log_.debug("The consumer is left behind, because the group did not answer");
}

// True if it is safe to destroy the client afterwards.
bool Consumer::await_assignment() {
  const auto until = Clock::now() + kJoinWait;
  while (!has_joined_ && is_joining() && Clock::now() < until) poll(milliseconds(20));
  // An assignment that is unanswered when closing begins is waited for in vain.
  do {
    answer_last();
    poll(milliseconds(0));
  } while (unanswered_.partitions);
  return has_joined_ || !is_joining();
}

// The group names its members before it takes them in.
bool Consumer::is_joining() const {
  char* member = rd_kafka_memberid(client_);
  const bool named = member != nullptr && *member != '\0';
  rd_kafka_mem_free(client_, member);
  return named;
}

// Takes nothing of what is offered, and gives back all that was taken when some is asked for.
void Consumer::answer_last() {
  const PartitionList partitions = std::move(unanswered_.partitions);
  if (!partitions) return;
  if (unanswered_.assigned) {
    if (auto done = assign(*new_partition_list()); !done) log_.debug(done.error().message);
    return;
  }
  rd_kafka_topic_partition_list_t* taken = nullptr;
  if (rd_kafka_assignment(client_, &taken) == RD_KAFKA_RESP_ERR_NO_ERROR) unassign(*PartitionList(taken));
}

// True if the group has let us go, so that the client may be destroyed.
bool Consumer::close() {
  const Handle<rd_kafka_queue_t> queue(rd_kafka_queue_new(client_));
  // After a fatal error there is nothing to leave.
  if (Handle<rd_kafka_error_t>(rd_kafka_consumer_close_queue(client_, queue.get()))) return true;
  const auto until = Clock::now() + kCloseWait;
  // Messages that were fetched and not read come out here, too; calls that only serve callbacks abort on them.
  while (rd_kafka_consumer_closed(client_) == 0 && Clock::now() < until) {
    const Message fetched(rd_kafka_consume_queue(queue.get(), 20));
    answer_last();
  }
  return rd_kafka_consumer_closed(client_) != 0;
}

}  // namespace batchout::kafka
