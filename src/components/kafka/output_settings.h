// What a Kafka output can be told, and librdkafka's configuration made from it.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "components/kafka/properties.h"

namespace batchout::kafka {

enum class Codec : std::uint8_t { none, gzip, snappy, lz4, zstd };

struct OutputSettings : Cluster {
  std::string topic;
  /// Column with the topic of each row; empty: all go to `topic`.
  std::string topic_column;
  std::vector<std::string> keys;
  /// Columns by the names of headers.
  std::map<std::string, std::string> headers;
  /// Columns of the value; empty: all.
  std::vector<std::string> values;
  Codec compression = Codec::none;

  static void describe(Spec<OutputSettings>& s);

  /// Outputs with one key share a producer.
  std::string store_key() const;
};

/// Everything but the callbacks.
Result<Conf> make_conf(const OutputSettings& settings);

/// What Kafka takes for the name of a topic.
bool is_topic_name(std::string_view name);

}  // namespace batchout::kafka

template <>
struct batchout::Choices<batchout::kafka::Codec> {
  static constexpr std::string_view names[] = {"none", "gzip", "snappy", "lz4", "zstd"};
};
