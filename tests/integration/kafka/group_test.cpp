// Several Kafka inputs in one group: partitions move, messages do not get lost, places are kept.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "integration/kafka/broker.h"
#include "integration/kafka/reader.h"

namespace batchout::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class KafkaGroupTest : public ::testing::TestWithParam<const char*> {
 protected:
  Options options(std::vector<std::string> topics) {
    Options told{std::move(topics), group_, {}, {}, -1, {}};
    told.librdkafka = {{"partition.assignment.strategy", GetParam()},
                       {"session.timeout.ms", "6000"},
                       {"heartbeat.interval.ms", "300"}};
    return told;
  }

  // Steps all readers in turn.
  static bool until(std::vector<Reader*> readers, const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + seconds(60);
    while (!done() && std::chrono::steady_clock::now() < end)
      for (Reader* reader : readers) reader->step(milliseconds(50));
    return done();
  }

  static bool all_there(std::initializer_list<const Reader*> readers, int last) {
    std::set<std::string> seen;
    for (const Reader* reader : readers)
      for (const auto& got : reader->delivered) seen.insert(got.bytes);
    return seen.size() == static_cast<std::size_t>(last);
  }

  Broker broker;
  std::string group_ = fresh_name("group");
};

TEST_P(KafkaGroupTest, PartitionsMoveToANewMemberAndBack) {
  const std::string topic = broker.topic(4);
  for (int p = 0; p < 4; ++p) broker.put_numbers(topic, p * 100 + 1, p * 100 + 100, p);
  Reader first(options({topic}));
  ASSERT_TRUE(first.until_delivered(400));
  ASSERT_TRUE(first.acknowledge());
  {
    Reader second(options({topic}));
    ASSERT_TRUE(until({&first, &second}, [&] { return first.owned.size() == 2 && second.owned.size() == 2; }));
    EXPECT_THAT(first.events, ::testing::Contains("revoked"));
    EXPECT_TRUE(second.delivered.empty()) << "acknowledged messages came again";
    for (int p = 0; p < 4; ++p) broker.put_numbers(topic, 400 + p * 100 + 1, 400 + p * 100 + 100, p);
    ASSERT_TRUE(until({&first, &second}, [&] { return all_there({&first, &second}, 800); }));
    EXPECT_EQ(first.delivered.size() + second.delivered.size(), 800U);
    ASSERT_TRUE(first.acknowledge());
    ASSERT_TRUE(second.acknowledge());
  }
  ASSERT_TRUE(until({&first}, [&] { return first.owned.size() == 4; }));
  ASSERT_TRUE(first.acknowledge());
  for (int p = 0; p < 4; ++p) broker.put_numbers(topic, 800 + p * 100 + 1, 800 + p * 100 + 100, p);
  const std::size_t before = first.delivered.size();
  ASSERT_TRUE(until({&first}, [&] { return first.delivered.size() >= before + 400; }));
  EXPECT_EQ(first.delivered.size(), before + 400);
  for (const auto& got : first.delivered) EXPECT_NE(got.unit, "not owned");
}

TEST_P(KafkaGroupTest, NothingIsLostWhenMembersComeAndGoWhileReading) {
  const std::string topic = broker.topic(4);
  constexpr int kLast = 20'000;
  for (int number = 1; number <= kLast; ++number) broker.put(topic, std::to_string(number), number % 4);
  broker.flush();
  Reader first(options({topic}));
  first.budget = {50, 1 << 20};
  ASSERT_TRUE(first.until_delivered(1000));
  ASSERT_TRUE(first.acknowledge());
  Reader second(options({topic}));
  second.budget = {50, 1 << 20};
  const auto done = [&] { return all_there({&first, &second}, kLast); };
  ASSERT_TRUE(until({&first, &second}, [&] { return !second.delivered.empty(); }));
  ASSERT_TRUE(until({&first, &second}, done));
  // Per partition, what one member delivers only grows between two assignments.
  for (const Reader* reader : {&first, &second})
    for (const auto& got : reader->delivered) EXPECT_NE(got.unit, "not owned");
}

TEST_P(KafkaGroupTest, AcknowledgesBetweenRevokeAndRelease) {
  const std::string topic = broker.topic(2);
  broker.put_numbers(topic, 1, 10, 0);
  broker.put_numbers(topic, 11, 20, 1);
  KafkaInput* input = nullptr;
  Reader first(options({topic}));
  ASSERT_TRUE(first.until_delivered(20));
  input = first.input.get();
  Reader second(options({topic}));
  std::jthread other([&](std::stop_token stop) {
    while (!stop.stop_requested()) second.step(milliseconds(50));
  });
  std::vector<UnitId> revoked;
  const auto end = std::chrono::steady_clock::now() + seconds(60);
  while (revoked.empty() && std::chrono::steady_clock::now() < end) {
    auto event = input->pull(first.budget, std::chrono::steady_clock::now() + milliseconds(200), {});
    ASSERT_TRUE(event);
    if (auto* it = std::get_if<Revoked>(&*event)) revoked = it->units;
  }
  ASSERT_FALSE(revoked.empty());
  EXPECT_TRUE(first.acknowledge());
  input->release(revoked);
  for (const UnitId unit : revoked) first.owned.erase(unit);
  other = {};
  ASSERT_TRUE(until({&first, &second}, [&] { return first.owned.size() == 1 && second.owned.size() == 1; }));
  for (int i = 0; i < 5; ++i) second.step();
  EXPECT_TRUE(second.delivered.empty());
}

TEST_P(KafkaGroupTest, APausedMemberKeepsItsPlace) {
  const std::string topic = broker.topic(1);
  broker.put_numbers(topic, 1, 10);
  Options told = options({topic});
  told.librdkafka["max.poll.interval.ms"] = told.librdkafka["session.timeout.ms"] = "3000";
  Reader first(told);
  ASSERT_TRUE(first.until_delivered(10));
  first.input->pause(true);
  const auto end = std::chrono::steady_clock::now() + seconds(5);
  while (std::chrono::steady_clock::now() < end) EXPECT_EQ(first.step(), "idle");
  first.input->pause(false);
  broker.put_numbers(topic, 11, 20);
  ASSERT_TRUE(first.until_delivered(20));
  EXPECT_EQ(first.events, std::vector<std::string>{"assigned"});
}

TEST_P(KafkaGroupTest, AMemberThatWasSilentTooLongComesBack) {
  const std::string topic = broker.topic(1);
  broker.put_numbers(topic, 1, 10);
  Options told = options({topic});
  told.librdkafka["max.poll.interval.ms"] = told.librdkafka["session.timeout.ms"] = "3000";
  Reader first(told);
  ASSERT_TRUE(first.until_delivered(10));
  std::this_thread::sleep_for(seconds(5));
  ASSERT_TRUE(first.until([&] { return first.events.size() >= 3; }));
  EXPECT_EQ(first.events, (std::vector<std::string>{"assigned", "lost", "assigned"}));
  EXPECT_TRUE(first.until_delivered(20)) << "what was not acknowledged comes again";
}

TEST_P(KafkaGroupTest, AMemberWithoutPartitionsIsToldSo) {
  const std::string topic = broker.topic(1);
  Reader first(options({topic}));
  ASSERT_TRUE(first.until_assigned());
  Reader second(options({topic}));
  const auto told = [](const Reader& reader) { return !reader.events.empty() && reader.events.back() == "assigned"; };
  ASSERT_TRUE(until({&first, &second},
                    [&] { return told(first) && told(second) && first.owned.size() + second.owned.size() == 1; }));
}

INSTANTIATE_TEST_SUITE_P(Protocols, KafkaGroupTest, ::testing::Values("cooperative-sticky", "range"),
                         [](const auto& protocol) {
                           return std::string(protocol.index == 0 ? "Cooperative" : "Eager");
                         });

TEST(KafkaPlaces, ASecondProcessWithTheSameInstanceIdFencesTheFirst) {
  Broker broker;
  const std::string topic = broker.topic(1);
  Options told{{topic}, fresh_name("group"), {}, {}, -1, {}};
  told.librdkafka = {{"group.instance.id", "one"}, {"session.timeout.ms", "6000"}, {"heartbeat.interval.ms", "300"}};
  Reader first(told);
  ASSERT_TRUE(first.until_assigned());
  Reader second(told);
  ASSERT_TRUE(second.until_assigned());
  ASSERT_TRUE(first.until([&] { return first.events.back() == "error"; }));
  EXPECT_EQ(first.error.verdict, Verdict::fenced);
  EXPECT_EQ(first.error.code, "BO513");
  EXPECT_EQ(first.step(), "error") << "a fenced consumer stays fenced";
}

TEST(KafkaPlaces, LeavingAtAnyMomentIsSafe) {
  Broker broker;
  const std::string topic = broker.topic(2);
  for (int i = 0; i < 20; ++i) {
    Options told{{topic}, fresh_name("group"), {}, {}, -1, {}};
    Reader first(told);
    first.step(milliseconds(i * 17 % 80));
    if (i % 10 != 5) continue;
    Reader second(told);  // While the first one does not come to answer the group.
    second.step(milliseconds(i * 11 % 60));
  }
}

TEST(KafkaPlaces, AnUnansweredAssignmentDoesNotHoldUpLeaving) {
  Broker broker;
  const std::string topic = broker.topic(1);
  Settings settings;
  settings.bootstrap_servers = {broker_address()};
  settings.consumer_group = fresh_name("group");
  settings.topic = {topic};
  KafkaInput input(settings, {});
  ASSERT_TRUE(input.start_round());
  for (int i = 0; i < 100; ++i) {
    auto event = input.pull({10, 1000}, std::chrono::steady_clock::now() + milliseconds(200), {});
    ASSERT_TRUE(event);
    if (std::holds_alternative<Assigned>(*event)) return;
  }
  FAIL() << "no assignment came";
}

}  // namespace
}  // namespace batchout::kafka
