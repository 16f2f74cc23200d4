// What a Kafka input can be told, and librdkafka's configuration made from it.

#include "components/kafka/settings.h"

#include <regex.h>

#include <algorithm>
#include <array>
#include <limits>

namespace batchout::kafka {
namespace {

constexpr std::array kDefaults = {
    // Only the partitions that move are given up in a rebalance; the others are read on.
    Property{"partition.assignment.strategy", "cooperative-sticky"},
    // KiB fetched ahead of us, for all partitions together; librdkafka's own 64 MiB would take too much of memory_max.
    Property{"queued.max.messages.kbytes", "16384"},
};

constexpr std::array kFixed = {
    // Offsets are committed by `acknowledge` alone, after the rows.
    Property{"enable.auto.commit", "false"},
    Property{"enable.auto.offset.store", "false"},
    // An offset that the broker does not have is told, never replaced by another one.
    Property{"auto.offset.reset", "error"},
    Property{"isolation.level", "read_committed"},
    // A flipped bit is an error, not a row.
    Property{"check.crcs", "true"},
    // A misspelt topic is not made by reading it.
    Property{"allow.auto.create.topics", "false"},
    // The end of a partition is told, so that silence is not taken for it.
    Property{"enable.partition.eof", "true"},
};

bool is_pattern(const std::string& topic) {
  return topic.starts_with('^');
}

// As librdkafka does on Linux.
bool compiles(const std::string& topic) {
  if (!is_pattern(topic)) return true;
  regex_t compiled;
  if (::regcomp(&compiled, topic.c_str(), REG_EXTENDED | REG_NOSUB) != 0) return false;
  ::regfree(&compiled);
  return true;
}

bool names_something(const std::vector<std::string>& list) {
  return !list.empty() && std::ranges::none_of(list, &std::string::empty);
}

// A pattern does not mean the topics that Kafka makes for itself, unless one of them is named.
bool leaves_out_internal_topics(const Settings& settings) {
  return settings.has_patterns() &&
         std::ranges::none_of(settings.topic, [](const std::string& topic) { return topic.starts_with("__"); });
}

}  // namespace

void Settings::describe(Spec<Settings>& s) {
  s.named("input", "kafka", "Reads the messages of Kafka topics; each is one payload.");
  describe_servers(s);
  s.field("consumer_group", &Settings::consumer_group,
          "Group that shares the partitions and whose offsets are committed.")
      .required()
      .field("topic", &Settings::topic, "Topic or topics to read; a name that begins with ^ is a regular expression.")
      .required()
      .field("timeout_sec", &Settings::timeout_sec, "A round ends when no message came for so long.")
      .field("max_batch_size", &Settings::max_batch_size,
             "Most messages of one round; -1: no limit, 0: positions are stored but no message is taken.")
      .range(-1, static_cast<double>(std::numeric_limits<std::int64_t>::max()))
      .field("max_batch_bytes", &Settings::max_batch_bytes, "Most bytes of messages in one round.")
      .field("start", &Settings::start,
             "Where a partition without any stored or committed position begins; `committed`: that is an error. "
             "By default `earliest`, in configurations of version 0.0.1 `latest`.")
      .field("partitions", &Settings::partitions,
             "Numbers of the partitions to read of each topic; then the group shares nothing out.")
      .range(0, std::numeric_limits<std::int32_t>::max())
      .field("instance_id", &Settings::instance_id,
             "Name of this process in the group: one that comes back soon gets its partitions again.")
      .field(
          "tombstones", &Settings::tombstones,
          "What becomes of a message without a value: reject refuses it; rows makes a row of it in which only metadata "
          "has values, so that an output can delete by it.")
      .field(
          "on_gap", &Settings::on_gap,
          "What happens where the topic has lost messages before they were read: the run ends; or reading goes on at "
          "what is there, and one dead letter tells what is gone.")
      .check(
          "consumer_group", [](const Settings& c) { return !c.consumer_group.empty(); }, "must not be empty")
      .check(
          "topic", [](const Settings& c) { return names_something(c.topic); },
          "needs at least one name and no empty text")
      .check(
          "topic", [](const Settings& c) { return std::ranges::all_of(c.topic, compiles); },
          "has a regular expression that is none")
      .check(
          "partitions", [](const Settings& c) { return c.partitions.empty() || !c.has_patterns(); },
          "needs topics that are named, not a regular expression");
  describe_properties(s);
}

bool Settings::has_patterns() const {
  return std::ranges::any_of(topic, is_pattern);
}

// A pattern has been compiled before.
bool Settings::reads(std::string_view topic_name) const {
  const std::string name(topic_name);
  return std::ranges::any_of(topic, [&](const std::string& wanted) {
    if (!is_pattern(wanted)) return wanted == name;
    regex_t compiled;
    if (::regcomp(&compiled, wanted.c_str(), REG_EXTENDED | REG_NOSUB) != 0) return false;
    const bool found = ::regexec(&compiled, name.c_str(), 0, nullptr, 0) == 0;
    ::regfree(&compiled);
    return found && !(leaves_out_internal_topics(*this) && name.starts_with("__"));
  });
}

Result<Conf> make_conf(const Settings& settings) {
  std::vector<Property> defaults(kDefaults.begin(), kDefaults.end());
  if (leaves_out_internal_topics(settings)) defaults.push_back({"topic.blacklist", "^__"});
  BATCHOUT_TRY(Conf conf, make_conf(settings, defaults, kFixed));
  BATCHOUT_CHECK(set_property(conf.get(), "group.id", settings.consumer_group.c_str()));
  if (!settings.instance_id.empty())
    BATCHOUT_CHECK(set_property(conf.get(), "group.instance.id", settings.instance_id.c_str()));
  return conf;
}

}  // namespace batchout::kafka
