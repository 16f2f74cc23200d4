// Regular expressions of filters: compiled once, and run within limits.

#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/regex.h"

namespace batchout::json {

/// An I-Regexp. Shared by lanes: it may be used by several threads. One that is none, or that is too large, matches
/// nothing, as section 2.4.6 of RFC 9535 has it.
///
/// It is compiled when it is first needed, since paths are also read only to be checked.
class Pattern {
 public:
  /// `whole`: it has to match texts as a whole, else anything in them.
  Pattern(std::string_view written, bool whole);

  /// Null if it matches nothing.
  const Regex* regex() const;

 private:
  /// None: no I-Regexp.
  std::optional<std::string> translated_;
  bool whole_;
  mutable std::once_flag compiled_;
  /// Written once, under `compiled_`.
  mutable std::optional<Regex> regex_;
};

/// Runs patterns for one program: it owns their working memory, and those that come from documents.
class Patterns {
 public:
  /// Forgets that a limit was met.
  void start() { exhausted_ = false; }
  /// True if a pattern has met a limit since `start`; it was then taken not to match, and nothing matches any more.
  bool exhausted() const { return exhausted_; }

  /// True if the pattern matches. What that costs is added to `steps`.
  bool matches(const Pattern& pattern, std::string_view text, std::uint64_t& steps);
  /// The same for a pattern as written in a document.
  bool matches(std::string_view written, bool whole, std::string_view text, std::uint64_t& steps);

 private:
  // Of documents.
  static constexpr std::size_t kKnownMax = 64;

  bool exhausted_ = false;
  std::optional<Regex::Matcher> matcher_;
  std::unordered_map<std::string, Pattern> known_;
  /// Scratch, kept between calls.
  std::string key_;
};

}  // namespace batchout::json
