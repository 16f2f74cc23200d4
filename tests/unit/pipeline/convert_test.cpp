// What a configuration of an old dialect looks like in our own, where the rows alone would not tell.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "batchout/pipeline.h"

namespace batchout {
namespace {

namespace fs = std::filesystem;

class Conversion : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override {
    fs::remove_all(folder_);
    for (const std::string& name : variables_) unsetenv(name.c_str());
  }

  void set(const std::string& name, const std::string& value) {
    setenv(name.c_str(), value.c_str(), 1);
    variables_.push_back(name);
  }

  /// The new configuration and its notes, or the problems.
  std::string converted(const std::string& text) {
    const fs::path file = folder_ / "old.yml";
    std::ofstream(file) << text;
    const auto result = Pipeline::convert(file);
    std::string out;
    if (result) {
      out = result->text;
      for (const std::string& note : result->notes) out += "# " + note + "\n";
      return out;
    }
    for (const Problem& problem : result.error())
      out += fmt::format("{}: {}; {}\n", problem.path, problem.message, problem.hint);
    return out;
  }

  const fs::path folder_ = fs::temp_directory_path() / fmt::format("batchout-convert-{}", getpid());
  std::vector<std::string> variables_;
};

constexpr const char* kTasks =
    "tasks: {read: {type: reader, inputs: [docs]}, write: {type: writer, selector: rows, outputs: [out]}}\n";

TEST_F(Conversion, LeavesPathsTypesAndQueriesToTheirVariables) {
  set("CONVERT_PATH", "a");
  set("CONVERT_TYPE", "integer");
  set("CONVERT_QUERY", "select n, m from docs");
  set("CONVERT_OUTPUT", "discard");
  EXPECT_EQ(converted("inputs: {docs: {type: const, data: '1'}}\n"
                      "extractors: {js: {type: jsonpath}}\n"
                      "columns:\n"
                      "  n: {type: integer, extractor: js, path: 'b', from_env: {path: CONVERT_PATH}}\n"
                      "  m: {extractor: js, path: m, from_env: {type: CONVERT_TYPE}}\n"
                      "maps: {docs: [n, m]}\n"
                      "selectors: {rows: {type: sql, columns: [n, m], from_env: {query: CONVERT_QUERY}}}\n"
                      "outputs: {out: {from_env: {type: CONVERT_OUTPUT}}}\n" +
                      std::string(kTasks)),
            "batchout: 1\n"
            "inputs:\n"
            "  docs: {type: const, data: '1'}\n"
            "extractors:\n"
            "  js: jsonpath_rw\n"
            "columns:\n"
            "  n: {type: integer, path: b, from_env: {path: CONVERT_PATH}}\n"
            "  m: {path: m, from_env: {type: CONVERT_TYPE}}\n"
            "selectors:\n"
            "  rows: {columns: [n, m], from_env: {query: CONVERT_QUERY}}\n"
            "outputs:\n"
            "  out: {from_env: {type: CONVERT_OUTPUT}}\n"
            "# columns.n.path: in what variable CONVERT_PATH gives, doubled braces are two braces, not one\n"
            "# columns.m.type: another type from variable CONVERT_TYPE has to know all keys that stand here\n"
            "# outputs.out.type: another type from variable CONVERT_OUTPUT has to know all keys that stand here\n");
}

TEST_F(Conversion, WritesWhatAVariableGivesWhereItIsRewritten) {
  set("CONVERT_PATH", "a{{2}}");
  set("CONVERT_CAST", "timestamp");
  EXPECT_EQ(
      converted("inputs: {docs: {type: dummy, data: '1'}}\n"
                "columns:\n"
                "  at: {type: extracted, path: a, from_env: {cast: CONVERT_CAST}}\n"
                "  w: {type: extracted, cast: string, extractor: regex, from_env: {path: CONVERT_PATH, nothing: N}}\n"
                "outputs: {out: {type: dummy}}\n"),
      "batchout: 1\n"
      "inputs:\n"
      "  docs: {type: dummy, data: '1'}\n"
      "extractors:\n"
      "  json: jsonpath\n"
      "  regex: regex\n"
      "columns:\n"
      "  at: {type: datetime, path: a, parser: lenient, extractor: json}\n"
      "  w: {path: 'a{2}', extractor: regex}\n"
      "outputs:\n"
      "  out: {type: dummy}\n"
      "pipeline: {keep_empty: true}\n"
      "# columns.w.from_env.nothing has no effect and is left out\n"
      "# inputs.docs is read again in every round, not only in the first\n"
      "# columns.at.cast: what variable CONVERT_CAST gives now is written there, and the variable has no effect later\n"
      "# columns.w.path: what variable CONVERT_PATH gives now is written there, and the variable has no effect "
      "later\n");
}

TEST_F(Conversion, SaysWhichVariableItHasToKnow) {
  EXPECT_EQ(
      converted("inputs: {docs: {from_env: {type: CONVERT_UNSET, data: CONVERT_TOO}}}\n"
                "columns: {n: {type: extracted, cast: integer, from_env: {path: CONVERT_PATH, cast: CONVERT_CAST}}}\n"
                "outputs: {out: {type: csv, path: a.csv, from_env: {mode: CONVERT_MODE}}}\n"),
      "inputs.docs.type: the environment variable \"CONVERT_UNSET\" is not set; set it as where the configuration "
      "runs: what it says decides how the configuration is rewritten\n"
      "columns.n.path: the environment variable \"CONVERT_PATH\" is not set; set it as where the configuration runs: "
      "what it says decides how the configuration is rewritten\n"
      "outputs.out.mode: the environment variable \"CONVERT_MODE\" is not set; set it as where the configuration runs: "
      "what it says decides how the configuration is rewritten\n");
}

TEST_F(Conversion, WritesOutWhatOldDialectsMean) {
  set("CONVERT_DATABASE", "d");
  EXPECT_EQ(
      converted("inputs: {docs: {type: postgres, host: db1, dbname: d, user: u, password: p, sql: select 1}}\n"
                "columns: {n: {type: extracted, cast: integer, path: n}}\n"
                "outputs:\n"
                "  rows: {type: csv, path: rows.csv.gz}\n"
                "  table: {type: postgres, user: u, password: p, from_env: {dbname: CONVERT_DATABASE}}\n"),
      "batchout: 1\n"
      "inputs:\n"
      "  docs: {type: postgres, host: db1, dbname: d, user: u, password: p, sql: select 1, limit: 1000}\n"
      "columns:\n"
      "  n: [n, integer]\n"
      "outputs:\n"
      "  rows: {type: csv, path: rows.csv.gz, compression: none}\n"
      "  table: {type: postgres, user: u, password: p, from_env: {dbname: CONVERT_DATABASE, table: CONVERT_DATABASE}}\n"
      "pipeline: {keep_empty: true}\n"
      "# inputs.docs: a server on another machine is verified; sslmode: prefer goes without, as before\n");
}

TEST_F(Conversion, ReadsFilesFromTheirStartInEveryRun) {
  EXPECT_EQ(converted("inputs:\n"
                      "  lines: {type: file, path: '*.json', chunk_endswith: \"\\n\"}\n"
                      "  rows: {type: sqlite, path: rows.sqlite, sql: select id from t, cursor: id}\n"
                      "columns: {n: {type: extracted, cast: integer, path: n}}\n"
                      "outputs: {out: {type: csv, path: rows.csv}}\n"),
            "batchout: 1\n"
            "inputs:\n"
            "  lines:\n"
            "    type: file\n"
            "    path: '*.json'\n"
            "    chunk_endswith: \"\\n\"\n"
            "    resume: false\n"
            "  rows: {type: sqlite, path: rows.sqlite, sql: select id from t, cursor: id, resume: false}\n"
            "columns:\n"
            "  n: [n, integer]\n"
            "selectors:\n"
            "  lines: {columns: [n], input: lines}\n"
            "  rows: {columns: [n], input: rows}\n"
            "outputs:\n"
            "  out: {type: csv, path: rows.csv}\n"
            "tasks:\n"
            "  read: {inputs: [lines, rows]}\n"
            "  write_lines: {selector: lines, outputs: out}\n"
            "  write_rows: {selector: rows, outputs: out}\n"
            "pipeline: {keep_empty: true}\n"
            "# inputs.rows: a file that is not there ends the run\n");
}

}  // namespace
}  // namespace batchout
