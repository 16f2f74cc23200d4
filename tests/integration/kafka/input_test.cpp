// The Kafka input against a real broker: what it delivers, from where, and how often.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "integration/kafka/broker.h"
#include "integration/kafka/reader.h"

namespace batchout::kafka {
namespace {

using std::chrono::milliseconds;

std::vector<std::string> numbers(int first, int last) {
  std::vector<std::string> texts;
  for (int number = first; number <= last; ++number) texts.push_back(std::to_string(number));
  return texts;
}

class KafkaInputTest : public ::testing::Test {
 protected:
  Options options(std::vector<std::string> topics) { return {std::move(topics), fresh_name("group"), {}, {}, -1, {}}; }

  Broker broker;
};

TEST_F(KafkaInputTest, DeliversEverythingInOrder) {
  const std::string topic = broker.topic();
  broker.put_numbers(topic, 1, 5000);
  Reader reader(options({topic}));
  ASSERT_TRUE(reader.until_delivered(5000));
  EXPECT_EQ(reader.texts(), numbers(1, 5000));
  EXPECT_EQ(reader.starts.at(topic + "/0"), 0);
  EXPECT_EQ(reader.next.at(reader.id(topic + "/0")), 5000);
  EXPECT_TRUE(reader.until_idle());
}

TEST_F(KafkaInputTest, GoesOnBehindWhatWasAcknowledged) {
  const std::string topic = broker.topic();
  broker.put_numbers(topic, 1, 10);
  const Options told = options({topic});
  {
    Reader reader(told);
    ASSERT_TRUE(reader.until_delivered(10));
    ASSERT_TRUE(reader.acknowledge());
  }
  broker.put_numbers(topic, 11, 12);
  Reader reader(told);
  ASSERT_TRUE(reader.until_delivered(2));
  EXPECT_EQ(reader.texts(), numbers(11, 12));
}

TEST_F(KafkaInputTest, DeliversAgainWhatWasNotAcknowledged) {
  const std::string topic = broker.topic();
  broker.put_numbers(topic, 1, 10);
  const Options told = options({topic});
  {
    Reader reader(told);
    ASSERT_TRUE(reader.until_delivered(10));
  }
  Reader reader(told);
  ASSERT_TRUE(reader.until_delivered(10));
  EXPECT_EQ(reader.texts(), numbers(1, 10));
}

TEST_F(KafkaInputTest, MayEndBeforeItHasReadWhatWasFetched) {
  const std::string topic = broker.topic();
  broker.put_numbers(topic, 1, 50'000);
  for (const std::size_t read : {1, 100, 5000}) {
    Reader reader(options({topic}));
    reader.budget.payloads = 100;
    ASSERT_TRUE(reader.until_delivered(read));
  }
}

TEST_F(KafkaInputTest, GoesOnAtTheStoredPositionWhateverTheGroupSays) {
  const std::string topic = broker.topic();
  broker.put_numbers(topic, 1, 10);
  Reader reader(options({topic}));
  reader.stored[topic + "/0"] = 7;
  ASSERT_TRUE(reader.until_delivered(3));
  EXPECT_EQ(reader.texts(), numbers(8, 10));
}

TEST_F(KafkaInputTest, StartsAtTheEndWhenToldSoOrInTheOldDialect) {
  const std::string topic = broker.topic();
  broker.put_numbers(topic, 1, 10);
  Options told = options({topic});
  told.start = Start::latest;
  Options old = options({topic});
  old.dialect = Dialect::v0_0_1;
  Reader told_reader(told), old_reader(old);
  ASSERT_TRUE(told_reader.until_assigned());
  ASSERT_TRUE(old_reader.until_assigned());
  EXPECT_EQ(told_reader.starts.at(topic + "/0"), 10);
  broker.put_numbers(topic, 11, 12);
  ASSERT_TRUE(told_reader.until_delivered(2));
  ASSERT_TRUE(old_reader.until_delivered(2));
  EXPECT_EQ(told_reader.texts(), numbers(11, 12));
  EXPECT_EQ(old_reader.texts(), numbers(11, 12));
}

TEST_F(KafkaInputTest, RefusesToStartWithoutACommittedOffsetWhenToldSo) {
  const std::string topic = broker.topic();
  Options told = options({topic});
  told.start = Start::committed;
  Reader reader(told);
  ASSERT_TRUE(reader.until([&] { return !reader.events.empty(); }));
  EXPECT_EQ(reader.error.verdict, Verdict::configuration);
  EXPECT_EQ(reader.error.message,
            fmt::format("The group has no committed offset; set `start` to earliest or latest, or commit one: "
                        "kafka:{}/0, group {}",
                        topic, told.group));
}

TEST_F(KafkaInputTest, KeepsTombstonesEmptyAndTooLargeMessagesApart) {
  const std::string topic = broker.topic();
  const std::string large(KafkaInput::kPayloadMax + 1, 'x'), largest(KafkaInput::kPayloadMax, 'y');
  broker.put(topic, std::nullopt);
  broker.put(topic, "");
  broker.put(topic, large);
  broker.put(topic, largest);
  broker.put(topic, "last");
  broker.flush();
  Reader reader(options({topic}));
  ASSERT_TRUE(reader.until_delivered(5));
  using State = Payloads::State;
  const auto& got = reader.delivered;
  EXPECT_EQ(got[0].state, State::missing);
  EXPECT_EQ(got[1].state, State::usable);
  EXPECT_EQ(got[1].bytes, "");
  EXPECT_EQ(got[2].state, State::too_large);
  EXPECT_EQ(got[2].bytes, std::string(KafkaInput::kKeptOfTooLarge, 'x'));
  EXPECT_EQ(got[3].state, State::usable);
  EXPECT_EQ(got[3].bytes.size(), KafkaInput::kPayloadMax);
  EXPECT_EQ(got[4].bytes, "last");
}

TEST_F(KafkaInputTest, ReadsSeveralTopicsAndPartitions) {
  const std::string one = broker.topic(2), two = broker.topic(1);
  broker.put_numbers(one, 1, 100, 0);
  broker.put_numbers(one, 101, 200, 1);
  broker.put_numbers(two, 201, 300, 0);
  Reader reader(options({one, two}));
  ASSERT_TRUE(reader.until_delivered(300));
  std::map<std::string, std::vector<std::string>> by_unit;
  for (const auto& got : reader.delivered) by_unit[got.unit].push_back(got.bytes);
  EXPECT_EQ(by_unit[one + "/0"], numbers(1, 100));
  EXPECT_EQ(by_unit[one + "/1"], numbers(101, 200));
  EXPECT_EQ(by_unit[two + "/0"], numbers(201, 300));
}

TEST_F(KafkaInputTest, ReadsTheTopicsThatAPatternFits) {
  const std::string prefix = fresh_name("pattern");
  for (const char* name : {"-a", "-b", "-c"}) broker.make_topic(prefix + name, 1);
  broker.put_numbers(prefix + "-a", 1, 2);
  broker.put_numbers(prefix + "-b", 3, 4);
  broker.put_numbers(prefix + "-c", 5, 6);
  Reader reader(options({"^" + prefix + "-[ab]$"}));
  ASSERT_TRUE(reader.until_delivered(4));
  auto got = reader.texts();
  std::ranges::sort(got);
  EXPECT_EQ(got, numbers(1, 4));
}

// The group's own topic would be read for ever: reading it commits offsets, which are put into it.
TEST_F(KafkaInputTest, LeavesTopicsOfKafkaItselfToWhoNamesThem) {
  const std::string topic = broker.topic();
  broker.put_numbers(topic, 1, 1);
  Reader reader(options({"^.*"}));
  ASSERT_TRUE(reader.until([&] { return reader.units.contains(topic + "/0"); }));
  for (const auto& [unit, id] : reader.units) EXPECT_FALSE(unit.starts_with("__")) << unit;
  Reader named(options({"^__consumer.*", "__consumer_offsets"}));
  EXPECT_TRUE(named.until([&] { return named.units.contains("__consumer_offsets/0"); }));
}

TEST_F(KafkaInputTest, ReadsThePartitionsThatItIsTold) {
  const std::string one = broker.topic(3), two = broker.topic(3);
  for (int partition = 0; partition < 3; ++partition) {
    broker.put_numbers(one, partition * 10, partition * 10 + 1, partition);
    broker.put_numbers(two, 100 + partition * 10, 101 + partition * 10, partition);
  }
  Options told = options({one, two});
  told.partitions = {2, 0, 2};
  {
    Reader reader(told);
    ASSERT_TRUE(reader.until_delivered(8));
    EXPECT_TRUE(reader.until_idle());
    EXPECT_EQ(reader.delivered.size(), 8u);
    EXPECT_FALSE(reader.units.contains(one + "/1"));
    Reader other(told);  // No group keeps it from them.
    ASSERT_TRUE(other.until_delivered(8));
    ASSERT_TRUE(reader.acknowledge());
  }
  broker.put_numbers(one, 7, 7, 2);
  Reader again(told);
  ASSERT_TRUE(again.until_delivered(1));
  EXPECT_EQ(again.texts(), numbers(7, 7));
  EXPECT_EQ(again.starts.at(two + "/0"), 2);
}

TEST_F(KafkaInputTest, WaitsForAPartitionThatDoesNotExist) {
  const std::string topic = broker.topic(1);
  Options told = options({topic});
  told.partitions = {0, 2};
  Reader reader(told);
  ASSERT_TRUE(reader.until([&] { return !reader.error.code.empty(); }));
  EXPECT_EQ(reader.error.code, "BO512");
  EXPECT_EQ(reader.error.verdict, Verdict::environment);
  broker.add_partitions(topic, 3);
  broker.put_numbers(topic, 1, 3, 2);
  std::vector<Position> anywhere;
  for (const auto& [unit, id] : reader.units) anywhere.push_back({id, Position::kUnset, {}});
  bool assigned = false;
  ASSERT_TRUE(reader.until([&] { return assigned || (assigned = reader.input->assign(anywhere).has_value()); }));
  EXPECT_TRUE(reader.until_delivered(3));
}

TEST_F(KafkaInputTest, AMemberThatComesBackSoonGetsItsPartitionsAgain) {
  const std::string topic = broker.topic(4);
  Options told = options({topic});
  told.librdkafka = {{"session.timeout.ms", "20000"}, {"heartbeat.interval.ms", "300"}};
  told.instance_id = "b";
  Reader other(told);
  ASSERT_TRUE(other.until_assigned());
  told.instance_id = "a";
  std::map<UnitId, std::string> before;
  std::size_t events = 0;
  {
    Reader first(told);
    ASSERT_TRUE(other.until([&] {
      first.step(milliseconds(20));
      return first.owned.size() == 2 && other.owned.size() == 2;
    }));
    before = first.owned;
    events = other.events.size();
  }
  Reader again(told);
  ASSERT_TRUE(again.until([&] {
    other.step(milliseconds(20));
    return again.owned.size() == 2;
  }));
  std::vector<std::string> old_units, new_units;
  for (const auto& [id, unit] : before) old_units.push_back(unit);
  for (const auto& [id, unit] : again.owned) new_units.push_back(unit);
  EXPECT_THAT(new_units, ::testing::UnorderedElementsAreArray(old_units));
  EXPECT_EQ(other.events.size(), events) << "the group did not change for the other member";
}

Options over_tls(const Options& plain, const std::string& password) {
  Options told = plain;
  told.servers = std::getenv("BATCHOUT_TEST_KAFKA_SECURE");
  told.librdkafka = {{"security.protocol", "sasl_ssl"},
                     {"sasl.mechanism", "PLAIN"},
                     {"sasl.username", "reader"},
                     {"sasl.password", password},
                     {"ssl.ca.location", std::getenv("BATCHOUT_TEST_KAFKA_CA")}};
  return told;
}

TEST_F(KafkaInputTest, ReadsOverTlsWithAPassword) {
  ASSERT_NE(std::getenv("BATCHOUT_TEST_KAFKA_SECURE"), nullptr) << "start the broker by ./dev up";
  const std::string topic = broker.topic();
  broker.put_numbers(topic, 1, 3);
  Reader reader(over_tls(options({topic}), "a secret"));
  ASSERT_TRUE(reader.until_delivered(3)) << reader.error.message;
  EXPECT_TRUE(reader.acknowledge());
}

TEST_F(KafkaInputTest, AWrongPasswordAndAnUnknownAuthorityAreErrorsOfTheConfiguration) {
  ASSERT_NE(std::getenv("BATCHOUT_TEST_KAFKA_SECURE"), nullptr) << "start the broker by ./dev up";
  const std::string topic = broker.topic();
  Reader wrong(over_tls(options({topic}), "a wrong secret"));
  ASSERT_TRUE(wrong.until([&] { return !wrong.error.code.empty(); }));
  EXPECT_EQ(wrong.error.code, "BO511");
  EXPECT_EQ(wrong.error.verdict, Verdict::configuration);
  EXPECT_FALSE(wrong.error.message.contains("a wrong secret")) << wrong.error.message;
  Options told = over_tls(options({topic}), "a secret");
  told.librdkafka.erase("ssl.ca.location");
  Reader unknown(told);
  ASSERT_TRUE(unknown.until([&] { return !unknown.error.code.empty(); }));
  EXPECT_EQ(unknown.error.code, "BO511") << unknown.error.message;
}

TEST_F(KafkaInputTest, KeepsToItsBudget) {
  const std::string topic = broker.topic();
  broker.put_numbers(topic, 1000, 1099);
  Reader reader(options({topic}));
  reader.budget = {7, 1 << 20};
  std::size_t before = 0;
  ASSERT_TRUE(reader.until([&] {
    EXPECT_LE(reader.delivered.size() - std::exchange(before, reader.delivered.size()), 7U);
    return reader.delivered.size() >= 50;
  }));
  reader.budget = {1000, 20};  // Bytes: two payloads of four with their separators, or what is one alone.
  ASSERT_TRUE(reader.until([&] {
    EXPECT_LE(reader.delivered.size() - std::exchange(before, reader.delivered.size()), 7U);
    return reader.delivered.size() >= 100;
  }));
  EXPECT_EQ(reader.texts(), numbers(1000, 1099));
}

TEST_F(KafkaInputTest, HandsOutPayloadsThatDoNotFitIntoOneArena) {
  const std::string topic = broker.topic();
  std::vector<std::string> sent;
  for (int i = 0; i < 20; ++i) sent.emplace_back(static_cast<std::size_t>(100'000 + i), static_cast<char>('a' + i));
  for (const std::string& text : sent) broker.put(topic, text);
  broker.flush();
  Reader reader(options({topic}));
  reader.budget = {1000, 1 << 30};
  ASSERT_TRUE(reader.until_delivered(20));
  EXPECT_EQ(reader.texts(), sent);
}

TEST_F(KafkaInputTest, EndsARoundByBytes) {
  const std::string topic = broker.topic();
  broker.put_numbers(topic, 100, 199);
  Options told = options({topic});
  told.max_batch_bytes = 30;
  Reader reader(told);
  ASSERT_TRUE(reader.until_delivered(10));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(reader.step(), "idle");
  ASSERT_TRUE(reader.input->start_round());
  ASSERT_TRUE(reader.until_delivered(20));
  EXPECT_EQ(reader.step(), "idle");
  EXPECT_EQ(reader.texts(), numbers(100, 119));
}

TEST_F(KafkaInputTest, TakesNothingWithoutABudgetButStarts) {
  const std::string topic = broker.topic();
  broker.put_numbers(topic, 1, 10);
  Reader reader(options({topic}));
  reader.budget = {0, 0};
  ASSERT_TRUE(reader.until_assigned());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(reader.step(), "idle");
  reader.budget = {1000, 1000};
  ASSERT_TRUE(reader.until_delivered(10));
  EXPECT_EQ(reader.texts(), numbers(1, 10));
}

TEST_F(KafkaInputTest, SeeksBackAndForth) {
  const std::string topic = broker.topic();
  broker.put_numbers(topic, 1, 1000);
  Reader reader(options({topic}));
  reader.budget = {100, 1 << 20};
  ASSERT_TRUE(reader.until_delivered(500));
  const Position back{reader.id(topic + "/0"), 3, {}};
  ASSERT_TRUE(reader.input->seek({&back, 1}));
  reader.delivered.clear();
  ASSERT_TRUE(reader.until_delivered(997));
  EXPECT_EQ(reader.texts(), numbers(4, 1000));
  const Position forth{reader.id(topic + "/0"), 998, {}};
  ASSERT_TRUE(reader.input->seek({&forth, 1}));
  reader.delivered.clear();
  ASSERT_TRUE(reader.until_delivered(2));
  EXPECT_EQ(reader.texts(), numbers(999, 1000));
}

TEST_F(KafkaInputTest, SeeksRightAfterTheAssignment) {
  const std::string topic = broker.topic();
  broker.put_numbers(topic, 1, 100);
  for (const char* strategy : {"cooperative-sticky", "range"}) {
    Options told = options({topic});
    told.librdkafka["partition.assignment.strategy"] = strategy;
    Reader reader(told);
    ASSERT_TRUE(reader.until_assigned());
    const Position forth{reader.id(topic + "/0"), 90, {}};
    const auto sought = reader.input->seek({&forth, 1});
    ASSERT_TRUE(sought) << strategy << ": " << sought.error().message;
    ASSERT_TRUE(reader.until_delivered(10));
    EXPECT_EQ(reader.texts(), numbers(91, 100)) << strategy;
  }
}

TEST_F(KafkaInputTest, LosesNothingWhenPausedAndResumed) {
  const std::string topic = broker.topic(2);
  broker.put_numbers(topic, 1, 2000, 0);
  broker.put_numbers(topic, 2001, 4000, 1);
  Reader reader(options({topic}));
  reader.budget = {100, 1 << 20};
  ASSERT_TRUE(reader.until_assigned());
  while (reader.delivered.size() < 4000) {
    reader.input->pause(true);
    const std::size_t before = reader.delivered.size();
    EXPECT_EQ(reader.step(milliseconds(50)), "idle");
    EXPECT_EQ(reader.delivered.size(), before);
    reader.input->pause(false);
    ASSERT_TRUE(reader.until_delivered(std::min<std::size_t>(before + 500, 4000)));
  }
  std::map<std::string, std::vector<std::string>> by_unit;
  for (const auto& got : reader.delivered) by_unit[got.unit].push_back(got.bytes);
  EXPECT_EQ(by_unit[topic + "/0"], numbers(1, 2000));
  EXPECT_EQ(by_unit[topic + "/1"], numbers(2001, 4000));
}

TEST_F(KafkaInputTest, ReadsOnlyWhatTransactionsCommitted) {
  const std::string topic = broker.topic();
  Broker writer(fresh_name("writer"));
  writer.begin();
  writer.put_numbers(topic, 1, 10);
  writer.abort();
  writer.begin();
  writer.put_numbers(topic, 11, 20);
  Reader reader(options({topic}));
  ASSERT_TRUE(reader.until_assigned());
  EXPECT_TRUE(reader.until_idle());
  writer.commit();
  ASSERT_TRUE(reader.until_delivered(10));
  EXPECT_EQ(reader.texts(), numbers(11, 20));
  EXPECT_EQ(reader.delivered[0].offset, 11) << "the abort left a marker behind 10 messages";
}

TEST_F(KafkaInputTest, TellsAGapWhenRetentionWasFaster) {
  const std::string topic = broker.topic();
  broker.put_numbers(topic, 1, 100);
  broker.delete_before(topic, 40);
  Reader reader(options({topic}));
  reader.stored[topic + "/0"] = 10;
  ASSERT_TRUE(reader.until([&] { return !reader.gaps.empty(); }));
  EXPECT_TRUE(reader.delivered.empty());
  EXPECT_EQ(reader.starts.at(topic + "/0"), 10);
  EXPECT_EQ(reader.gaps[0].expected, 10);
  EXPECT_EQ(reader.gaps[0].found, 40);
  ASSERT_TRUE(reader.until_delivered(60));
  EXPECT_EQ(reader.texts(), numbers(41, 100));
}

TEST_F(KafkaInputTest, TellsAGapThatOpensWhileReading) {
  const std::string topic = broker.topic();
  broker.put_numbers(topic, 1, 100);
  for (const char* strategy : {"cooperative-sticky", "range"}) {
    Options told = options({topic});
    told.librdkafka["partition.assignment.strategy"] = strategy;
    Reader reader(told);
    ASSERT_TRUE(reader.until_delivered(10));
    broker.delete_before(topic, 70);
    const Position back{reader.id(topic + "/0"), 5, {}};
    ASSERT_TRUE(reader.input->seek({&back, 1}));
    reader.delivered.clear();
    ASSERT_TRUE(reader.until([&] { return !reader.gaps.empty(); })) << strategy;
    EXPECT_EQ(reader.gaps[0].expected, 5);
    EXPECT_EQ(reader.gaps[0].found, 70);
    ASSERT_TRUE(reader.until_delivered(30));
    EXPECT_EQ(reader.texts(), numbers(71, 100)) << strategy;
  }
}

TEST_F(KafkaInputTest, RefusesAPositionBehindTheEnd) {
  const std::string topic = broker.topic();
  broker.put_numbers(topic, 1, 10);
  Reader reader(options({topic}));
  reader.stored[topic + "/0"] = 11;
  ASSERT_TRUE(reader.until([&] { return !reader.events.empty(); }));
  EXPECT_EQ(reader.error.verdict, Verdict::configuration);
  EXPECT_EQ(reader.error.code, "BO510");
  EXPECT_THAT(reader.error.message, ::testing::EndsWith(fmt::format("kafka:{}/0, position 11, end 10", topic)));
}

// The messages of the topic that was made anew are as many as before and more, so its end does not tell it.
TEST_F(KafkaInputTest, RefusesATopicThatWasMadeAnewAndHasGrownBeyondThePosition) {
  for (const char* strategy : {"cooperative-sticky", "range"}) {
    const std::string topic = broker.topic(), unit = topic + "/0";
    broker.put_numbers(topic, 1, 10);
    Options told = options({topic});
    told.librdkafka["partition.assignment.strategy"] = strategy;
    std::string token;
    {
      Reader first(told);
      ASSERT_TRUE(first.until_delivered(10));
      token = first.tokens.at(first.id(unit));
    }
    broker.put_numbers(topic, 11, 12);
    {
      Reader second(told);
      second.stored[unit] = 10;
      second.stored_tokens[unit] = token;
      ASSERT_TRUE(second.until_delivered(2)) << second.error.message;
      EXPECT_EQ(second.texts(), numbers(11, 12));
      EXPECT_THAT(second.events, ::testing::ElementsAre("assigned"));
      token = second.tokens.at(second.id(unit));
    }
    broker.delete_topic(topic);
    Broker anew;
    anew.make_topic(topic, 1);
    anew.put_numbers(topic, 1001, 1030);
    Reader third(told);
    third.stored[unit] = 12;
    third.stored_tokens[unit] = token;
    ASSERT_TRUE(third.until([&] { return third.events.size() >= 3; }));
    EXPECT_THAT(third.events, ::testing::ElementsAre("assigned", "error", "error"));
    EXPECT_TRUE(third.delivered.empty());
    EXPECT_EQ(third.error.verdict, Verdict::configuration);
    EXPECT_EQ(third.error.code, "BO510");
    EXPECT_THAT(third.error.message, ::testing::EndsWith(fmt::format("kafka:{}, position 12", unit)));
  }
}

// What is gone cannot be compared.
TEST_F(KafkaInputTest, GoesOnWhereTheMessageBeforeThePositionIsGone) {
  const std::string topic = broker.topic(), unit = topic + "/0";
  Broker writer(fresh_name("writer"));
  for (int i = 0; i < 2; ++i) {
    writer.begin();
    writer.put_numbers(topic, 10 * i + 1, 10 * i + 10);
    writer.commit();
  }
  const Options told = options({topic});
  std::string token;
  {
    Reader reader(told);
    ASSERT_TRUE(reader.until_delivered(20));
    token = reader.tokens.at(reader.id(unit));
  }
  // The marker of the first commit stands at 10.
  for (const std::int64_t position : {std::int64_t{11}, std::int64_t{15}}) {
    if (position == 15) broker.delete_before(topic, 15);
    Reader reader(told);
    reader.stored[unit] = position;
    reader.stored_tokens[unit] = fmt::format("{}&before={}&fnv1a=0", Landmark::of(token).cluster, position - 1);
    const auto left = static_cast<std::size_t>(21 - position);
    ASSERT_TRUE(reader.until_delivered(left)) << reader.error.message;
    EXPECT_EQ(reader.texts(), numbers(static_cast<int>(position), 20));
  }
}

TEST_F(KafkaInputTest, SeeksBeforeTheTopicIsKnownAgain) {
  const std::string topic = broker.topic(), unit = topic + "/0";
  broker.put_numbers(topic, 1, 10);
  const Options told = options({topic});
  std::string token;
  {
    Reader reader(told);
    ASSERT_TRUE(reader.until_delivered(10));
    token = reader.tokens.at(reader.id(unit));
  }
  broker.put_numbers(topic, 11, 20);
  Reader reader(told);
  reader.stored[unit] = 10;
  reader.stored_tokens[unit] = token;
  ASSERT_TRUE(reader.until_assigned());
  const Position again{reader.id(unit), 10, {}};
  ASSERT_TRUE(reader.input->seek({&again, 1}));
  ASSERT_TRUE(reader.until_delivered(10));
  EXPECT_EQ(reader.texts(), numbers(11, 20));
  EXPECT_THAT(reader.events, ::testing::ElementsAre("assigned"));
}

TEST_F(KafkaInputTest, WaitsForATopicThatIsMadeLater) {
  const std::string topic = fresh_name("later");
  Options told = options({topic});
  told.librdkafka["topic.metadata.refresh.interval.ms"] = "500";
  Reader reader(told);
  ASSERT_TRUE(reader.until([&] { return !reader.events.empty(); }));
  EXPECT_EQ(reader.error.verdict, Verdict::environment);
  EXPECT_EQ(reader.error.message,
            fmt::format("The topic does not exist; create it or correct `topic`: {} on {}", topic, broker_address()));
  broker.make_topic(topic, 1);
  broker.put_numbers(topic, 1, 3);
  ASSERT_TRUE(reader.until_delivered(3));
  EXPECT_THAT(reader.warnings, ::testing::ElementsAre(fmt::format(
                                   "The topic does not exist; it is waited for: {} on {}", topic, broker_address())));
}

TEST_F(KafkaInputTest, CommitsOnlyOnce) {
  const std::string topic = broker.topic();
  broker.put_numbers(topic, 1, 10);
  Reader reader(options({topic}));
  ASSERT_TRUE(reader.until_delivered(10));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(reader.acknowledge());
}

}  // namespace
}  // namespace batchout::kafka
