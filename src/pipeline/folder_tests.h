// A folder is a test: a configuration, what its inputs read, and the rows that are to come of it.
//
//   batch.yml      or batch.json, of any dialect; inputs are read as it says, relative paths begin at the folder
//   expect.jsonl   rows that reach each writer: a line with writer and columns, then a JSON array a row
//   expect.err     problems of the configuration, and what the run logs from warnings up; without it there is none
//   env, rounds    optional: variables as NAME=value lines, number of rounds

#pragma once

#include <filesystem>

#include "pipeline/tests.h"

namespace batchout {

/// True for a folder that has a configuration and one of both expectations.
bool is_test_folder(const std::filesystem::path& folder);

/// Runs the test that the working directory is; `shown` names it for people. Files are named relative to it in what is
/// expected, so it has to be the working directory. With `update` the expectations that are there are written anew.
TestedConfig run_folder_test(const std::string& shown, const TestOptions& options,
                             const Registry& registry = Pipeline::builtin());

}  // namespace batchout
