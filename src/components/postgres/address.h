// Where a server is and how it is talked to, as libpq needs it.

#pragma once

#include <string>
#include <utility>
#include <vector>

namespace batchout::postgres {

/// Parameters of libpq by name.
using Options = std::vector<std::pair<std::string, std::string>>;

/// `host` is a name, an address, or the folder of a socket; it and `port` may be lists with commas.
struct Address {
  std::string host;
  std::string port = "5432";
  std::string dbname;
  std::string user;
  std::string password;
  /// Others, for example sslmode; they count more than our defaults.
  Options options;

  /// True if the server is not on this machine, as far as can be told without asking.
  bool is_elsewhere() const;

  /// True if the server is elsewhere and neither the options nor PGSSLMODE say how it is verified.
  bool leaves_trust_open() const;
};

}  // namespace batchout::postgres
