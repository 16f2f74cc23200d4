// Log records. The library never prints: whoever runs it gives a sink.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace batchout {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

struct LogRecord {
  LogLevel level = LogLevel::info;
  /// Where it was noticed, for example "inputs.kafka"; borrowed for the call.
  std::string_view place;
  /// One sentence without a line end; borrowed for the call.
  std::string_view text;
};

/// Receives records, possibly from several threads at once.
using LogSink = std::function<void(const LogRecord&)>;

/// Hands records of one place to a sink; a Log without a sink drops them. Cheap to copy.
class Log {
 public:
  Log() = default;
  Log(LogSink sink, std::string place) : sink_(std::move(sink)), place_(std::move(place)) {}

  void debug(std::string_view text) const { write(LogLevel::debug, text); }
  void info(std::string_view text) const { write(LogLevel::info, text); }
  void warning(std::string_view text) const { write(LogLevel::warning, text); }
  void error(std::string_view text) const { write(LogLevel::error, text); }

  /// The same sink under another place.
  Log at(std::string place) const { return {sink_, std::move(place)}; }

 private:
  void write(LogLevel level, std::string_view text) const {
    if (sink_) sink_(LogRecord{level, place_, text});
  }

  LogSink sink_;
  std::string place_;
};

}  // namespace batchout
