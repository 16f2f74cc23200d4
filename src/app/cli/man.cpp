// Sections in the order of man(7); texts are those of --help.

#include "app/cli/man.h"

#include <string_view>

#include <fmt/format.h>

#include "batchout/pipeline.h"

namespace batchout::cli {
namespace {

// What a shell sees, in the words of docs/command-line.md.
constexpr std::string_view kExits = R"(.SH EXIT STATUS
.TP
.B 0
Done, also after a stop request.
.TP
.B 1
Finished, but something that was to be checked failed.
.TP
.B 2
The arguments cannot be understood.
.TP
.B 3
The configuration has errors, or a system does not fit it.
.TP
.B 4
An input is unavailable.
.TP
.B 5
An output failed for good.
.TP
.B 6
A value was refused under on_error: stop.
.TP
.B 7
Internal error.
.TP
.B 8
Another process has taken over.
.SH SEE ALSO
batchout docs TYPE, batchout docs CODE, batchout schema
)";

// Hyphens and backslashes mean something to the formatter, and so do a dot and a quote at the beginning of a line.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

void append_options(const CLI::App& app, std::string& out) {
  for (const CLI::Option* option : app.get_options()) {
    std::string names = option->get_name(option->get_positional(), true);
    if (option->get_positional()) names = option->get_name(true);
    const std::string value = option->get_option_text();
    out += fmt::format(".TP\n.B {}{}{}\n{}\n", escaped(names), value.empty() ? "" : " ", escaped(value),
                       escaped(option->get_description()));
  }
}

}  // namespace

std::string man_page(const CLI::App& app) {
  std::string out = fmt::format(".TH BATCHOUT 1 \"\" \"batchout {}\"\n.SH NAME\nbatchout \\- {}\n", version(),
                                escaped(app.get_description()));
  out += ".SH SYNOPSIS\n.B batchout\n.I COMMAND\n[options]\n.SH COMMANDS\n";
  for (const CLI::App* command : app.get_subcommands({})) {
    out += fmt::format(".SS batchout {}\n{}\n", command->get_name(), escaped(command->get_description()));
    append_options(*command, out);
  }
  out += ".SH OPTIONS\n";
  append_options(app, out);
  return out += kExits;
}

}  // namespace batchout::cli
