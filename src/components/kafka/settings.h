// What a Kafka input can be told, and librdkafka's configuration made from it.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/component.h"
#include "components/kafka/properties.h"

namespace batchout::kafka {

/// Where a partition is read from if neither the outputs nor the group know a position.
enum class Start : std::uint8_t {
  earliest,
  latest,
  /// Nowhere: a position that the group has not committed is an error.
  committed,
};

/// What becomes of a message without a value.
enum class Tombstones : std::uint8_t { reject, rows };

/// What is done where messages are gone before they were read.
enum class OnGap : std::uint8_t { fail, skip_and_record };

struct Settings : Cluster {
  std::string consumer_group;
  /// A name that begins with ^ is a regular expression, as librdkafka has it.
  std::vector<std::string> topic;
  /// How long a topic has to be quiet for a round to end.
  Duration timeout_sec = std::chrono::seconds(1);
  /// Messages of a round; negative: no limit.
  std::int64_t max_batch_size = -1;
  /// Of a round; a first message is taken whatever its size.
  std::optional<ByteSize> max_batch_bytes;
  /// None: the dialect decides.
  std::optional<Start> start;
  /// Of each topic; empty: the group shares them out.
  std::vector<std::int32_t> partitions;
  /// Name of this member, which keeps its partitions through a restart; empty: it has none.
  std::string instance_id;
  Tombstones tombstones = Tombstones::reject;
  OnGap on_gap = OnGap::fail;

  static void describe(Spec<Settings>& s);

  bool has_patterns() const;
  /// Whether it reads this topic, if the cluster has it.
  bool reads(std::string_view topic_name) const;
};

/// Everything but the callbacks. Fails if librdkafka does not take a value. The configuration is owned by the caller
/// until rd_kafka_new takes it.
Result<Conf> make_conf(const Settings& settings);

}  // namespace batchout::kafka

namespace batchout {

template <>
struct Choices<kafka::Start> {
  static constexpr std::string_view names[] = {"earliest", "latest", "committed"};
};
template <>
struct Choices<kafka::Tombstones> {
  static constexpr std::string_view names[] = {"reject", "rows"};
};
template <>
struct Choices<kafka::OnGap> {
  static constexpr std::string_view names[] = {"fail", "skip_and_record"};
};

}  // namespace batchout
