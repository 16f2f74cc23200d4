// Declares the settings and adds the component.

#include "components/postgres/config.h"

#include <fmt/format.h>

#include <algorithm>

#include "components/postgres/identifier.h"
#include "components/postgres/output.h"
#include "components/postgres/store.h"

namespace batchout {
namespace postgres {
namespace {

constexpr std::string_view kNameRule = "a name has 1 to 63 bytes and no NUL";

}  // namespace

void Config::describe(Spec<Config>& s) {
  s.named("output", "postgres", "Writes rows to a PostgreSQL table, in one transaction per batch.")
      .field("host", &Config::host, "Server name, or the folder of its socket.")
      .field("port", &Config::port, "Server port.")
      .range(1, 65535)
      .field("dbname", &Config::dbname, "Database name.")
      .required()
      .field("schema", &Config::schema, "Schema of the table.")
      .field("table", &Config::table, "Table to write to; it must exist.")
      .required()
      .field("user", &Config::user, "Role to connect as.")
      .required()
      .field("password", &Config::password, "Password of that role.")
      .field("mode", &Config::mode, "What happens to a row whose key is already there: insert adds it, upsert updates.")
      .field("keys", &Config::keys, "Columns that identify a row; rows with a null in one of them are refused.")
      .check(
          "keys", [](const Config& c) { return c.mode != WriteMode::upsert || !c.keys.empty(); },
          "needed with mode: upsert")
      .check(
          "keys", [](const Config& c) { return std::ranges::all_of(c.keys, valid_identifier); }, kNameRule)
      .check(
          "schema", [](const Config& c) { return valid_identifier(c.schema); }, kNameRule)
      .check("table", [](const Config& c) { return valid_identifier(c.table); }, kNameRule);
}

// The password is no part of it: two outputs that differ in nothing else use the first one's.
std::string Config::store_key() const {
  return fmt::format("postgres:{}:{}/{}/{}", host, port, dbname, user);
}

Address Config::address() const {
  return {host, port, dbname, user, password.reveal()};
}

}  // namespace postgres

void add_postgres(Registry& registry) {
  registry.output<postgres::Config, postgres::PostgresOutput, postgres::PostgresStore>();
}

}  // namespace batchout
