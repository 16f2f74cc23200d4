// What tests found, for people and as the XML that CI systems read.

#pragma once

#include <string>
#include <vector>

#include "pipeline/tests.h"

namespace batchout::cli {

/// Why a test failed: a line for each difference, then what ended its run and what the run logged. None if it passed.
std::vector<std::string> lines_of(const TestResult& test);

/// Writes a report in the form of JUnit: a suite for each configuration. Empty, or why it cannot be written.
std::string write_junit(const std::string& file, const std::vector<TestedConfig>& all);

}  // namespace batchout::cli
