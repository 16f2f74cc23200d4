// What a Kafka output can be told, and librdkafka's configuration made from it.

#include "components/kafka/output_settings.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace batchout::kafka {
namespace {

constexpr std::array kDefaults = {
    // Keys go where Java's clients would put them.
    Property{"partitioner", "murmur2_random"},
    // Milliseconds until a message counts as not delivered; librdkafka's own are five minutes, in which nobody would
    // hear of the fault.
    Property{"message.timeout.ms", "60000"},
    // A batch is there as a whole, so there is nothing to wait for but the filling of requests.
    Property{"linger.ms", "5"},
};

constexpr std::array kFixed = {
    // What librdkafka sends again is there once, in order, and on all replicas that are in sync.
    Property{"enable.idempotence", "true"},
    Property{"acks", "all"},
};

bool waits_for_ever(const OutputSettings& settings) {
  return settings.librdkafka.understood("message.timeout.ms") == "0";
}

}  // namespace

void OutputSettings::describe(Spec<OutputSettings>& s) {
  s.named("output", "kafka", "Writes each row as a message: a JSON object with the columns as its members.");
  describe_servers(s);
  s.field("topic", &OutputSettings::topic, "Topic to write to.")
      .field("topic_column", &OutputSettings::topic_column,
             "Column with the topic of each row; rows without one go to `topic`.")
      .field("keys", &OutputSettings::keys,
             "Columns that make the key of a message: of one its text, of several a JSON object.")
      .also("key")
      .field("headers", &OutputSettings::headers, "Names of headers, each with the column that it has the text of.")
      .field("values", &OutputSettings::values, "Columns of the JSON object, in their order; by default all.")
      .field("compression", &OutputSettings::compression, "How batches of messages are compressed.")
      .check(
          "topic", [](const OutputSettings& c) { return !c.topic.empty() || !c.topic_column.empty(); },
          "required, but not given; name a topic or a topic_column")
      .check(
          "topic", [](const OutputSettings& c) { return c.topic.empty() || is_topic_name(c.topic); },
          "has 1 to 249 letters, digits, dots, underscores and dashes")
      .check(
          "headers", [](const OutputSettings& c) { return !c.headers.contains(""); }, "needs names that are not empty");
  s.check(
      "librdkafka", [](const OutputSettings& c) { return !waits_for_ever(c); },
      "has message.timeout.ms: 0, which would wait for ever for brokers that are gone");
  describe_properties(s);
}

// All that makes a producer, credentials included: what differs in any of it does not share one.
std::string OutputSettings::store_key() const {
  std::string key = "kafka:" + servers() + " " + SettingType<Codec>::print(compression);
  for (const auto& [name, value] : librdkafka.values) key.append("\n").append(name).append("=").append(value);
  return key;
}

Result<Conf> make_conf(const OutputSettings& settings) {
  BATCHOUT_TRY(Conf conf, make_conf(settings, kDefaults, kFixed));
  BATCHOUT_CHECK(
      set_property(conf.get(), "compression.codec", SettingType<Codec>::print(settings.compression).c_str()));
  return conf;
}

bool is_topic_name(std::string_view name) {
  constexpr std::size_t kSizeMax = 249;
  const auto fits = [](char c) {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '.' || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= kSizeMax && name != "." && name != ".." && std::ranges::all_of(name, fits);
}

}  // namespace batchout::kafka
