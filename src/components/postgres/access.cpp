// From settings and a URI, which libpq takes apart, to an address.

#include "components/postgres/access.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <utility>

#include "base/files.h"
#include "base/loopback.h"

namespace batchout::postgres {
namespace {

// Authorities that Debian trusts; libpq 15 itself looks only into the user's own folder.
constexpr const char* kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";

// Parameters on which our reading and writing rests.
constexpr std::array<std::string_view, 2> kFixedParameters = {"client_encoding", "replication"};

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

// What a URI says, in libpq's order; none if it is wrong. Libpq's words about it may repeat a password, so they are
// dropped.
std::optional<Options> parts_of(const std::string& uri) {
  if (!uri.starts_with("postgresql://") && !uri.starts_with("postgres://")) return std::nullopt;
  if (uri.contains('\0')) return std::nullopt;
  char* reason = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> parsed(PQconninfoParse(uri.c_str(), &reason));
  PQfreemem(reason);
  if (!parsed) return std::nullopt;
  Options parts;
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    if (std::ranges::find(kFixedParameters, option->keyword) != kFixedParameters.end()) return std::nullopt;
    parts.emplace_back(option->keyword, option->val);
  }
  return parts;
}

// Null if it is not there.
template <class List>
auto find(List& options, std::string_view name) -> decltype(&options.begin()->second) {
  const auto found = std::ranges::find(options, name, &Options::value_type::first);
  return found == options.end() ? nullptr : &found->second;
}

// Takes the value out of the options.
std::string take(Options& options, std::string_view name, std::string otherwise = {}) {
  if (const std::string* found = find(options, name)) otherwise = *found;
  std::erase_if(options, [&](const auto& option) { return option.first == name; });
  return otherwise;
}

void set(Options& options, std::string_view name, std::string value) {
  if (std::string* found = find(options, name))
    *found = std::move(value);
  else
    options.emplace_back(name, std::move(value));
}

// libpq's own default for the file is in the user's home.
bool has_own_authorities() {
  const char* home = std::getenv("HOME");
  return std::getenv("PGSSLROOTCERT") != nullptr ||
         (home != nullptr && ::access((std::string(home) + "/.postgresql/root.crt").c_str(), R_OK) == 0);
}

bool needs_authorities(const Options& options) {
  const std::string* mode = find(options, "sslmode");
  return mode != nullptr && mode->starts_with("verify-") && find(options, "sslrootcert") == nullptr &&
         !has_own_authorities() && ::access(kSystemAuthorities, R_OK) == 0;
}

// Of several hosts all have to be.
bool is_local(std::string_view host) {
  const std::size_t comma = host.find(',');
  if (comma != std::string_view::npos) return is_local(host.substr(0, comma)) && is_local(host.substr(comma + 1));
  return host.empty() || host.starts_with('/') || host.starts_with('@') || is_loopback(host);
}

// What libpq takes where nothing is said: from its variables, and the service that PGSERVICE names.
std::string default_of(std::string_view name) {
  const std::unique_ptr<PQconninfoOption, FreeOptions> defaults(PQconndefaults());
  for (const PQconninfoOption* option = defaults.get(); option != nullptr && option->keyword != nullptr; ++option)
    if (option->keyword == name && option->val != nullptr) return option->val;
  return {};
}

// 0 leaves them to the system, which waits for hours.
bool is_switched_off(const Options::value_type& option) {
  constexpr std::array<std::string_view, 5> kWatching = {"keepalives", "keepalives_idle", "keepalives_interval",
                                                         "keepalives_count", "tcp_user_timeout"};
  return std::ranges::find(kWatching, option.first) != kWatching.end() && std::atoi(option.second.c_str()) <= 0;
}

}  // namespace

// Where `hostaddr` says where the server is, `host` is no more than its name; a service may say it, too.
bool Address::is_elsewhere() const {
  const std::string* place = find(options, "hostaddr");
  return !is_local(host) || !is_local(place != nullptr ? *place : default_of("hostaddr")) ||
         find(options, "service") != nullptr;
}

bool Address::leaves_trust_open() const {
  return is_elsewhere() && find(options, "sslmode") == nullptr && std::getenv("PGSSLMODE") == nullptr;
}

bool Access::uri_is_good() const {
  return uri.empty() || parts_of(uri.reveal()).has_value();
}

bool Access::uri_is_watchful() const {
  return uri.empty() || std::ranges::none_of(parts_of(uri.reveal()).value_or(Options{}), is_switched_off);
}

bool Access::names_database() const {
  if (dbname || uri.empty()) return dbname.has_value();
  std::optional<Options> parts = parts_of(uri.reveal());
  return !parts || find(*parts, "dbname") != nullptr;
}

bool Access::names_user() const {
  if (user || uri.empty()) return user.has_value();
  std::optional<Options> parts = parts_of(uri.reveal());
  return !parts || find(*parts, "user") != nullptr;
}

// The URI first, then what counts more.
Address Access::address(std::string_view folder, Dialect dialect) const {
  Options parts;
  if (!uri.empty()) parts = parts_of(uri.reveal()).value_or(Options{});
  Address address;
  if (host) take(parts, "hostaddr");
  address.host = take(parts, "host", find(parts, "hostaddr") != nullptr ? *find(parts, "hostaddr") : "localhost");
  address.port = take(parts, "port", "5432");
  // Several hosts without a port.
  if (address.port.find_first_not_of(',') == std::string::npos) address.port = "5432";
  address.dbname = take(parts, "dbname");
  address.user = take(parts, "user");
  address.password = take(parts, "password");
  if (host) address.host = *host;
  if (port) address.port = std::to_string(*port);
  if (dbname) address.dbname = *dbname;
  if (user) address.user = *user;
  if (!password.empty()) address.password = password.reveal();
  if (sslmode) set(parts, "sslmode", SettingType<SslMode>::print(*sslmode));
  if (sslrootcert) set(parts, "sslrootcert", *sslrootcert);
  if (sslcert) set(parts, "sslcert", *sslcert);
  if (sslkey) set(parts, "sslkey", *sslkey);
  if (application_name) set(parts, "application_name", *application_name);
  for (const std::string_view file : {"sslrootcert", "sslcert", "sslkey"})
    if (std::string* path = find(parts, file)) *path = resolve_path(folder, *path);
  address.options = std::move(parts);
  if (dialect == Dialect::v1 && address.leaves_trust_open()) address.options.emplace_back("sslmode", "verify-full");
  if (needs_authorities(address.options)) address.options.emplace_back("sslrootcert", kSystemAuthorities);
  return address;
}

// The dialect is the same for all outputs of a configuration. Settings of the trust are part of it: a connection that
// verifies the server is not to be had by way of one that does not.
std::string Access::key(std::string_view folder) const {
  const Address target = address(folder, Dialect::v0_3_0);
  std::string key = "postgres:" + target.host + ":" + target.port + "/" + target.dbname + "/" + target.user;
  Options options = target.options;
  std::ranges::sort(options);
  for (const auto& [name, value] : options)
    if (name != "application_name" && name != "sslpassword") key.append("?").append(name).append("=").append(value);
  return key;
}

}  // namespace batchout::postgres
