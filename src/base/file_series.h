// Files of which each is written once: a mask for their names, and the step that makes a file visible.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace batchout {

/// In the mask `{batch}` stands for a number of at least six digits, one more than those that are there, and `{time}`
/// for the time in UTC, like 20260131T235959.123456Z. A file that exists is never replaced.
class FileSeries {
 public:
  /// True if the name of the file is such a mask.
  static bool is_mask(std::string_view path);
  /// False if a folder has a mask in its name, which nothing fills in.
  static bool folder_is_plain(std::string_view path);

  explicit FileSeries(const std::string& mask);

  /// Where the next file is written before it gets its name: hidden, in the same folder.
  const std::string& fresh() const { return fresh_; }

  /// Gives the file at `fresh` the next free name. Returns 0 or the errno.
  int publish();

 private:
  void find_last();
  std::string next_name();

  std::string folder_, name_, fresh_;
  /// Of the file published last.
  std::uint64_t number_ = 0;
  /// `number_` is known.
  bool counted_ = false;
};

}  // namespace batchout
