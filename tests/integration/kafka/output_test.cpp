// The Kafka output against a real broker: what arrives, where, and what a commit promises.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "components/kafka/output.h"
#include "integration/kafka/broker.h"
#include "integration/kafka/reader.h"
#include "unit/components/harness.h"

namespace batchout::kafka {
namespace {

using testing::block_of;
using ::testing::ElementsAre;
using testing::integer;
using testing::null;
using testing::text;
using ::testing::UnorderedElementsAre;

const std::vector<std::pair<std::string, Kind>> kShape{
    {"id", Kind::integer}, {"name", Kind::text}, {"doc", Kind::json}};

class KafkaOutputTest : public ::testing::Test {
 protected:
  OutputSettings settings(std::string topic) {
    OutputSettings settings;
    settings.bootstrap_servers = {broker_address()};
    settings.topic = std::move(topic);
    return settings;
  }

  // One batch; "" or the code and message of its error.
  std::string batch(const OutputSettings& settings, const std::vector<Block>& blocks) {
    rejects.clear();
    KafkaStore store(settings, {});
    KafkaOutput output(settings, store, {});
    const auto done = [&]() -> Result<Outcome> {
      BATCHOUT_CHECK(store.begin(1));
      for (const Block& block : blocks) {
        BATCHOUT_CHECK(output.open(block.shape()));
        BATCHOUT_TRY(taken, output.write(block, rejects));
      }
      BATCHOUT_CHECK(output.finish(rejects));
      return store.commit({}, {});
    }();
    verdict = done ? Verdict::internal : done.error().verdict;
    return done ? "" : done.error().code + " " + done.error().message;
  }

  // Everything that is in the topic, as "partition key value headers".
  std::vector<std::string> content(const std::string& topic, std::size_t count) {
    Settings reading;
    reading.bootstrap_servers = {broker_address()};
    reading.consumer_group = fresh_name("group");
    reading.topic = {topic};
    KafkaInput input(reading, Context{});
    std::vector<std::string> lines;
    for (int i = 0; i < 300 && lines.size() < count; ++i) {
      auto event = input.pull({1000, 1 << 24}, std::chrono::steady_clock::now() + std::chrono::milliseconds(100), {});
      if (!event) break;
      if (const auto* assigned = std::get_if<Assigned>(&*event)) {
        std::vector<Position> starts;
        for (const Unit& unit : assigned->units) starts.push_back({unit.id, Position::kUnset, {}});
        EXPECT_TRUE(input.assign(starts));
      }
      const auto* payloads = std::get_if<Payloads>(&*event);
      for (std::size_t p = 0; payloads != nullptr && p < payloads->count(); ++p) lines.push_back(line(*payloads, p));
    }
    return lines;
  }

  static std::string line(const Payloads& payloads, std::size_t p) {
    const auto shown = [](const MetaValue& value) {
      const auto* found = std::get_if<std::string_view>(&value);
      return found != nullptr ? std::string(*found) : std::string("-");
    };
    return fmt::format("{} {} {}", shown(payloads.metadata(p, MetaField::key)), payloads.bytes(p),
                       shown(payloads.metadata(p, MetaField::header, "kind")));
  }

  Broker broker;
  Rejects rejects;
  std::uint64_t taken = 0;
  Verdict verdict{};
};

TEST_F(KafkaOutputTest, WritesObjectsWithKeysAndHeaders) {
  const std::string topic = broker.topic(3);
  OutputSettings told = settings(topic);
  told.keys = {"id"};
  told.headers = {{"kind", "name"}};
  told.values = {"doc", "id"};
  told.compression = Codec::zstd;
  EXPECT_EQ(batch(told, {block_of(kShape, {{integer(1), text("a"), text("{\"x\": [1]}", Tag::json)},
                                           {integer(2), null(), null()},
                                           {null(), text("c"), null()}})}),
            "");
  EXPECT_EQ(taken, 2u);
  ASSERT_EQ(rejects.size(), 1u);
  EXPECT_EQ(rejects[0].code, "BO421");
  EXPECT_THAT(content(topic, 2),
              UnorderedElementsAre("1 {\"doc\":{\"x\": [1]},\"id\":1} a", "2 {\"doc\":null,\"id\":2} -"));
}

TEST_F(KafkaOutputTest, KeysOfSeveralColumnsAreObjectsAndWithoutKeysThereIsNone) {
  const std::string topic = broker.topic();
  OutputSettings told = settings(topic);
  const Block block = block_of({{"id", Kind::integer}, {"na\"me", Kind::text}}, {{integer(1), text("é\n")}});
  EXPECT_EQ(batch(told, {block}), "");
  told.keys = {"na\"me", "id"};
  EXPECT_EQ(batch(told, {block}), "");
  EXPECT_THAT(content(topic, 2), ElementsAre("- {\"id\":1,\"na\\\"me\":\"é\\n\"} -",
                                             "{\"na\\\"me\":\"é\\n\",\"id\":1} {\"id\":1,\"na\\\"me\":\"é\\n\"} -"));
}

TEST_F(KafkaOutputTest, ACommitKeepsTheOrderOfManyMessages) {
  const std::string topic = broker.topic();
  std::vector<Block> blocks;
  std::vector<std::string> expected;
  for (int b = 0; b < 20; ++b) {
    std::vector<std::vector<Cell>> rows;
    for (int i = 0; i < 1000; ++i) {
      rows.push_back({integer(b * 1000 + i)});
      expected.push_back(fmt::format("- {{\"n\":{}}} -", b * 1000 + i));
    }
    blocks.push_back(block_of({{"n", Kind::integer}}, rows));
  }
  OutputSettings told = settings(topic);
  told.librdkafka.values = {{"queue.buffering.max.messages", "500"}};  // Its queue is full again and again.
  EXPECT_EQ(batch(told, blocks), "");
  EXPECT_EQ(content(topic, 20'000), expected);
}

TEST_F(KafkaOutputTest, ARowMayNameItsTopic) {
  const std::string one = broker.topic(), two = broker.topic();
  OutputSettings told = settings(one);
  told.topic_column = "name";
  told.values = {"id"};
  EXPECT_EQ(batch(told, {block_of(kShape, {{integer(1), text(two), null()},
                                           {integer(2), null(), null()},
                                           {integer(3), text("no/topic"), null()}})}),
            "");
  ASSERT_EQ(rejects.size(), 1u);
  EXPECT_EQ(rejects[0].code, "BO430");
  EXPECT_EQ(rejects[0].excerpt, "no/topic");
  EXPECT_THAT(content(one, 1), ElementsAre("- {\"id\":2} -"));
  EXPECT_THAT(content(two, 1), ElementsAre("- {\"id\":1} -"));
}

TEST_F(KafkaOutputTest, NothingOfABatchThatIsRolledBackArrives) {
  const std::string topic = broker.topic();
  const OutputSettings told = settings(topic);
  KafkaStore store(told, {});
  KafkaOutput output(told, store, {});
  const auto write = [&](int number) {
    const Block block = block_of({{"n", Kind::integer}}, {{integer(number)}});
    ASSERT_TRUE(store.begin(1));
    ASSERT_TRUE(output.open(block.shape()));
    ASSERT_TRUE(output.write(block, rejects));
  };
  write(1);
  store.rollback();
  write(2);
  ASSERT_TRUE(store.commit({}, {}));
  EXPECT_THAT(content(topic, 1), ElementsAre("- {\"n\":2} -"));
}

TEST_F(KafkaOutputTest, AMessageThatIsTooLargeIsAReject) {
  const std::string topic = fresh_name("small");
  broker.make_topic(topic, 1);
  OutputSettings told = settings(topic);
  const std::string large(2'000'000, 'x');
  const Block block = block_of({{"t", Kind::text}}, {{text(large)}, {text("fits")}});
  EXPECT_EQ(batch(told, {block}), "");
  ASSERT_EQ(rejects.size(), 1u);
  EXPECT_EQ(rejects[0].code, "BO429");
  EXPECT_THAT(content(topic, 1), ElementsAre("- {\"t\":\"fits\"} -"));
}

// Which messages are at fault is found out by trying the batch again, as the engine does.
TEST_F(KafkaOutputTest, AMessageThatIsTooLargeForItsTopicIsAReject) {
  const std::string topic = fresh_name("small");
  broker.make_topic(topic, 1);
  broker.set(topic, "max.message.bytes", "10000");
  const OutputSettings told = settings(topic);
  KafkaStore store(told, {});
  KafkaOutput output(told, store, {});
  std::uint64_t number = 0;
  const auto tries = [&](const Block& block) {
    ++number;
    for (int i = 1; i < 10; ++i) {
      rejects.clear();
      EXPECT_TRUE(store.begin(number));
      EXPECT_TRUE(output.open(block.shape()));
      EXPECT_TRUE(output.write(block, rejects));
      const auto done = store.commit({}, {});
      if (done) return i;
      EXPECT_EQ(done.error().verdict, Verdict::environment) << done.error().message;
    }
    return 0;
  };
  const std::string large(20'000, 'x');
  EXPECT_EQ(tries(block_of({{"t", Kind::text}}, {{text("first")}, {text(large)}, {text("last")}})), 3);
  ASSERT_EQ(rejects.size(), 1u);
  EXPECT_EQ(rejects[0].code, "BO429");
  EXPECT_EQ(tries(block_of({{"t", Kind::text}}, {{text("next")}, {text(large)}})), 1)
      << "its size is known to be too much";
  ASSERT_EQ(rejects.size(), 1u);
  const std::string medium(6'000, 'x');
  EXPECT_EQ(tries(block_of({{"t", Kind::text}}, {{text(medium)}, {text(medium)}, {text(medium)}})), 2)
      << "they are too large together";
  EXPECT_TRUE(rejects.empty());
  std::vector<std::string> texts;
  for (int i = 0; i < 1'500; ++i) texts.push_back(std::to_string(i));
  std::vector<std::vector<Cell>> rows;
  for (const std::string& one : texts) rows.push_back({text(one)});
  // Below what is known to be too large, and too large with what goes with each message.
  const std::string least(9'990, 'x');
  rows[77] = {text(least)};
  rows[1'300] = {text(least)};
  EXPECT_EQ(tries(block_of({{"t", Kind::text}}, rows)), 4) << "in groups, alone, and without them";
  EXPECT_EQ(rejects.size(), 2u);
}

TEST_F(KafkaOutputTest, ColumnsThatAreNotWrittenAreNamed) {
  OutputSettings told = settings("t");
  told.headers = {{"kind", "nmae"}};
  EXPECT_EQ(batch(told, {block_of(kShape, {})}),
            "BO573 A column that the output names is not among those that are written: nmae; did you mean \"name\"?");
}

TEST_F(KafkaOutputTest, BrokersThatDoNotAnswerAreAnErrorOfTheEnvironment) {
  OutputSettings told = settings("t");
  told.bootstrap_servers = {"127.0.0.1:1"};
  told.librdkafka.values = {{"message.timeout.ms", "1500"}};
  const auto start = std::chrono::steady_clock::now();
  const std::string error = batch(told, {block_of({{"n", Kind::integer}}, {{integer(1)}})});
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  EXPECT_TRUE(error.starts_with("BO571 The brokers have not acknowledged all messages;")) << error;
  EXPECT_TRUE(error.contains("127.0.0.1:1")) << error;
  EXPECT_EQ(verdict, Verdict::environment);
}

TEST_F(KafkaOutputTest, WritesOverTlsAndIsToldOfAWrongPasswordAtOnce) {
  ASSERT_NE(std::getenv("BATCHOUT_TEST_KAFKA_SECURE"), nullptr) << "start the broker by ./dev up";
  const std::string topic = broker.topic();
  OutputSettings told = settings(topic);
  told.bootstrap_servers = {std::getenv("BATCHOUT_TEST_KAFKA_SECURE")};
  told.librdkafka.values = {{"security.protocol", "sasl_ssl"},
                            {"sasl.mechanism", "PLAIN"},
                            {"sasl.username", "reader"},
                            {"sasl.password", "a secret"},
                            {"ssl.ca.location", std::getenv("BATCHOUT_TEST_KAFKA_CA")}};
  const Block block = block_of({{"n", Kind::integer}}, {{integer(1)}});
  EXPECT_EQ(batch(told, {block}), "");
  EXPECT_THAT(content(topic, 1), ElementsAre("- {\"n\":1} -"));
  told.librdkafka.values["sasl.password"] = "wrong one";
  const auto start = std::chrono::steady_clock::now();
  const std::string error = batch(told, {block});
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  EXPECT_TRUE(error.starts_with("BO572 The brokers refuse this output;")) << error;
  EXPECT_FALSE(error.contains("wrong one")) << error;
  EXPECT_EQ(verdict, Verdict::configuration);
}

}  // namespace
}  // namespace batchout::kafka
