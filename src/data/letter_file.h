// Dead letters in a file of JSON lines: a line for each letter, and further lines for what has become of letters.

#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "batchout/log.h"
#include "data/letter_book.h"

namespace batchout {

/// A letter's id is the number of its line, from 1. What has become of one is said by a later line, so that the file
/// only grows: {"letter":12,"status":"replayed","at":"2026-11-27T01:02:03Z"}; a try that failed has the members
/// code, column_name, error and excerpt instead of a status.
///
/// Appends the lines of letters to `lines`.
void append_letter_lines(std::string_view pipeline, std::span<const NewLetter> letters, std::string& lines);
void append_resolved_lines(std::span<const std::int64_t> ids, std::string_view status, std::string& lines);
void append_failed_lines(std::span<const std::int64_t> ids, const Reject& reject, std::string& lines);

/// A file of letters to be read.
struct LetterFile {
  std::string path;
  std::string shown;  ///< Its name in messages.
  std::string pipeline;
};

/// Reads the letters of a pipeline. A file that is not there has none. A last line without an end is not there yet. A
/// line that is none of ours is passed over, and keeps its number; `strange` hears of it, once in a call.
Result<> read_letter_file(const LetterFile& file, const LetterFilter& filter, bool payloads, const LetterSink& sink,
                          const std::function<void(std::int64_t line)>& strange);

/// Reads a file again and again, and warns of lines that are none of ours, of each once.
class LetterReader {
 public:
  LetterReader(LetterFile file, Log log) : file_(std::move(file)), log_(std::move(log)) {}

  Result<> each(const LetterFilter& filter, bool payloads, const LetterSink& sink);
  /// BO509 if one of the letters is not new any more.
  Result<> check_new(std::span<const std::int64_t> ids);

 private:
  void warn_of(std::int64_t line);

  LetterFile file_;
  Log log_;
  /// The last one that a warning was about.
  std::int64_t strange_line_ = 0;
};

}  // namespace batchout
