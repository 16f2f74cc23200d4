// The table that rows go to, as the server's catalog describes it.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/result.h"

namespace batchout::postgres {

class Connection;

/// Types that are checked and encoded by us; everything else goes to the server as text. The order matters: those
/// before `enumeration` have an exact `=` in the server (see column_from).
enum class Family : std::uint8_t {
  boolean,
  int2,
  int4,
  int8,
  float4,
  float8,
  numeric,
  /// text, varchar, char(n).
  text,
  date,
  timestamp,
  timestamptz,
  json,
  jsonb,
  uuid,
  enumeration,
  /// Of anything; text only.
  array,
  other,
};

struct TargetColumn {
  std::string name;
  /// As people write it, for example "character varying(20)".
  std::string type;
  Family family = Family::other;
  bool not_null = false;
  /// Not null, and nothing fills it when a row leaves it out.
  bool needs_value = false;
  /// Computed by the server, cannot be written.
  bool generated = false;
  /// GENERATED ALWAYS AS IDENTITY: written only with OVERRIDING SYSTEM VALUE.
  bool identity_always = false;
  /// As an expression; empty: none.
  std::string default_value{};
  /// Of a domain: the type that it restricts; empty: it is none.
  std::string base_type{};
  /// `=` tells every difference of two values; else their texts are compared.
  bool plain_equality = false;
  /// The type's own operators are in pg_catalog.
  bool builtin = false;
  /// numeric(precision, scale); -1: no limit.
  std::int32_t precision = -1;
  std::int32_t scale = 0;
  /// varchar(n), char(n); -1: no limit.
  std::int32_t characters = -1;
  /// Of an enumeration.
  std::vector<std::string> labels;

  bool operator==(const TargetColumn&) const = default;
};

/// Compared as a whole to find out whether somebody altered the table.
struct Target {
  std::string schema;
  std::string table;
  std::vector<TargetColumn> columns;
  /// A trigger sees each row before it is inserted and may fill what is null.
  bool fills_rows = false;
  /// Columns of each index that ON CONFLICT can use.
  std::vector<std::vector<std::string>> unique_keys;

  const TargetColumn* find(std::string_view column) const;
  /// True if an index makes exactly these columns unique, in whatever order.
  bool unique_on(const std::vector<std::string>& keys) const;
  bool operator==(const Target&) const = default;
};

/// True also for what is there under the name and no table.
Result<bool> table_exists(Connection& connection, const std::string& schema, const std::string& table);

/// Reads the table from the catalog. One that is not there is a configuration error naming those that are.
Result<Target> read_target(Connection& connection, const std::string& schema, const std::string& table);

/// What the catalog marks the rows with that the target was read from: while it is the same, so is the target. Empty if
/// there are types of people among the columns, which can be altered by themselves: then only reading tells.
Result<std::string> read_mark(Connection& connection, const Target& target);

/// The first few of `names`, the ones most like `wanted` first, for the end of a message.
std::string likely_names(std::string_view wanted, std::vector<std::string> names);

}  // namespace batchout::postgres
