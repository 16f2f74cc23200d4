// Projections written as text, and extractions printed as text, for the tests of extractors.

#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/extraction.h"
#include "data/program.h"

namespace batchout::testing {

/// Builds a projection by names, as the plan does: a level belongs to the deepest index that its path mentions.
class Table {
 public:
  Table() { projection.levels.emplace_back(); }

  Table& index(std::string name, IndexKind kind, std::string_view path, Strategy strategy = Strategy::take_first) {
    ProjectionLevel level;
    level.index = std::move(name);
    level.kind = kind;
    level.path = parsed(path, level.parent);
    level.strategy = strategy;
    projection.levels.push_back(std::move(level));
    return *this;
  }

  Table& column(std::string_view path, Kind kind = Kind::dynamic, Strategy strategy = Strategy::take_first) {
    ProjectionColumn column;
    column.name = fmt::format("c{}", projection.columns.size());
    column.path = parsed(path, column.level);
    column.strategy = strategy;
    column.cast.kind = kind;
    projection.columns.push_back(std::move(column));
    return *this;
  }

  /// The template of a path with slots; `deepest` becomes the deepest level it mentions.
  Template parsed(std::string_view path, LevelId& deepest) const {
    Template result;
    result.written = path;
    while (!path.empty()) {
      const auto open = std::min(path.find('{'), path.size());
      if (open > 0) result.pieces.emplace_back(std::string(path.substr(0, open)));
      path.remove_prefix(open);
      if (path.empty()) break;
      const auto close = path.find('}');
      Template::Slot slot;
      std::string_view name = path.substr(1, close - 1);
      if (const auto colon = name.find(':'); colon != std::string_view::npos) {
        slot.format = name.substr(colon + 1);
        name = name.substr(0, colon);
      }
      for (LevelId level = 1; level < projection.levels.size(); ++level)
        if (projection.levels[level].index == name) slot.level = level;
      deepest = std::max(deepest, slot.level);
      result.pieces.emplace_back(slot);
      path.remove_prefix(close + 1);
    }
    return result;
  }

  Projection projection;
};

inline std::string printed(const Cell& cell) {
  switch (cell.tag) {
    case Tag::absent:
      return "-";
    case Tag::null:
      return "null";
    case Tag::boolean:
      return cell.integer != 0 ? "true" : "false";
    case Tag::real:
      return fmt::format("{}r", cell.real);
    case Tag::text:
      return fmt::format("'{}'", cell.text);
    case Tag::decimal:
    case Tag::json:
      return std::string(cell.text);
    default:
      return fmt::format("{}", cell.integer);
  }
}

/// Everything in an extraction: payloads, entries of each level, cells of each column, codes of rejects.
inline std::string printed(const Extraction& extraction) {
  std::string text = fmt::format("payloads {}\n", fmt::join(extraction.payloads, " "));
  for (std::size_t level = 0; level < extraction.levels.size(); ++level)
    text += fmt::format("level {}: {} [{}]\n", level, extraction.levels[level].count,
                        fmt::join(extraction.levels[level].begin, " "));
  for (std::size_t column = 0; column < extraction.values->columns.size(); ++column) {
    text += fmt::format("column {}:", column);
    const Column& cells = extraction.values->columns[column];
    for (std::size_t i = 0; i < cells.size(); ++i) text += " " + printed(cells.cell(i));
    text += fmt::format(" failed {}\n", extraction.failures[column].count);
  }
  for (const Reject& reject : extraction.rejects)
    text += fmt::format("{}: {} {}\n", reject.position, reject.code, reject.message);
  return text;
}

inline Payloads payloads_of(const std::vector<std::string>& documents) {
  Payloads payloads;
  std::int64_t position = 0;
  for (const auto& document : documents) {
    payloads.append(document, UnitId{0}, position, position + 1);
    ++position;
  }
  return payloads;
}

inline std::string extracted(const Extractor& extractor, const Projection& projection,
                             const std::vector<std::string>& documents) {
  Extraction extraction(projection);
  extractor.compile(projection)->run(payloads_of(documents), extraction);
  return printed(extraction);
}

/// The cells of the first column over one document, separated by blanks; the code if it is refused.
inline std::string cells(const Extractor& extractor, const Table& table, const std::string& document) {
  Extraction extraction(table.projection);
  extractor.compile(table.projection)->run(payloads_of({document}), extraction);
  if (!extraction.rejects.empty()) return extraction.rejects[0].code;
  std::vector<std::string> found;
  const Column& column = extraction.values->columns[0];
  for (std::size_t i = 0; i < column.size(); ++i) found.push_back(printed(column.cell(i)));
  return fmt::format("{}", fmt::join(found, " "));
}

}  // namespace batchout::testing
