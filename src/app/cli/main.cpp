// The program `batchout`: picks a command and returns its exit code.

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <exception>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/cli/commands.h"

namespace {

/// A closed standard stream would give its number to the next file opened, and what is printed would go there.
void open_standard_streams() {
  int opened = 0;
  while (opened >= 0 && opened <= STDERR_FILENO) opened = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (opened > STDERR_FILENO) close(opened);
}

}  // namespace

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
    add_version(app, chosen);
    add_original(app, chosen);
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      const bool asked_for_help = error.get_exit_code() == 0;
      return app.exit(error) == 0 && asked_for_help ? 0 : static_cast<int>(Exit::usage);
    }
    if (!chosen) {
      fmt::print(stderr, "{}", app.help());
      return static_cast<int>(Exit::usage);
    }
    const Exit exit = chosen();
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return static_cast<int>(exit);
    std::fputs("batchout: standard output cannot be written\n", stderr);
    return static_cast<int>(exit == Exit::done ? Exit::output_failed : exit);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "batchout: internal error [BO900]: %s\n", error.what());
    return static_cast<int>(Exit::internal);
  }
}
