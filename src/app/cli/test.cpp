// `batchout test`: runs the tests of configurations, and reports what is not as expected.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/console.h"
#include "app/cli/junit.h"
#include "app/cli/signals.h"
#include "pipeline/tests.h"

namespace batchout::cli {
namespace {

namespace fs = std::filesystem;

struct TestCommand {
  std::vector<std::string> paths;
  std::string junit;
  bool update = false;
};

std::string milliseconds(std::chrono::nanoseconds time) {
  return fmt::format("{:.1f} ms", std::chrono::duration<double, std::milli>(time).count());
}

void print_result(const std::string& file, const TestResult& test) {
  const std::string_view word = !test.passed() ? "FAILED " : test.updated.empty() ? "passed " : "updated";
  fmt::print("{} {}: {} ({})\n", word, escaped(file), escaped(test.name), milliseconds(test.time));
  for (const std::string& line : lines_of(test)) fmt::print("  {}\n", escaped(line));
  for (const std::string& updated : test.updated) fmt::print("  written: {}\n", escaped(updated));
}

struct Counts {
  std::size_t passed = 0, failed = 0, updated = 0, refused = 0;
  bool internal = false;
};

void count(const TestedConfig& tested, Counts& counts) {
  counts.refused += has_errors(tested.problems);
  for (const TestResult& test : tested.tests) {
    ++(!test.passed() ? counts.failed : test.updated.empty() ? counts.passed : counts.updated);
    counts.internal = counts.internal || (test.error && test.error->verdict == Verdict::internal);
  }
}

void print_counts(const Counts& counts) {
  fmt::print("{} passed, {} failed", counts.passed, counts.failed);
  if (counts.updated > 0) fmt::print(", {} updated", counts.updated);
  if (counts.refused > 0) fmt::print("; {} configuration{} refused", counts.refused, counts.refused == 1 ? "" : "s");
  fmt::print("\n");
}

Exit exit_of(const Counts& counts) {
  if (counts.internal) return Exit::internal;
  if (counts.refused > 0) return Exit::configuration;
  return counts.failed > 0 ? Exit::check_failed : Exit::done;
}

/// The configurations with tests in a folder, however deep, in the order of their names. Hidden folders are passed
/// over.
std::vector<fs::path> found_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  auto entry = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const bool hidden = entry->path().filename().native().starts_with('.');
    std::error_code ignored;
    if (hidden && entry->is_directory(ignored)) entry.disable_recursion_pending();
    if (!hidden && looks_tested(entry->path())) found.push_back(entry->path().lexically_normal());
  }
  std::ranges::sort(found);
  return found;
}

Problem nothing_tested(const std::string& folder) {
  return {.code = "BO253",
          .file = folder,
          .path = {},
          .message = "there is no configuration with tests in this folder",
          .hint = "name a configuration, or a folder of them"};
}

/// A folder in which nothing is tested is told like a configuration without tests.
std::vector<TestedConfig> run_all(const TestCommand& command, const TestOptions& options, Console& console) {
  std::vector<TestedConfig> all;
  const auto run = [&](const fs::path& file) {
    all.push_back(run_tests(file, options));
    console.problems(all.back().problems);
    for (const TestResult& test : all.back().tests) print_result(all.back().file, test);
  };
  for (const std::string& path : command.paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      run(path);
      continue;
    }
    const std::vector<fs::path> found = found_in(path);
    for (const fs::path& file : found) run(file);
    if (!found.empty()) continue;
    all.push_back({path, {nothing_tested(path)}, {}});
    console.problems(all.back().problems);
  }
  return all;
}

Exit test(const TestCommand& command) {
  const Signals signals;
  Console console(LogLevel::warning, LogFormat::text);
  const std::vector<TestedConfig> all = run_all(command, {.update = command.update, .stop = signals.stop()}, console);
  Counts counts;
  for (const TestedConfig& tested : all) count(tested, counts);
  print_counts(counts);
  if (!command.junit.empty()) {
    if (const std::string why = write_junit(command.junit, all); !why.empty()) {
      fmt::print(stderr, "batchout: the report cannot be written: {}: {}\n", escaped(command.junit), why);
      return Exit::output_failed;
    }
  }
  if (!signals.stop().stop_requested()) return exit_of(counts);
  fmt::print(stderr, "batchout: stopped by a signal before all tests had run\n");
  return Exit::check_failed;
}

}  // namespace

void add_test(CLI::App& app, Chosen& chosen) {
  auto command = std::make_shared<TestCommand>();
  CLI::App& test_app = *app.add_subcommand(
      "test", "Run the tests of configurations: payloads go in, rows are compared; nothing is connected or written");
  test_app.add_option("paths", command->paths, "Configurations with a section tests, and folders of them")->required();
  test_app.add_flag("--update", command->update, "Write files with expected rows anew where they differ");
  test_app.add_option("--junit", command->junit, "Write a report to this file, as CI systems read it")
      ->option_text("FILE");
  test_app.callback([command, &chosen] { chosen = [command] { return test(*command); }; });
}

}  // namespace batchout::cli
