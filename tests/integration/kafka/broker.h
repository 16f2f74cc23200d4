// A broker to test with: makes topics with names of their own and puts messages into them.

#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace batchout::kafka {

/// The address of the broker, from BATCHOUT_TEST_KAFKA; empty without one.
std::string broker_address();

/// A name that no other test, of this run or an earlier one, has used.
std::string fresh_name(std::string_view what);

class Broker {
 public:
  /// With a transactional id, everything put in belongs to transactions.
  explicit Broker(const std::string& transactional_id = {});
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  /// Makes a topic and returns its name.
  std::string topic(int partitions = 1);
  void make_topic(const std::string& name, int partitions);
  /// Afterwards the topic has so many.
  void add_partitions(const std::string& topic, int partitions);
  void delete_topic(const std::string& name);
  /// Sets a property of a topic.
  void set(const std::string& topic, const std::string& property, const std::string& value);

  /// Puts one message in; nothing is a tombstone. Delivered when `flush` returns.
  void put(const std::string& topic, std::optional<std::string_view> value, std::int32_t partition = 0);
  /// Puts messages "<first>" to "<last>" in.
  void put_numbers(const std::string& topic, int first, int last, std::int32_t partition = 0);
  void flush();

  void begin();
  void commit();
  void abort();

  /// Takes everything below `offset` away, as retention would.
  void delete_before(const std::string& topic, std::int64_t offset, std::int32_t partition = 0);

 private:
  void run(rd_kafka_queue_t* queue);
  void wait_for_leader(const std::string& topic, std::int32_t partition);
  void refresh(const std::string& topic);

  rd_kafka_t* client_ = nullptr;
};

}  // namespace batchout::kafka
