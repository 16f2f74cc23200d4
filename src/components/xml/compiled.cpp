// Paths are compared as texts: what is written in another way is another path, and is evaluated in full.

#include "components/xml/compiled.h"

#include <utility>

namespace batchout::xml {
namespace {

// Paths are compared with those of the levels around them, the nearest first, since its rest is the shortest.
class Anchoring {
 public:
  explicit Anchoring(const Projection& projection) : projection_(projection) {
    for (const auto& level : projection.levels) paths_.push_back(marked(level.path));
  }

  /// Tries `level` and then the levels around it.
  Anchored anchor(std::string path, LevelId level) const {
    Anchored anchored;
    for (; level != kPayloadLevel; level = projection_.levels[level].parent) {
      if (projection_.levels[level].kind != IndexKind::for_list || !is_location(paths_[level])) continue;
      const std::string place = "[" + marked_slot(level) + "]";
      const bool grouped = path.starts_with("(" + paths_[level] + ")" + place);
      if (!grouped && !path.starts_with(paths_[level] + place)) continue;
      std::string rest = path.substr(paths_[level].size() + place.size() + (grouped ? 2 : 0));
      // What follows must be more steps of the same location: an operator behind it would belong to the whole path.
      if (!rest.empty() && (!is_location(rest) || (rest[0] != '/' && rest[0] != '['))) continue;
      anchored.base = level;
      anchored.rest = std::move(rest);
      anchored.always = grouped;
      break;
    }
    anchored.full = std::move(path);
    return anchored;
  }

 private:
  const Projection& projection_;
  std::vector<std::string> paths_;
};

}  // namespace

CompiledProjection::CompiledProjection(const Projection& source, Namespaces prefixes)
    : projection(source), namespaces(std::move(prefixes)) {
  const Anchoring anchoring(projection);
  for (const auto& level : projection.levels) levels.push_back(anchoring.anchor(marked(level.path), level.parent));
  for (const auto& column : projection.columns) columns.push_back(anchoring.anchor(marked(column.path), column.level));
}

}  // namespace batchout::xml
