// How a Kafka input takes the faults of brokers, on librdkafka's mock of a cluster.

#include <fmt/format.h>
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
// Keys of Kafka's requests.
constexpr std::int16_t kFetch = 1, kListOffsets = 2, kOffsetCommit = 8, kOffsetFetch = 9, kFindCoordinator = 10;

bool is_idle(const Result<Event>& event) {
  return event && std::holds_alternative<Idle>(*event);
}

bool has_payloads(const Result<Event>& event) {
  return event && std::holds_alternative<Payloads>(*event) && !std::get<Payloads>(*event).empty();
}

class KafkaFaults : public ::testing::Test {
 protected:
  explicit KafkaFaults(int brokers = 1) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "0", nullptr, 0);
    owner_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0);
    cluster_ = rd_kafka_mock_cluster_new(owner_, brokers);
    rd_kafka_mock_topic_create(cluster_, kTopic, 1, 1);
    settings_.bootstrap_servers = {rd_kafka_mock_cluster_bootstraps(cluster_)};
    settings_.consumer_group = "loaders";
    settings_.topic = {kTopic};
    settings_.librdkafka.values = {{"session.timeout.ms", "6000"}, {"reconnect.backoff.max.ms", "200"}};
    make_input();
  }

  void make_input(milliseconds end_wait = KafkaInput::kEndWait) {
    Context context;
    context.log = Log(
        [this](const LogRecord& record) {
          if (record.level >= LogLevel::warning) warnings_.emplace_back(record.text);
        },
        "inputs.kafka");
    input_ = std::make_unique<KafkaInput>(settings_, context, end_wait);
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

  // A position for the partition, which has been announced.
  Position announced(std::int64_t number = Position::kUnset, std::string token = {}) {
    const auto event = pull_until([](const auto& it) { return it && std::holds_alternative<Assigned>(*it); });
    EXPECT_TRUE(event && std::holds_alternative<Assigned>(*event));
    return {std::get<Assigned>(*event).units[0].id, number, std::move(token)};
  }

  void put(const char* text, std::int32_t partition = 0) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(cluster_), nullptr, 0);
    rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0);
    rd_kafka_producev(client, RD_KAFKA_V_TOPIC(topic_), RD_KAFKA_V_PARTITION(partition),
                      RD_KAFKA_V_VALUE(const_cast<char*>(text), std::string_view(text).size()),
                      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    EXPECT_EQ(rd_kafka_flush(client, 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(client);
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

  const char* topic_ = kTopic;
  rd_kafka_t* owner_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
  Settings settings_;
  std::vector<std::string> warnings_;
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

// Where outputs keep the positions.
TEST_F(KafkaFaults, AnAcknowledgementThatIsACourtesyNeitherFailsNorWaits) {
  be_assigned();
  input_->positions_are_kept();
  fail_next(kOffsetCommit, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, 2);
  for (std::int64_t i = 1; i <= 2; ++i) {
    ASSERT_TRUE(acknowledge(i));
    for (int pulls = 0; pulls < 5; ++pulls) ASSERT_TRUE(pull());
  }
  ASSERT_EQ(warnings_.size(), 1u) << ::testing::PrintToString(warnings_);
  EXPECT_THAT(warnings_[0], ::testing::HasSubstr("no harm to the rows"));
  // What was refused is not sent again by itself.
  for (int pulls = 0; pulls < 5; ++pulls) ASSERT_TRUE(pull());
  EXPECT_EQ(committed(), RD_KAFKA_OFFSET_INVALID);
  rd_kafka_mock_broker_set_rtt(cluster_, 1, 2000);
  const auto start = steady_clock::now();
  for (std::int64_t i = 3; i <= 10; ++i) ASSERT_TRUE(acknowledge(i));
  EXPECT_LT(steady_clock::now() - start, milliseconds(1000));
  rd_kafka_mock_broker_set_rtt(cluster_, 1, 0);
  for (int pulls = 0; pulls < 60 && committed() != 10; ++pulls) ASSERT_TRUE(pull());
  EXPECT_EQ(committed(), 10);
}

TEST_F(KafkaFaults, TheLastPositionIsToldWhenTheInputEnds) {
  be_assigned();
  input_->positions_are_kept();
  ASSERT_TRUE(acknowledge(4));
  ASSERT_TRUE(acknowledge(7));
  input_.reset();
  EXPECT_EQ(committed(), 7);
}

// Nothing is shared out and nothing is kept by the group, so there is no right to it that is needed.
TEST_F(KafkaFaults, NamedPartitionsWithKeptPositionsNeedNoRightToTheGroup) {
  fail_next(kFindCoordinator, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, 1000);
  settings_.partitions = {0};
  make_input();
  ASSERT_TRUE(input_->start_round());
  put("apple");
  const Position unset = announced();
  input_->positions_are_kept();
  // Until the refusal is heard.
  auto starts = input_->assign({&unset, 1});
  EXPECT_TRUE(starts || starts.error().verdict == Verdict::environment);
  const auto heard = pull_until([&](const auto& it) { return !it || !warnings_.empty(); });
  ASSERT_TRUE(heard) << heard.error().message;
  starts = input_->assign({&unset, 1});
  ASSERT_TRUE(starts) << starts.error().message;
  EXPECT_EQ(starts->front().number, 0);
  const auto event = pull_until([](const auto& it) {
    return !it || (std::holds_alternative<Payloads>(*it) && !std::get<Payloads>(*it).empty());
  });
  ASSERT_TRUE(event) << event.error().message;
  for (int pulls = 0; pulls < 20; ++pulls) ASSERT_TRUE(pull());
  EXPECT_EQ(warnings_.size(), 1u) << ::testing::PrintToString(warnings_);
}

TEST_F(KafkaFaults, OffsetsThatCannotBeAskedForAreAnOutage) {
  const Position unset = announced();
  fail_next(kOffsetFetch, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, 1000);
  const auto loading = input_->assign({&unset, 1});
  ASSERT_FALSE(loading);
  EXPECT_EQ(loading.error().verdict, Verdict::environment);
  rd_kafka_mock_clear_request_errors(cluster_, kOffsetFetch);
  const auto starts = input_->assign({&unset, 1});
  ASSERT_TRUE(starts) << starts.error().message;
}

TEST_F(KafkaFaults, SilenceIsNotTheEnd) {
  put("apple");
  fail_next(kFetch, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, 1000);
  be_assigned();
  for (int pulls = 0; pulls < 20; ++pulls) {
    const auto event = pull();
    ASSERT_TRUE(event) << event.error().message;
    ASSERT_TRUE(std::holds_alternative<Payloads>(*event) && std::get<Payloads>(*event).empty());
  }
  rd_kafka_mock_clear_request_errors(cluster_, kFetch);
  const auto event = pull_until([](const auto& it) {
    return !it || (std::holds_alternative<Payloads>(*it) && !std::get<Payloads>(*it).empty());
  });
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_TRUE(is_idle(pull_until(is_idle)));
}

// As a newer broker may tell it.
TEST_F(KafkaFaults, AnErrorThatNobodyKnowsEndsTheRunAfterSomeTries) {
  put("apple");
  fail_next(kFetch, static_cast<rd_kafka_resp_err_t>(119), 1000);
  be_assigned();
  const auto start = std::chrono::steady_clock::now();
  int tries = 0;
  for (Verdict verdict = Verdict::environment; verdict == Verdict::environment; ++tries) {
    const auto told = pull_until([](const auto& it) { return !it; });
    ASSERT_FALSE(told) << tries;
    ASSERT_EQ(told.error().code, "BO574");
    verdict = told.error().verdict;
    ASSERT_TRUE(verdict == Verdict::environment || verdict == Verdict::configuration);
  }
  EXPECT_GE(tries, 5);
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::seconds(4));
  rd_kafka_mock_clear_request_errors(cluster_, kFetch);
  EXPECT_TRUE(has_payloads(pull_until(has_payloads)));
}

// Its round would never end, and nobody would know why.
class KafkaFaultsOfTwo : public KafkaFaults {
 protected:
  KafkaFaultsOfTwo() : KafkaFaults(2) {}
};

TEST_F(KafkaFaultsOfTwo, APartitionWithoutALeaderIsToldOfBesideOneThatIsFullOfMessages) {
  topic_ = "auth.events";
  rd_kafka_mock_topic_create(cluster_, topic_, 2, 1);
  rd_kafka_mock_partition_set_leader(cluster_, topic_, 0, 2);
  rd_kafka_mock_partition_set_leader(cluster_, topic_, 1, 1);
  settings_.topic = {topic_};
  settings_.partitions = {0, 1};
  make_input(milliseconds(2'000));
  const auto event = pull_until([](const auto& it) { return it && std::holds_alternative<Assigned>(*it); });
  ASSERT_TRUE(event && std::holds_alternative<Assigned>(*event));
  std::vector<Position> unset;
  for (const Unit& unit : std::get<Assigned>(*event).units) unset.push_back({unit.id, Position::kUnset, {}});
  ASSERT_EQ(unset.size(), 2u);
  const auto starts = input_->assign(unset);
  ASSERT_TRUE(starts) << starts.error().message;
  ASSERT_TRUE(is_idle(pull_until(is_idle)));
  // The ends are asked for anew after a pause.
  input_->pause(true);
  ASSERT_TRUE(is_idle(pull()));
  rd_kafka_mock_broker_set_down(cluster_, 2);
  input_->pause(false);
  int pulls = 0, messages = 0;
  const auto told = pull_until([&](const auto& it) {
    if (it && std::holds_alternative<Payloads>(*it)) messages += static_cast<int>(std::get<Payloads>(*it).count());
    if (++pulls % 5 == 0) put("apple", 1);
    return !it;
  });
  ASSERT_FALSE(told) << pulls << " pulls";
  EXPECT_EQ(told.error().verdict, Verdict::environment);
  EXPECT_EQ(told.error().code, "BO515");
  EXPECT_THAT(told.error().message, ::testing::HasSubstr("check that their leaders run: kafka:auth.events/0 on"));
  EXPECT_GT(messages, 0);
  EXPECT_TRUE(pull()) << "it is told once in that time";
  rd_kafka_mock_broker_set_up(cluster_, 2);
  EXPECT_TRUE(is_idle(pull_until(is_idle)));
}

TEST(KafkaListening, WhatIsShorterThanAnAnswerTakesDoesNotCount) {
  Listening listening(milliseconds(1'000));
  for (int i = 0; i < 100; ++i) {
    listening.add(milliseconds(900));
    listening.interrupt();
  }
  EXPECT_EQ(listening.so_far(), milliseconds(0));
  listening.add(milliseconds(900));
  listening.add(milliseconds(300));
  EXPECT_EQ(listening.so_far(), milliseconds(200));
  listening.add(milliseconds(500));
  EXPECT_EQ(listening.so_far(), milliseconds(700));
}

TEST_F(KafkaFaults, TheEndIsToldAgainAfterAPause) {
  put("apple");
  be_assigned();
  ASSERT_TRUE(is_idle(pull_until(is_idle)));
  for (int i = 0; i < 3; ++i) {
    input_->pause(true);
    ASSERT_TRUE(is_idle(pull()));
    input_->pause(false);
    ASSERT_TRUE(is_idle(pull_until(is_idle)));
    const Position again{unit_, 0, {}};
    ASSERT_TRUE(input_->seek({&again, 1}));
    ASSERT_TRUE(is_idle(pull_until(is_idle)));
  }
}

TEST_F(KafkaFaults, APositionKnowsItsCluster) {
  for (int i = 0; i < 9; ++i) put("apple");
  Position asked = announced(5, "another cluster");
  const auto refused = input_->assign({&asked, 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "BO520");
  EXPECT_EQ(refused.error().verdict, Verdict::configuration);
  EXPECT_THAT(refused.error().message,
              ::testing::AllOf(::testing::HasSubstr("`batchout positions reset`: kafka:auth.sessions/0, position 5 of "
                                                    "cluster another cluster, found cluster "),
                               ::testing::HasSubstr("bootstrap_servers")));
  // One that an earlier version has stored.
  asked.token.clear();
  auto starts = input_->assign({&asked, 1});
  ASSERT_TRUE(starts) << starts.error().message;
  EXPECT_EQ(starts->front().number, 5);
  EXPECT_FALSE(starts->front().token.empty());
  const std::string cluster = starts->front().token;
  make_input();
  asked = announced(5, cluster);
  starts = input_->assign({&asked, 1});
  ASSERT_TRUE(starts) << starts.error().message;
  EXPECT_EQ(starts->front().token, cluster);
}

// One that was made anew and has grown beyond the position has another message there.
TEST_F(KafkaFaults, APositionKnowsTheMessageBeforeIt) {
  for (int i = 0; i < 9; ++i) put("apple");
  be_assigned();
  std::string token;
  for (std::size_t count = 0; count < 9;) {  // In one answer or in several.
    const auto some = pull_until(has_payloads);
    ASSERT_TRUE(has_payloads(some));
    count += std::get<Payloads>(*some).count();
    ASSERT_EQ(std::get<Payloads>(*some).tokens().size(), 1u);
    token = std::get<Payloads>(*some).tokens()[0].second;
  }
  make_input();
  Position asked = announced(9, token);
  auto starts = input_->assign({&asked, 1});
  ASSERT_TRUE(starts) << starts.error().message;
  EXPECT_EQ(starts->front().token, token);
  put("pear");
  const auto more = pull_until(has_payloads);
  ASSERT_TRUE(has_payloads(more));
  ASSERT_EQ(std::get<Payloads>(*more).count(), 1u);
  EXPECT_EQ(std::get<Payloads>(*more).bytes(0), "pear");

  make_input();
  asked = announced(9, fmt::format("{}&before=8&fnv1a=0", Landmark::of(token).cluster));
  starts = input_->assign({&asked, 1});
  ASSERT_TRUE(starts) << starts.error().message;
  for (int i = 0; i < 2; ++i) {
    const auto refused = pull_until([](const auto& it) { return !it || has_payloads(it); });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "BO510");
    EXPECT_EQ(refused.error().verdict, Verdict::configuration);
    EXPECT_THAT(refused.error().message, ::testing::EndsWith("kafka:auth.sessions/0, position 9"));
    put("plum");
  }
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
