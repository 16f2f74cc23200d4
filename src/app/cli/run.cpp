// `batchout run`, and the original's form of it.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/cli/arguments.h"
#include "app/cli/commands.h"
#include "app/cli/console.h"
#include "app/cli/signals.h"

namespace batchout::cli {
namespace {

// Times are in seconds as they were written; defaults are those of the original's form.
struct RunCommand {
  std::string config;
  bool once = false;
  bool from_start = false;
  std::int64_t rounds = -1;
  double wait_min_s = 0;
  double wait_extra_s = 1;
  double idle_s = 0;
  // Negative: not given.
  double retry_s = -1;
  // 0: one per processor.
  std::size_t lanes = 0;
  std::string level = "info";
  LogFormat format = LogFormat::text;
};

// Cuts off what is finer. Validators have bounded the number.
std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

void add_logging(CLI::App& app, RunCommand& command) {
  app.add_option("-l,--log-level", command.level,
                 "Least level that is logged: debug, info, warning, error, or a number")
      ->check([](const std::string& text) {
        return level_of(text) ? "" : "must be debug, info, warning, error or one of Python's numbers, but is " + text;
      });
  add_choice(app, "--log-format", command.format, {"text", "json"}, "How log records are written");
}

// Signals come first: the threads that follow inherit the blocked mask. By default rounds that follow each other are
// retried for ever, and a single one (--once) as long as the library does.
Exit run(const RunCommand& command) {
  const Signals signals;
  Console console(*level_of(command.level), command.format);
  auto pipeline = Pipeline::from_file(command.config);
  if (!pipeline) {
    console.problems(pipeline.error());
    return Exit::configuration;
  }
  console.problems(pipeline->warnings());

  RunOptions options;
  options.log = console.sink();
  options.progress = console.progress();
  options.rounds_max = command.rounds;
  options.lanes = command.lanes;
  options.from_start = command.from_start;
  options.wait_min = milliseconds(command.wait_min_s);
  options.idle_max = milliseconds(command.idle_s);
  options.wait_extra = milliseconds(command.wait_extra_s);
  if (command.retry_s >= 0)
    options.retry_max = milliseconds(command.retry_s);
  else if (!command.once)
    options.retry_max = std::chrono::milliseconds(0);
  pipeline->set_options(std::move(options));

  const Result<> result = command.once ? pipeline->run_once(signals.stop()) : pipeline->run_forever(signals.stop());
  if (!result) console.error(result.error());
  console.summary(pipeline->summary());
  return result ? Exit::done : exit_of(result.error());
}

}  // namespace

void add_run(CLI::App& app, Chosen& chosen) {
  auto command = std::make_shared<RunCommand>();
  CLI::App& run_app = *app.add_subcommand("run", "Run a pipeline");
  run_app.add_option("config", command->config, "Configuration file, YAML or JSON")->required();
  auto* once = run_app.add_flag("--once", command->once,
                                "One round: every finite input to its end, every topic until it is quiet");
  run_app.add_flag("--from-start", command->from_start,
                   "Reads files and incremental queries from their start, wherever the last run has ended");
  run_app.add_option("-n,--rounds", command->rounds, "Number of rounds; without it until a signal")
      ->excludes(once)
      ->check(whole_number())
      ->option_text("NUMBER");
  run_app.add_option("--until-idle", command->idle_s, "Ends when nothing has come for so long, for example 30s")
      ->transform(seconds(false))
      ->option_text("TIME")
      ->excludes(once);
  run_app
      .add_option("--retry-for", command->retry_s, "How long an unwell system is retried, for example 5m; 0: for ever")
      ->transform(seconds())
      ->option_text("TIME");
  run_app.add_option("--lanes", command->lanes, "Threads that extract; 0: one per processor, at most 8")
      ->check(whole_number())
      ->option_text("NUMBER");
  add_logging(run_app, *command);
  command->wait_extra_s = 0;
  run_app.callback([command, &chosen] { chosen = [command] { return run(*command); }; });
}

// At the level of the program itself, since the original has no commands; so its options must not meet one.
void add_original(CLI::App& app, Chosen& chosen) {
  auto command = std::make_shared<RunCommand>();
  auto modules = std::make_shared<std::vector<std::string>>();
  auto* config = app.add_option("-c,--config", command->config, "Configuration file (the original's form)");
  app.add_option("-I,--import-from", *modules, "Accepted and ignored: Python modules")->expected(0, -1);
  app.add_option("-n,--num-batches", command->rounds, "Number of rounds; negative: no limit")
      ->needs(config)
      ->check(whole_number())
      ->option_text("NUMBER");
  app.add_option("-w,--min-wait-sec", command->wait_min_s, "Least pause between rounds, in seconds")
      ->needs(config)
      ->transform(seconds())
      ->option_text("TIME");
  app.add_option("-W,--max-wait-sec", command->wait_extra_s, "Most that is added to the pause at random, in seconds")
      ->needs(config)
      ->transform(seconds())
      ->option_text("TIME");
  add_logging(app, *command);
  app.callback([&app, command, config, modules, &chosen] {
    if (config->empty()) return;
    if (!app.get_subcommands().empty()) throw CLI::ExcludesError("--config", app.get_subcommands().front()->get_name());
    if (!modules->empty())
      fmt::print(stderr, "batchout: -I is ignored: Python modules cannot be imported into this program\n");
    chosen = [command] { return run(*command); };
  });
}

}  // namespace batchout::cli
