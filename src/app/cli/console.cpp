// Records are written whole, one line each, from whichever thread has something to say.

#include "app/cli/console.h"

#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <map>
#include <mutex>

#include <fmt/format.h>

namespace batchout::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::seconds;

// By number of the level.
constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warning", "error"};

// UTC with milliseconds, whatever the machine's zone is, so that logs of several machines can be merged.
std::string now_text() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t second = std::chrono::system_clock::to_time_t(now);
  const auto millisecond = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm parts{};
  gmtime_r(&second, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, millisecond);
}

std::string bytes_text(std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 4> kUnits = {"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string count_text(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

// Per second; 0 where no time has passed.
double rate(std::uint64_t count, std::chrono::nanoseconds time) {
  const double elapsed = std::chrono::duration<double>(time).count();
  return elapsed > 0 ? static_cast<double>(count) / elapsed : 0;
}

std::uint64_t total(const std::map<std::string, std::uint64_t>& counts) {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : counts) sum += count;
  return sum;
}

std::string progress_text(const Summary& summary) {
  std::string text = fmt::format("{}, {}, {} written", count_text(summary.payloads, "payload", "payloads"),
                                 count_text(summary.rows, "row", "rows"), total(summary.rows_written));
  if (const auto rejects = total(summary.rejects)) text += fmt::format(", {} rejected", rejects);
  return text + fmt::format(", {:.0f} payloads/s", rate(summary.payloads, summary.time));
}

/// A log that cannot be written must not change how a run ends, so nobody looks at the result.
void say(std::string_view text) {
  (void)std::fwrite(text.data(), 1, text.size(), stderr);
  (void)std::fflush(stderr);
}

}  // namespace

// Control characters would let data write lines of its own. Bytes beyond ASCII stay as they are, UTF-8 or not.
std::string escaped(std::string_view text, bool json) {
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      out += fmt::format("\\u{:04x}", c);
    else if (json && (c == '"' || c == '\\'))
      out += {'\\', c};
    else
      out += c;
  }
  return out;
}

// Level, format and terminal never change; the mutex guards the rest but `last_progress`, which only the thread that
// reports progress touches.
struct Console::State {
  State(LogLevel least, LogFormat how) : level(least), format(how) {}

  LogLevel level;
  LogFormat format;
  bool terminal = isatty(STDERR_FILENO) == 1;
  std::mutex mutex;
  // The cursor stands behind a progress line.
  bool line_shown = false;
  Clock::time_point started = Clock::now();
  Clock::time_point last_progress = started;
};

Console::Console(LogLevel level, LogFormat format) : state_(std::make_unique<State>(level, format)) {}
Console::~Console() = default;

// May be called by any thread.
LogSink Console::sink() {
  return [this](const LogRecord& entry) { record(entry); };
}

std::function<void(const Summary&)> Console::progress() {
  return [this](const Summary& summary) { show_progress(summary); };
}

void Console::record(const LogRecord& entry) {
  if (entry.level < state_->level) return;
  const std::lock_guard lock(state_->mutex);
  clear_line();
  const std::string_view level = kLevels[static_cast<std::size_t>(entry.level)];
  if (state_->format == LogFormat::json) {
    say(fmt::format("{{\"time\":\"{}\",\"level\":\"{}\",\"place\":\"{}\",\"message\":\"{}\"}}\n", now_text(), level,
                    escaped(entry.place, true), escaped(entry.text, true)));
  } else {
    say(fmt::format("{} {}: {}{}{}\n", now_text(), level, escaped(entry.place, false), entry.place.empty() ? "" : ": ",
                    escaped(entry.text, false)));
  }
}

// On a terminal one line that is written over, five times a second, and only after two seconds, so that short runs stay
// quiet. Elsewhere a log record every ten seconds, since a file cannot be written over.
void Console::show_progress(const Summary& summary) {
  const auto now = Clock::now();
  if (!state_->terminal) {
    if (now - state_->last_progress < seconds(10)) return;
    state_->last_progress = now;
    return record({LogLevel::info, "", progress_text(summary)});
  }
  if (now - state_->started < seconds(2) || now - state_->last_progress < std::chrono::milliseconds(200)) return;
  state_->last_progress = now;
  const std::lock_guard lock(state_->mutex);
  say(fmt::format("\r\x1b[K{}", progress_text(summary)));
  state_->line_shown = true;
}

// The caller holds the mutex. CR and the ANSI sequence "erase to the end of the line".
void Console::clear_line() {
  if (!state_->line_shown) return;
  say(fmt::format("\r\x1b[K"));
  state_->line_shown = false;
}

void Console::problems(const Problems& problems) {
  for (const Problem& problem : problems) say(fmt::format("{}\n", escaped(problem.text(), false)));
}

void Console::error(const Error& error) {
  const std::lock_guard lock(state_->mutex);
  clear_line();
  say(fmt::format("batchout: {}{}{} [{}]\n", escaped(error.place, false), error.place.empty() ? "" : ": ",
                  escaped(error.message, false), error.code));
}

void Console::summary(const Summary& summary) {
  const std::lock_guard lock(state_->mutex);
  clear_line();
  const auto line = [](std::string_view name, const std::string& value) {
    say(fmt::format("  {:<14}{}\n", name, value));
  };
  say(fmt::format("batchout: {}, {} in {:.2f} s\n", count_text(summary.rounds, "round", "rounds"),
                  count_text(summary.batches, "batch", "batches"),
                  std::chrono::duration<double>(summary.time).count()));
  line("payloads", fmt::format("{} ({}; {:.0f}/s, {}/s)", summary.payloads, bytes_text(summary.bytes),
                               rate(summary.payloads, summary.time),
                               bytes_text(static_cast<std::uint64_t>(rate(summary.bytes, summary.time)))));
  line("rows", fmt::format("{} ({:.0f}/s)", summary.rows, rate(summary.rows, summary.time)));
  if (summary.rows_dropped > 0) line("", fmt::format("{} without any value, dropped", summary.rows_dropped));
  if (summary.rows_refused > 0) line("", fmt::format("{} with refused values, left out", summary.rows_refused));
  for (const auto& [output, rows] : summary.rows_written) line("written", fmt::format("{} to {}", rows, output));
  if (summary.rejects.empty()) line("rejects", "none");
  for (const auto& [code, count] : summary.rejects) line("rejects", fmt::format("{} of {}", count, code));
  for (const auto& [column, count] : summary.failed_casts)
    line("failed casts", fmt::format("{} in column {}", count, escaped(column, false)));
  if (summary.payloads_skipped > 0)
    line("skipped", fmt::format("{} payloads that had been taken before", summary.payloads_skipped));
  if (summary.retries > 0) line("retries", std::to_string(summary.retries));
}

// BO412 is the one refusal that the configuration asks for, so it has a code of its own. Places begin with the side of
// the pipeline.
Exit exit_of(const Error& error) {
  switch (error.verdict) {
    case Verdict::configuration:
      // A file that is not there: the configuration may be right, and the file late.
      return error.code == "BO521" ? Exit::input_unavailable : Exit::configuration;
    case Verdict::fenced:
      return Exit::fenced;
    case Verdict::internal:
      return Exit::internal;
    case Verdict::row:
      if (error.code == "BO412" || error.code == "BO505") return Exit::refused;
      break;
    case Verdict::environment:
      break;
  }
  return error.place.starts_with("inputs.") ? Exit::input_unavailable : Exit::output_failed;
}

std::optional<LogLevel> level_of(std::string_view text) {
  // Python's other names, from which no level of ours is missing.
  static const std::map<std::string_view, LogLevel> others = {{"notset", LogLevel::debug},
                                                              {"warn", LogLevel::warning},
                                                              {"critical", LogLevel::error},
                                                              {"fatal", LogLevel::error}};
  std::string name(text);
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (std::size_t i = 0; i < kLevels.size(); ++i)
    if (name == kLevels[i]) return static_cast<LogLevel>(i);
  if (const auto other = others.find(name); other != others.end()) return other->second;
  int number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  // Between Python's numbers a record counts up to the next level, as in its logging.
  return number <= 10   ? LogLevel::debug
         : number <= 20 ? LogLevel::info
         : number <= 30 ? LogLevel::warning
                        : LogLevel::error;
}

}  // namespace batchout::cli
