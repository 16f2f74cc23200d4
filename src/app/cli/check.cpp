// `batchout check` and `batchout version`.

#include <memory>
#include <string>

#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/console.h"

namespace batchout::cli {
namespace {

Exit check(const std::string& config) {
  Console console(LogLevel::info, LogFormat::text);
  const auto pipeline = Pipeline::from_file(config);
  if (!pipeline) {
    console.problems(pipeline.error());
    return Exit::configuration;
  }
  console.problems(pipeline->warnings());
  fmt::print("{}: good\n", config);
  return Exit::done;
}

}  // namespace

void add_check(CLI::App& app, Chosen& chosen) {
  auto config = std::make_shared<std::string>();
  CLI::App& check_app = *app.add_subcommand("check", "Report every problem of a configuration; nothing is connected");
  check_app.add_option("config", *config, "Configuration file, YAML or JSON")->required();
  check_app.callback([config, &chosen] { chosen = [config] { return check(*config); }; });
}

void add_version(CLI::App& app, Chosen& chosen) {
  app.add_subcommand("version", "Print the version")->callback([&chosen] {
    chosen = [] {
      fmt::print("batchout {}\n", version());
      return Exit::done;
    };
  });
}

}  // namespace batchout::cli
