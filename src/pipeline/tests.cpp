// Each test has a plan of its own, because each may set other variables; tests with the same ones share it.

#include "pipeline/tests.h"

#include <algorithm>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "base/files.h"
#include "config/load.h"
#include "config/wording.h"
#include "pipeline/expected_rows.h"
#include "pipeline/json_values.h"
#include "pipeline/preview.h"
#include "pipeline/rehearsal.h"
#include "pipeline/row_differences.h"
#include "pipeline/test_files.h"
#include "plan/compile.h"
#include "plan/declared_tests.h"
#include "plan/dialect_one.h"
#include "registry/registry.h"

namespace batchout {
namespace {

/// The process's variables, but for those that a test sets.
Environment environment_of(const std::map<std::string, std::string>& own) {
  return [own, process = process_environment()](const std::string& name) -> std::optional<std::string> {
    const auto found = own.find(name);
    return found != own.end() ? std::optional(found->second) : process(name);
  };
}

/// One test of one configuration.
class TestRun {
 public:
  TestRun(const std::string& file, const DeclaredTest& test, const Plan& plan, const TestOptions& options)
      : file_(file), test_(test), plan_(plan), options_(options) {
    result_.name = test.name;
  }

  TestResult run() {
    const auto started = std::chrono::steady_clock::now();
    if (const auto payloads = all_payloads()) {
      const ShownPlan shown = [&](const Plan& plan, const Pipeline::PreviewSink& sink) {
        return rehearsal_plan(plan, *payloads, sink);
      };
      Rehearsal rehearsal;
      rehearse(plan_, shown, options_.stop, rehearsal);
      result_.log = rehearsal.log;
      if (!rehearsal.outcome) result_.error = rehearsal.outcome.error();
      // Rows of a run that was given up are not all there.
      if (rehearsal.outcome) compare(rehearsal);
    }
    result_.time = std::chrono::steady_clock::now() - started;
    return std::move(result_);
  }

 private:
  void differ(Problem problem) { result_.differences.push_back(std::move(problem)); }
  void differ(std::string_view code, const TestPlace& place, std::string message, std::string hint) {
    differ({Problem::Severity::error, std::string(code), file_, place.mark.line, place.mark.column, place.key,
            std::move(message), std::move(hint)});
  }

  std::string folder() const { return std::filesystem::path(file_).parent_path().string(); }

  std::optional<PayloadsOfInputs> all_payloads() {
    PayloadsOfInputs payloads;
    for (const GivenPayloads& given : test_.settings.payloads.inputs)
      for (const GivenPayload& payload : given.payloads) add(payload, payloads[given.input]);
    if (!result_.differences.empty()) return std::nullopt;
    return payloads;
  }

  void add(const GivenPayload& payload, std::vector<PayloadToGive>& payloads) {
    const std::vector<MetaNote> notes = payload.meta ? payload.meta->notes() : std::vector<MetaNote>();
    if (payload.text) payloads.push_back({*payload.text, notes});
    if (payload.json) payloads.push_back({json_of(*payload.json), notes});
    if (!payload.file) return;
    auto bytes = bytes_of(resolve_path(folder(), *payload.file));
    if (!bytes)
      return differ("BO254", payload.place,
                    fmt::format("the file {} cannot be read: {}", in_quotes(*payload.file), bytes.error()),
                    "relative paths begin at the folder of the configuration");
    if (!payload.in_lines()) return payloads.push_back({*std::move(bytes), notes});
    for (std::string& line : lines_of(*bytes)) payloads.push_back({std::move(line), notes});
  }

  // Rejects first: files are not written anew with rows of a run in which something was refused that should not be.
  void compare(const Rehearsal& rehearsal) {
    compare_rejects(rehearsal.rejects);
    const bool update = options_.update && result_.differences.empty();
    for (const ExpectedTable& table : test_.settings.expect.tables) {
      const ShownRows& shown = rehearsal.rows.find(table.writer)->second;
      if (table.file)
        compare_file(table, shown, update);
      else
        differ_all(row_differences(table.writer, written_rows(table, shown.columns, file_), shown, table.ordered,
                                   table.place.mark));
    }
  }

  void differ_all(Problems differences) {
    for (Problem& difference : differences) differ(std::move(difference));
  }

  /// With `update` a file is written unless its rows are as expected.
  void compare_file(const ExpectedTable& table, const ShownRows& shown, bool update) {
    const std::string path = resolve_path(folder(), *table.file);
    const auto text = bytes_of(path);
    Problems problems;
    std::optional<ExpectedRows> expected;
    if (text) expected = parsed_rows(table, shown.columns, path, *text, problems);
    if (expected) problems = row_differences(table.writer, *expected, shown, table.ordered, {});
    if (text && problems.empty()) return;
    if (update) return write(table, shown, path, expected);
    if (!text)
      differ("BO254", table.place, fmt::format("the file {} cannot be read: {}", in_quotes(*table.file), text.error()),
             "relative paths begin at the folder of the configuration; --update writes the file");
    differ_all(std::move(problems));
  }

  void write(const ExpectedTable& table, const ShownRows& shown, const std::string& path,
             const std::optional<ExpectedRows>& before) {
    ExpectedRows like = before.value_or(ExpectedRows());
    if (!before || like.columns.empty()) like.columns = compared_columns(table, shown.columns);
    like.csv = path.ends_with(".csv");
    const std::string why = replace_file(path, file_text(shown, like));
    if (why.empty()) return result_.updated.push_back(path);
    differ("BO254", table.place, fmt::format("the file {} cannot be written: {}", in_quotes(*table.file), why),
           "it may be written by nobody, or its folder");
  }

  void compare_rejects(std::map<std::string, std::uint64_t> rejects) {
    for (const auto& [code, count] : test_.settings.rejects) rejects.try_emplace(code, 0);
    for (const auto& [code, count] : rejects) {
      const auto expected = test_.settings.rejects.find(code);
      const std::uint64_t wanted = expected != test_.settings.rejects.end() ? expected->second : 0;
      if (count != wanted)
        differ("", {test_.mark, join_path(join_path(join_path("tests", test_.name), "rejects"), code)},
               fmt::format("expected {}, got {}", wanted, count),
               count > wanted ? fmt::format("if they are meant to be refused, write rejects: {{{}: {}}}", code, count)
                              : std::string());
    }
  }

  const std::string& file_;
  const DeclaredTest& test_;
  const Plan& plan_;
  const TestOptions& options_;
  TestResult result_;
};

/// Plans by the variables that tests set; null where the configuration is wrong with them.
class Plans {
 public:
  Plans(const Node& config, const std::filesystem::path& file, const Registry& registry)
      : config_(config), file_(file), registry_(registry) {}

  const Plan* with(const std::map<std::string, std::string>& env, Problems& problems) {
    const auto [found, added] = plans_.try_emplace(env);
    if (!added) return found->second ? &*found->second : nullptr;
    Problems own;
    found->second = compile_plan(
        config_, registry_,
        {.file = file_.string(), .folder = file_.parent_path().string(), .environment = environment_of(env)}, own);
    // Each plan has mostly the same ones.
    for (Problem& problem : own)
      if (std::ranges::find(problems, problem.text(), &Problem::text) == problems.end())
        problems.push_back(std::move(problem));
    return found->second ? &*found->second : nullptr;
  }

 private:
  const Node& config_;
  const std::filesystem::path& file_;
  const Registry& registry_;
  std::map<std::map<std::string, std::string>, std::optional<Plan>> plans_;
};

/// A configuration without tests is no reason to report that all went well.
void refuse_none(const Node& config, const std::vector<DeclaredTest>& tests, TestedConfig& out) {
  if (!tests.empty() || has_errors(out.problems)) return;
  const bool own = has_own_dialect(config);
  out.problems.push_back({Problem::Severity::error, "BO253", out.file, config.mark().line, config.mark().column,
                          "tests", "the configuration has no tests",
                          own ? "add tests: {name: {payloads: […], expect: […]}}"
                              : "tests are written in dialect 1; `batchout convert` rewrites the configuration"});
}

}  // namespace

TestedConfig run_tests(const std::filesystem::path& file, const TestOptions& options, const Registry& registry) {
  TestedConfig out;
  out.file = file.string();
  const std::optional<Node> config = load_file(file, out.problems);
  if (!config) return out;
  std::vector<DeclaredTest> tests;
  Problems told;  // Compiling reports them once more.
  if (has_own_dialect(*config)) {
    refuse_duplicates(out.problems);
    tests = read_tests(*config, out.file, told);
  }
  Plans plans(*config, file, registry);
  std::vector<const Plan*> planned;
  // What is wrong with tests comes before what is missing without them.
  if (tests.empty() && has_errors(told)) out.problems.insert(out.problems.end(), told.begin(), told.end());
  if (tests.empty() && !has_errors(told)) plans.with({}, out.problems);
  for (const DeclaredTest& test : tests) planned.push_back(plans.with(test.settings.env, out.problems));
  refuse_none(*config, tests, out);
  if (has_errors(out.problems)) return out;
  for (std::size_t i = 0; i < tests.size() && !options.stop.stop_requested(); ++i) {
    std::vector<DeclaredTest> one = {tests[i]};
    resolve_tests(one, *planned[i], out.file, told);
    out.tests.push_back(TestRun(out.file, one.front(), *planned[i], options).run());
  }
  return out;
}

// By the beginnings of lines, as a person would see it: a file that is not quite YAML must not be passed over.
bool looks_tested(const std::filesystem::path& file) {
  const std::string name = file.string();
  const bool json = name.ends_with(".json");
  if (!json && !name.ends_with(".yml") && !name.ends_with(".yaml")) return false;
  std::error_code error;
  constexpr std::uintmax_t kSizeMax = 1 << 20;  // As of configurations.
  if (!std::filesystem::is_regular_file(file, error) || std::filesystem::file_size(file, error) > kSizeMax)
    return false;
  const auto text = bytes_of(file);
  if (!text) return false;
  const auto has_key = [&](std::string_view key) {
    if (json) return text->contains(fmt::format("\"{}\"", key));
    return text->starts_with(fmt::format("{}:", key)) || text->contains(fmt::format("\n{}:", key));
  };
  return has_key("batchout") && has_key("tests");
}

}  // namespace batchout
