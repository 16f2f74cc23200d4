// The commands of the program. Each registers its options with `add_<command>` and returns an exit code.

#pragma once

#include <functional>

#include <CLI/CLI.hpp>

namespace batchout::cli {

/// What the program returns to its caller.
enum class Exit : int {
  done = 0,
  check_failed = 1,
  usage = 2,
  configuration = 3,
  input_unavailable = 4,
  output_failed = 5,
  refused = 6,
  internal = 7,
  fenced = 8,
};

/// The command chosen on the command line, to be run once all options are parsed.
using Chosen = std::function<Exit()>;

void add_run(CLI::App& app, Chosen& chosen);
void add_check(CLI::App& app, Chosen& chosen);
void add_explain(CLI::App& app, Chosen& chosen);
void add_preview(CLI::App& app, Chosen& chosen);
void add_get(CLI::App& app, Chosen& chosen);
void add_version(CLI::App& app, Chosen& chosen);
/// The form of the original: `batchout -c CONFIG [-n N] [-w S] [-W S] [-l LEVEL] [-I MODULE…]`.
void add_original(CLI::App& app, Chosen& chosen);

}  // namespace batchout::cli
