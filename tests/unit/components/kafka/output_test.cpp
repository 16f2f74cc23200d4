// How a Kafka output takes the answers of brokers, on librdkafka's mock of a cluster.

#include "components/kafka/output.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka_mock.h>

#include <chrono>
#include <stop_token>
#include <thread>

#include "../harness.h"

namespace batchout::kafka {
namespace {

using testing::block_of;
using testing::integer;

constexpr const char* kTopic = "visits";
constexpr std::int16_t kProduce = 0;  // Key of Kafka's request.

class KafkaOutputFaults : public ::testing::Test {
 protected:
  KafkaOutputFaults() : KafkaOutputFaults("3000") {}
  explicit KafkaOutputFaults(const char* timeout_ms) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "0", nullptr, 0);
    owner_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0);
    cluster_ = rd_kafka_mock_cluster_new(owner_, 1);
    rd_kafka_mock_topic_create(cluster_, kTopic, 1, 1);
    OutputSettings settings;
    settings.bootstrap_servers = {rd_kafka_mock_cluster_bootstraps(cluster_)};
    settings.topic = kTopic;
    settings.librdkafka.values = {{"message.timeout.ms", timeout_ms}};
    store_ = std::make_unique<KafkaStore>(settings, Context{});
    output_ = std::make_unique<KafkaOutput>(settings, *store_, Context{});
  }
  ~KafkaOutputFaults() override {
    output_.reset();
    store_.reset();
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(owner_);
  }

  Result<Outcome> batch(std::uint64_t number = 1) {
    const Block block = block_of({{"n", Kind::integer}}, {{integer(1)}, {integer(2)}});
    rejects_.clear();
    BATCHOUT_CHECK(store_->begin(number));
    BATCHOUT_CHECK(output_->open(block.shape()));
    BATCHOUT_CHECK(output_->write(block, rejects_));
    return store_->commit({}, {});
  }

  void fail_next(rd_kafka_resp_err_t code, int times = 1) {
    for (int i = 0; i < times; ++i) rd_kafka_mock_push_request_errors(cluster_, kProduce, 1, code);
  }

  rd_kafka_t* owner_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
  std::unique_ptr<KafkaStore> store_;
  std::unique_ptr<KafkaOutput> output_;
  Rejects rejects_;
};

TEST_F(KafkaOutputFaults, WhatPassesByItselfIsWaitedFor) {
  fail_next(RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, 2);
  const auto done = batch();
  EXPECT_TRUE(done) << done.error().message;
}

TEST_F(KafkaOutputFaults, AMissingRightEndsTheBatchAtOnceAndTheNextOneBeginsAnew) {
  fail_next(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  const auto refused = batch();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "BO572");
  EXPECT_EQ(refused.error().verdict, Verdict::configuration);
  EXPECT_TRUE(refused.error().message.contains("visits on 127.0.0.1:")) << refused.error().message;
  const auto again = batch();
  EXPECT_TRUE(again) << again.error().message;
}

TEST_F(KafkaOutputFaults, BrokersThatGoAwayAreAnErrorOfTheEnvironmentUntilTheyComeBack) {
  ASSERT_TRUE(batch());
  rd_kafka_mock_broker_set_down(cluster_, 1);
  const auto down = batch();
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().code, "BO571");
  EXPECT_EQ(down.error().verdict, Verdict::environment);
  rd_kafka_mock_broker_set_up(cluster_, 1);
  const auto up = batch();
  EXPECT_TRUE(up) << up.error().message;
}

// Brokers answer for what was sent together.
TEST_F(KafkaOutputFaults, WhatBrokersRefuseTogetherGoesByItself) {
  fail_next(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  const auto together = batch();
  ASSERT_FALSE(together);
  EXPECT_EQ(together.error().verdict, Verdict::environment);
  EXPECT_EQ(together.error().code, "BO572");
  const auto apart = batch();
  EXPECT_TRUE(apart) << apart.error().message;
  EXPECT_TRUE(rejects_.empty());
}

TEST_F(KafkaOutputFaults, AMessageThatBrokersRefuseByItselfIsAReject) {
  fail_next(RD_KAFKA_RESP_ERR_INVALID_RECORD, 2);
  for (int i = 0; i < 2; ++i) {
    const auto refused = batch();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().verdict, Verdict::environment) << refused.error().message;
  }
  const auto done = batch();
  ASSERT_TRUE(done) << done.error().message;
  ASSERT_EQ(rejects_.size(), 1u);
  EXPECT_EQ(rejects_[0].code, "BO429");
  EXPECT_EQ(rejects_[0].excerpt, "1");
  // It may be taken another time.
  ASSERT_TRUE(batch(2));
  EXPECT_TRUE(rejects_.empty());
}

/// Brokers have longer than any test takes.
class KafkaOutputStops : public KafkaOutputFaults {
 protected:
  KafkaOutputStops() : KafkaOutputFaults("120000") { store_->listen(stop_.get_token()); }

  std::stop_source stop_;
};

TEST_F(KafkaOutputStops, AStopEndsTheWaitForBrokersThatDoNotAnswer) {
  ASSERT_TRUE(batch());
  rd_kafka_mock_broker_set_down(cluster_, 1);
  const auto start = std::chrono::steady_clock::now();
  const std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds{300});
    stop_.request_stop();
  });
  const auto stopped = batch();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{30});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, "BO571");
  EXPECT_EQ(stopped.error().verdict, Verdict::environment);
  EXPECT_TRUE(
      stopped.error().message.starts_with("The run was stopped while messages waited for the brokers' answer: "))
      << stopped.error().message;
}

TEST_F(KafkaOutputStops, BrokersThatAnswerSlowlyAreStillHeardAfterAStop) {
  rd_kafka_mock_broker_set_rtt(cluster_, 1, 700);
  stop_.request_stop();
  const auto done = batch();
  EXPECT_TRUE(done) << done.error().message;
}

}  // namespace
}  // namespace batchout::kafka
