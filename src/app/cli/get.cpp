// `batchout get`: tries one path on one payload.

#include <memory>
#include <string>

#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/files.h"
#include "batchout/pipeline.h"
#include "pipeline/json_values.h"

namespace batchout::cli {
namespace {

// `kind` is the name of an extractor type, `all` and `paths` ask for an array.
struct GetCommand {
  std::string kind;
  std::string path;
  std::string file = "-";
  bool all = false;
  bool paths = false;
};

// Values are JSON already; paths are texts and become JSON strings.
std::string joined(const std::vector<Match>& matches, bool paths) {
  std::string out;
  for (const Match& match : matches)
    out += (out.empty() ? "" : ", ") + (paths ? json_of(std::string_view(match.path)) : match.value);
  return out;
}

// Without an array, nothing found is a failure, as with grep; an empty array is an answer.
Exit get(const GetCommand& command) {
  const auto payload = read_payload(command.file);
  if (!payload) {
    fmt::print(stderr, "batchout: {}\n", payload.error());
    return Exit::input_unavailable;
  }
  const auto matches = find_values(command.kind, command.path, *payload);
  if (!matches) {
    fmt::print(stderr, "batchout: {}\n", matches.error().text());
    return matches.error().code.starts_with("BO4") ? Exit::check_failed : Exit::configuration;
  }
  if (command.all || command.paths) {
    fmt::print("[{}]\n", joined(*matches, command.paths));
  } else if (!matches->empty()) {
    fmt::print("{}\n", matches->front().value);
  } else {
    return Exit::check_failed;
  }
  return Exit::done;
}

}  // namespace

void add_get(CLI::App& app, Chosen& chosen) {
  auto command = std::make_shared<GetCommand>();
  CLI::App& get_app = *app.add_subcommand("get", "Try one path on a payload; exit 1 if it finds nothing");
  get_app
      .add_option("kind", command->kind,
                  "Language of the path: jsonpath (RFC 9535), jsonpath_rw, xpath, html, regex or csv")
      ->required();
  get_app.add_option("path", command->path, "The path")->required();
  get_app.add_option("file", command->file, "A file with one payload; - for standard input");
  get_app.add_flag("--all", command->all, "All matches, as a JSON array");
  get_app.add_flag("--paths", command->paths, "Where the matches are, as a JSON array of normalised paths");
  get_app.callback([command, &chosen] { chosen = [command] { return get(*command); }; });
}

}  // namespace batchout::cli
