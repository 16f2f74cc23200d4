// What a Kafka input's settings refuse, and what librdkafka gets to see of them.

#include "components/kafka/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "components/kafka/output_settings.h"

namespace batchout::kafka {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Node properties(std::vector<std::pair<std::string, Node>> entries) {
  return Node::mapping(std::move(entries));
}

Node config(Node librdkafka) {
  return Node::mapping({{"type", "kafka"},
                        {"bootstrap_servers", Node::list({"a:9092", "b:9092"})},
                        {"consumer_group", "loaders"},
                        {"topic", "auth.sessions"},
                        {"librdkafka", std::move(librdkafka)}});
}

std::optional<Settings> read(const Node& node, std::vector<std::string>& messages) {
  Problems problems;
  Decoding decoding;
  decoding.path = "inputs.kafka";
  decoding.problems = &problems;
  auto settings = decode<Settings>(node, decoding);
  for (const Problem& problem : problems) messages.push_back(problem.path + ": " + problem.message);
  return settings;
}

std::string property(const rd_kafka_conf_t* conf, const char* name) {
  std::array<char, 512> value{};
  std::size_t size = value.size();
  EXPECT_EQ(RD_KAFKA_CONF_OK, rd_kafka_conf_get(conf, name, value.data(), &size));
  return value.data();
}

TEST(KafkaSettings, OneTextIsAListOfOneServerAndTopic) {
  std::vector<std::string> messages;
  const auto settings = read(
      Node::mapping({{"type", "kafka"}, {"bootstrap_servers", "a:1,b:2"}, {"consumer_group", "g"}, {"topic", "t"}}),
      messages);
  ASSERT_TRUE(settings) << ::testing::PrintToString(messages);
  EXPECT_EQ(settings->servers(), "a:1,b:2");
  EXPECT_THAT(settings->topic, ElementsAre("t"));
  EXPECT_EQ(settings->timeout_sec.value, std::chrono::seconds(1));
  EXPECT_EQ(settings->max_batch_size, -1);
}

TEST(KafkaSettings, PropertiesReachLibrdkafkaBesideTheFixedOnes) {
  std::vector<std::string> messages;
  const auto settings = read(config(properties({{"group.instance.id", "one"},
                                                {"session.timeout.ms", 6000},
                                                {"socket.nagle.disable", true},
                                                {"client.id", "loader"}})),
                             messages);
  ASSERT_TRUE(settings) << ::testing::PrintToString(messages);
  const auto conf = make_conf(*settings);
  ASSERT_TRUE(conf);
  EXPECT_EQ(property(conf->get(), "group.instance.id"), "one");
  EXPECT_EQ(property(conf->get(), "session.timeout.ms"), "6000");
  EXPECT_EQ(property(conf->get(), "socket.nagle.disable"), "true");
  EXPECT_EQ(property(conf->get(), "client.id"), "loader");
  EXPECT_EQ(property(conf->get(), "bootstrap.servers"), "a:9092,b:9092");
  EXPECT_EQ(property(conf->get(), "group.id"), "loaders");
  EXPECT_EQ(property(conf->get(), "enable.auto.commit"), "false");
  EXPECT_EQ(property(conf->get(), "enable.auto.offset.store"), "false");
  EXPECT_EQ(property(conf->get(), "auto.offset.reset"), "error");
  EXPECT_EQ(property(conf->get(), "isolation.level"), "read_committed");
  EXPECT_EQ(property(conf->get(), "check.crcs"), "true");
  EXPECT_EQ(property(conf->get(), "partition.assignment.strategy"), "cooperative-sticky");
}

TEST(KafkaSettings, EveryWrongPropertyIsReportedAtOnce) {
  std::vector<std::string> messages;
  EXPECT_FALSE(read(config(properties({{"enable.auto.commit", true},
                                       {"plugin.library.paths", "evil.so"},
                                       {"test.mock.num.brokers", 3},
                                       {"rebalance_cb", "x"},
                                       {"bootstrap.servers", "c:1"},
                                       {"sesion.timeout.ms", 6000},
                                       {"session.timeout.ms", "soon"},
                                       {"debug", Node::list({"cgrp"})}})),
                    messages));
  EXPECT_THAT(messages,
              ElementsAre(HasSubstr("this librdkafka property is fixed, because no message may be lost or taken twice: "
                                    "enable.auto.commit"),
                          HasSubstr("this librdkafka property would run foreign code: plugin.library.paths"),
                          HasSubstr("this librdkafka property is for librdkafka's own tests: test.mock.num.brokers"),
                          HasSubstr("this librdkafka property would run foreign code: rebalance_cb"),
                          HasSubstr("this librdkafka property has a key of its own: bootstrap.servers"),
                          HasSubstr("has no such property: sesion.timeout.ms"),
                          HasSubstr("librdkafka does not take the value of this property: session.timeout.ms"),
                          HasSubstr("a property needs a text or a number: debug")));
}

TEST(KafkaSettings, PatternsLeaveOutWhatKafkaMakesForItself) {
  Settings settings;
  settings.bootstrap_servers = {"a:1"};
  settings.consumer_group = "g";
  settings.topic = {"^visits.*"};
  settings.instance_id = "loader-1";
  const auto conf = make_conf(settings);
  ASSERT_TRUE(conf);
  EXPECT_EQ(property(conf->get(), "topic.blacklist"), "^__");
  EXPECT_EQ(property(conf->get(), "group.instance.id"), "loader-1");
}

TEST(KafkaSettings, PatternsHaveToBeSomeAndLeaveThePartitionsToTheGroup) {
  std::vector<std::string> messages;
  Node node = config(properties({}));
  node.set("topic", Node::list({"^visits(", "plain"}));
  node.set("partitions", Node::list({0, -1}));
  EXPECT_FALSE(read(node, messages));
  EXPECT_THAT(messages, ElementsAre(HasSubstr("partitions[1]: must be between 0 and"),
                                    "inputs.kafka.topic: has a regular expression that is none"));
  node.set("topic", "^visits");
  node.set("partitions", 3);
  messages.clear();
  EXPECT_FALSE(read(node, messages));
  EXPECT_THAT(messages, ElementsAre("inputs.kafka.partitions: needs topics that are named, not a regular expression"));
}

TEST(KafkaSettings, AnOutputIsIdempotentWhateverItIsTold) {
  OutputSettings settings;
  settings.bootstrap_servers = {"a:1"};
  settings.topic = "t";
  settings.compression = Codec::lz4;
  settings.librdkafka.values = {{"linger.ms", "50"}};
  const auto conf = make_conf(settings);
  ASSERT_TRUE(conf);
  EXPECT_EQ(property(conf->get(), "enable.idempotence"), "true");
  EXPECT_EQ(property(conf->get(), "linger.ms"), "50");
  for (const char* refused : {"enable.idempotence", "acks", "request.required.acks", "transactional.id", "dr_msg_cb",
                              "compression.codec", "compression.type", "plugin.library.paths"})
    EXPECT_NE(why_refused(refused), "") << refused;
  EXPECT_TRUE(is_topic_name("a.B-9_"));
  for (const char* name : {"", ".", "..", "a b", "a/b", "ä"}) EXPECT_FALSE(is_topic_name(name)) << name;
}

TEST(KafkaSettings, ServersAreVerifiedUnlessInsecure) {
  const char* const verification = "enable.ssl.certificate.verification";
  const char* const algorithm = "ssl.endpoint.identification.algorithm";
  for (const auto& [name, value] : std::vector<std::pair<const char*, Node>>{{verification, "false"},
                                                                             {verification, false},
                                                                             {verification, "FALSE"},
                                                                             {verification, "f"},
                                                                             {verification, 0},
                                                                             {algorithm, "none"},
                                                                             {algorithm, "None"},
                                                                             {algorithm, " NONE"}}) {
    std::vector<std::string> messages;
    Node node = config(properties({{name, value}}));
    EXPECT_FALSE(read(node, messages));
    EXPECT_THAT(messages, ElementsAre(HasSubstr("allow it with insecure: true")));
    node.set("insecure", true);
    messages.clear();
    EXPECT_TRUE(read(node, messages)) << ::testing::PrintToString(messages);
  }
}

// librdkafka takes properties of topics with a prefix, which must not lead around what is refused.
TEST(KafkaSettings, APrefixHidesNoProperty) {
  for (const char* refused : {"topic.auto.offset.reset", "topic.acks", "topic.auto.commit.enable",
                              "topic.offset.store.path", "topic.topic.acks", "topic.plugin.library.paths"})
    EXPECT_NE(why_refused(refused), "") << refused;
  for (const char* taken : {"topic.metadata.refresh.interval.ms", "topic.blacklist", "topic.message.timeout.ms"})
    EXPECT_EQ(why_refused(taken), "") << taken;
}

// Its template of a kinit command is run by a shell.
TEST(KafkaSettings, NamesOfKerberosCannotBeCommands) {
  std::vector<std::string> messages;
  EXPECT_TRUE(read(config(properties({{"sasl.kerberos.principal", "loader/etl.example@EXAMPLE.COM"},
                                      {"sasl.kerberos.keytab", "FILE:/etc/loader_1.keytab"},
                                      {"sasl.kerberos.min.time.before.relogin", 60000}})),
                   messages))
      << ::testing::PrintToString(messages);
  for (const char* value : {"x; touch owned #", "$(id)", "a b", "`id`", "a\"b", "-c", "a\nb", "a|b", "a&b"}) {
    messages.clear();
    EXPECT_FALSE(read(config(properties({{"sasl.kerberos.principal", value}})), messages)) << value;
    EXPECT_THAT(messages, ElementsAre(HasSubstr("the value of this librdkafka property is put into a command line: "
                                                "sasl.kerberos.principal")));
  }
  messages.clear();
  EXPECT_FALSE(read(config(properties({{"sasl.kerberos.keytab", "/tmp/$(id)"}})), messages));
}

TEST(KafkaSettings, AnOutputDoesNotWaitForEver) {
  for (const auto& [name, value] : std::vector<std::pair<const char*, Node>>{
           {"message.timeout.ms", 0}, {"delivery.timeout.ms", "00"}, {"topic.message.timeout.ms", 0}}) {
    Problems problems;
    Decoding decoding;
    decoding.problems = &problems;
    const Node node = Node::mapping(
        {{"type", "kafka"}, {"bootstrap_servers", "a:1"}, {"topic", "t"}, {"librdkafka", properties({{name, value}})}});
    EXPECT_FALSE(decode<OutputSettings>(node, decoding)) << name;
  }
}

TEST(KafkaSettings, WhatIsBaredIsToldUnlessItStaysOnTheMachine) {
  Cluster cluster;
  const auto bared = [&](const char* servers, const char* protocol) {
    cluster.bootstrap_servers = {servers};
    cluster.librdkafka.values = {{"security.protocol", protocol}};
    return cluster.bared();
  };
  for (const char* servers : {"localhost:1", "localhost", "127.0.0.1:1, localhost:2", "[::1]:1", "::1",
                              "PLAINTEXT://localhost:1", "127.9.9.9:1,[::1]"})
    for (const char* protocol : {" SASL_PLAINTEXT", "plaintext"}) EXPECT_EQ(bared(servers, protocol), "") << servers;
  for (const char* servers : {"kafka.example:1", "localhost:1,kafka.example:1", "localhost.evil.org:1",
                              "127.evil.org:1", "127.0.0.1.evil.org:1", "[::1].evil.org:1", "[::2]:1", "10.0.0.1",
                              "x://localhost.evil.org", "localhost@evil.org:1", "::1:9092", "["}) {
    EXPECT_EQ(bared(servers, " SASL_PLAINTEXT"), "passwords and messages") << servers;
    EXPECT_EQ(bared(servers, "plaintext"), "messages") << servers;
    EXPECT_EQ(bared(servers, "sasl_ssl"), "") << servers;
    EXPECT_EQ(bared(servers, "ssl"), "") << servers;
  }
  cluster.librdkafka.values.clear();
  EXPECT_EQ(cluster.bared(), "messages") << "librdkafka's own default";
  cluster.insecure = true;
  EXPECT_EQ(cluster.bared(), "") << "it is meant";
  EXPECT_EQ(bared("kafka.example:1", "sasl_plaintext"), "passwords and messages");
}

TEST(KafkaSettings, MissingAndEmptyOnesAreReported) {
  std::vector<std::string> messages;
  EXPECT_FALSE(read(Node::mapping({{"type", "kafka"}}), messages));
  EXPECT_EQ(messages.size(), 3U) << ::testing::PrintToString(messages);
  messages.clear();
  EXPECT_FALSE(read(Node::mapping({{"type", "kafka"},
                                   {"bootstrap_servers", Node::list()},
                                   {"consumer_group", ""},
                                   {"topic", Node::list({"a", ""})},
                                   {"start", "newest"}}),
                    messages));
  EXPECT_EQ(messages.size(), 4U) << ::testing::PrintToString(messages);
}

}  // namespace
}  // namespace batchout::kafka
