// Properties of librdkafka: which may be passed through, and a configuration made of them.
//
// Three lists of properties: those that the delivery promise rests on, set last; those that a user may change, set
// first; and those that may not be passed through, because they run code, reach outside or belong to the first list.

#include "components/kafka/properties.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/loopback.h"
#include "components/kafka/errors.h"
#include "config/wording.h"

namespace batchout::kafka {
namespace {

constexpr std::string_view kRefusedProperty = "BO218", kWrongProperty = "BO219", kBared = "BO220";

constexpr std::array kDefaults = {
    Property{"client.id", "batchout"},
    // A connection that a firewall dropped silently is noticed.
    Property{"socket.keepalive.enable", "true"},
    // Milliseconds until a topic that was not there at first is noticed; librdkafka's own are five minutes.
    Property{"topic.metadata.refresh.interval.ms", "10000"},
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
    Refusal{"enable.idempotence", kOurs},
    Refusal{"acks", kOurs},
    Refusal{"request.required.acks", kOurs},
    Refusal{"transactional.id", kOurs},
    Refusal{"delivery.report.only.error", kOurs},
    Refusal{"compression.codec", kOwnKey},
    Refusal{"compression.type", kOwnKey},
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

// librdkafka takes properties of topics with this before their names, too.
std::string_view without_prefix(std::string_view name) {
  constexpr std::string_view kPrefix = "topic.";
  while (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
  return name;
}

// librdkafka puts them into a command line (kinit), whose own template is run by a shell.
bool fits_command_line(std::string_view value) {
  const auto fits = [](char c) {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || std::string_view("@._/:-").contains(c);
  };
  return !value.starts_with('-') && std::ranges::all_of(value, fits);
}

bool matches(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return pattern == name;
  pattern.remove_suffix(1);
  return name.starts_with(pattern);
}

// A server is [protocol://]host[:port]; an address of IPv6 stands in brackets where a port follows.
std::string_view host_of(std::string_view server) {
  if (const std::size_t end = server.find("://"); end != std::string_view::npos) server.remove_prefix(end + 3);
  if (const std::size_t end = server.find(']'); server.starts_with('[') && end != std::string_view::npos)
    return end + 1 == server.size() || server[end + 1] == ':' ? server.substr(1, end - 1) : server;
  const std::size_t colon = server.find(':');
  return colon == server.rfind(':') ? server.substr(0, colon) : server;
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

// Reports a property that is refused by us or by librdkafka. On a configuration of its own, so that one wrong property
// does not hide the next. A value from the environment is not shown, and librdkafka's reason would show it.
bool check_property(const std::string& name, const std::string& value, const Setting& setting) {
  if (const std::string why = why_refused(name); !why.empty())
    return setting.wrong(kRefusedProperty, fmt::format("this librdkafka property {}: {}", why, name), "remove it");
  if (without_prefix(name).starts_with("sasl.kerberos.") && !fits_command_line(value))
    return setting.wrong(kRefusedProperty,
                         fmt::format("the value of this librdkafka property is put into a command line: {}", name),
                         "only letters, digits and @ . _ / : - are taken, and no - at the beginning");
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

}  // namespace

// What was checked when the configuration was read can still fail for a configuration that was built in code. The
// reason is librdkafka's and may show a value: those of users have passed check_property before, or the configuration
// has been refused.
Result<> set_property(rd_kafka_conf_t* conf, const char* name, const char* value) {
  std::array<char, 512> reason{};
  if (rd_kafka_conf_set(conf, name, value, reason.data(), reason.size()) == RD_KAFKA_CONF_OK) return {};
  return fail(Verdict::configuration, kWrongSettings,
              fmt::format("librdkafka does not take a setting; correct or remove it: {}", reason.data()));
}

bool Cluster::names_servers() const {
  return !bootstrap_servers.empty() && std::ranges::none_of(bootstrap_servers, &std::string::empty);
}

std::string Cluster::servers() const {
  return fmt::format("{}", fmt::join(bootstrap_servers, ","));
}

// What librdkafka does not take does not change anything, and is reported elsewhere.
std::string Properties::understood(const char* name) const {
  const Conf conf(rd_kafka_conf_new());
  std::array<char, 512> text{};
  for (const auto& [property, value] : values)
    rd_kafka_conf_set(conf.get(), property.c_str(), value.c_str(), text.data(), text.size());
  std::size_t size = text.size();
  if (rd_kafka_conf_get(conf.get(), name, text.data(), &size) != RD_KAFKA_CONF_OK) return {};
  return text.data();
}

// Without verification anybody on the way can answer in the broker's place, and read the credentials.
bool Cluster::verifies_servers() const {
  return librdkafka.understood("enable.ssl.certificate.verification") != "false" &&
         librdkafka.understood("ssl.endpoint.identification.algorithm") != "none";
}

// Messages may be bared on purpose, passwords never are.
std::string_view Cluster::bared() const {
  const std::string protocol = librdkafka.understood("security.protocol");
  const bool passwords = protocol == "sasl_plaintext";
  if (!passwords && (protocol != "plaintext" || insecure)) return {};
  const std::string list = servers();
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    if (!is_loopback(host_of(trimmed(std::string_view(list).substr(begin, end - begin)))))
      return passwords ? "passwords and messages" : "messages";
    begin = end + 1;
  }
  return {};
}

void Cluster::warn(const Node& settings, const Decoding& decoding) const {
  const std::string_view what = bared();
  if (what.empty() || decoding.problems == nullptr) return;
  constexpr std::string_view kKey = "bootstrap_servers";
  const Node* named = settings.find(kKey);
  const Node::Mark mark = named != nullptr && named->mark().line > 0 ? named->mark() : decoding.mark;
  decoding.problems->push_back(
      {Problem::Severity::warning, std::string(kBared), decoding.file, mark.line, mark.column,
       join_path(decoding.path, kKey),
       fmt::format("{} go to brokers on other machines unencrypted, and anybody can answer in their place", what),
       what == "messages" ? "set security.protocol: ssl under `librdkafka`, or insecure: true to say that this is meant"
                          : "set security.protocol: sasl_ssl under `librdkafka`"});
}

std::string why_refused(const std::string& property) {
  if (property.ends_with("_cb")) return std::string(kCode);
  for (const Refusal& refusal : kRefusals)
    if (matches(refusal.name, without_prefix(property))) return std::string(refusal.why);
  return {};
}

// Later settings override earlier ones, so the order is that of the three lists.
Result<Conf> make_conf(const Cluster& cluster, std::span<const Property> defaults, std::span<const Property> fixed) {
  Conf conf(rd_kafka_conf_new());
  for (const Property& property : kDefaults) BATCHOUT_CHECK(set_property(conf.get(), property.name, property.value));
  for (const Property& property : defaults) BATCHOUT_CHECK(set_property(conf.get(), property.name, property.value));
  for (const auto& [name, value] : cluster.librdkafka.values)
    BATCHOUT_CHECK(set_property(conf.get(), name.c_str(), value.c_str()));
  for (const Property& property : fixed) BATCHOUT_CHECK(set_property(conf.get(), property.name, property.value));
  // Log lines come where messages and reports come, on the thread that polls.
  BATCHOUT_CHECK(set_property(conf.get(), "log.queue", "true"));
  BATCHOUT_CHECK(set_property(conf.get(), "bootstrap.servers", cluster.servers().c_str()));
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
