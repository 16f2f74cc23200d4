// Writes messages to a topic of the broker in BATCHOUT_TEST_KAFKA:
//
//   produce TOPIC                  each line of standard input
//   produce TOPIC COUNT [FIRST]    COUNT generated session messages, from number FIRST (0) on
//   produce TOPIC --keyed          each line as key, tab, value; without a tab a key alone, which is a tombstone
//   produce TOPIC --delete OFFSET  nothing: takes away what is before OFFSET in partition 0, as retention would

#include <librdkafka/rdkafka.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <optional>
#include <string>

#include "documents.h"

namespace {

class Producer {
 public:
  explicit Producer(const char* topic) : topic_(topic) {
    char error[512];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", std::getenv("BATCHOUT_TEST_KAFKA"));
    set(conf, "linger.ms", "5");
    set(conf, "queue.buffering.max.messages", "100000");
    kafka_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    if (kafka_ == nullptr) fail(error);
  }
  ~Producer() { rd_kafka_destroy(kafka_); }
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  void send(const std::string& message) { send({}, message); }

  // Nothing: no key, no value.
  void send(const std::optional<std::string>& key, const std::optional<std::string>& value) {
    const auto data = [](const std::optional<std::string>& text) {
      return text ? const_cast<char*>(text->data()) : nullptr;
    };
    const auto size = [](const std::optional<std::string>& text) { return text ? text->size() : 0; };
    for (;;) {
      const auto code = rd_kafka_producev(kafka_, RD_KAFKA_V_TOPIC(topic_), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                          RD_KAFKA_V_KEY(data(key), size(key)),
                                          RD_KAFKA_V_VALUE(data(value), size(value)), RD_KAFKA_V_END);
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) break;
      if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) fail(rd_kafka_err2str(code));
      rd_kafka_poll(kafka_, 100);
    }
    rd_kafka_poll(kafka_, 0);
  }

  void send_keyed(const std::string& line) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos)
      send(line, std::nullopt);
    else
      send(line.substr(0, tab), line.substr(tab + 1));
  }

  void delete_before(std::int64_t offset) {
    rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic_, 0)->offset = offset;
    rd_kafka_DeleteRecords_t* wanted = rd_kafka_DeleteRecords_new(list);
    rd_kafka_queue_t* queue = rd_kafka_queue_new(kafka_);
    rd_kafka_DeleteRecords(kafka_, &wanted, 1, nullptr, queue);
    rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 60'000);
    if (event == nullptr || rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) fail("nothing was deleted");
    rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_DeleteRecords_destroy(wanted);
    rd_kafka_topic_partition_list_destroy(list);
  }

  void flush() {
    if (rd_kafka_flush(kafka_, 120'000) != RD_KAFKA_RESP_ERR_NO_ERROR) fail("not all messages were delivered");
  }

 private:
  [[noreturn]] static void fail(const char* why) {
    std::fprintf(stderr, "produce: %s\n", why);
    std::exit(1);
  }
  static void set(rd_kafka_conf_t* conf, const char* name, const char* value) {
    char error[512];
    if (value == nullptr || rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) fail(name);
  }

  const char* topic_;
  rd_kafka_t* kafka_ = nullptr;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  Producer producer(argv[1]);
  if (argc == 2) {
    for (std::string line; std::getline(std::cin, line);) producer.send(line);
  } else if (argv[2] == std::string("--keyed")) {
    for (std::string line; std::getline(std::cin, line);) producer.send_keyed(line);
  } else if (argc > 3 && argv[2] == std::string("--delete")) {
    producer.delete_before(std::strtoll(argv[3], nullptr, 10));
  } else {
    const unsigned long long first = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 0;
    const unsigned long long count = std::strtoull(argv[2], nullptr, 10);
    for (unsigned long long i = first; i < first + count; ++i) producer.send(batchout::bench::session_message(i));
  }
  producer.flush();
  return 0;
}
