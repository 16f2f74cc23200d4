// A projection as searches: columns of one level that ask for groups of the same pattern share one.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "components/regex/pattern.h"
#include "data/projection.h"

namespace batchout::regex {

/// One pattern at one level, and who wants its matches.
struct Search {
  struct Want {
    /// Of the projection; without meaning for an index.
    std::size_t column = 0;
    Strategy strategy = Strategy::take_first;
    std::size_t group = 0;
  };

  Template path;
  Regex::Options options;
  /// None if the path has slots.
  std::optional<Regex> regex;
  /// One for an index; one for a column with take_all.
  std::vector<Want> wants;
};

struct Searches {
  /// By level; none for the payload.
  std::vector<std::optional<Search>> indexes;
  /// By level.
  std::vector<std::vector<Search>> columns;
};

/// Patterns are read as their extractors say; `reading` is for those that name none.
Searches searches_of(const Projection& projection, const Reading& reading);

/// As Extractor::explain.
std::vector<std::string> explain_searches(const Projection& projection, const Searches& searches);

}  // namespace batchout::regex
