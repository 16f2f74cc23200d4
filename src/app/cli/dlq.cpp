// `batchout dlq`: what was refused, for people who look into it and decide.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "app/cli/arguments.h"
#include "app/cli/commands.h"
#include "app/cli/console.h"
#include "app/cli/letter_text.h"
#include "app/cli/signals.h"
#include "pipeline/letters.h"

namespace batchout::cli {
namespace {

enum class Action : std::uint8_t { list, show, export_, replay, discard, prune };
enum class Format : std::uint8_t { table, json };
enum class Status : std::uint8_t { new_, replayed, discarded, all };

constexpr std::array<std::string_view, 6> kActions = {"list", "show", "export", "replay", "discard", "prune"};

struct DlqCommand {
  Action action = Action::list;
  std::string config;
  LetterFilter filter;
  std::vector<std::int64_t> ids, named_ids;
  std::optional<std::int64_t> since, older_than;
  std::optional<std::size_t> limit;
  std::optional<Status> status;
  Format format = Format::table;
  std::string folder;
  bool dry_run = false;
  bool force = false;
};

/// A time, or how long ago it was; becomes microseconds since 1970.
CLI::Validator moment() {
  return {[](std::string& text) -> std::string {
            using std::chrono::microseconds, std::chrono::system_clock;
            if (const auto instant = utc_instant(text)) {
              text = std::to_string(*instant);
              return {};
            }
            std::string ago = text;
            if (!seconds()(ago).empty())
              return fmt::format("needs a time like 2026-11-27T01:02:03Z, or how long ago: 30m, 2h or 7d, but is {}",
                                 text);
            const auto now = std::chrono::duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
            text = std::to_string(now - static_cast<std::int64_t>(std::stod(ago) * 1e6));
            return {};
          },
          "TIME"};
}

// ------------------------------------------------------------------------------------------------------ actions

constexpr std::size_t kListedMax = 100;

// One more than is shown tells that there are more.
Exit list(const DlqCommand& command, LetterOffice& office, Console& console) {
  const std::size_t most = command.limit.value_or(kListedMax);
  LetterFilter filter = command.filter;
  filter.limit = most + 1;
  std::vector<Letter> letters;
  const Result<> read = office.each(filter, false, [&](Letter&& letter) -> Result<bool> {
    letters.push_back(std::move(letter));
    return true;
  });
  if (!read) {
    console.error(read.error());
    return exit_of(read.error());
  }
  const bool more = letters.size() > most;
  if (more) letters.pop_back();
  if (command.format == Format::json) {
    std::string out;
    for (const Letter& letter : letters) {
      out += out.empty() ? "[" : ",\n ";
      append_json(letter, false, out);
    }
    fmt::print("{}]\n", out.empty() ? "[" : out);
  } else if (!letters.empty()) {
    print_letters(letters);
  } else {
    fmt::print(stderr, "batchout: there is no such letter\n");
  }
  if (more) fmt::print(stderr, "batchout: there are more; --limit says how many are shown\n");
  return Exit::done;
}

Exit show(const DlqCommand& command, LetterOffice& office, Console& console) {
  const auto found = office.find(command.filter.ids.front());
  if (!found) {
    console.error(found.error());
    return exit_of(found.error());
  }
  if (!*found) {
    fmt::print(stderr, "batchout: there is no letter {}\n", command.filter.ids.front());
    return Exit::check_failed;
  }
  if (command.format == Format::table) {
    print_letter(**found);
    return Exit::done;
  }
  std::string json;
  append_json(**found, true, json);
  fmt::print("{}\n", json);
  return Exit::done;
}

/// Returns why it does not work, or nothing. Nothing is written through a link.
std::string write_payload(const std::string& path, std::string_view bytes) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
  bool good = file >= 0;
  while (good && !bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    good = written >= 0;
    if (good) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  const int number = errno;
  if (file >= 0) good = close(file) == 0 && good;
  return good ? "" : std::generic_category().message(number);
}

Exit export_letters(const DlqCommand& command, LetterOffice& office, Console& console) {
  const bool to_files = !command.folder.empty();
  if (to_files && mkdir(command.folder.c_str(), 0777) != 0 && errno != EEXIST) {
    fmt::print(stderr, "batchout: the folder cannot be made: {}: {}\n", command.folder,
               std::generic_category().message(errno));
    return Exit::output_failed;
  }
  LetterFilter filter = command.filter;
  filter.limit = command.limit;
  std::string failure;
  const Result<> read = office.each(filter, true, [&](Letter&& letter) -> Result<bool> {
    std::string line;
    append_json(letter, !to_files, line);
    fmt::print("{}\n", line);
    if (!to_files || letter.kept == 0) return true;
    const std::string path = fmt::format("{}/{}.payload", command.folder, letter.id);
    if (const std::string why = write_payload(path, letter.payload); !why.empty())
      failure = fmt::format("a payload cannot be written: {}: {}", path, why);
    return failure.empty();
  });
  if (!failure.empty()) {
    fmt::print(stderr, "batchout: {}\n", failure);
    return Exit::output_failed;
  }
  if (read) return Exit::done;
  console.error(read.error());
  return exit_of(read.error());
}

Exit discard(const DlqCommand& command, LetterOffice& office, Console& console) {
  LetterFilter filter = command.filter;
  filter.limit = command.limit;
  const auto discarded = office.discard(filter, command.dry_run);
  if (!discarded) {
    console.error(discarded.error());
    return exit_of(discarded.error());
  }
  fmt::print(stderr, "batchout: {}{}\n", letters_text(*discarded),
             command.dry_run   ? " would be discarded"
             : *discarded == 1 ? " is discarded"
                               : " are discarded");
  if (filter.ids.empty() || *discarded == filter.ids.size()) return Exit::done;
  fmt::print(stderr, "batchout: the others are not there, or not new\n");
  return Exit::check_failed;
}

Exit prune(const DlqCommand& command, LetterOffice& office, Console& console) {
  const auto pruned = office.prune(*command.older_than, command.dry_run);
  if (!pruned) {
    console.error(pruned.error());
    return exit_of(pruned.error());
  }
  fmt::print(stderr, "batchout: {}{}\n", letters_text(*pruned),
             command.dry_run ? " would be deleted"
             : *pruned == 1  ? " is deleted"
                             : " are deleted");
  return Exit::done;
}

/// Letters by what has become of them; each is a line on standard output.
class Outcomes {
 public:
  void take(const ReplayedLetter& letter) {
    constexpr std::array<std::string_view, 3> kWords = {"replayed", "refused", "passed over"};
    const auto fate = static_cast<std::size_t>(letter.fate);
    ++counts_[fate];
    named_.push_back(letter.id);
    fmt::print("{} {}{}{}{}{}\n", letter.id, kWords[fate], letter.why.empty() ? "" : ": ", escaped(letter.why),
               letter.code.empty() ? "" : " ", letter.code.empty() ? "" : fmt::format("[{}]", letter.code));
  }

  void tell(bool dry) const {
    fmt::print(stderr, "batchout: {} {}replayed, {} refused again, {} passed over{}\n", letters_text(counts_[0]),
               dry ? "would be " : "", counts_[1], counts_[2], dry ? "; nothing was stored" : "");
  }
  bool all_replayed() const { return counts_[1] + counts_[2] == 0; }
  bool has(std::int64_t id) const { return std::ranges::find(named_, id) != named_.end(); }

 private:
  std::array<std::size_t, 3> counts_{};
  std::vector<std::int64_t> named_;
};

Exit replay(const DlqCommand& command, LetterOffice& office, Console& console) {
  const Signals signals;
  LetterFilter filter = command.filter;
  filter.limit = command.limit;
  Outcomes outcomes;
  const Result<> done = office.replay(
      filter, {.dry = command.dry_run, .force = command.force, .log = console.sink()},
      [&](const ReplayedLetter& letter) { outcomes.take(letter); }, signals.stop());
  outcomes.tell(command.dry_run);
  if (!done) {
    console.error(done.error());
    return exit_of(done.error());
  }
  bool found = true;
  for (const std::int64_t id : filter.ids)
    if (!outcomes.has(id)) found = false;
  if (!found) fmt::print(stderr, "batchout: some letters that were named are not there, or not new\n");
  return outcomes.all_replayed() && found ? Exit::done : Exit::check_failed;
}

// ---------------------------------------------------------------------------------------------------- arguments

/// Something says which letters are meant.
bool chooses(const DlqCommand& command) {
  const LetterFilter& filter = command.filter;
  return !filter.ids.empty() || filter.since || command.limit || command.status || !filter.stage.empty() ||
         !filter.code.empty() || !filter.place.empty() || !filter.source.empty() || !filter.unit.empty();
}

/// What does not go together; empty if all does.
std::string misuse(const DlqCommand& command) {
  const std::string_view name = kActions[static_cast<std::size_t>(command.action)];
  const bool prunes = command.action == Action::prune;
  const bool changes = command.action == Action::replay || command.action == Action::discard || prunes;
  if (prunes != command.older_than.has_value())
    return prunes ? "dlq prune needs --older-than" : "--older-than belongs to dlq prune";
  if (prunes && chooses(command))
    return "dlq prune is about all letters that are done with; only --older-than chooses among them";
  if (changes && command.status)
    return fmt::format("dlq {} is only ever about new letters, so --status has no meaning", name);
  if (command.action == Action::show && command.filter.ids.size() != 1) return "dlq show needs the id of one letter";
  if (command.force && command.action != Action::replay) return "--force belongs to dlq replay";
  if (command.dry_run && !changes) return fmt::format("dlq {} changes nothing, so --dry-run has no meaning", name);
  if (!command.folder.empty() && command.action != Action::export_) return "--payloads belongs to dlq export";
  if (command.format == Format::json && command.action != Action::list && command.action != Action::show)
    return "--format belongs to dlq list and dlq show";
  return {};
}

// Letters that are named may have any status.
void complete(DlqCommand& command) {
  LetterFilter& filter = command.filter;
  filter.ids = command.ids;
  filter.ids.insert(filter.ids.end(), command.named_ids.begin(), command.named_ids.end());
  std::ranges::sort(filter.ids);
  const auto repeated = std::ranges::unique(filter.ids);
  filter.ids.erase(repeated.begin(), repeated.end());
  filter.since = command.since;
  constexpr std::array<std::string_view, 4> kStatus = {"new", "replayed", "discarded", ""};
  const Status otherwise = filter.ids.empty() ? Status::new_ : Status::all;
  filter.status = kStatus[static_cast<std::size_t>(command.status.value_or(otherwise))];
}

Exit dlq(DlqCommand command) {
  complete(command);
  if (const std::string wrong = misuse(command); !wrong.empty()) {
    fmt::print(stderr, "batchout: {}; --help shows what is expected\n", wrong);
    return Exit::usage;
  }
  Console console(LogLevel::warning, LogFormat::text);
  Problems warnings;
  auto office = LetterOffice::from_file(command.config, warnings);
  console.problems(office ? warnings : office.error());
  if (!office) return Exit::configuration;
  if (const Result<> opened = office->open(console.sink()); !opened) {
    console.error(opened.error());
    return exit_of(opened.error());
  }
  switch (command.action) {
    case Action::list:
      return list(command, *office, console);
    case Action::show:
      return show(command, *office, console);
    case Action::export_:
      return export_letters(command, *office, console);
    case Action::replay:
      return replay(command, *office, console);
    case Action::prune:
      return prune(command, *office, console);
    case Action::discard:
      break;
  }
  return discard(command, *office, console);
}

}  // namespace

void add_dlq(CLI::App& app, Chosen& chosen) {
  auto command = std::make_shared<DlqCommand>();
  CLI::App& dlq_app =
      *app.add_subcommand("dlq", "List, show, export, replay, discard or prune dead letters: what was refused");
  add_choice(dlq_app, "action", command->action, {"list", "show", "export", "replay", "discard", "prune"},
             "What to do with them");
  dlq_app.get_option("action")->required();
  dlq_app.add_option("config", command->config, "Configuration file, YAML or JSON")->required();
  dlq_app.add_option("ids", command->ids, "Only these letters, by their ids")
      ->check(whole_number(1))
      ->option_text("ID…");
  dlq_app.add_option("--id", command->named_ids, "The same; may be given several times")
      ->allow_extra_args(false)
      ->check(whole_number(1))
      ->option_text("ID");
  const auto text = [&](const char* name, std::string& value, const char* doc) {
    dlq_app.add_option(name, value, doc)->option_text("TEXT");
  };
  text("--stage", command->filter.stage, "Only those of a stage: read, extract, cast, select or write");
  text("--code", command->filter.code, "Only those with an error code, for example BO423");
  text("--place", command->filter.place, "Only those that were refused there, for example outputs.warehouse");
  text("--source", command->filter.source, "Only those of a source, for example kafka:orders");
  text("--unit", command->filter.unit, "Only those of a unit of the source: a partition, a file");
  dlq_app
      .add_option("--since", command->since,
                  "Only those made since a time, or not longer ago than that, for example 2h")
      ->transform(moment())
      ->option_text("TIME");
  dlq_app
      .add_option("--older-than", command->older_than,
                  "prune deletes those that were replayed or discarded before a time, or longer ago than that, for "
                  "example 30d")
      ->transform(moment())
      ->option_text("TIME");
  add_choice(dlq_app, "--status", command->status, {"new", "replayed", "discarded", "all"},
             "Only those with a status; by default new, and any for letters that are named");
  dlq_app.add_option("--limit", command->limit, "Most letters; list shows 100 without it")
      ->check(whole_number(0))
      ->option_text("NUMBER");
  add_choice(dlq_app, "--format", command->format, {"table", "json"}, "How list and show print them");
  dlq_app
      .add_option("--payloads", command->folder,
                  "A folder in which export makes a file for each payload, ID.payload, in place of printing it")
      ->option_text("DIR");
  dlq_app.add_flag("--dry-run", command->dry_run, "Only tells what would become of the letters");
  dlq_app.add_flag("--force", command->force,
                   "Replays what may overwrite newer rows or write some twice, and what has been refused five times");
  dlq_app.callback([command, &chosen] { chosen = [command] { return dlq(*command); }; });
}

}  // namespace batchout::cli
