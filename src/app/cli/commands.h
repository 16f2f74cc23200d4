// The commands of the program. Each registers its options with `add_<command>` and returns an exit code.

#pragma once

#include <functional>

#include <CLI/CLI.hpp>

namespace batchout::cli {

/// What the program returns to its caller. Documented in docs/command-line.md; scripts rely on the numbers, so none may
/// change its meaning.
enum class Exit : int {
  /// Also after a stop request.
  done = 0,
  /// `get` found nothing, or the payload is malformed; or a test failed.
  check_failed = 1,
  /// Arguments that cannot be understood.
  usage = 2,
  /// The configuration has errors, or a system does not fit it.
  configuration = 3,
  /// An input was retried for as long as allowed, or a file on the command line cannot be read.
  input_unavailable = 4,
  /// The same of an output; or a target refused a row that cannot be left out; or standard output cannot be written.
  output_failed = 5,
  /// A value of a column with `on_error: stop`.
  refused = 6,
  /// A mistake of ours or of a component.
  internal = 7,
  /// Another process has our units.
  fenced = 8,
};

/// The command chosen on the command line, to be run once all options are parsed. Empty: no command was named.
using Chosen = std::function<Exit()>;

void add_run(CLI::App& app, Chosen& chosen);
void add_check(CLI::App& app, Chosen& chosen);
void add_explain(CLI::App& app, Chosen& chosen);
void add_preview(CLI::App& app, Chosen& chosen);
void add_positions(CLI::App& app, Chosen& chosen);
void add_get(CLI::App& app, Chosen& chosen);
void add_test(CLI::App& app, Chosen& chosen);
/// `app` is that of the program, with all its commands once one is chosen.
void add_docs(CLI::App& app, Chosen& chosen);
void add_schema(CLI::App& app, Chosen& chosen);
void add_completion(CLI::App& app, Chosen& chosen);
void add_dlq(CLI::App& app, Chosen& chosen);
void add_convert(CLI::App& app, Chosen& chosen);
void add_version(CLI::App& app, Chosen& chosen);
/// The form of the original: `batchout -c CONFIG [-n N] [-w S] [-W S] [-l LEVEL] [-I MODULE…]`.
void add_original(CLI::App& app, Chosen& chosen);

}  // namespace batchout::cli
