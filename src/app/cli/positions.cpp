// `batchout positions`: what is kept of a pipeline's inputs, and changes of it by hand.

#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/cli/arguments.h"
#include "app/cli/commands.h"
#include "app/cli/console.h"
#include "app/cli/text_table.h"
#include "pipeline/json_values.h"
#include "pipeline/positions.h"

namespace batchout::cli {
namespace {

enum class Action : std::uint8_t { list, set, reset };
enum class Format : std::uint8_t { table, json };

struct PositionsCommand {
  Action action = Action::list;
  std::string config;
  /// UNIT=POS each.
  std::vector<std::string> wishes;
  std::optional<std::string> token;
  std::vector<std::string> units, sources;
  bool dry_run = false;
  /// None: a table.
  std::optional<Format> format;
};

Exit refuse(std::string_view sentence) {
  fmt::print(stderr, "batchout: {}\n", escaped(sentence));
  return Exit::usage;
}

// Options that would have no effect are no help to anybody who has meant something by them.
std::string misplaced(const PositionsCommand& command) {
  const bool sets = command.action == Action::set;
  if (!sets && !command.wishes.empty()) return "UNIT=POS is for `positions set`";
  if (sets && command.wishes.empty()) return "what is to be set? give UNIT=POS, as in kafka:orders/3=4711";
  if (!sets && command.token) return "--token is for `positions set`";
  if (command.token && command.wishes.size() > 1) return "--token is for one unit";
  const bool resets = command.action == Action::reset;
  if (!resets && !(command.units.empty() && command.sources.empty()))
    return "--unit and --source are for `positions reset`";
  if (command.action == Action::list && command.dry_run)
    return "--dry-run is for `positions set` and `positions reset`";
  if (command.action != Action::list && command.format) return "--format is for `positions list`";
  return {};
}

/// A name may have an equals sign, a position has none.
std::optional<PositionWish> wish_in(const std::string& text) {
  const std::size_t sign = text.rfind('=');
  if (sign == std::string::npos || sign == 0) return std::nullopt;
  PositionWish wish;
  wish.unit = text.substr(0, sign);
  const char* const end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data() + sign + 1, end, wish.number);
  if (code != std::errc() || stop != end || wish.number < 0) return std::nullopt;
  return wish;
}

std::string position_text(const std::optional<std::int64_t>& number) {
  return number ? std::to_string(*number) : "none";
}

void print_list(const std::vector<KeptPosition>& kept) {
  std::vector<std::vector<std::string>> lines{{"source", "unit", "position", "token", "epoch", "owner", "changed"}};
  for (const KeptPosition& position : kept)
    lines.push_back({escaped(position.source), escaped(position.unit), position_text(position.number),
                     escaped(readable_token(position.token)), std::to_string(position.epoch), escaped(position.owner),
                     position.changed_at});
  print_aligned(lines);
}

void print_json(const std::string& pipeline, const std::vector<KeptPosition>& kept) {
  std::string out = "[";
  for (const KeptPosition& position : kept) {
    const auto text = [](const std::string& value) {
      return value.empty() ? "null" : json_of(std::string_view(value));
    };
    out += fmt::format(
        "{}{{\"pipeline\": {}, \"source\": {}, \"unit\": {}, \"position\": {}, \"token\": {}, \"epoch\": {}, "
        "\"owner\": {}, \"changed_at\": {}}}",
        out.size() > 1 ? ",\n " : "", json_of(std::string_view(pipeline)), json_of(std::string_view(position.source)),
        json_of(std::string_view(position.unit)), position.number ? std::to_string(*position.number) : "null",
        json_of(std::string_view(position.token)), position.epoch, text(position.owner), text(position.changed_at));
  }
  fmt::print("{}]\n", out);
}

void print_steps(const std::vector<PositionStep>& steps) {
  for (const PositionStep& step : steps)
    fmt::print("{}/{}: {} -> {}\n", escaped(step.to.source), escaped(step.to.unit), position_text(step.from),
               position_text(step.to.number));
}

void tell(const PositionsCommand& command, const PositionDesk& desk, std::size_t steps) {
  fmt::print(stderr, "batchout: {} {} {}{}\n", steps, steps == 1 ? "position" : "positions",
             command.action == Action::set ? "set" : "forgotten",
             command.dry_run ? " if it were not for --dry-run" : "");
  if (command.action == Action::set) return;
  for (const std::string& line : desk.first_starts()) fmt::print(stderr, "batchout: {}\n", escaped(line));
}

Exit run(const PositionsCommand& command, PositionDesk& desk, Console& console) {
  const auto kept = desk.kept();
  if (!kept) {
    console.error(kept.error());
    return exit_of(kept.error());
  }
  if (command.action == Action::list) {
    if (command.format == Format::json)
      print_json(desk.pipeline(), *kept);
    else if (kept->empty())
      fmt::print(stderr, "batchout: nothing is kept yet of pipeline {}\n", escaped(desk.pipeline()));
    else
      print_list(*kept);
    return Exit::done;
  }
  std::vector<PositionWish> wishes;
  for (const std::string& text : command.wishes) {
    auto wish = wish_in(text);
    if (!wish) return refuse(fmt::format("needs UNIT=POS with a position from 0 on, but is {}", text));
    wish->token = command.token;
    wishes.push_back(*std::move(wish));
  }
  const PositionDesk::Steps steps =
      command.action == Action::set ? desk.set(*kept, wishes) : desk.forget(*kept, command.units, command.sources);
  if (!steps) return refuse(steps.error());
  const Result<> taken = command.dry_run || steps->empty() ? Result<>{} : desk.take(*steps);
  if (!taken) {
    console.error(taken.error());
    return exit_of(taken.error());
  }
  print_steps(*steps);
  tell(command, desk, steps->size());
  return Exit::done;
}

// Nothing is retried: somebody waits for the answer.
Exit positions(const PositionsCommand& command) {
  if (const std::string sentence = misplaced(command); !sentence.empty()) return refuse(sentence);
  Console console(LogLevel::warning, LogFormat::text);
  OpenedDesk opened = open_position_desk(command.config, console.sink());
  console.problems(opened.problems);
  if (opened.refused) console.error(*opened.refused);
  if (opened.refused) return exit_of(*opened.refused);
  return opened.desk ? run(command, *opened.desk, console) : Exit::configuration;
}

}  // namespace

void add_positions(CLI::App& app, Chosen& chosen) {
  auto command = std::make_shared<PositionsCommand>();
  CLI::App& positions_app = *app.add_subcommand(
      "positions", "Show where the inputs go on whose positions are kept beside the rows, or change it");
  add_choice(positions_app, "action", command->action, {"list", "set", "reset"},
             "list shows them, set moves units, reset forgets positions");
  positions_app.get_option("action")->required();
  positions_app.add_option("config", command->config, "Configuration file, YAML or JSON")->required();
  positions_app.add_option("wishes", command->wishes, "For set: UNIT=POS, as in kafka:orders/3=4711")
      ->option_text("UNIT=POS ...");
  positions_app.add_option("--token", command->token, "For set: what is kept beside the position of a query");
  positions_app.add_option("--unit", command->units, "For reset: forget this unit only; can be given several times")
      ->allow_extra_args(false);
  positions_app
      .add_option("--source", command->sources,
                  "For reset: forget all units of this source; can be given several times")
      ->allow_extra_args(false);
  positions_app.add_flag("--dry-run", command->dry_run,
                         "For set and reset: show what would change, and change nothing");
  add_choice(positions_app, "--format", command->format, {"table", "json"}, "For list: how positions are shown");
  positions_app.callback([command, &chosen] { chosen = [command] { return positions(*command); }; });
}

}  // namespace batchout::cli
