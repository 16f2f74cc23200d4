// Runs the tests against the broker of BATCHOUT_TEST_KAFKA; without one they count as skipped (exit code 77), in CI as
// failed.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "integration/kafka/broker.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (batchout::kafka::broker_address().empty()) {
    const char* ci = std::getenv("CI");
    const bool must_run = ci != nullptr && std::string_view(ci) == "true";
    std::puts("skipped: no broker; start one and set BATCHOUT_TEST_KAFKA");
    return must_run ? 1 : 77;
  }
  return RUN_ALL_TESTS();
}
