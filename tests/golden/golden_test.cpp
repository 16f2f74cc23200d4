// A folder is a test: every folder below this one that holds a configuration is run in a copy of itself.
//
//   batch.yml       the configuration, or batch.json; relative paths are relative to the folder
//   env             NAME=value lines, set for the run
//   needs           "postgres": connection values are in BATCHOUT_TEST_PG_*; skipped where there is no server
//   rounds          how many rounds to run (1)
//   check-only      the configuration is checked and nothing runs
//   setup.sql       run before, by psql (with needs: postgres) or sqlite3 on out.sqlite
//   expect.jsonl    rows that reach each writer (a recorder stands for the outputs): a line with writer and columns,
//                   then a JSON array per row
//   expect/NAME     a file that a real run leaves behind
//   check.sql       queried after a real run; expect.txt has the answer, columns separated by |
//   expect.explain  the plan as text
//   expect.err      problems of the configuration, and what the run logs from warnings up
//
// An expectation that is not there is empty: no rows, no problems, no warnings.
// With BATCHOUT_GOLDEN_UPDATE=1 the expectations that exist are rewritten, for review by git diff.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "batchout/pipeline.h"

namespace batchout {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = BATCHOUT_GOLDEN_FOLDER;

std::string text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool is_configuration(const fs::path& file) {
  return file.filename() == "batch.yml" || file.filename() == "batch.json";
}

std::vector<fs::path> cases() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(kFolder))
    if (is_configuration(entry.path())) found.push_back(entry.path().parent_path());
  std::ranges::sort(found);
  return found;
}

std::string json_text(std::string_view text) {
  Cell cell;
  cell.tag = Tag::text;
  cell.text = text;
  std::string out;
  append_json(cell, nullptr, out);
  return out;
}

std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const std::size_t count = fread(buffer.data(), 1, buffer.size(), pipe)) out.append(buffer.data(), count);
  EXPECT_EQ(pclose(pipe), 0) << command << "\n" << out;
  return out;
}

class Golden : public ::testing::TestWithParam<fs::path> {
 protected:
  void SetUp() override {
    source_ = GetParam();
    work_ = fs::temp_directory_path() / fmt::format("batchout-golden-{}", getpid());
    fs::remove_all(work_);
    fs::copy(source_, work_, fs::copy_options::recursive);
    before_ = fs::current_path();
    fs::current_path(work_);  // So that problems name the file as "batch.yml".
    std::istringstream lines(text_of("env"));
    for (std::string line; std::getline(lines, line);) {
      const auto equals = line.find('=');
      names_.push_back(line.substr(0, equals));
      setenv(names_.back().c_str(), line.substr(equals + 1).c_str(), 1);
    }
  }
  void TearDown() override {
    for (const std::string& name : names_) unsetenv(name.c_str());
    fs::current_path(before_);
    fs::remove_all(work_);
  }

  bool has(const char* file) const { return fs::exists(source_ / file); }
  bool for_real() const { return has("expect") || has("check.sql"); }

  /// Runs the case; fills rows_ and messages_.
  void run() {
    if (has("setup.sql")) sql("setup.sql");
    auto pipeline = Pipeline::from_file(fs::exists("batch.json") ? "batch.json" : "batch.yml");
    if (!pipeline) return report(pipeline.error());
    report(pipeline->warnings());
    explained_ = pipeline->explain();
    if (has("check-only")) return;
    RunOptions options;
    options.retry_max = std::chrono::seconds(1);
    options.log = [this](const LogRecord& record) {
      if (record.level < LogLevel::warning) return;
      messages_ += fmt::format("{}: {}: {}\n", record.level == LogLevel::warning ? "warning" : "error", record.place,
                               record.text);
    };
    pipeline->set_options(std::move(options));
    const int rounds = has("rounds") ? std::stoi(text_of("rounds")) : 1;
    for (int round = 0; round < rounds; ++round) {
      const Result<> result = for_real() ? pipeline->run_once() : preview(*pipeline);
      if (!result)
        messages_ +=
            fmt::format("failed: {}: {} [{}]\n", result.error().place, result.error().message, result.error().code);
    }
  }

  Result<> preview(Pipeline& pipeline) {
    std::string last;
    const Pipeline::PreviewSink sink = [&](std::string_view writer, const Block& block) {
      if (writer != last) add_header(writer, block.shape());
      last = writer;
      for (std::size_t row = 0; row < block.rows(); ++row) add_row(block, row);
    };
    return pipeline.preview({.payload = std::nullopt, .payloads_max = 1'000'000}, sink);
  }

  void add_header(std::string_view writer, const TableShape& shape) {
    std::string columns;
    for (const ColumnShape& column : shape.columns) columns += (columns.empty() ? "" : ", ") + json_text(column.name);
    rows_ += fmt::format("{{\"writer\": {}, \"columns\": [{}]}}\n", json_text(writer), columns);
  }

  void add_row(const Block& block, std::size_t row) {
    std::string cells;
    for (std::size_t c = 0; c < block.shape().columns.size(); ++c) {
      if (c > 0) cells += ", ";
      append_json(block.column(c).cell(row), block.shape().columns[c].zone, cells);
    }
    rows_ += "[" + cells + "]\n";
  }

  void report(const Problems& problems) {
    for (const Problem& problem : problems) messages_ += problem.text() + "\n";
  }

  std::string sql(const char* file) const {
    if (!has("needs")) return output_of(fmt::format("sqlite3 out.sqlite < {}", file));
    setenv("PGPASSWORD", getenv("BATCHOUT_TEST_PG_PASSWORD"), 1);
    return output_of(fmt::format("psql -X -q -At -v ON_ERROR_STOP=1 -h '{}' -p {} -U '{}' -d '{}' -f {}",
                                 getenv("BATCHOUT_TEST_PG_HOST"), getenv("BATCHOUT_TEST_PG_PORT"),
                                 getenv("BATCHOUT_TEST_PG_USER"), getenv("BATCHOUT_TEST_PG_DBNAME"), file));
  }

  void expect(const char* file, const std::string& actual) const {
    if (getenv("BATCHOUT_GOLDEN_UPDATE") != nullptr && has(file))
      std::ofstream(source_ / file, std::ios::binary) << actual;
    EXPECT_EQ(text_of(source_ / file), actual) << file;
  }

  fs::path source_;
  fs::path work_;
  fs::path before_;
  std::vector<std::string> names_;
  std::string rows_;
  std::string messages_;
  std::string explained_;
};

TEST_P(Golden, MatchesItsFolder) {
  if (has("needs") && getenv("BATCHOUT_TEST_PG_HOST") == nullptr) {
    ASSERT_EQ(getenv("CI"), nullptr) << "a server is needed in CI";
    GTEST_SKIP() << "needs " << text_of("needs");
  }
  run();
  expect("expect.err", messages_);
  if (has("expect.explain")) expect("expect.explain", explained_);
  if (!for_real()) return expect("expect.jsonl", rows_);
  if (has("check.sql")) expect("expect.txt", sql("check.sql"));
  if (!has("expect")) return;
  for (const auto& entry : fs::directory_iterator(source_ / "expect"))
    expect(("expect/" + entry.path().filename().string()).c_str(), text_of(entry.path().filename()));
}

/// Rows by their columns: the names of writers are not kept by a conversion, nor the order of writers.
std::map<std::string, std::string> rows_by_columns(const std::string& rows) {
  std::map<std::string, std::string> tables;
  std::string columns;
  std::istringstream lines(rows);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('{'))
      columns = line.substr(line.find("\"columns\""));
    else
      tables[columns] += line + "\n";
  }
  return tables;
}

// Of every configuration of an old dialect that is good and needs no server.
TEST_P(Golden, ConvertsToTheSameRows) {
  const char* name = has("batch.json") ? "batch.json" : "batch.yml";
  if (has("needs") || has("check-only") || text_of(name).contains("batchout:")) return;
  if (!Pipeline::from_file(name)) return;
  static const std::map<std::string, std::string> kUnlike = {
      {"inputs/file/fills_parameters_into_its_path", "a file is not there in the first round"},
  };
  const auto converted = Pipeline::convert(name);
  if (kUnlike.contains(fs::relative(source_, kFolder).string())) return;
  ASSERT_TRUE(converted) << converted.error().back().text();
  run();
  const std::string rows = std::exchange(rows_, {});
  std::map<std::string, std::string> files;
  if (fs::exists(source_ / "expect"))
    for (const auto& entry : fs::directory_iterator(source_ / "expect")) {
      const fs::path file = entry.path().filename();
      files[file.string()] = text_of(file);
    }
  fs::current_path(before_);
  fs::remove_all(work_);
  fs::copy(source_, work_, fs::copy_options::recursive);
  fs::current_path(work_);
  fs::remove(name);
  std::ofstream("batch.yml", std::ios::binary) << converted->text;
  run();
  EXPECT_EQ(rows_by_columns(rows), rows_by_columns(rows_)) << converted->text;
  for (const auto& [file, text] : files) EXPECT_EQ(text, text_of(file)) << file << "\n" << converted->text;
}

INSTANTIATE_TEST_SUITE_P(Cases, Golden, ::testing::ValuesIn(cases()), [](const auto& instance) {
  std::string name = fs::relative(instance.param, kFolder).string();
  std::ranges::replace_if(name, [](unsigned char c) { return !std::isalnum(c); }, '_');
  return name;
});

}  // namespace
}  // namespace batchout
