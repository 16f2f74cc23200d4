// Patterns with values in their slots, compiled when they are met first.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/regex.h"

namespace batchout::regex {

/// Forgets everything when it would hold more than kSizeMax bytes, so hostile values cost time, not memory.
class FilledPatterns {
 public:
  /// Bytes; one pattern more may be held.
  static constexpr std::size_t kSizeMax = 32 << 20;
  /// What compiling a pattern counts for among the steps of searches: about 50 us.
  static constexpr std::uint64_t kCompileSteps = 10'000;

  /// The pattern, compiled; null if it does not compile, or if `matcher` has not the steps left that compiling takes.
  /// Valid until the next call.
  const Regex* find(const std::string& pattern, const Regex::Options& options, Regex::Matcher& matcher);

 private:
  std::unordered_map<std::string, std::optional<Regex>> patterns_;
  std::size_t size_ = 0;
  std::string key_;
};

}  // namespace batchout::regex
