// `batchout completion SHELL`: scripts made of the commands and options, so that they never lag behind.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "app/cli/arguments.h"
#include "app/cli/commands.h"
#include "batchout/pipeline.h"

namespace batchout::cli {
namespace {

// Words that may stand at a place: for `get` the languages, for `docs` the types, for an option its choices.
struct Words {
  std::vector<std::string> all;

  std::string joined() const { return fmt::format("{}", fmt::join(all, " ")); }
};

Words names_of_options(const CLI::App& app) {
  Words words;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_snames()) words.all.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) words.all.push_back("--" + name);
  }
  return words;
}

// `a|b|c`, as add_choice writes it.
Words choices_of(const CLI::Option& option) {
  Words words;
  const std::string& text = option.get_option_text();
  if (text.find('|') == std::string::npos) return words;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('|', begin), text.size());
    words.all.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

Words types_for(const CLI::App& command) {
  Words words;
  if (command.get_name() == "docs")
    for (const SpecInfo& info : Pipeline::reference()) words.all.push_back(info.type);
  if (command.get_name() == "get")
    for (const SpecInfo& info : Pipeline::reference())
      if (info.role == "extractor") {
        words.all.push_back(info.type);
        words.all.insert(words.all.end(), info.aliases.begin(), info.aliases.end());
      }
  return words;
}

// The choices of the first one, if it has some.
Words first_argument(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options())
    if (option->get_positional()) {
      const Words choices = choices_of(*option);
      return choices.all.empty() ? types_for(command) : choices;
    }
  return {};
}

std::string names_of_commands(const CLI::App& app) {
  Words words;
  for (const CLI::App* command : app.get_subcommands({})) words.all.push_back(command->get_name());
  return words.joined();
}

// ---------------------------------------------------------------------------------------------------------- bash

// Cases of the word before the one at hand: options that take one of a few values.
std::string bash_choices(const CLI::App& app) {
  std::string out;
  for (const CLI::Option* option : app.get_options()) {
    const Words choices = choices_of(*option);
    for (const std::string& name : option->get_lnames())
      if (!choices.all.empty())
        out += fmt::format("    {}:--{}) COMPREPLY=($(compgen -W \"{}\" -- \"$word\")); return ;;\n", app.get_name(),
                           name, choices.joined());
  }
  return out;
}

std::string bash_script(const CLI::App& app) {
  std::string choices, options, words;
  for (const CLI::App* command : app.get_subcommands({})) {
    choices += bash_choices(*command);
    options += fmt::format("    {}) options=\"{}\" ;;\n", command->get_name(), names_of_options(*command).joined());
    if (const Words first = first_argument(*command); !first.all.empty())
      words += fmt::format("    {}) words=\"{}\" ;;\n", command->get_name(), first.joined());
  }
  return fmt::format(R"(# Completion of batchout for bash: source it, or put it into /etc/bash_completion.d.
_batchout() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command=${{COMP_WORDS[1]}} options="" words=""
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "{} {}" -- "$word"))
    return
  fi
  case $command:$before in
{}  esac
  case $command in
{}  esac
  case $command in
{}  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  elif ((COMP_CWORD == 2)) && [[ -n $words ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}}
complete -o filenames -F _batchout batchout
)",
                     names_of_commands(app), names_of_options(app).joined(), choices, options, words);
}

// ----------------------------------------------------------------------------------------------------------- zsh

// A description inside of single quotes, with what _arguments and _describe give a meaning.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else if (c == '[' || c == ']' || c == ':')
      (out += '\\') += c;
    else
      out += c;
  }
  return out;
}

void append_zsh_options(const CLI::App& app, std::string& out) {
  for (const CLI::Option* option : app.get_options()) {
    const Words choices = choices_of(*option);
    std::string value = option->get_items_expected_max() == 0 ? "" : ":value:";
    if (!choices.all.empty()) value += fmt::format("({})", choices.joined());
    const auto add = [&](std::string_view dashes, const std::string& name) {
      out += fmt::format(" \\\n        '{}{}[{}]{}'", dashes, name, zsh_text(option->get_description()), value);
    };
    for (const std::string& name : option->get_snames()) add("-", name);
    for (const std::string& name : option->get_lnames()) add("--", name);
  }
}

std::string zsh_script(const CLI::App& app) {
  std::string commands, cases;
  for (const CLI::App* command : app.get_subcommands({})) {
    commands += fmt::format("    '{}:{}'\n", command->get_name(), zsh_text(command->get_description()));
    cases += fmt::format("    {}) _arguments", command->get_name());
    append_zsh_options(*command, cases);
    if (const Words first = first_argument(*command); !first.all.empty())
      cases += fmt::format(" \\\n        '1:what:({})'", first.joined());
    cases += " \\\n        '*:file:_files' ;;\n";
  }
  return fmt::format(R"(#compdef batchout
# Completion of batchout for zsh: put it as _batchout into a folder of $fpath.
_batchout() {{
  local -a commands
  commands=(
{}  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
{}  esac
}}
_batchout "$@"
)",
                     commands, cases);
}

// ---------------------------------------------------------------------------------------------------------- fish

std::string fish_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string fish_script(const CLI::App& app) {
  std::string out = "# Completion of batchout for fish: put it into ~/.config/fish/completions.\n";
  for (const CLI::App* command : app.get_subcommands({})) {
    out += fmt::format("complete -c batchout -n __fish_use_subcommand -a {} -d '{}'\n", command->get_name(),
                       fish_text(command->get_description()));
    const std::string within = fmt::format("-n '__fish_seen_subcommand_from {}'", command->get_name());
    if (const Words first = first_argument(*command); !first.all.empty())
      out += fmt::format("complete -c batchout {} -a '{}'\n", within, first.joined());
    for (const CLI::Option* option : command->get_options()) {
      std::string names;
      for (const std::string& name : option->get_snames()) names += " -s " + name;
      for (const std::string& name : option->get_lnames()) names += " -l " + name;
      if (names.empty()) continue;
      const Words choices = choices_of(*option);
      const std::string value = !choices.all.empty()                    ? fmt::format(" -x -a '{}'", choices.joined())
                                : option->get_items_expected_max() == 0 ? ""
                                                                        : " -r";
      out += fmt::format("complete -c batchout {}{}{} -d '{}'\n", within, names, value,
                         fish_text(option->get_description()));
    }
  }
  return out;
}

enum class Shell : std::uint8_t { bash, zsh, fish };

std::string script(const CLI::App& app, Shell shell) {
  switch (shell) {
    case Shell::bash:
      return bash_script(app);
    case Shell::zsh:
      return zsh_script(app);
    case Shell::fish:
      break;
  }
  return fish_script(app);
}

}  // namespace

void add_completion(CLI::App& app, Chosen& chosen) {
  auto shell = std::make_shared<Shell>();
  CLI::App& completion = *app.add_subcommand("completion", "Print a completion script for a shell");
  add_choice(completion, "shell", *shell, {"bash", "zsh", "fish"}, "The shell");
  completion.get_option("shell")->required();
  completion.callback([shell, &app, &chosen] {
    chosen = [shell, &app] {
      fmt::print("{}", script(app, *shell));
      return Exit::done;
    };
  });
}

}  // namespace batchout::cli
