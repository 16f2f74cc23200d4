// Settings of the postgres output.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/spec.h"
#include "components/postgres/access.h"
#include "data/upsert_rules.h"

namespace batchout::postgres {

enum class WriteMode : std::uint8_t { insert, upsert };

struct Config : Access, UpsertRules {
  std::string schema = "public";
  std::string table;
  WriteMode mode = WriteMode::insert;
  std::vector<std::string> keys;
  /// A text or a boolean, so it is kept as it is written; a check has refused the rest.
  Node create = false;

  static void describe(Spec<Config>& s);

  /// Outputs with one key share connection and transaction.
  std::string store_key(std::string_view folder) const { return key(folder); }
  /// Without them rows cannot be merged; rows that are only inserted have a use for keys, but no need.
  bool needs_keys() const { return mode == WriteMode::upsert; }

  bool upserts() const { return mode == WriteMode::upsert; }
  /// Whether a missing table is made.
  bool creates() const;
};

}  // namespace batchout::postgres

template <>
struct batchout::Choices<batchout::postgres::WriteMode> {
  static constexpr std::string_view names[] = {"insert", "upsert"};
};
