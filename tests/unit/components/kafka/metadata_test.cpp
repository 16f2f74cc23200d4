// What a Kafka input tells of a message beside its value, on librdkafka's mock of a cluster.

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <string>

#include "components/kafka/input.h"

namespace batchout::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* kTopic = "auth.sessions";
constexpr int kAnswerMs = 30'000;

class KafkaMetadata : public ::testing::Test {
 protected:
  KafkaMetadata() {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "0", nullptr, 0);
    owner_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0);
    cluster_ = rd_kafka_mock_cluster_new(owner_, 1);
    rd_kafka_mock_topic_create(cluster_, kTopic, 2, 1);
    conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(cluster_), nullptr, 0);
    producer_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0);
  }
  ~KafkaMetadata() override {
    rd_kafka_destroy(producer_);
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(owner_);
  }

  // Takes the headers over.
  void put(std::int32_t partition, const char* key, std::int64_t timestamp, rd_kafka_headers_t* headers) {
    const std::size_t key_size = key == nullptr ? 0 : std::string_view(key).size();
    const auto code = rd_kafka_producev(producer_, RD_KAFKA_V_TOPIC(kTopic), RD_KAFKA_V_PARTITION(partition),
                                        RD_KAFKA_V_VALUE(const_cast<char*>("{}"), 2), RD_KAFKA_V_KEY(key, key_size),
                                        RD_KAFKA_V_TIMESTAMP(timestamp), RD_KAFKA_V_HEADERS(headers),
                                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    ASSERT_EQ(code, RD_KAFKA_RESP_ERR_NO_ERROR);
    ASSERT_EQ(rd_kafka_flush(producer_, kAnswerMs), RD_KAFKA_RESP_ERR_NO_ERROR);
  }

  Payloads read(std::size_t count) {
    Settings settings;
    settings.bootstrap_servers = {rd_kafka_mock_cluster_bootstraps(cluster_)};
    settings.consumer_group = "loaders";
    settings.topic = {kTopic};
    KafkaInput input(settings, Context{});
    Payloads all;
    for (int i = 0; i < 300 && all.count() < count; ++i) {
      auto event = input.pull({10, 100'000}, steady_clock::now() + milliseconds(100), {});
      EXPECT_TRUE(event) << event.error().message;
      if (!event) break;
      if (const auto* assigned = std::get_if<Assigned>(&*event)) {
        std::vector<Position> starts;
        for (const Unit& unit : assigned->units) starts.push_back({unit.id, Position::kUnset, {}});
        EXPECT_TRUE(input.assign(starts));
      }
      if (const auto* payloads = std::get_if<Payloads>(&*event))
        for (std::size_t p = 0; p < payloads->count(); ++p) all.append(*payloads, p);
    }
    return all;
  }

  rd_kafka_t* owner_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
  rd_kafka_t* producer_ = nullptr;
};

TEST_F(KafkaMetadata, ComesWithEachMessage) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(3);
  rd_kafka_header_add(headers, "trace", -1, "first", 5);
  rd_kafka_header_add(headers, "trace", -1, "last", 4);
  rd_kafka_header_add(headers, "nothing", -1, nullptr, 0);
  put(1, "user-7", 1'600'000'000'123, headers);
  put(1, nullptr, 1'600'000'000'456, nullptr);
  const Payloads payloads = read(2);
  ASSERT_EQ(payloads.count(), 2U);
  EXPECT_EQ(payloads.metadata(0, MetaField::topic), MetaValue(kTopic));
  EXPECT_EQ(payloads.metadata(0, MetaField::partition), MetaValue(1));
  EXPECT_EQ(payloads.metadata(0, MetaField::offset), MetaValue(0));
  EXPECT_EQ(payloads.metadata(0, MetaField::timestamp), MetaValue(1'600'000'000'123));
  EXPECT_EQ(payloads.metadata(0, MetaField::key), MetaValue("user-7"));
  EXPECT_EQ(payloads.metadata(0, MetaField::header, "trace"), MetaValue("last"));
  EXPECT_EQ(payloads.metadata(0, MetaField::header, "nothing"), MetaValue(nullptr));
  EXPECT_EQ(payloads.metadata(0, MetaField::file), MetaValue());
  EXPECT_EQ(payloads.metadata(1, MetaField::offset), MetaValue(1));
  EXPECT_EQ(payloads.metadata(1, MetaField::key), MetaValue(nullptr));
  EXPECT_EQ(payloads.metadata(1, MetaField::header, "trace"), MetaValue());
  EXPECT_EQ(payloads.metadata(1, MetaField::timestamp), MetaValue(1'600'000'000'456));
}

}  // namespace
}  // namespace batchout::kafka
