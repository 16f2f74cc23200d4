// Files of the operating system: open descriptors, what errno means for a caller, where relative paths lead.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "batchout/result.h"

namespace batchout {

/// Owns an open file descriptor; empty when negative.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  /// Swaps: what was owned here is closed by `other`.
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }

  explicit operator bool() const { return number_ >= 0; }
  int number() const { return number_; }
  /// Gives the descriptor away without closing it.
  int release() { return std::exchange(number_, -1); }
  /// Does nothing if empty. An error of close is not told: whoever has to know has called fsync before.
  void close();

 private:
  int number_ = -1;
};

/// Configuration for what stays wrong (no permission, no such folder, a closed stream), environment for what may pass
/// (a full disk).
Verdict verdict_of_errno(int number);

/// The system's words for an errno, safe to call from any thread.
std::string errno_text(int number);

/// Writes all of `bytes`, waiting where the descriptor is not ready. Returns 0 or the errno.
/// Nothing is known of how much was written when it fails. Signals do not cut it short.
int write_all(int descriptor, std::string_view bytes);

/// `path` if it is absolute or `folder` is empty, else `path` inside `folder`.
/// Neither has to exist.
std::string resolve_path(std::string_view folder, std::string_view path);

/// One text for all spellings of a path: absolute, without `.` and `..`. Links are not followed, nothing is looked up.
std::string path_key(std::string_view folder, std::string_view path);

/// The folder that holds `path`: "." for a bare name.
std::string folder_of(const std::string& path);

/// True for what is there and no regular file. Links are followed.
bool is_special(const std::string& path);

/// Puts the folder of `path` on the disk: only then does a new name in it last through a power cut.
void sync_folder(const std::string& path);

}  // namespace batchout
