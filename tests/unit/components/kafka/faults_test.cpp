// How a Kafka input takes the faults of brokers, on librdkafka's mock of a cluster.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <functional>

#include "components/kafka/input.h"

namespace batchout::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* kTopic = "auth.sessions";
constexpr std::int16_t kOffsetCommit = 8, kListOffsets = 2;  // Keys of Kafka's requests.

class KafkaFaults : public ::testing::Test {
 protected:
  KafkaFaults() {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "0", nullptr, 0);
    owner_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0);
    cluster_ = rd_kafka_mock_cluster_new(owner_, 1);
    rd_kafka_mock_topic_create(cluster_, kTopic, 1, 1);
    Settings settings;
    settings.bootstrap_servers = {rd_kafka_mock_cluster_bootstraps(cluster_)};
    settings.consumer_group = "loaders";
    settings.topic = {kTopic};
    settings.librdkafka.values = {{"session.timeout.ms", "6000"}, {"reconnect.backoff.max.ms", "200"}};
    input_ = std::make_unique<KafkaInput>(settings, Context{});
  }

  ~KafkaFaults() override {
    input_.reset();
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(owner_);
  }

  Result<Event> pull() { return input_->pull({10, 1000}, steady_clock::now() + milliseconds(100), {}); }

  // Pulls until something holds; the last thing pulled.
  Result<Event> pull_until(const std::function<bool(const Result<Event>&)>& holds) {
    Result<Event> event = pull();
    for (int i = 0; i < 300 && !holds(event); ++i) event = pull();
    return event;
  }

  void be_assigned() {
    const auto event = pull_until([](const auto& it) { return it && std::holds_alternative<Assigned>(*it); });
    ASSERT_TRUE(event && std::holds_alternative<Assigned>(*event));
    const Position unset{std::get<Assigned>(*event).units[0].id, Position::kUnset, {}};
    const auto starts = input_->assign({&unset, 1});
    ASSERT_TRUE(starts) << starts.error().message;
    unit_ = starts->front().unit;
  }

  void fail_next(std::int16_t request, rd_kafka_resp_err_t code, int times = 1) {
    for (int i = 0; i < times; ++i) rd_kafka_mock_push_request_errors(cluster_, request, 1, code);
  }

  Result<> acknowledge(std::int64_t number) {
    const Position position{unit_, number, {}};
    return input_->acknowledge({&position, 1});
  }

  // What the group has, as another client sees it.
  std::int64_t committed() {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(cluster_), nullptr, 0);
    rd_kafka_conf_set(conf, "group.id", "loaders", nullptr, 0);
    rd_kafka_t* client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, nullptr, 0);
    const PartitionList list = new_partition_list();
    rd_kafka_topic_partition_list_add(list.get(), kTopic, 0);
    EXPECT_EQ(rd_kafka_committed(client, list.get(), 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(client);
    return list->elems[0].offset;
  }

  rd_kafka_t* owner_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
  std::unique_ptr<KafkaInput> input_;
  UnitId unit_{};
};

TEST_F(KafkaFaults, BrokersThatGoAndComeBackAreAnErrorMeanwhile) {
  be_assigned();
  rd_kafka_mock_broker_set_down(cluster_, 1);
  const auto down = pull_until([](const auto& it) { return !it; });
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().verdict, Verdict::environment);
  EXPECT_EQ(down.error().code, "BO515");
  EXPECT_FALSE(pull()) << "the error stays as long as its cause";
  rd_kafka_mock_broker_set_up(cluster_, 1);
  const auto up = pull_until([](const auto& it) { return it.has_value(); });
  EXPECT_TRUE(up) << up.error().message;
}

TEST_F(KafkaFaults, AMissingRightFailsAnAcknowledgementAndAGroupInChangeDoesNot) {
  be_assigned();
  fail_next(kOffsetCommit, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS);
  EXPECT_TRUE(acknowledge(0));
  fail_next(kOffsetCommit, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, 3);
  const auto done = acknowledge(1);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().verdict, Verdict::configuration);
  EXPECT_EQ(done.error().code, "BO511");
}

TEST_F(KafkaFaults, WhatAGroupInChangeDidNotHearIsToldAgain) {
  be_assigned();
  fail_next(kOffsetCommit, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS);
  ASSERT_TRUE(acknowledge(5));
  EXPECT_EQ(committed(), RD_KAFKA_OFFSET_INVALID);
  ASSERT_TRUE(pull());  // Nothing comes.
  EXPECT_EQ(committed(), 5);
}

TEST_F(KafkaFaults, AnAssignmentThatFailedCanBeAnsweredAgain) {
  const auto event = pull_until([](const auto& it) { return it && std::holds_alternative<Assigned>(*it); });
  ASSERT_TRUE(event && std::holds_alternative<Assigned>(*event));
  const Position unset{std::get<Assigned>(*event).units[0].id, Position::kUnset, {}};
  fail_next(kListOffsets, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 2);
  const auto refused = input_->assign({&unset, 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "BO511");
  const auto idle = pull();
  ASSERT_TRUE(idle) << idle.error().message;
  EXPECT_TRUE(std::holds_alternative<Idle>(*idle));
  const auto starts = input_->assign({&unset, 1});
  ASSERT_TRUE(starts) << starts.error().message;
  EXPECT_EQ(starts->front().number, 0);
}

}  // namespace
}  // namespace batchout::kafka
