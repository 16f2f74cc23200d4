// Owners of librdkafka's objects: each is given back by the call that belongs to its type.

#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>

namespace batchout::kafka {

// All of them take no null, which unique_ptr never gives.
struct GiveBack {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
  void operator()(rd_kafka_headers_t* headers) const { rd_kafka_headers_destroy(headers); }
  void operator()(rd_kafka_error_t* error) const { rd_kafka_error_destroy(error); }
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};

template <class T>
using Handle = std::unique_ptr<T, GiveBack>;

// Owned until rd_kafka_new has taken it.
using Conf = Handle<rd_kafka_conf_t>;
using PartitionList = Handle<rd_kafka_topic_partition_list_t>;
// Not after the client it came from.
using Message = Handle<rd_kafka_message_t>;

// `size` is a hint for its memory.
inline PartitionList new_partition_list(int size = 0) {
  return PartitionList(rd_kafka_topic_partition_list_new(size));
}

}  // namespace batchout::kafka
