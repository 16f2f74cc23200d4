// What a Kafka input can be told, and librdkafka's configuration made from it.
//
// Three lists of properties: those that the delivery promise rests on, set last; those that a user may change, set
// first; and those that may not be passed through, because they run code, reach outside or belong to the first list.

#include "components/kafka/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "components/kafka/errors.h"

namespace batchout::kafka {
namespace {

constexpr std::string_view kRefusedProperty = "BO218", kWrongProperty = "BO219";

// Both as librdkafka's CONFIGURATION.md has them.
struct Property {
  const char* name;
  const char* value;
};

constexpr std::array kDefaults = {
    Property{"client.id", "batchout"},
    // Only the partitions that move are given up in a rebalance; the others are read on.
    Property{"partition.assignment.strategy", "cooperative-sticky"},
    // A connection that a firewall dropped silently is noticed.
    Property{"socket.keepalive.enable", "true"},
    // KiB fetched ahead of us, for all partitions together; librdkafka's own 64 MiB would take too much of memory_max.
    Property{"queued.max.messages.kbytes", "16384"},
    // Milliseconds until a topic that was not there at first is noticed; librdkafka's own are five minutes.
    Property{"topic.metadata.refresh.interval.ms", "10000"},
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
    Property{"enable.partition.eof", "false"},
    // Log lines come where messages come, on the thread that polls.
    Property{"log.queue", "true"},
};

struct Refusal {
  std::string_view name;  // A name that ends with * stands for all that begin so.
  std::string_view why;
};

// Reasons, as they end the sentence "this librdkafka property …".
constexpr std::string_view kOwnKey = "has a key of its own";
constexpr std::string_view kOurs = "is fixed, because no message may be lost or taken twice";
constexpr std::string_view kCode = "would run foreign code";
constexpr std::string_view kTest = "is for librdkafka's own tests";

constexpr std::array kRefusals = {
    Refusal{"bootstrap.servers", kOwnKey},
    Refusal{"metadata.broker.list", kOwnKey},
    Refusal{"group.id", kOwnKey},
    Refusal{"enable.auto.commit", kOurs},
    Refusal{"auto.commit.enable", kOurs},
    Refusal{"auto.commit.interval.ms", kOurs},
    Refusal{"enable.auto.offset.store", kOurs},
    Refusal{"offset.store.*", kOurs},
    Refusal{"auto.offset.reset", kOurs},
    Refusal{"isolation.level", kOurs},
    Refusal{"check.crcs", kOurs},
    Refusal{"allow.auto.create.topics", kOurs},
    Refusal{"enable.partition.eof", kOurs},
    Refusal{"log.queue", kOurs},
    Refusal{"plugin.library.paths", kCode},
    Refusal{"sasl.kerberos.kinit.cmd", kCode},
    Refusal{"ssl.engine.location", kCode},
    Refusal{"ssl.engine.id", kCode},
    Refusal{"ssl_engine_callback_data", kCode},
    Refusal{"opaque", kCode},
    Refusal{"interceptors", kCode},
    Refusal{"default_topic_conf", kCode},
    Refusal{"enabled_events", kCode},
    Refusal{"test.mock.*", kTest},
    Refusal{"ut_handle_ProduceResponse", kTest},
};

bool matches(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return pattern == name;
  pattern.remove_suffix(1);
  return name.starts_with(pattern);
}

// The value as librdkafka expects it, or nothing for what cannot be a property.
std::optional<std::string> text_of(const Node& node) {
  switch (node.type()) {
    case Node::Type::text:
      return node.text();
    case Node::Type::boolean:
      return node.boolean() ? "true" : "false";
    case Node::Type::integer:
      return std::to_string(node.integer());
    case Node::Type::real:
      return node.written().empty() ? fmt::format("{}", node.real()) : node.written();
    default:
      return std::nullopt;
  }
}

// What was checked when the configuration was read can still fail for a configuration that was built in code. The
// reason is librdkafka's and may show a value: those of users have passed check_property before, or the configuration
// has been refused.
Result<> set(rd_kafka_conf_t* conf, const char* name, const char* value) {
  std::array<char, 512> reason{};
  if (rd_kafka_conf_set(conf, name, value, reason.data(), reason.size()) == RD_KAFKA_CONF_OK) return {};
  return fail(Verdict::configuration, kWrongSettings,
              fmt::format("librdkafka does not take a setting; correct or remove it: {}", reason.data()));
}

// Reports a property that is refused by us or by librdkafka. On a configuration of its own, so that one wrong property
// does not hide the next. A value from the environment is not shown, and librdkafka's reason would show it.
bool check_property(const std::string& name, const std::string& value, const Setting& setting) {
  if (const std::string why = why_refused(name); !why.empty())
    return setting.wrong(kRefusedProperty, fmt::format("this librdkafka property {}: {}", why, name), "remove it");
  const Conf trial(rd_kafka_conf_new());
  std::array<char, 512> reason{};
  switch (rd_kafka_conf_set(trial.get(), name.c_str(), value.c_str(), reason.data(), reason.size())) {
    case RD_KAFKA_CONF_OK:
      return true;
    case RD_KAFKA_CONF_UNKNOWN:
      return setting.wrong(kWrongProperty,
                           fmt::format("librdkafka {} has no such property: {}", rd_kafka_version_str(), name),
                           "correct or remove it");
    default:
      return setting.wrong(kWrongProperty, fmt::format("librdkafka does not take the value of this property: {}", name),
                           setting.node().from_environment() ? "" : reason.data());
  }
}

// Without verification anybody on the way can answer in the broker's place, and read the credentials.
bool verifies_servers(const Settings& settings) {
  const auto is = [&](const char* name, std::string_view value) {
    const auto found = settings.librdkafka.values.find(name);
    return found != settings.librdkafka.values.end() && found->second == value;
  };
  return !is("enable.ssl.certificate.verification", "false") && !is("ssl.endpoint.identification.algorithm", "none");
}

bool names_something(const std::vector<std::string>& list) {
  return !list.empty() && std::ranges::none_of(list, &std::string::empty);
}

}  // namespace

void Settings::describe(Spec<Settings>& s) {
  s.named("input", "kafka", "Reads the messages of Kafka topics; each is one payload.")
      .field("bootstrap_servers", &Settings::bootstrap_servers, "Brokers to ask first, as host:port.")
      .required()
      .field("consumer_group", &Settings::consumer_group,
             "Group that shares the partitions and whose offsets are committed.")
      .required()
      .field("topic", &Settings::topic, "Topic or topics to read.")
      .required()
      .field("timeout_sec", &Settings::timeout_sec, "A round ends when no message came for so long.")
      .field("max_batch_size", &Settings::max_batch_size,
             "Most messages of one round; -1: no limit, 0: positions are stored but no message is taken.")
      .range(-1, static_cast<double>(std::numeric_limits<std::int64_t>::max()))
      .field("max_batch_bytes", &Settings::max_batch_bytes, "Most bytes of messages in one round.")
      .field("start", &Settings::start,
             "Where a partition without any stored or committed position begins; `committed`: that is an error. "
             "By default `earliest`, in configurations of version 0.0.1 `latest`.")
      .field("librdkafka", &Settings::librdkafka,
             "Properties of librdkafka, for example security.protocol or group.instance.id.")
      .secret()
      .field("insecure", &Settings::insecure, "Allows properties that switch off the verification of servers.")
      .check(
          "bootstrap_servers", [](const Settings& c) { return names_something(c.bootstrap_servers); },
          "needs at least one host:port and no empty text")
      .check(
          "consumer_group", [](const Settings& c) { return !c.consumer_group.empty(); }, "must not be empty")
      .check(
          "topic", [](const Settings& c) { return names_something(c.topic); },
          "needs at least one name and no empty text")
      .check(
          "librdkafka", [](const Settings& c) { return c.insecure || verifies_servers(c); },
          "switches off the verification of servers; allow it with insecure: true");
}

std::string Settings::servers() const {
  return fmt::format("{}", fmt::join(bootstrap_servers, ","));
}

std::string why_refused(const std::string& property) {
  if (property.ends_with("_cb")) return std::string(kCode);
  for (const Refusal& refusal : kRefusals)
    if (matches(refusal.name, property)) return std::string(refusal.why);
  return {};
}

// Later settings override earlier ones, so the order is that of the three lists.
Result<Conf> make_conf(const Settings& settings) {
  Conf conf(rd_kafka_conf_new());
  for (const Property& property : kDefaults) BATCHOUT_CHECK(set(conf.get(), property.name, property.value));
  for (const auto& [name, value] : settings.librdkafka.values)
    BATCHOUT_CHECK(set(conf.get(), name.c_str(), value.c_str()));
  for (const Property& property : kFixed) BATCHOUT_CHECK(set(conf.get(), property.name, property.value));
  BATCHOUT_CHECK(set(conf.get(), "bootstrap.servers", settings.servers().c_str()));
  BATCHOUT_CHECK(set(conf.get(), "group.id", settings.consumer_group.c_str()));
  return conf;
}

}  // namespace batchout::kafka

namespace batchout {

bool SettingType<kafka::Properties>::read(const Setting& setting, kafka::Properties& out) {
  out.values.clear();
  return setting.read_entries([&out](const std::string& name, const Setting& entry) {
    const auto value = kafka::text_of(entry.node());
    if (!value) return entry.wrong(kafka::kWrongProperty, fmt::format("a property needs a text or a number: {}", name));
    out.values[name] = *value;
    return kafka::check_property(name, *value, entry);
  });
}

}  // namespace batchout
