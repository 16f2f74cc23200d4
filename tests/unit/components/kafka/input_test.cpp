// What a Kafka input does without any broker.

#include "components/kafka/input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "components/kafka/errors.h"

namespace batchout::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

Settings nowhere() {
  Settings settings;
  settings.bootstrap_servers = {"127.0.0.1:1"};
  settings.consumer_group = "loaders";
  settings.topic = {"auth.sessions"};
  return settings;
}

TEST(KafkaInput, ToldLimitsAreTraits) {
  Settings settings = nowhere();
  EXPECT_TRUE(KafkaInput(settings, {}).traits().endless);
  EXPECT_FALSE(KafkaInput(settings, {}).traits().round_payloads);
  EXPECT_EQ(KafkaInput(settings, {}).traits().round_quiet, seconds(1));
  settings.max_batch_size = 0;
  EXPECT_EQ(KafkaInput(settings, {}).traits().round_payloads, 0U);
}

TEST(KafkaInput, ServersThatDoNotAnswerAreAnErrorOfTheEnvironment) {
  KafkaInput input(nowhere(), {});
  ASSERT_TRUE(input.start_round());
  Result<Event> event = Event(Idle{});
  for (int i = 0; i < 100 && event; ++i) event = input.pull({10, 1000}, steady_clock::now() + milliseconds(200), {});
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().verdict, Verdict::environment);
  EXPECT_EQ(event.error().code, "BO515");
  EXPECT_THAT(event.error().message,
              ::testing::StartsWith("No broker can be reached; check that they run and that `bootstrap_servers` names "
                                    "them: 127.0.0.1:1: "));
  EXPECT_THAT(event.error().message, ::testing::HasSubstr("Connection refused"));

  input.pause(true);
  event = input.pull({10, 1000}, steady_clock::now(), {});
  ASSERT_TRUE(event) << "a paused input only keeps its place";
  EXPECT_TRUE(std::holds_alternative<Idle>(*event));
}

TEST(KafkaInput, AStopEndsAPull) {
  KafkaInput input(nowhere(), {});
  std::stop_source stop;
  stop.request_stop();
  input.pause(true);
  const auto event = input.pull({10, 1000}, steady_clock::now() + std::chrono::hours(1), stop.get_token());
  ASSERT_TRUE(event);
  EXPECT_TRUE(std::holds_alternative<Idle>(*event));
}

TEST(KafkaErrors, VerdictsFollowWhatCanBeDone) {
  EXPECT_EQ(error_of(RD_KAFKA_RESP_ERR__TRANSPORT).verdict, Verdict::environment);
  EXPECT_EQ(error_of(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART).verdict, Verdict::environment);
  EXPECT_EQ(error_of(RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED).verdict, Verdict::configuration);
  EXPECT_EQ(error_of(RD_KAFKA_RESP_ERR__BAD_COMPRESSION).verdict, Verdict::configuration);
  EXPECT_EQ(error_of(RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL).verdict, Verdict::configuration);
  EXPECT_EQ(error_of(RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID).verdict, Verdict::fenced);
  EXPECT_EQ(class_of(RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS), Class::membership);
  EXPECT_EQ(class_of(RD_KAFKA_RESP_ERR__PARTITION_EOF), Class::none);
  EXPECT_EQ(error_of(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED).message,
            "The broker refuses this input; check names, access rights, and credentials under `librdkafka`: Broker: "
            "Topic authorization failed");
}

// Which of both codes comes depends on how far the first step of the handshake got.
TEST(KafkaErrors, ACertificateThatIsNotAcceptedIsOneErrorHoweverItIsTold) {
  const std::string_view reason =
      "sasl_ssl://localhost:23418/bootstrap: error:0A000086:SSL routines::certificate verify failed (after 17ms in "
      "state SSL_HANDSHAKE)";
  EXPECT_EQ(class_of(reported(RD_KAFKA_RESP_ERR__TRANSPORT, reason)), Class::denied);
  EXPECT_EQ(class_of(reported(RD_KAFKA_RESP_ERR__SSL, reason)), Class::denied);
  EXPECT_EQ(class_of(reported(RD_KAFKA_RESP_ERR__TRANSPORT, "Connect to ipv4#127.0.0.1:1 failed: Connection refused")),
            Class::unwell);
  EXPECT_EQ(class_of(reported(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, reason)), Class::unwell);
}

}  // namespace
}  // namespace batchout::kafka
