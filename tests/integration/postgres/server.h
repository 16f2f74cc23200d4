// The test server, looked at from outside the product, and a fixture with a schema of its own.

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "components/postgres/config.h"
#include "components/postgres/connection.h"
#include "components/postgres/output.h"
#include "components/postgres/store.h"
#include "unit/components/harness.h"

namespace batchout::postgres {

/// Makes an empty database of this name, drops one that is there, and has settings() and execute() use it.
void use_own_database(const char* name);

/// Cells as text, null as "NULL", rows joined by line feeds and cells by '|'.
std::string table(const std::string& query);

/// One or several statements on a connection of the test; failures end the test.
void execute(const std::string& sql);

/// Settings that reach the test server.
Config settings(std::string table, WriteMode mode = WriteMode::insert, std::vector<std::string> keys = {});

/// An output on its own store, and what the engine would do with them.
class Writer {
 public:
  explicit Writer(Config config, Dialect dialect = Dialect::v1);

  /// One batch; "" or the code and message of its error, after a rollback.
  std::string batch(const std::vector<Block>& blocks);
  Result<Outcome> try_batch(const std::vector<Block>& blocks);
  /// The last batch once more.
  Result<Outcome> try_again(const std::vector<Block>& blocks);

  testing::Records records;
  Rejects rejects;
  std::uint64_t taken = 0;  ///< Rows of all batches.
  PostgresStore store;
  PostgresOutput output;

 private:
  std::uint64_t batches_ = 0;
};

/// The same block with a zone for its datetimes.
Block in_zone(const Block& block, const char* zone);

class PostgresTest : public ::testing::Test {
 protected:
  void SetUp() override { execute("DROP SCHEMA IF EXISTS output_test CASCADE; CREATE SCHEMA output_test"); }
  void TearDown() override { execute("DROP SCHEMA IF EXISTS output_test CASCADE"); }
};

using testing::block_of;
using testing::boolean;
using testing::integer;
using testing::moment;
using testing::null;
using testing::real;
using testing::text;

}  // namespace batchout::postgres
