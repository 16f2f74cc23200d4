// Payloads that end behind a mark, after a number of bytes, or with the stream.

#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "components/file/splitter.h"

namespace batchout::file {

class MarkSplitter final : public Splitter {
 public:
  /// `mark`: a payload ends behind it; empty: no mark. `bytes_max`: a payload ends after so many bytes, unless a mark
  /// comes first; 0: no limit.
  MarkSplitter(std::string mark, std::size_t bytes_max) : mark_(std::move(mark)), bytes_max_(bytes_max) {}

  std::int64_t restart(std::int64_t position) override;
  Found find(const Window& window) override;

 private:
  std::optional<std::int64_t> find_mark(const Window& window, std::int64_t scope);

  std::string mark_;
  std::size_t bytes_max_;
};

}  // namespace batchout::file
