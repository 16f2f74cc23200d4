// Properties of librdkafka, and the settings of a cluster that inputs and outputs share.

#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "batchout/component.h"
#include "components/kafka/handles.h"

namespace batchout::kafka {

/// Properties handed to librdkafka as they are. Their values may be passwords and never appear in messages.
struct Properties {
  std::map<std::string, std::string> values;

  /// A property as librdkafka has it after all of these were set, in its own spelling; its default if none of them sets
  /// it, and empty if there is no such property. It takes several spellings of a value.
  std::string understood(const char* name) const;
};

/// How brokers are reached. `describe_servers` and `describe_properties` declare the members around others.
struct Cluster {
  /// host:port each, or several in one text, with commas.
  std::vector<std::string> bootstrap_servers;
  Properties librdkafka;
  /// Properties may switch off the verification of servers.
  bool insecure = false;

  template <class Config>
  static void describe_servers(Spec<Config>& s);
  template <class Config>
  static void describe_properties(Spec<Config>& s);

  /// The servers as librdkafka and messages name them.
  std::string servers() const;
  bool names_servers() const;
  bool verifies_servers() const;
  /// What anybody on the way can read, for the beginning of a sentence; empty if nothing.
  std::string_view bared() const;
  /// Reports it at the servers.
  void warn(const Node& settings, const Decoding& decoding) const;
};

/// Lets a type that decodes `Config` warn while it reads good settings.
template <class Config, class Decoder>
void add_warnings(Decoder& decoder) {
  decoder = [read = std::move(decoder)](const Node& node, const Decoding& decoding) {
    auto made = read(node, decoding);
    Decoding silent;
    silent.strict = decoding.strict;
    if (const auto config = made ? decode<Config>(node, silent) : std::nullopt) config->warn(node, decoding);
    return made;
  };
}

/// Both as librdkafka's CONFIGURATION.md has them.
struct Property {
  const char* name;
  const char* value;
};

/// Why a property may not be passed through, or an empty text if it may.
std::string why_refused(const std::string& property);

/// Everything but the callbacks: `defaults` may be changed by the cluster's own properties, `fixed` may not. Fails if
/// librdkafka does not take a value. The configuration is owned by the caller until rd_kafka_new takes it.
Result<Conf> make_conf(const Cluster& cluster, std::span<const Property> defaults, std::span<const Property> fixed);

/// Sets one more.
Result<> set_property(rd_kafka_conf_t* conf, const char* name, const char* value);

}  // namespace batchout::kafka

/// Each property is tried on librdkafka while the configuration is read, so that all problems come at once.
template <>
struct batchout::SettingType<batchout::kafka::Properties> : batchout::AnySettingType {
  static std::string name() { return "mapping to text"; }
  static std::string print(const kafka::Properties&) { return "{}"; }
  static bool read(const Setting& setting, kafka::Properties& out);
};

namespace batchout::kafka {

template <class Config>
void Cluster::describe_servers(Spec<Config>& s) {
  s.field("bootstrap_servers", &Cluster::bootstrap_servers, "Brokers to ask first, as host:port.")
      .required()
      .check(
          "bootstrap_servers", [](const Config& c) { return c.names_servers(); },
          "needs at least one host:port and no empty text");
}

template <class Config>
void Cluster::describe_properties(Spec<Config>& s) {
  s.field("librdkafka", &Cluster::librdkafka,
          "Properties of librdkafka, for example security.protocol or sasl.username.")
      .secret()
      .field("insecure", &Cluster::insecure,
             "Allows properties that switch off the verification of servers, and messages that are not encrypted.")
      .check(
          "librdkafka", [](const Config& c) { return c.insecure || c.verifies_servers(); },
          "switches off the verification of servers; allow it with insecure: true");
}

}  // namespace batchout::kafka
