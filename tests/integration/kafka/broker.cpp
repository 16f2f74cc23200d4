// A broker to test with, over librdkafka's producer and admin calls.

#include "integration/kafka/broker.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

namespace batchout::kafka {

constexpr int kAnswerMs = 30'000;

std::string broker_address() {
  const char* address = std::getenv("BATCHOUT_TEST_KAFKA");
  return address == nullptr ? "" : address;
}

std::string fresh_name(std::string_view what) {
  static std::atomic<int> count{0};
  static const auto start = std::chrono::system_clock::now().time_since_epoch().count();
  return fmt::format("batchout-{}-{}-{}-{}", what, getpid(), start, count++);
}

namespace {

void expect_done(rd_kafka_error_t* error) {
  EXPECT_EQ(error, nullptr) << rd_kafka_error_string(error);
  if (error != nullptr) rd_kafka_error_destroy(error);
}

}  // namespace

Broker::Broker(const std::string& transactional_id) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 512> reason{};
  for (const auto& [name, value] :
       {std::pair{"bootstrap.servers", broker_address()}, std::pair{"linger.ms", std::string("5")},
        std::pair{"message.max.bytes", std::string("40000000")}, std::pair{"log_level", std::string("0")}})
    EXPECT_EQ(RD_KAFKA_CONF_OK, rd_kafka_conf_set(conf, name, value.c_str(), reason.data(), reason.size()));
  if (!transactional_id.empty()) {
    EXPECT_EQ(RD_KAFKA_CONF_OK, rd_kafka_conf_set(conf, "transactional.id", transactional_id.c_str(), nullptr, 0));
  }
  client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason.data(), reason.size());
  EXPECT_NE(client_, nullptr) << reason.data();
  if (!transactional_id.empty()) expect_done(rd_kafka_init_transactions(client_, kAnswerMs));
}

Broker::~Broker() {
  rd_kafka_destroy(client_);
}

std::string Broker::topic(int partitions) {
  std::string name = fresh_name("topic");
  make_topic(name, partitions);
  return name;
}

void Broker::run(rd_kafka_queue_t* queue) {
  rd_kafka_event_t* answer = rd_kafka_queue_poll(queue, kAnswerMs);
  ASSERT_NE(answer, nullptr) << "the broker did not answer";
  EXPECT_EQ(RD_KAFKA_RESP_ERR_NO_ERROR, rd_kafka_event_error(answer)) << rd_kafka_event_error_string(answer);
  rd_kafka_event_destroy(answer);
  rd_kafka_queue_destroy(queue);
}

void Broker::make_topic(const std::string& name, int partitions) {
  rd_kafka_NewTopic_t* wanted = rd_kafka_NewTopic_new(name.c_str(), partitions, 1, nullptr, 0);
  rd_kafka_NewTopic_set_config(wanted, "max.message.bytes", "40000000");
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client_);
  rd_kafka_CreateTopics(client_, &wanted, 1, nullptr, queue);
  run(queue);
  rd_kafka_NewTopic_destroy(wanted);
  for (int partition = 0; partition < partitions; ++partition) wait_for_leader(name, partition);
}

void Broker::add_partitions(const std::string& topic, int partitions) {
  rd_kafka_NewPartitions_t* wanted =
      rd_kafka_NewPartitions_new(topic.c_str(), static_cast<std::size_t>(partitions), nullptr, 0);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client_);
  rd_kafka_CreatePartitions(client_, &wanted, 1, nullptr, queue);
  run(queue);
  rd_kafka_NewPartitions_destroy(wanted);
  for (int partition = 0; partition < partitions; ++partition) wait_for_leader(topic, partition);
}

// The answer comes before all partitions can be read. A client that asked in between believes in no partition from then
// on, and asks the broker anew only when it is told to.
void Broker::wait_for_leader(const std::string& topic, std::int32_t partition) {
  std::int64_t low = 0, high = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(kAnswerMs);
  for (;;) {
    const auto code = rd_kafka_query_watermark_offsets(client_, topic.c_str(), partition, &low, &high, 1000);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    ASSERT_LT(std::chrono::steady_clock::now(), end)
        << topic << "/" << partition << " cannot be read: " << rd_kafka_err2str(code);
    refresh(topic);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void Broker::refresh(const std::string& topic) {
  rd_kafka_topic_t* handle = rd_kafka_topic_new(client_, topic.c_str(), nullptr);
  const struct rd_kafka_metadata* metadata = nullptr;
  if (rd_kafka_metadata(client_, 0, handle, &metadata, 1000) == RD_KAFKA_RESP_ERR_NO_ERROR)
    rd_kafka_metadata_destroy(metadata);
  rd_kafka_topic_destroy(handle);
}

void Broker::delete_topic(const std::string& name) {
  rd_kafka_DeleteTopic_t* wanted = rd_kafka_DeleteTopic_new(name.c_str());
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client_);
  rd_kafka_DeleteTopics(client_, &wanted, 1, nullptr, queue);
  run(queue);
  rd_kafka_DeleteTopic_destroy(wanted);
}

void Broker::set(const std::string& topic, const std::string& property, const std::string& value) {
  rd_kafka_ConfigResource_t* wanted = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str());
  rd_kafka_ConfigResource_set_config(wanted, property.c_str(), value.c_str());
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client_);
  rd_kafka_AlterConfigs(client_, &wanted, 1, nullptr, queue);
  run(queue);
  rd_kafka_ConfigResource_destroy(wanted);
}

void Broker::delete_before(const std::string& topic, std::int64_t offset, std::int32_t partition) {
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic.c_str(), partition)->offset = offset;
  rd_kafka_DeleteRecords_t* wanted = rd_kafka_DeleteRecords_new(list);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client_);
  rd_kafka_DeleteRecords(client_, &wanted, 1, nullptr, queue);
  run(queue);
  rd_kafka_DeleteRecords_destroy(wanted);
  rd_kafka_topic_partition_list_destroy(list);
}

void Broker::put(const std::string& topic, std::optional<std::string_view> value, std::int32_t partition) {
  const std::string_view bytes = value.value_or("");
  void* data = value ? const_cast<char*>(bytes.data() == nullptr ? "" : bytes.data()) : nullptr;
  for (;;) {
    const auto code = rd_kafka_producev(client_, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
                                        RD_KAFKA_V_KEY("key", 3), RD_KAFKA_V_VALUE(data, bytes.size()),
                                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      ASSERT_EQ(RD_KAFKA_RESP_ERR_NO_ERROR, code) << rd_kafka_err2str(code);
      return;
    }
    rd_kafka_poll(client_, 50);
  }
}

void Broker::put_numbers(const std::string& topic, int first, int last, std::int32_t partition) {
  for (int number = first; number <= last; ++number) put(topic, std::to_string(number), partition);
  flush();
}

void Broker::flush() {
  ASSERT_EQ(RD_KAFKA_RESP_ERR_NO_ERROR, rd_kafka_flush(client_, kAnswerMs));
}

void Broker::begin() {
  expect_done(rd_kafka_begin_transaction(client_));
}

void Broker::commit() {
  expect_done(rd_kafka_commit_transaction(client_, kAnswerMs));
}

void Broker::abort() {
  expect_done(rd_kafka_abort_transaction(client_, kAnswerMs));
}

}  // namespace batchout::kafka
