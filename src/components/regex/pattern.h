// A path of the extractor `regex`: a pattern, in which slots stand for texts that match themselves.

#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/regex.h"
#include "batchout/block.h"
#include "data/program.h"
#include "data/projection.h"

namespace batchout::regex {

/// What an extractor's settings mean for its patterns.
struct Reading {
  /// Number or name of the group that is the value; 0 is the whole match.
  std::string group = "0";
  /// A pattern without the group is right, and finds nothing.
  bool may_lack_group = false;
  Regex::Options options;
};

/// As Extractor::check: wrong patterns (BO302), and groups that a pattern lacks (BO304).
std::optional<Extractor::PathProblem> check_pattern(const Template& path, const Reading& reading);

/// The pattern of a path without slots; of one with slots a pattern with the same groups, for any values. None if it
/// does not compile.
std::optional<Regex> compile_pattern(const Template& path, const Regex::Options& options);

/// What no group has for a number.
inline constexpr std::size_t kNoGroup = static_cast<std::size_t>(-1);
std::size_t number_of(const Regex& regex, std::string_view group);

/// Makes `out` the pattern with these values of indexes, by level, in its slots. False if one of them has no text.
bool fill_in(const Template& path, std::span<const Cell> values, std::string& out);

}  // namespace batchout::regex
