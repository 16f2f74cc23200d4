// An open file, FIFO or standard input, read forwards in blocks.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "base/files.h"
#include "batchout/result.h"

namespace batchout {

class Source {
 public:
  /// Opens `path` at its beginning. `special`: FIFOs and devices are taken too (they were named, not found by a mask).
  /// `shown` is the name in messages.
  static Result<Source> open(const std::string& path, const std::string& shown, bool special);
  static Result<Source> standard_input();

  /// Puts at most `size` bytes at `out`. Returns how many came, 0 at the end, nothing if none came before `deadline`
  /// or `stop`; a regular file does not wait.
  Result<std::optional<std::size_t>> read(char* out, std::size_t size, std::chrono::steady_clock::time_point deadline,
                                          const std::stop_token& stop);

  /// Goes to `offset`, counted from where reading began; refused by what cannot be read twice.
  Result<> seek(std::int64_t offset);

  /// Where in the file reading began: other than 0 only for standard input that was handed over half read.
  std::int64_t start() const { return start_; }

  /// Device and inode of a regular file, with a colon between, else empty.
  const std::string& inode() const { return inode_; }

  /// Bytes of a regular file, else 0.
  std::size_t size() const { return size_; }

 private:
  Source(Descriptor descriptor, std::string shown) : descriptor_(std::move(descriptor)), shown_(std::move(shown)) {}
  void inspect();

  Descriptor descriptor_;
  std::string shown_;
  bool regular_ = false;
  std::size_t size_ = 0;
  std::string inode_;
  std::int64_t start_ = 0;  // Offset 0 of the unit in the file: standard input may be handed over half read.
};

}  // namespace batchout
