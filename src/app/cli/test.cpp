// `batchout test`: runs the tests of configurations, and reports what is not as expected.

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/console.h"
#include "app/cli/junit.h"
#include "app/cli/signals.h"
#include "pipeline/folder_tests.h"
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

/// What is tested in a folder, however deep, in the order of names: configurations with tests, and folders that are
/// tests. Hidden folders are passed over.
std::vector<fs::path> found_in(const fs::path& folder) {
  std::vector<fs::path> found;
  if (is_test_folder(folder)) found.push_back(folder);
  std::error_code error;
  auto entry = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const bool hidden = entry->path().filename().native().starts_with('.');
    std::error_code ignored;
    const bool is_folder = entry->is_directory(ignored);
    if (hidden && is_folder) entry.disable_recursion_pending();
    if (!hidden && (is_folder ? is_test_folder(entry->path()) : looks_tested(entry->path())))
      found.push_back(entry->path().lexically_normal());
  }
  std::ranges::sort(found);
  return found;
}

/// The working directory for as long as it lives.
class InFolder {
 public:
  explicit InFolder(const fs::path& folder) : before_(fs::current_path()) { fs::current_path(folder); }
  ~InFolder() {
    std::error_code ignored;
    fs::current_path(before_, ignored);
  }
  InFolder(const InFolder&) = delete;
  InFolder& operator=(const InFolder&) = delete;

 private:
  fs::path before_;
};

TestedConfig run_one(const fs::path& path, const TestOptions& options) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return run_tests(path, options);
  const InFolder there(path);
  return run_folder_test(path.string(), options);
}

Problem nothing_tested(const std::string& folder) {
  return {.code = "BO253",
          .file = folder,
          .path = {},
          .message = "there is nothing to test in this folder",
          .hint = "a configuration has a section tests, a folder that is a test has batch.yml and expect.jsonl"};
}

/// A folder in which nothing is tested is told like a configuration without tests.
std::vector<TestedConfig> run_all(const TestCommand& command, const TestOptions& options, Console& console) {
  std::vector<TestedConfig> all;
  const auto add = [&](TestedConfig tested) {
    console.problems(tested.problems);
    for (const TestResult& test : tested.tests) print_result(tested.file, test);
    all.push_back(std::move(tested));
  };
  for (const std::string& path : command.paths) {
    std::error_code error;
    const bool is_folder = fs::is_directory(path, error);
    const std::vector<fs::path> found = is_folder ? found_in(path) : std::vector<fs::path>{path};
    for (const fs::path& one : found)
      if (!options.stop.stop_requested()) add(run_one(one, options));
    if (found.empty()) add({path, {nothing_tested(path)}, {}});
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
  test_app
      .add_option("paths", command->paths,
                  "Configurations with a section tests, folders that are tests, and folders of both")
      ->required();
  test_app.add_flag("--update", command->update, "Write files with expected rows anew where they differ");
  test_app.add_option("--junit", command->junit, "Write a report to this file, as CI systems read it")
      ->option_text("FILE");
  test_app.callback([command, &chosen] { chosen = [command] { return test(*command); }; });
}

}  // namespace batchout::cli
