// Regular expressions of filters, compiled once, and run within limits.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace batchout::json {

/// A compiled I-Regexp. Immutable, shared by lanes.
class Pattern;

/// Compiles an I-Regexp; never null. One that is none, or that is too large, matches nothing (RFC 9535, section 2.4.6).
std::shared_ptr<const Pattern> compile_pattern(std::string_view written);

/// Runs patterns for one program: it owns what they need while they run, and those that come from documents.
class Patterns {
 public:
  Patterns();
  ~Patterns();

  /// Sets the budget anew.
  void start();
  /// True if a pattern has run into a limit since `start`; it was then taken not to match.
  bool exhausted() const { return exhausted_; }

  /// True if the pattern matches `text` as a whole, or else anywhere in it.
  bool matches(const Pattern& pattern, std::string_view text, bool whole);
  /// The same for a pattern as written in a document.
  bool matches(std::string_view written, std::string_view text, bool whole);

 private:
  struct Scratch;

  bool exhausted_ = false;
  std::unique_ptr<Scratch> scratch_;
  std::map<std::string, std::shared_ptr<const Pattern>, std::less<>> of_documents_;
};

}  // namespace batchout::json
