// Levels come parents first, so one pass decides which of them an extractor finds by itself.

#include "data/mixed_work.h"

#include <algorithm>

namespace batchout {
namespace {

/// Deals one map out to its extractors.
class Dealing {
 public:
  Dealing(const Projection& whole, const MixedExtractor::Readers& readers, MixedWork& work)
      : whole_(whole), readers_(readers), work_(work), numbers_(whole.levels.size()) {}

  void run() {
    for (OwnWork& own : work_.own) {
      own.projection.levels.resize(1);
      own.projection.limits = whole_.limits;
      own.levels.push_back(kPayloadLevel);
    }
    work_.level_is_own.assign(whole_.levels.size(), true);
    for (const ProjectionLevel& level : whole_.levels) work_.keeps_values.push_back(level.keeps_values);
    for (LevelId level = 1; level < whole_.levels.size(); ++level) {
      work_.level_is_own[level] = belongs(whole_.levels[level].parent, readers_.levels[level]);
      if (!work_.level_is_own[level]) look_up(level);
    }
    for (std::size_t column = 0; column < whole_.columns.size(); ++column)
      if (!belongs(whole_.columns[column].level, readers_.columns[column])) look_up_column(column);
    hand_out();
  }

 private:
  /// Whether the part finds the entries of the level by itself.
  bool belongs(LevelId level, std::size_t part) const {
    return level == kPayloadLevel || (work_.level_is_own[level] && readers_.levels[level] == part);
  }

  void look_up(LevelId level) {
    const ProjectionLevel& index = whole_.levels[level];
    need_values(index.path);
    work_.look_ups.push_back({readers_.levels[level], index.parent, level, {}});
  }

  void look_up_column(std::size_t column) {
    const ProjectionColumn& looked_up = whole_.columns[column];
    need_values(looked_up.path);
    const std::size_t part = readers_.columns[column];
    const auto same = std::ranges::find_if(work_.look_ups, [&](const LookUp& other) {
      return !other.level && other.part == part && other.at == looked_up.level;
    });
    if (same != work_.look_ups.end())
      same->columns.push_back(column);
    else
      work_.look_ups.push_back({part, looked_up.level, std::nullopt, {column}});
  }

  /// Positions follow from the entries.
  void need_values(const Template& path) {
    for (const auto& piece : path.pieces) {
      const auto* slot = std::get_if<Template::Slot>(&piece);
      if (slot != nullptr && whole_.levels[slot->level].kind != IndexKind::for_list)
        work_.keeps_values[slot->level] = true;
    }
  }

  /// Last of all, because only now it is known which values are needed.
  void hand_out() {
    for (LevelId level = 1; level < whole_.levels.size(); ++level) {
      if (!work_.level_is_own[level]) continue;
      OwnWork& own = work_.own[readers_.levels[level]];
      numbers_[level] = static_cast<LevelId>(own.levels.size());
      ProjectionLevel part = whole_.levels[level];
      part.path = renumbered(std::move(part.path));
      part.parent = numbers_[part.parent];
      part.keeps_values = work_.keeps_values[level];
      own.projection.levels.push_back(std::move(part));
      own.levels.push_back(level);
    }
    for (std::size_t column = 0; column < whole_.columns.size(); ++column) {
      if (!belongs(whole_.columns[column].level, readers_.columns[column])) continue;
      OwnWork& own = work_.own[readers_.columns[column]];
      ProjectionColumn part = whole_.columns[column];
      part.path = renumbered(std::move(part.path));
      part.level = numbers_[part.level];
      own.projection.columns.push_back(std::move(part));
      own.columns.push_back(column);
    }
  }

  Template renumbered(Template path) const {
    for (auto& piece : path.pieces)
      if (auto* slot = std::get_if<Template::Slot>(&piece)) slot->level = numbers_[slot->level];
    return path;
  }

  const Projection& whole_;
  const MixedExtractor::Readers& readers_;
  MixedWork& work_;
  std::vector<LevelId> numbers_;  // Of own levels within the part that finds them.
};

}  // namespace

MixedWork::MixedWork(const Projection& whole, std::size_t parts, const MixedExtractor::Readers& readers) : own(parts) {
  Dealing(whole, readers, *this).run();
}

}  // namespace batchout
