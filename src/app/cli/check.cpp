// `batchout check`, `batchout explain` and `batchout version`.

#include <memory>
#include <string>

#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/console.h"

namespace batchout::cli {
namespace {

// Warnings are shown and do not fail. Standard output has the one line for people; problems go to standard error.
Exit check(const std::string& config) {
  Console console(LogLevel::info, LogFormat::text);
  const Problems problems = Pipeline::check(config);
  console.problems(problems);
  if (has_errors(problems)) return Exit::configuration;
  fmt::print("{}: good\n", config);
  return Exit::done;
}

// The plan goes to standard output, so that it can be kept and compared.
Exit explain(const std::string& config) {
  Console console(LogLevel::info, LogFormat::text);
  const auto pipeline = Pipeline::from_file(config);
  console.problems(pipeline ? pipeline->warnings() : pipeline.error());
  if (!pipeline) return Exit::configuration;
  fmt::print("{}", pipeline->explain());
  return Exit::done;
}

}  // namespace

void add_check(CLI::App& app, Chosen& chosen) {
  auto config = std::make_shared<std::string>();
  CLI::App& check_app = *app.add_subcommand("check", "Report every problem of a configuration; nothing is connected");
  check_app.add_option("config", *config, "Configuration file, YAML or JSON")->required();
  check_app.callback([config, &chosen] { chosen = [config] { return check(*config); }; });
}

void add_explain(CLI::App& app, Chosen& chosen) {
  auto config = std::make_shared<std::string>();
  CLI::App& explain_app =
      *app.add_subcommand("explain", "Tell how a configuration is carried out; nothing is connected");
  explain_app.add_option("config", *config, "Configuration file, YAML or JSON")->required();
  explain_app.callback([config, &chosen] { chosen = [config] { return explain(*config); }; });
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
