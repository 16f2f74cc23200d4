// The program `batchout`: picks a command and returns its exit code.

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "batchout/pipeline.h"

namespace {

/// A closed standard stream would give its number to the next file opened, and what is printed would go there. What
/// takes its place refuses to be read or written, as a closed stream does; only messages may get lost.
void open_standard_streams() {
  // By stream: what takes the place of input cannot be read, that of output not written. Messages just vanish.
  constexpr int kWays[] = {O_WRONLY, O_RDONLY, O_RDWR};
  int opened = 0;
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO && opened >= 0; ++stream)
    if (fcntl(stream, F_GETFD) < 0) opened = open("/dev/null", kWays[stream]);
}

// A command that failed anyhow keeps its own exit code.
int standard_output_failed(batchout::cli::Exit exit) {
  using batchout::cli::Exit;
  std::fputs("batchout: standard output cannot be written\n", stderr);
  return static_cast<int>(exit == Exit::done ? Exit::output_failed : exit);
}

/// What CLI11 says of arguments that it does not know leaves open what there is.
std::string unknown_text(const CLI::App& app) {
  const std::string first = app.remaining(true).empty() ? "" : app.remaining(true).front();
  if (first.starts_with('-')) return fmt::format("there is no option {} here; --help shows what there is", first);
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return app.get_subcommands().empty()
             ? fmt::format("there is no command \"{}\"; commands are {}", first, fmt::join(names, ", "))
             : fmt::format("one argument too many: \"{}\"; --help shows what is expected", first);
}

/// A sentence for a person. Messages of CLI11 begin with the option and a colon; those of our own validators say all
/// that is needed behind it.
std::string usage_text(const CLI::App& app, const CLI::ParseError& error) {
  std::string said = error.what();
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) return unknown_text(app);
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
    return fmt::format("{} needs a value; --help shows which", said.substr(0, said.find(':')));
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) return said + "; --help shows what is expected";
  return said;
}

// CLI11 throws for --help and --version, too.
int usage(const CLI::App& app, const CLI::ParseError& error) {
  using batchout::cli::Exit;
  if (error.get_exit_code() == 0) return app.exit(error);  // Help or version.
  fmt::print(stderr, "batchout: {}\n", usage_text(app, error));
  return static_cast<int>(Exit::usage);
}

}  // namespace

// Exceptions end here: those of CLI11 and of the standard library, such as a lack of memory. fmt throws where standard
// output cannot be written.
int main(int argc, char** argv) {
  using namespace batchout::cli;
  open_standard_streams();
  try {
    CLI::App app("Turns nested payloads into table rows and stores them, as one configuration file says.", "batchout");
    Chosen chosen;
    app.require_subcommand(0, 1);
    add_run(app, chosen);
    add_check(app, chosen);
    add_explain(app, chosen);
    add_preview(app, chosen);
    add_get(app, chosen);
    add_test(app, chosen);
    add_dlq(app, chosen);
    add_convert(app, chosen);
    add_positions(app, chosen);
    add_docs(app, chosen);
    add_schema(app, chosen);
    add_completion(app, chosen);
    add_version(app, chosen);
    add_original(app, chosen);
    app.set_version_flag("--version", fmt::format("batchout {}", batchout::version()), "Print the version");
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return usage(app, error);
    }
    if (!chosen) {
      fmt::print(stderr, "{}", app.help());
      return static_cast<int>(Exit::usage);
    }
    const Exit exit = chosen();
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return static_cast<int>(exit);
    return standard_output_failed(exit);
  } catch (const std::exception& error) {
    if (std::ferror(stdout) != 0) return standard_output_failed(Exit::done);
    std::fprintf(stderr, "batchout: internal error [BO900]: %s\n", error.what());
    return static_cast<int>(Exit::internal);
  }
}
