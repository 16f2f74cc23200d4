// Patterns that do not compile were refused before; here they would match nothing.

#include "components/regex/searches.h"

#include <algorithm>

#include <fmt/format.h>

#include "components/regex/extractor.h"

namespace batchout::regex {
namespace {

const Reading& reading_of(const std::shared_ptr<const Extractor>& extractor, const Reading& otherwise) {
  return extractor != nullptr ? static_cast<const RegexExtractor&>(*extractor).reading() : otherwise;
}

bool has_slots(const Template& path) {
  return std::ranges::any_of(path.pieces, [](const auto& piece) { return piece.index() != 0; });
}

bool are_same(const Template& left, const Template& right) {
  return std::ranges::equal(left.pieces, right.pieces, [](const Template::Piece& a, const Template::Piece& b) {
    const auto* slot = std::get_if<Template::Slot>(&a);
    const auto* other = std::get_if<Template::Slot>(&b);
    if (slot == nullptr || other == nullptr)
      return slot == other && std::get<std::string>(a) == std::get<std::string>(b);
    return slot->level == other->level && slot->format == other->format;
  });
}

Search search_for(const Template& path, const Reading& reading, Strategy strategy, std::size_t column) {
  Search search;
  search.path = path;
  search.options = reading.options;
  auto regex = compile_pattern(path, reading.options);
  search.wants.push_back({column, strategy, regex ? number_of(*regex, reading.group) : kNoGroup});
  if (!has_slots(path)) search.regex = std::move(regex);
  return search;
}

// A list of all matches is made in one piece, so it has a search of its own.
bool can_share(const Search& search, const Search& other) {
  return search.wants[0].strategy != Strategy::take_all && other.wants[0].strategy != Strategy::take_all &&
         search.options == other.options && are_same(search.path, other.path);
}

std::string names_in(const Projection& projection, const Search& search, std::size_t besides) {
  std::string names;
  for (const auto& want : search.wants)
    if (want.column != besides) names += (names.empty() ? "" : ", ") + projection.columns[want.column].name;
  return names;
}

std::string_view way_of(const Template& path) {
  return has_slots(path) ? "regular expression, compiled for each value of its slots" : "regular expression";
}

}  // namespace

Searches searches_of(const Projection& projection, const Reading& reading) {
  Searches searches;
  searches.indexes.resize(projection.levels.size());
  searches.columns.resize(projection.levels.size());
  for (LevelId level = 1; level < projection.levels.size(); ++level) {
    const auto& index = projection.levels[level];
    searches.indexes[level] = search_for(index.path, reading_of(index.extractor, reading), index.strategy, 0);
  }
  for (std::size_t number = 0; number < projection.columns.size(); ++number) {
    const auto& column = projection.columns[number];
    Search search = search_for(column.path, reading_of(column.extractor, reading), column.strategy, number);
    auto& known = searches.columns[column.level];
    const auto same = std::ranges::find_if(known, [&](const Search& other) { return can_share(search, other); });
    if (same == known.end())
      known.push_back(std::move(search));
    else
      same->wants.push_back(search.wants[0]);
  }
  return searches;
}

std::vector<std::string> explain_searches(const Projection& projection, const Searches& searches) {
  std::vector<std::string> lines;
  for (LevelId level = 1; level < projection.levels.size(); ++level)
    lines.push_back(fmt::format("index {}: {}", projection.levels[level].index, way_of(projection.levels[level].path)));
  for (std::size_t number = 0; number < projection.columns.size(); ++number) {
    const auto& column = projection.columns[number];
    lines.push_back(fmt::format("column {}: {}", column.name, way_of(column.path)));
    for (const Search& search : searches.columns[column.level])
      if (std::ranges::find(search.wants, number, &Search::Want::column) != search.wants.end() &&
          search.wants.size() > 1)
        lines.back() += fmt::format(", in one search with {}", names_in(projection, search, number));
  }
  return lines;
}

}  // namespace batchout::regex
