// The parts explain what they do by themselves; the rest is told here.

#include "data/mixed.h"

#include <utility>

#include <fmt/format.h>

#include "data/mixed_program.h"
#include "data/mixed_work.h"

namespace batchout {
namespace {

std::string looked_up(const MixedExtractor::Part& part, std::string_view index) {
  return fmt::format("{} on the whole payload, once for each entry of index {}", part.name, index);
}

}  // namespace

MixedExtractor::MixedExtractor(std::vector<Part> parts, Readers readers)
    : parts_(std::move(parts)), readers_(std::move(readers)) {}

std::optional<Extractor::PathProblem> MixedExtractor::check(const Template&) const {
  return PathProblem{"the path belongs to no extractor", 0};
}

std::expected<std::vector<Extractor::Found>, Extractor::FindProblem> MixedExtractor::find(const Template& path,
                                                                                          std::string_view) const {
  return std::unexpected(FindProblem{"BO302", std::move(check(path)->message), 0});
}

std::unique_ptr<Program> MixedExtractor::compile(const Projection& projection) const {
  return std::make_unique<MixedProgram>(parts_, projection, readers_);
}

std::vector<std::string> MixedExtractor::explain(const Projection& projection) const {
  const MixedWork work(projection, parts_.size(), readers_);
  std::vector<std::string> levels(projection.levels.size()), columns(projection.columns.size());
  for (std::size_t part = 0; part < parts_.size(); ++part) {
    const OwnWork& own = work.own[part];
    std::vector<std::string> lines = parts_[part].extractor->explain(own.projection);
    lines.resize(own.levels.size() - 1 + own.columns.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::size_t column = i + 1 - own.levels.size();
      std::string& line = i + 1 < own.levels.size() ? levels[own.levels[i + 1]] : columns[own.columns[column]];
      line = fmt::format("{}, by {}", lines[i], parts_[part].name);
    }
  }
  for (const LookUp& look_up : work.look_ups) {
    const std::string how = looked_up(parts_[look_up.part], projection.levels[look_up.at].index);
    if (look_up.level)
      levels[*look_up.level] = fmt::format("index {}: {}", projection.levels[*look_up.level].index, how);
    for (const std::size_t column : look_up.columns)
      columns[column] = fmt::format("column {}: {}", projection.columns[column].name, how);
  }
  std::vector<std::string> lines(std::make_move_iterator(levels.begin() + 1), std::make_move_iterator(levels.end()));
  lines.insert(lines.end(), std::make_move_iterator(columns.begin()), std::make_move_iterator(columns.end()));
  return lines;
}

}  // namespace batchout
