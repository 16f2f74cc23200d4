// What an entry belongs to follows from the `begin` of its level, read backwards: entry by entry the owner at the level
// above, from there the owner above that one, up to the payload.

#include "data/origin.h"

#include <numeric>
#include <vector>

#include "data/cast.h"
#include "data/metadata.h"
#include "data/slot.h"

namespace batchout {
namespace {

/// The entries of one level, and for each what it belongs to at the levels around it.
class Lineage {
 public:
  /// Both are borrowed and must outlive the object.
  Lineage(const Projection& projection, const Extraction& extraction, LevelId level)
      : projection_(projection), extraction_(extraction), owners_(projection.levels.size()) {
    owners_[level].resize(extraction.levels[level].count);
    std::iota(owners_[level].begin(), owners_[level].end(), 0U);
    for (; level != kPayloadLevel; level = projection.levels[level].parent) add_owners_of(level);
  }

  /// Where among its siblings the entry of `level`, our level or one around it, stands that `entry` belongs to.
  Cell position(LevelId level, std::uint32_t entry) const {
    const std::uint32_t parent = owners_[projection_.levels[level].parent][entry];
    return {
        .tag = Tag::integer, .integer = owners_[level][entry] - extraction_.levels[level].begin[parent], .text = {}};
  }

  /// What stands for the index of `level` in a path.
  Cell value(LevelId level, std::uint32_t entry) const {
    if (projection_.levels[level].kind == IndexKind::for_list) {
      Cell counted = position(level, entry);
      counted.integer += projection_.levels[level].first;
      return counted;
    }
    return extraction_.levels[level].values.cell(owners_[level][entry]);
  }

 private:
  // For each of our entries, the entry of the parent of `level` around it. To be called from the inside out.
  void add_owners_of(LevelId level) {
    const auto& begin = extraction_.levels[level].begin;
    std::vector<std::uint32_t> parents(extraction_.levels[level].count);
    for (std::uint32_t parent = 0; parent + 1 < begin.size(); ++parent)
      std::fill(parents.begin() + begin[parent], parents.begin() + begin[parent + 1], parent);
    auto& above = owners_[projection_.levels[level].parent];
    for (const std::uint32_t own : owners_[level]) above.push_back(parents[own]);
  }

  const Projection& projection_;
  const Extraction& extraction_;
  // By level, per entry of our level; empty for levels beside it.
  std::vector<std::vector<std::uint32_t>> owners_;
};

// `text` is memory to be used again; the cell borrows it until the next call.
Cell resolve(const Template& path, const Lineage& lineage, std::uint32_t entry, std::string& text) {
  text.clear();
  for (const auto& piece : path.pieces) {
    if (const auto* literal = std::get_if<std::string>(&piece)) {
      text += *literal;
      continue;
    }
    const auto& slot = std::get<Template::Slot>(piece);
    if (!append_slot(lineage.value(slot.level, entry), slot.format, text)) return {.tag = Tag::null, .text = {}};
  }
  return {.tag = Tag::text, .text = text};
}

}  // namespace

void fill_origins(const Projection& projection, const Payloads& payloads, Extraction& extraction) {
  std::string text;
  for (std::size_t i = 0; i < projection.origins.size(); ++i) {
    const OriginColumn& origin = projection.origins[i];
    const std::size_t number = projection.columns.size() + i;
    if (origin.source == OriginColumn::Source::metadata) {
      fill_metadata(origin, payloads, number, extraction);
      continue;
    }
    const Lineage lineage(projection, extraction, origin.level);
    for (std::uint32_t entry = 0; entry < extraction.levels[origin.level].count; ++entry) {
      const Cell cell = origin.source == OriginColumn::Source::position ? lineage.position(origin.level, entry)
                                                                        : resolve(origin.path, lineage, entry, text);
      append_cast(origin.cast, cell, extraction.values->columns[number], extraction.failures[number]);
    }
  }
}

}  // namespace batchout
