// Levels come after those around them, so one pass finds out.

#include "components/json/division.h"

#include <algorithm>

#include <fmt/format.h>

namespace batchout::json {
namespace {

// Of what stands inside of a level that needs the tree.
std::string reason_of(const CompiledProjection& compiled, LevelId level) {
  return fmt::format("index {} around it", compiled.projection.levels[level].index);
}

std::vector<bool> marked(const std::vector<std::string>& reasons) {
  std::vector<bool> marks;
  for (const std::string& reason : reasons) marks.push_back(!reason.empty());
  return marks;
}

}  // namespace

Division::Division(const CompiledProjection& compiled) {
  const auto& projection = compiled.projection;
  level_reasons.resize(projection.levels.size());
  for (LevelId level = 1; level < projection.levels.size(); ++level) {
    level_reasons[level] = unfusable_level(compiled, level);
    const LevelId parent = projection.levels[level].parent;
    if (level_reasons[level].empty() && !level_reasons[parent].empty())
      level_reasons[level] = reason_of(compiled, parent);
  }
  for (std::size_t column = 0; column < projection.columns.size(); ++column) {
    const LevelId level = projection.columns[column].level;
    std::string& reason = column_reasons.emplace_back(unfusable_column(compiled, column));
    if (reason.empty() && !level_reasons[level].empty()) reason = reason_of(compiled, level);
  }
}

bool Division::has_walk() const {
  return is_whole() || std::ranges::any_of(column_reasons, &std::string::empty);
}

bool Division::is_whole() const {
  return std::ranges::all_of(level_reasons, &std::string::empty) &&
         std::ranges::all_of(column_reasons, &std::string::empty);
}

Share Division::rest() const {
  return {marked(level_reasons), marked(column_reasons)};
}

WalkPart::WalkPart(const CompiledProjection& whole, const Division& division) {
  auto part = std::make_shared<CompiledProjection>(whole);
  std::vector<LevelId> number(whole.levels.size());
  part->levels.clear();
  part->columns.clear();
  part->projection.levels.clear();
  part->projection.columns.clear();
  part->projection.origins.clear();
  for (LevelId level = 0; level < whole.levels.size(); ++level) {
    if (!division.level_reasons[level].empty()) continue;
    number[level] = static_cast<LevelId>(levels.size());
    levels.push_back(level);
    part->levels.push_back(whole.levels[level]);
    part->levels.back().base = number[whole.levels[level].base];
    part->projection.levels.push_back(whole.projection.levels[level]);
    part->projection.levels.back().parent = number[whole.projection.levels[level].parent];
  }
  for (std::size_t column = 0; column < whole.columns.size(); ++column) {
    if (!division.column_reasons[column].empty()) continue;
    columns.push_back(column);
    part->columns.push_back(whole.columns[column]);
    part->columns.back().base = number[whole.columns[column].base];
    part->projection.columns.push_back(whole.projection.columns[column]);
    part->projection.columns.back().level = number[whole.projection.columns[column].level];
  }
  compiled = std::move(part);
}

}  // namespace batchout::json
