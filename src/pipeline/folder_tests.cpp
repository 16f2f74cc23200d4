// Outputs are not built; inputs are, since what they make of files is a part of what is tested.

#include "pipeline/folder_tests.h"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "config/load.h"
#include "config/wording.h"
#include "pipeline/expected_rows.h"
#include "pipeline/json_values.h"
#include "pipeline/preview.h"
#include "pipeline/rehearsal.h"
#include "pipeline/row_differences.h"
#include "pipeline/test_files.h"
#include "plan/compile.h"
#include "registry/registry.h"

namespace batchout {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kRows = "expect.jsonl", kMessages = "expect.err";

bool is_there(const fs::path& file) {
  std::error_code error;
  return fs::exists(file, error);
}

/// Of the working directory; empty if the file is not there.
std::string text_of(std::string_view file) {
  return bytes_of(fs::path(file)).value_or("");
}

std::string header_of(const std::string& writer, const std::vector<std::string>& columns) {
  std::string names;
  for (const std::string& column : columns) names += (names.empty() ? "" : ", ") + json_of(std::string_view(column));
  return fmt::format("{{\"writer\": {}, \"columns\": [{}]}}\n", json_of(std::string_view(writer)), names);
}

/// The file that describes what was shown.
std::string rows_text(const Rehearsal& rehearsal) {
  std::map<std::string, std::size_t> next;
  std::string out, last;
  for (const auto& [writer, count] : rehearsal.order) {
    const ShownRows& shown = rehearsal.rows.find(writer)->second;
    if (writer != last) out += header_of(writer, shown.columns);
    last = writer;
    for (std::size_t i = 0; i < count; ++i) out += fmt::format("[{}]\n", fmt::join(shown.rows[next[writer]++], ", "));
  }
  return out;
}

/// What is expected of one writer.
struct Expected {
  Node::Mark mark;
  std::vector<std::string> columns;
  ExpectedRows rows;
};

class FolderTest {
 public:
  FolderTest(const std::string& shown, const TestOptions& options) : shown_(shown), options_(options) {}

  TestedConfig run(const Registry& registry) {
    const auto started = std::chrono::steady_clock::now();
    result_.name = fs::current_path().filename().string();
    Rehearsal rehearsal;
    std::string messages;
    Problems problems;
    const std::string config_file = is_there("batch.yml") ? "batch.yml" : "batch.json";
    const std::optional<Node> config = load_file(config_file, problems);
    std::optional<Plan> plan;
    if (config)
      plan =
          compile_plan(*config, registry, {.file = config_file, .folder = {}, .environment = environment()}, problems);
    for (const Problem& problem : problems) messages += problem.text() + "\n";
    if (plan && !is_there("check-only")) run_rounds(*plan, rehearsal);
    for (const std::string& line : rehearsal.log) messages += line + "\n";
    compare_messages(messages);
    if (plan || is_there(kRows)) compare_rows(rehearsal);
    result_.time = std::chrono::steady_clock::now() - started;
    return {shown_, {}, {std::move(result_)}};
  }

 private:
  void differ(std::string_view file, Node::Mark mark, std::string what, std::string message, std::string hint = {}) {
    result_.differences.push_back({Problem::Severity::error,
                                   {},
                                   name_of(file),
                                   mark.line,
                                   mark.column,
                                   std::move(what),
                                   std::move(message),
                                   std::move(hint)});
  }
  std::string name_of(std::string_view file) const { return (fs::path(shown_) / file).string(); }

  /// NAME=value lines over the variables of the process.
  static Environment environment() {
    std::map<std::string, std::string> own;
    for (const std::string& line : lines_of(text_of("env")))
      own[line.substr(0, line.find('='))] = line.contains('=') ? line.substr(line.find('=') + 1) : "";
    return [own, process = process_environment()](const std::string& name) -> std::optional<std::string> {
      const auto found = own.find(name);
      return found != own.end() ? std::optional(found->second) : process(name);
    };
  }

  void run_rounds(const Plan& plan, Rehearsal& rehearsal) {
    int rounds = 1;
    if (const std::string text = text_of("rounds"); !text.empty())
      std::from_chars(text.data(), text.data() + text.size(), rounds);
    const ShownPlan shown = [](const Plan& whole, const Pipeline::PreviewSink& sink) {
      return preview_plan(whole, {.payload = std::nullopt, .payloads_max = 1'000'000}, sink);
    };
    for (int round = 0; round < rounds && !options_.stop.stop_requested(); ++round) {
      rehearse(plan, shown, options_.stop, rehearsal);
      if (const Result<>& outcome = rehearsal.outcome; !outcome)
        rehearsal.log.push_back(
            fmt::format("failed: {}: {} [{}]", outcome.error().place, outcome.error().message, outcome.error().code));
    }
  }

  /// True if there is nothing more to tell of the file.
  bool updated(std::string_view file, const std::string& text) {
    if (!options_.update || !is_there(fs::path(file))) return false;
    const std::string why = replace_file(fs::path(file), text);
    if (why.empty())
      result_.updated.push_back(name_of(file));
    else
      differ(file, {}, {}, "the file cannot be written: " + why);
    return true;
  }

  /// Line by line: messages are few.
  void compare_messages(const std::string& messages) {
    const std::vector<std::string> wanted = lines_of(text_of(kMessages)), found = lines_of(messages);
    if (wanted == found || updated(kMessages, messages)) return;
    for (std::size_t i = 0; i < std::max(wanted.size(), found.size()); ++i) {
      const Node::Mark mark{static_cast<int>(i) + 1, 1};
      if (i >= found.size())
        differ(kMessages, mark, "message", "missing: " + wanted[i]);
      else if (i >= wanted.size())
        differ(kMessages, {}, "message", "not expected: " + found[i]);
      else if (wanted[i] != found[i])
        differ(kMessages, mark, "message", fmt::format("expected {}, got {}", wanted[i], found[i]));
    }
  }

  void compare_rows(const Rehearsal& rehearsal) {
    const std::size_t before = result_.differences.size();
    std::map<std::string, Expected> tables = expected_tables();
    std::set<std::string> writers;
    for (const auto& [writer, count] : rehearsal.order) writers.insert(writer);
    for (const std::string& writer : writers)
      if (!tables.contains(writer)) add_table(tables, writer, {}).columns = rehearsal.rows.find(writer)->second.columns;
    for (auto& [writer, table] : tables) table.rows.columns = compared_columns({}, table.columns);
    for (const auto& [writer, expected] : tables) compare_table(writer, expected, rehearsal);
    if (result_.differences.size() == before) return;
    Problems told(result_.differences.begin() + static_cast<std::ptrdiff_t>(before), result_.differences.end());
    result_.differences.resize(before);
    if (!updated(kRows, rows_text(rehearsal))) std::ranges::move(told, std::back_inserter(result_.differences));
  }

  void compare_table(const std::string& writer, const Expected& expected, const Rehearsal& rehearsal) {
    const auto found = rehearsal.rows.find(writer);
    static const ShownRows kNone;
    const ShownRows& shown = found != rehearsal.rows.end() ? found->second : kNone;
    if (shown.columns != expected.columns)
      return differ(
          kRows, expected.mark, writer,
          fmt::format("expected the columns {}, got {}", fmt::join(expected.columns, ", "),
                      shown.columns.empty() ? "no such writer" : fmt::format("{}", fmt::join(shown.columns, ", "))));
    std::ranges::move(row_differences(writer, expected.rows, shown, true, expected.mark),
                      std::back_inserter(result_.differences));
  }

  Expected& add_table(std::map<std::string, Expected>& tables, const std::string& writer, Node::Mark mark) const {
    Expected& table = tables[writer];
    table.mark = mark;
    table.rows.file = name_of(kRows);
    return table;
  }

  std::map<std::string, Expected> expected_tables() {
    std::map<std::string, Expected> tables;
    Expected* table = nullptr;
    int line = 0;
    const std::string file = text_of(kRows);
    for (std::string_view text = file; !text.empty();) {
      const std::string_view one = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(one.size() + 1, text.size()));
      ++line;
      if (one.find_first_not_of(" \t\r") != std::string_view::npos) read_line(one, line, tables, table);
    }
    return tables;
  }

  void read_line(std::string_view text, int line, std::map<std::string, Expected>& tables, Expected*& table) {
    Problems problems;
    const auto node = is_text(text) ? load_json(text, {}, problems) : std::nullopt;
    const Node* writer = node ? node->find("writer") : nullptr;
    const Node* columns = node ? node->find("columns") : nullptr;
    if (writer != nullptr && writer->is_text() && columns != nullptr && columns->is_list()) {
      table = &add_table(tables, writer->text(), {line, 1});
      table->columns.clear();
      for (const Node& column : columns->items()) table->columns.push_back(column.text());
    } else if (node && node->is_list() && table != nullptr && node->items().size() == table->columns.size()) {
      ExpectedRow row{{line, 1}, {}};
      for (std::size_t i = 0; i < table->columns.size(); ++i)
        row.cells.push_back({i, json_of(node->items()[i]), {line, node->items()[i].mark().column}});
      table->rows.rows.push_back(std::move(row));
    } else {
      differ(kRows, {line, 1}, {}, "this is no row of the writer above",
             R"(write {"writer": "name", "columns": ["a", "b"]}, and then each row as [1, 2])");
    }
  }

  std::string shown_;
  const TestOptions& options_;
  TestResult result_;
};

}  // namespace

// What needs a real run leaves other expectations.
bool is_test_folder(const fs::path& folder) {
  return (is_there(folder / "batch.yml") || is_there(folder / "batch.json")) &&
         (is_there(folder / kRows) || is_there(folder / kMessages)) && !is_there(folder / "expect") &&
         !is_there(folder / "check.sql") && !is_there(folder / "setup.sql") && !is_there(folder / "needs");
}

TestedConfig run_folder_test(const std::string& shown, const TestOptions& options, const Registry& registry) {
  return FolderTest(shown, options).run(registry);
}

}  // namespace batchout
