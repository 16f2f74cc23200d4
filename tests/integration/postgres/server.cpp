// Talking to the test server.

#include "integration/postgres/server.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <numeric>

namespace batchout::postgres {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

Connection& own_connection() {
  static Connection connection = [] {
    auto opened = Connection::open(settings("").address({}, Dialect::v1), Log{});
    if (!opened) {
      ADD_FAILURE() << opened.error().message;
      std::abort();
    }
    return std::move(*opened);
  }();
  return connection;
}

}  // namespace

void use_own_database(const char* name) {
  auto opened = Connection::open(settings("").address({}, Dialect::v1), Log{});
  for (const char* doing : {"DROP DATABASE IF EXISTS {} WITH (FORCE)", "CREATE DATABASE {}"}) {
    const Result<> done =
        opened ? opened->run("The test", fmt::format(fmt::runtime(doing), name)) : std::unexpected(opened.error());
    if (done) continue;
    std::puts(done.error().message.c_str());
    std::exit(1);
  }
  ::setenv("BATCHOUT_TEST_PG_DBNAME", name, 1);
}

std::string table(const std::string& query) {
  auto rows = own_connection().query("The test", query);
  if (!rows) return rows.error().message;
  std::string out;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    if (row > 0) out += '\n';
    for (int column = 0; column < PQnfields(rows->result()); ++column) {
      if (column > 0) out += '|';
      const bool is_null = PQgetisnull(rows->result(), static_cast<int>(row), column) != 0;
      out += is_null ? std::string_view("NULL") : rows->at(row, column);
    }
  }
  return out;
}

void execute(const std::string& sql) {
  const auto done = own_connection().run("The test", sql);
  ASSERT_TRUE(done) << done.error().message;
}

Config settings(std::string table, WriteMode mode, std::vector<std::string> keys) {
  Config config;
  config.host = environment("BATCHOUT_TEST_PG_HOST");
  config.port = static_cast<std::uint16_t>(std::stoi(environment("BATCHOUT_TEST_PG_PORT")));
  config.user = environment("BATCHOUT_TEST_PG_USER");
  config.password = Secret(environment("BATCHOUT_TEST_PG_PASSWORD"));
  config.dbname = environment("BATCHOUT_TEST_PG_DBNAME");
  config.schema = "output_test";
  config.table = std::move(table);
  config.mode = mode;
  config.keys = std::move(keys);
  return config;
}

Writer::Writer(Config config, Dialect dialect)
    : store(config, testing::context(dialect, {}, records.log())),
      output(config, store, testing::context(dialect, {}, records.log())) {}

std::string Writer::batch(const std::vector<Block>& blocks) {
  auto done = try_batch(blocks);
  if (!done) return done.error().code + " " + done.error().message;
  EXPECT_EQ(*done, Outcome::committed);
  return {};
}

Result<Outcome> Writer::try_batch(const std::vector<Block>& blocks) {
  const auto fill = [&]() -> Result<> {
    BATCHOUT_CHECK(store.begin(++batches_));
    for (const Block& block : blocks) {
      BATCHOUT_TRY(const std::uint64_t rows, output.write(block, rejects));
      taken += rows;
    }
    BATCHOUT_CHECK(output.finish(rejects));
    return output.finish_late(rejects);
  };
  if (auto filled = fill(); !filled) {
    store.rollback();
    return std::unexpected(std::move(filled).error());
  }
  return store.commit({}, {});
}

Result<Outcome> Writer::try_again(const std::vector<Block>& blocks) {
  --batches_;
  rejects.clear();
  return try_batch(blocks);
}

Block in_zone(const Block& block, const char* zone) {
  auto shape = std::make_shared<TableShape>(block.shape());
  for (ColumnShape& column : shape->columns)
    if (column.kind == Kind::datetime) column.zone = TimeZone::find(zone);
  std::vector<std::size_t> same(shape->columns.size());
  std::iota(same.begin(), same.end(), std::size_t{0});
  return block.projected(std::move(shape), same);
}

}  // namespace batchout::postgres
