// A text file that grows, or is replaced, only by whole commits.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "batchout/result.h"

namespace batchout {

/// Lines are staged in memory and reach the file in `commit`: all of them, or none when it fails. A crash in the middle
/// of an append can leave a part of the last line; the next commit then begins on a line of its own. "-" is standard
/// output; of it, and of FIFOs and devices, nothing can be taken back. Not thread-safe, and not meant for two processes
/// on one file.
class AppendFile {
 public:
  /// `shown` is the name in messages. With `overwrite` each commit replaces the file in one step.
  AppendFile(std::string path, std::string shown, bool overwrite);

  /// An error if it is plain now that the file cannot be written.
  Result<> check() const;

  /// Written before the lines where a file begins: in a new or empty one, and whenever it is overwritten. An error if
  /// the file is to grow but begins with another line, or if there is another header already: two tables in one file
  /// could not be told apart. Line ends and a byte order mark make no difference; a file that cannot be read is taken
  /// to begin well.
  Result<> set_header(std::string header);

  /// Whole lines, to be appended to.
  std::string& staged() { return staged_; }

  /// Makes the staged lines durable. Without lines the file is not touched.
  Result<> commit();
  void rollback() { staged_.clear(); }

 private:
  Result<> write_out();
  Result<> append();
  Result<> append_to(int descriptor);
  Result<> replace();
  Result<> replace(const std::string& target, const std::string& fresh);
  Result<> print();
  int write_lines(int descriptor, bool begins) const;
  bool ends_in_a_line() const;
  std::string first_line() const;
  std::unexpected<Error> other_header(std::string_view present, std::string_view wanted) const;
  std::unexpected<Error> error(int number) const;

  std::string path_, shown_;
  bool overwrite_;
  /// With their line ends.
  std::string header_, staged_;
  // Something has gone to standard output.
  bool printed_ = false;
  // Length to go back to: what follows is the rest of a failed commit.
  std::optional<std::int64_t> cut_at_;
};

}  // namespace batchout
