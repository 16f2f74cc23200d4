// Puts orders into a topic of the broker in BATCHOUT_TEST_KAFKA, which is made with so many partitions if it is
// missing:
//
//   feed TOPIC PARTITIONS FIRST COUNT BAD
//
// Order n is {"id": n, "name": "order n", "box": n % 40, "lines": [{"sku": "n-0"}, …]} with n % 4 lines, in partition
// n % PARTITIONS. Every BAD-th is bad, if that is not 0: cut off after its lines, or named "bad order n", in turns.

#include <librdkafka/rdkafka.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include <fmt/format.h>

namespace {

[[noreturn]] void fail(const char* why) {
  std::fprintf(stderr, "feed: %s\n", why);
  std::exit(1);
}

rd_kafka_t* connect() {
  char error[512];
  const char* const servers = std::getenv("BATCHOUT_TEST_KAFKA");
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  for (const auto& [name, value] :
       {std::pair{"bootstrap.servers", servers}, std::pair{"linger.ms", "20"}, std::pair{"enable.idempotence", "true"}})
    if (value == nullptr || rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) fail(name);
  rd_kafka_t* kafka = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
  if (kafka == nullptr) fail(error);
  return kafka;
}

// A topic that is there already is an answer like any other.
void make_topic(rd_kafka_t* kafka, const char* topic, int partitions) {
  char error[512];
  rd_kafka_NewTopic_t* wanted = rd_kafka_NewTopic_new(topic, partitions, 1, error, sizeof error);
  if (wanted == nullptr) fail(error);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(kafka);
  rd_kafka_CreateTopics(kafka, &wanted, 1, nullptr, queue);
  rd_kafka_event_t* answer = rd_kafka_queue_poll(queue, 30'000);
  if (answer == nullptr) fail("no answer");
  rd_kafka_event_destroy(answer);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(wanted);
}

std::string order(unsigned long long n, unsigned long long bad) {
  const bool is_bad = bad > 0 && n % bad == bad - 1;
  const bool is_cut = is_bad && n / bad % 2 == 0;
  std::string text =
      fmt::format(R"({{"id": {0}, "name": "{1}order {0}", "box": {2}, "lines": [)", n, is_bad ? "bad " : "", n % 40);
  for (unsigned long long line = 0; line < n % 4; ++line)
    text += fmt::format(R"({}{{"sku": "{}-{}"}})", line == 0 ? "" : ", ", n, line);
  return is_cut ? text : text + "]}";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  const char* const topic = argv[1];
  const int partitions = std::atoi(argv[2]);
  const unsigned long long first = std::strtoull(argv[3], nullptr, 10);
  const unsigned long long count = std::strtoull(argv[4], nullptr, 10);
  const unsigned long long bad = std::strtoull(argv[5], nullptr, 10);
  rd_kafka_t* kafka = connect();
  make_topic(kafka, topic, partitions);
  for (unsigned long long n = first; n < first + count; ++n) {
    const std::string message = order(n, bad);
    const int partition = static_cast<int>(n % static_cast<unsigned>(partitions));
    for (;;) {
      const auto code = rd_kafka_producev(
          kafka, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
          RD_KAFKA_V_VALUE(const_cast<char*>(message.data()), message.size()), RD_KAFKA_V_END);
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) break;
      if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL && code != RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION)
        fail(rd_kafka_err2str(code));
      rd_kafka_poll(kafka, 100);
    }
    rd_kafka_poll(kafka, 0);
  }
  if (rd_kafka_flush(kafka, 120'000) != RD_KAFKA_RESP_ERR_NO_ERROR) fail("not all messages were delivered");
  rd_kafka_destroy(kafka);
  return 0;
}
