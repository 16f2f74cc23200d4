// How a server is reached: the settings that inputs and outputs share, and the address made from them.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "batchout/component.h"
#include "components/postgres/address.h"

namespace batchout::postgres {

/// As libpq has them.
enum class SslMode : std::uint8_t { disable, allow, prefer, require, verify_ca, verify_full };

/// A setting that is given counts more than its part of `uri`. An empty password is not sent, so that libpq looks into
/// its password file.
struct Access {
  Secret uri;
  std::optional<std::string> host;
  std::optional<std::uint16_t> port;
  std::optional<std::string> dbname;
  std::optional<std::string> user;
  Secret password;
  std::optional<SslMode> sslmode;
  std::optional<std::string> sslrootcert;
  std::optional<std::string> sslcert;
  std::optional<std::string> sslkey;
  std::optional<std::string> application_name;

  template <class Config>
  static void describe_access(Spec<Config>& s);

  /// With the password in clear: for libpq alone. Relative paths of certificates resolve at `folder`. Where no sslmode
  /// is given, `batchout: 1` verifies servers that are not on this machine; older dialects do as libpq does.
  Address address(std::string_view folder, Dialect dialect) const;

  /// Names server, database, user and how they are trusted, without the password: connections with one key are one.
  std::string key(std::string_view folder) const;

  bool uri_is_good() const;
  /// It does not switch off what tells that a server is gone. True also for a wrong one.
  bool uri_is_watchful() const;
  /// True also for a wrong uri, which is a problem of its own.
  bool names_database() const;
  bool names_user() const;
};

template <class Config>
void Access::describe_access(Spec<Config>& s) {
  s.field("uri", &Access::uri, "All of the address in one text: postgresql://user:password@host:port/dbname.")
      .also("url")
      .field("host", &Access::host, "Server name, or the folder of its socket; localhost by default.")
      .field("port", &Access::port, "Server port; 5432 by default.")
      .range(1, 65535)
      .field("dbname", &Access::dbname, "Database name; required here or in `uri`.")
      .field("user", &Access::user, "Role to connect as; required here or in `uri`.")
      .field("password", &Access::password, "Password of that role.")
      .field("sslmode", &Access::sslmode,
             "Whether the connection is encrypted and the server verified; by default verify-full for servers "
             "elsewhere in "
             "`batchout: 1`, else prefer.")
      .field("sslrootcert", &Access::sslrootcert, "File of the authorities that servers are verified by.")
      .field("sslcert", &Access::sslcert, "File of our own certificate.")
      .field("sslkey", &Access::sslkey, "File of its key.")
      .field("application_name", &Access::application_name,
             "How the server's lists name the connection; batchout by default.")
      .check(
          "uri", [](const Config& c) { return c.uri_is_good(); },
          "must be postgresql://user:password@host:port/dbname with parameters that libpq knows; write what is special "
          "in it as % and two digits")
      .check(
          "uri", [](const Config& c) { return c.uri_is_watchful(); },
          "keepalives and tcp_user_timeout may be changed, but not be switched off: without them a server that is gone "
          "is waited for")
      .check(
          "dbname", [](const Config& c) { return c.names_database(); }, "required, but not given; here or in `uri`")
      .check("user", [](const Config& c) { return c.names_user(); }, "required, but not given; here or in `uri`");
}

}  // namespace batchout::postgres

template <>
struct batchout::Choices<batchout::postgres::SslMode> {
  static constexpr std::string_view names[] = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"};
};
