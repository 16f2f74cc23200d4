// What a person sees of a run: log records, a progress line, problems, the closing summary. All on standard error.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "app/cli/commands.h"
#include "batchout/pipeline.h"

namespace batchout::cli {

/// What may be shown of a text that is not ours: control characters become their numbers. `json`: for inside of a JSON
/// string.
std::string escaped(std::string_view text, bool json = false);

/// A line of text for people, or a JSON object a line.
enum class LogFormat : std::uint8_t { text, json };

/// Everything that is shown is escaped: values of payloads reach messages.
class Console {
 public:
  Console(LogLevel level, LogFormat format);
  ~Console();

  /// To be given to a pipeline; the console must outlive it.
  LogSink sink();
  /// To be called by one thread.
  std::function<void(const Summary&)> progress();

  /// Each problem on a line.
  void problems(const Problems& problems);
  /// The last word of a run that failed.
  void error(const Error& error);
  /// The closing summary.
  void summary(const Summary& summary);

 private:
  void record(const LogRecord& entry);
  void show_progress(const Summary& summary);
  void clear_line();

  struct State;
  std::unique_ptr<State> state_;
};

/// The exit code that an error of a run leads to.
Exit exit_of(const Error& error);

/// The level that a name in capitals or small letters ("debug", "WARNING") or one of Python's numbers (10, 20, 30, 40)
/// stands for; none if neither.
std::optional<LogLevel> level_of(std::string_view text);

}  // namespace batchout::cli
