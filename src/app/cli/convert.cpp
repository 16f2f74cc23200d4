// `batchout convert`.

#include <memory>
#include <string>

#include <fmt/format.h>

#include "app/cli/arguments.h"
#include "app/cli/commands.h"
#include "app/cli/console.h"

namespace batchout::cli {
namespace {

// Standard output has the configuration and nothing else, so that it can be redirected to a file.
Exit convert(const std::string& config) {
  Console console(LogLevel::info, LogFormat::text);
  const auto converted = Pipeline::convert(config);
  if (!converted) {
    console.problems(converted.error());
    return Exit::configuration;
  }
  fmt::print("{}", converted->text);
  for (const std::string& note : converted->notes) fmt::print(stderr, "batchout: {}\n", note);
  fmt::print(stderr, "batchout: comments and layout of {} are not kept\n", config);
  return Exit::done;
}

}  // namespace

void add_convert(CLI::App& app, Chosen& chosen) {
  auto config = std::make_shared<std::string>();
  auto dialect = std::make_shared<std::string>();
  CLI::App& convert_app =
      *app.add_subcommand("convert", "Rewrite a configuration of an old dialect; the new one is printed");
  convert_app.add_option("config", *config, "Configuration file, YAML or JSON")->required();
  convert_app.add_option("--to", *dialect, "The dialect to write: 1")
      ->required()
      ->check(
          [](const std::string& text) { return text == "1" ? "" : "must be 1, the newest dialect, but is " + text; })
      ->option_text("DIALECT");
  convert_app.callback([config, dialect, &chosen] { chosen = [config] { return convert(*config); }; });
}

}  // namespace batchout::cli
