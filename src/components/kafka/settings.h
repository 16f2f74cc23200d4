// What a Kafka input can be told, and librdkafka's configuration made from it.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "batchout/component.h"
#include "components/kafka/handles.h"

namespace batchout::kafka {

/// Where a partition is read from if neither the outputs nor the group know a position.
enum class Start : std::uint8_t {
  earliest,
  latest,
  /// Nowhere: a position that the group has not committed is an error.
  committed,
};

/// Properties handed to librdkafka as they are. Their values may be passwords and never appear in messages.
struct Properties {
  std::map<std::string, std::string> values;
};

struct Settings {
  /// host:port each, or several in one text, with commas.
  std::vector<std::string> bootstrap_servers;
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
  Properties librdkafka;
  /// Properties may switch off the verification of servers.
  bool insecure = false;

  static void describe(Spec<Settings>& s);

  /// The servers as librdkafka and messages name them.
  std::string servers() const;
};

/// Why a property may not be passed through, or an empty text if it may.
std::string why_refused(const std::string& property);

/// Everything but the callbacks. Fails if librdkafka does not take a value. The configuration is owned by the caller
/// until rd_kafka_new takes it.
Result<Conf> make_conf(const Settings& settings);

}  // namespace batchout::kafka

namespace batchout {

template <>
struct Choices<kafka::Start> {
  static constexpr std::string_view names[] = {"earliest", "latest", "committed"};
};

/// Each property is tried on librdkafka while the configuration is read, so that all problems come at once.
template <>
struct SettingType<kafka::Properties> : AnySettingType {
  static std::string name() { return "mapping to text"; }
  static std::string print(const kafka::Properties&) { return "{}"; }
  static bool read(const Setting& setting, kafka::Properties& out);
};

}  // namespace batchout
