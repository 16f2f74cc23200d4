// Runs the tests against the server of BATCHOUT_TEST_PG_HOST, in a database of their own: they drop what all pipelines
// share. Without a server they count as skipped (exit code 77), in CI as failed.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "integration/postgres/server.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (std::getenv("BATCHOUT_TEST_PG_HOST") == nullptr) {
    const char* ci = std::getenv("CI");
    const bool must_run = ci != nullptr && std::string_view(ci) == "true";
    std::puts("skipped: no server; start one and set BATCHOUT_TEST_PG_HOST, _PORT, _USER, _PASSWORD and _DBNAME");
    return must_run ? 1 : 77;
  }
  batchout::postgres::use_own_database("integration_postgres");
  return RUN_ALL_TESTS();
}
