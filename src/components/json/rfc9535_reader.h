// The smallest parts of RFC 9535 paths: blanks, names, integers, numbers and quoted texts.

#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "components/json/path.h"
#include "components/json/path_symbols.h"

namespace batchout::json {

/// Reads a path from left to right. What fails leaves the reader anywhere.
class Rfc9535Reader {
 public:
  using Problem = Extractor::PathProblem;

  /// `path` has to live as long as the reader.
  explicit Rfc9535Reader(const Template& path) : symbols_(path_symbols(path)) {}

  bool at_end() const { return at_ + 1 == symbols_.size(); }
  /// The next byte; 0 at a slot and at the end.
  char peek() const { return symbols_[at_].c; }
  /// The byte after the next one.
  char peek_second() const { return at_end() ? '\0' : symbols_[at_ + 1].c; }
  const Template::Slot* slot() const { return symbols_[at_].slot; }
  int column() const { return symbols_[at_].column; }

  /// Where the reader is, for `go_back`.
  std::size_t mark() const { return at_; }
  void go_back(std::size_t mark) { at_ = mark; }
  void skip() { ++at_; }
  /// The four of the grammar: space, tab, line feed, carriage return.
  void skip_blanks();
  bool take(char c);
  /// Takes `text` if it comes next.
  bool take(std::string_view text);

  /// True if a member's name can begin here.
  bool at_name() const;
  /// True if a number, or a sign, begins here.
  bool at_number() const;

  /// A name without quotes; call only at one.
  Words name();
  /// A word of small letters, digits and underscores, such as a function's name; empty if there is none.
  std::string word();
  /// An integer within the range of I-JSON.
  std::expected<std::int64_t, Problem> integer();
  /// Any number of JSON, as written. `is_integer`: it has neither fraction nor exponent.
  std::expected<std::string, Problem> number(bool& is_integer);
  /// A text in quotes; call only at one.
  std::expected<Words, Problem> quoted();

  std::unexpected<Problem> problem(std::string message) const;
  std::unexpected<Problem> problem_at(int column, std::string message) const;
  /// The problem that something else stands here.
  std::unexpected<Problem> expected(std::string_view wanted) const;

 private:
  bool digits(std::string& out);
  std::expected<void, Problem> escape(char quote, Words& words);
  std::expected<void, Problem> unicode(std::string& raw);

  std::vector<PathSymbol> symbols_;
  std::size_t at_ = 0;
};

}  // namespace batchout::json
