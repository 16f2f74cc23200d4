// Runs tests of configurations: payloads go in at one end, and the rows that come out are compared.
//
// Nothing connects: no input and no output of the configuration is even built.

#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "batchout/pipeline.h"
#include "batchout/result.h"

namespace batchout {

struct TestOptions {
  /// Files with expected rows that differ are written anew.
  bool update = false;
  /// Checked between tests and inside of them; what has not run by then has no result.
  std::stop_token stop;
};

struct TestResult {
  std::string name;
  /// Everything that is not as expected, at the place where it is expected.
  Problems differences;
  /// What ended the run before its time.
  std::optional<Error> error;
  /// What the run logged from warnings up, a line each.
  std::vector<std::string> log;
  /// Files that were written anew.
  std::vector<std::string> updated;
  std::chrono::nanoseconds time{};

  bool passed() const { return differences.empty() && !error; }
};

struct TestedConfig {
  /// As the user named it.
  std::string file;
  /// Of the configuration. With an error among them no test has run.
  Problems problems;
  std::vector<TestResult> tests;
};

/// The tests of one configuration of our own dialect, in its order. That there are none is a problem, too.
TestedConfig run_tests(const std::filesystem::path& file, const TestOptions& options,
                       const Registry& registry = Pipeline::builtin());

/// True for a file that looks like a configuration with tests, whether it can be read as one or not.
bool looks_tested(const std::filesystem::path& file);

}  // namespace batchout
