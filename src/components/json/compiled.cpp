// Anchors paths at indexes.

#include "components/json/compiled.h"

#include <algorithm>

namespace batchout::json {
namespace {

// True if the step reaches at most one node, so that an index and a column mean the same one.
bool is_single(const Step& step) {
  return step.kind == Step::Kind::position || step.kind == Step::Kind::selector ||
         (step.kind == Step::Kind::members && step.names.size() == 1);
}

// True if the step goes to the element of the current entry of `level`, from the value that its index counts.
bool is_slot_of(const Step& step, LevelId level, IndexKind kind) {
  const Template::Slot* slot = nullptr;
  if (step.kind == Step::Kind::selector) slot = step.selector.sole_slot();
  if (step.kind == Step::Kind::members && step.names.size() == 1 && kind == IndexKind::for_object)
    slot = step.names[0].sole_slot();
  return slot != nullptr && slot->level == level;
}

Path compiled_or_nothing(const Template& path, Syntax syntax) {
  if (auto compiled = compile_path(path, syntax)) return std::move(*compiled);
  // Refused by `check` before; a step without names matches nothing.
  Path nothing;
  nothing.steps.emplace_back().kind = Step::Kind::members;
  return nothing;
}

class Anchoring {
 public:
  Anchoring(const Projection& projection, const std::vector<Path>& paths) : projection_(projection), paths_(paths) {}

  // Tries `level` and then the levels around it.
  Anchored anchor(const Path& path, LevelId level) const {
    for (; level != kPayloadLevel; level = projection_.levels[level].parent)
      if (passes_through(path, level)) {
        const auto taken = static_cast<std::ptrdiff_t>(paths_[level].steps.size()) + 1;
        return {level, Path{{path.steps.begin() + taken, path.steps.end()}}};
      }
    return {kPayloadLevel, path};
  }

 private:
  bool passes_through(const Path& path, LevelId level) const {
    const auto& index = projection_.levels[level];
    const auto& steps = paths_[level].steps;
    if (index.kind == IndexKind::from_list || index.strategy == Strategy::take_all) return false;
    if (path.steps.size() <= steps.size() || !std::ranges::all_of(steps, is_single)) return false;
    return std::equal(steps.begin(), steps.end(), path.steps.begin()) &&
           is_slot_of(path.steps[steps.size()], level, index.kind);
  }

  const Projection& projection_;
  const std::vector<Path>& paths_;
};

}  // namespace

CompiledProjection::CompiledProjection(const Projection& source, const Options& chosen)
    : projection(source), options(chosen) {
  const Syntax syntax = options.syntax;
  std::vector<Path> paths;
  for (const auto& level : projection.levels)
    paths.push_back(paths.empty() ? Path{} : compiled_or_nothing(level.path, syntax));
  const Anchoring anchoring(projection, paths);
  for (LevelId level = 0; level < paths.size(); ++level)
    levels.push_back(anchoring.anchor(paths[level], projection.levels[level].parent));
  for (const auto& column : projection.columns)
    columns.push_back(anchoring.anchor(compiled_or_nothing(column.path, syntax), column.level));
}

}  // namespace batchout::json
