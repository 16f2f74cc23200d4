// How a Kafka output takes the answers of brokers, on librdkafka's mock of a cluster.

#include "components/kafka/output.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka_mock.h>

#include <atomic>
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
    // The mock tells of each request.
    rd_kafka_conf_set(conf, "debug", "mock", nullptr, 0);
    rd_kafka_conf_set_opaque(conf, &requests_);
    rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t* client, int, const char*, const char* text) {
      if (std::string_view(text).contains("Received ProduceRequest"))
        ++*static_cast<std::atomic<int>*>(rd_kafka_opaque(client));
    });
    owner_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0);
    cluster_ = rd_kafka_mock_cluster_new(owner_, 1);
    rd_kafka_mock_topic_create(cluster_, kTopic, 1, 1);
    settings_.bootstrap_servers = {rd_kafka_mock_cluster_bootstraps(cluster_)};
    settings_.topic = kTopic;
    settings_.librdkafka.values = {{"message.timeout.ms", timeout_ms}};
    make_output();
  }

  void make_output(std::chrono::milliseconds limits_hold = std::chrono::minutes(5)) {
    output_.reset();
    store_ = std::make_unique<KafkaStore>(settings_, Context{}, limits_hold);
    output_ = std::make_unique<KafkaOutput>(settings_, *store_, Context{});
  }

  ~KafkaOutputFaults() override {
    output_.reset();
    store_.reset();
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(owner_);
  }

  // Of so many messages.
  Result<Outcome> batch(std::uint64_t number = 1, int messages = 2) {
    std::vector<std::vector<Cell>> rows;
    for (int i = 1; i <= messages; ++i) rows.push_back({integer(i)});
    const Block block = block_of({{"n", Kind::integer}}, rows);
    rejects_.clear();
    requests_ = 0;
    BATCHOUT_CHECK(store_->begin(number));
    BATCHOUT_CHECK(output_->open(block.shape()));
    BATCHOUT_CHECK(output_->write(block, rejects_));
    return store_->commit({}, {});
  }

  void fail_next(rd_kafka_resp_err_t code, int times = 1) {
    for (int i = 0; i < times; ++i) rd_kafka_mock_push_request_errors(cluster_, kProduce, 1, code);
  }

  /// That the cluster has had for messages of this try.
  std::atomic<int> requests_ = 0;
  OutputSettings settings_;
  rd_kafka_t* owner_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
  std::unique_ptr<KafkaStore> store_;
  std::unique_ptr<KafkaOutput> output_;
  Rejects rejects_;
};

TEST_F(KafkaOutputFaults, WhatPassesByItselfIsWaitedFor) {
  settings_.librdkafka.values = {{"message.timeout.ms", "120000"}};  // It takes a second, or several on a busy machine.
  make_output();
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

// Whatever is sent together is refused.
TEST_F(KafkaOutputFaults, ManyMessagesThatAreRefusedTogetherGoOneByOne) {
  constexpr int kMany = 300;
  fail_next(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 1000);
  EXPECT_FALSE(batch(1, kMany));
  EXPECT_FALSE(batch(1, kMany)) << "in groups";
  rd_kafka_mock_clear_request_errors(cluster_, kProduce);
  const auto done = batch(1, kMany);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(requests_, kMany);
  EXPECT_TRUE(rejects_.empty());
}

// Else they would take turns with those that are suspected next.
TEST_F(KafkaOutputFaults, SuspectsStaySuspectsUntilTheBatchIsTaken) {
  settings_.librdkafka.values["batch.num.messages"] = "2";
  settings_.librdkafka.values["linger.ms"] = "200";
  make_output();
  fail_next(RD_KAFKA_RESP_ERR_NO_ERROR);
  fail_next(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  EXPECT_FALSE(batch(1, 4)) << "the second two are";
  ASSERT_EQ(requests_, 2);
  fail_next(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  EXPECT_FALSE(batch(1, 4)) << "the first two are";
  ASSERT_EQ(requests_, 3);
  const auto done = batch(1, 4);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(requests_, 4);
  EXPECT_TRUE(rejects_.empty());
}

TEST_F(KafkaOutputFaults, TheSizeThatATopicRefusesIsForgottenInTime) {
  make_output(std::chrono::milliseconds(0));
  fail_next(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 2);
  for (int i = 0; i < 2; ++i) ASSERT_FALSE(batch(1, 1));
  ASSERT_TRUE(batch(1, 1));
  ASSERT_EQ(rejects_.size(), 1u);
  ASSERT_TRUE(batch(2, 1));
  EXPECT_TRUE(rejects_.empty());
}

TEST_F(KafkaOutputFaults, WhatIsTooMuchTogetherIsHalvedFromWhatTheUserHas) {
  settings_.librdkafka.values["batch.size"] = "2000";
  settings_.librdkafka.values["linger.ms"] = "200";
  make_output();
  constexpr int kMany = 100;
  ASSERT_TRUE(batch(1, kMany));
  const int before = requests_;
  fail_next(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 1000);
  ASSERT_FALSE(batch(2, 1));
  rd_kafka_mock_clear_request_errors(cluster_, kProduce);
  ASSERT_TRUE(batch(2, 1));
  ASSERT_TRUE(batch(3, kMany));
  EXPECT_GT(requests_, before);
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
