// Files that have got another name since they were read, as logs do that are rotated.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "batchout/component.h"
#include "components/file/identity.h"

namespace batchout::file {

/// What was read of files in whose place another one is now, by their first bytes.
class MovedFiles {
 public:
  /// `start` is kept of a file that is not there under its name any more.
  void add(const Position& start);

  bool empty() const { return count_ == 0; }

  /// What was read of the file at `path` under another name, which it has from then on; none if it is none of them.
  /// `shown` is its name in messages.
  Result<std::optional<Position>> take(const std::string& path, const std::string& shown);

 private:
  /// By how many first bytes the sum is of, then by the sum with them.
  std::map<std::size_t, std::map<std::string, Position>> files_;
  std::size_t count_ = 0;
};

}  // namespace batchout::file
