// Settings of the postgres output.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/spec.h"
#include "components/postgres/connection.h"

namespace batchout::postgres {

enum class WriteMode : std::uint8_t { insert, upsert };

/// An empty password is not sent, so that libpq looks into its password file.
struct Config {
  std::string host = "localhost";
  std::uint16_t port = 5432;
  std::string dbname;
  std::string schema = "public";
  std::string user;
  Secret password;
  std::string table;
  WriteMode mode = WriteMode::insert;
  std::vector<std::string> keys;

  static void describe(Spec<Config>& s);

  /// Outputs with one key share connection and transaction.
  std::string store_key() const;
  /// Without them rows cannot be merged; rows that are only inserted have a use for keys, but no need.
  bool needs_keys() const { return mode == WriteMode::upsert; }
  /// With the password in clear: for libpq alone.
  Address address() const;
};

}  // namespace batchout::postgres

template <>
struct batchout::Choices<batchout::postgres::WriteMode> {
  static constexpr std::string_view names[] = {"insert", "upsert"};
};
