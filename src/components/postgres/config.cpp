// Declares the settings and adds the component.

#include "components/postgres/config.h"

#include <algorithm>

#include "components/postgres/identifier.h"
#include "components/postgres/input.h"
#include "components/postgres/output.h"
#include "components/postgres/store.h"
#include "registry/registry.h"

namespace batchout {
namespace postgres {
namespace {

constexpr std::string_view kNameRule = "a name has 1 to 63 bytes and no NUL";

}  // namespace

void Config::describe(Spec<Config>& s) {
  s.named("output", "postgres", "Writes rows to a PostgreSQL table, in one transaction per batch.");
  describe_access(s);
  s.field("schema", &Config::schema, "Schema of the table.")
      .field("table", &Config::table, "Table to write to.")
      .required()
      .field("mode", &Config::mode, "What happens to a row whose key is already there: insert adds it, upsert updates.")
      .field("keys", &Config::keys, "Columns that identify a row; rows with a null in one of them are refused.")
      .field("create", &Config::create,
             "if_missing (or true) makes the table, false, the default, wants it to be there.")
      .check(
          "keys", [](const Config& c) { return c.mode != WriteMode::upsert || !c.keys.empty(); },
          "needed with mode: upsert")
      .check(
          "keys", [](const Config& c) { return std::ranges::all_of(c.keys, valid_identifier); }, kNameRule)
      .check(
          "schema", [](const Config& c) { return valid_identifier(c.schema); }, kNameRule)
      .check(
          "table", [](const Config& c) { return valid_identifier(c.table); }, kNameRule)
      .check(
          "create",
          [](const Config& c) {
            return c.create.is_null() || c.create.type() == Node::Type::boolean ||
                   (c.create.is_text() && c.create.text() == "if_missing");
          },
          "must be if_missing, true or false");
  describe_rules(s);
}

// Null is the default; other texts than if_missing have been refused.
bool Config::creates() const {
  return create.is_text() || (create.type() == Node::Type::boolean && create.boolean());
}

}  // namespace postgres

void add_postgres(Registry& registry) {
  registry.input<postgres::InputConfig, postgres::PostgresInput>();
  registry.output<postgres::Config, postgres::PostgresOutput, postgres::PostgresStore>();
  add_named_columns<postgres::Config>(registry);
}

}  // namespace batchout
