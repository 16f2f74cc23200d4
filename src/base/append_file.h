// A text file that grows, is replaced, or is one of many, only by whole commits.

#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/compressed_file.h"
#include "base/file_series.h"
#include "base/written_file.h"
#include "batchout/result.h"

namespace batchout {

/// What a commit does with the file.
enum class FileMode : std::uint8_t {
  append,
  /// Replaces it in one step.
  overwrite,
  /// Writes another one; the path is a mask (FileSeries).
  each,
};

/// Lines are staged in memory and reach the file in `commit`: all of them, or none when it fails. A crash in the middle
/// of an append can leave a part of the last line; the next commit then begins on a line of its own. "-" is standard
/// output; of it, and of FIFOs and devices, nothing can be taken back. Not thread-safe, and not meant for two processes
/// on one file.
class AppendFile {
 public:
  /// `shown` is the name in messages. A compressed file is whole after every commit, which adds a part of its own.
  AppendFile(std::string path, std::string shown, FileMode mode, Compression compression = Compression::none,
             const WriteRules& rules = kGroupReads);

  /// An error if it is plain now that the file cannot be written.
  Result<> check() const;

  /// Written before the lines where a file begins: in a new or empty one, and whenever it is replaced. An error if
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
  Result<std::int64_t> cut_torn(int descriptor, const struct ::stat& status);
  Result<WholeParts> cut_to_whole_parts(int descriptor, std::int64_t length);
  Result<> replace();
  Result<> replace(const std::string& target, const std::string& fresh);
  Result<> write_another();
  int write_fresh(const std::string& fresh, const struct ::stat* like) const;
  Result<> print();
  int write_lines(int descriptor, std::string_view before) const;
  bool ends_in_a_line() const;
  bool is_unchanged(const struct ::stat& status) const;
  std::string first_line() const;
  std::unexpected<Error> other_header(std::string_view present, std::string_view wanted) const;
  std::unexpected<Error> error(int number) const;

  std::string path_, shown_;
  FileMode mode_;
  Compression compression_;
  WriteRules rules_;
  std::optional<FileSeries> series_;
  /// With their line ends.
  std::string header_, staged_;
  // Something has gone to standard output.
  bool printed_ = false;
  struct Length {
    std::uint64_t device = 0, inode = 0;
    std::int64_t length = 0;
  };
  // What follows is the rest of a commit that failed.
  std::optional<Length> torn_;
  // As the last commit has left it: compressed parts that are known to be whole.
  std::optional<Length> left_;
};

}  // namespace batchout
