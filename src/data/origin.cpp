// What an entry belongs to follows from the `begin` of its level, read backwards: entry by entry the owner at the level
// above, from there the owner above that one, up to the payload.

#include "data/origin.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ascii.h"
#include "data/cast.h"
#include "data/metadata.h"
#include "data/program.h"
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

// What may stand in a path without quotes; the older language of JSON has one word of its own.
bool is_plain_word(std::string_view text) {
  const auto is_letter = [](char c) { return (lower(c) >= 'a' && lower(c) <= 'z') || c == '_'; };
  return !text.empty() && is_letter(text.front()) && text != "where" &&
         std::ranges::all_of(text, [&](char c) { return is_letter(c) || is_digit(c); });
}

// Resolves one path for entry after entry. Numbers and plain words stand as they are where the language lets them; with
// any other value the extractor of the index writes the path, so that it names what it was made of. A path of no
// language, and one that is nothing but a slot, is text.
class Resolving {
 public:
  /// Both are borrowed.
  Resolving(const Projection& projection, const OriginColumn& column)
      : path_(column.path), extractor_(projection.levels[column.level].extractor.get()), values_(column.level + 1U) {
    const bool has_text = std::ranges::any_of(
        path_.pieces, [](const Template::Piece& piece) { return std::holds_alternative<std::string>(piece); });
    if (!has_text || extractor_ == nullptr || extractor_->check(path_)) extractor_ = nullptr;
  }

  /// Borrows memory of this object until the next call.
  Cell resolve(const Lineage& lineage, std::uint32_t entry) {
    text_.clear();
    shape_.clear();
    bool is_plain = true;
    for (const auto& piece : path_.pieces) {
      if (const auto* literal = std::get_if<std::string>(&piece)) {
        text_ += *literal;
        shape_ += *literal;
        continue;
      }
      const auto& slot = std::get<Template::Slot>(piece);
      Cell& value = values_[slot.level] = lineage.value(slot.level, entry);
      const std::size_t before = text_.size();
      if (!append_slot(value, slot.format, text_)) return kNull;
      is_plain &= value.tag == Tag::integer || is_plain_word(std::string_view(text_).substr(before));
      shape_ += value.tag == Tag::integer ? '1' : 'x';
    }
    if (extractor_ == nullptr || (is_plain && fits_shape())) return {.tag = Tag::text, .text = text_};
    const auto filled = extractor_->filled(path_, values_);
    if (!filled) return kNull;
    text_ = std::get<std::string>(filled->pieces.front());
    return {.tag = Tag::text, .text = text_};
  }

 private:
  static constexpr Cell kNull{.tag = Tag::null, .text = {}};

  // Whether the path is one with a number or word in place of each slot. There are few such shapes.
  bool fits_shape() {
    const auto [known, added] = shapes_.try_emplace(shape_, false);
    if (added) known->second = !extractor_->check({path_.written, {shape_}});
    return known->second;
  }

  const Template& path_;
  const Extractor* extractor_;
  // By level.
  std::vector<Cell> values_;
  std::string text_;
  // The path with stand-ins for its slots.
  std::string shape_;
  std::map<std::string, bool> shapes_;
};

}  // namespace

void fill_origins(const Projection& projection, const Payloads& payloads, Extraction& extraction) {
  for (std::size_t i = 0; i < projection.origins.size(); ++i) {
    const OriginColumn& origin = projection.origins[i];
    const std::size_t number = projection.columns.size() + i;
    if (origin.source == OriginColumn::Source::metadata) {
      fill_metadata(origin, payloads, number, extraction);
      continue;
    }
    const Lineage lineage(projection, extraction, origin.level);
    Resolving resolving(projection, origin);
    for (std::uint32_t entry = 0; entry < extraction.levels[origin.level].count; ++entry) {
      const Cell cell = origin.source == OriginColumn::Source::position ? lineage.position(origin.level, entry)
                                                                        : resolving.resolve(lineage, entry);
      append_cast(origin.cast, cell, extraction.values->columns[number], extraction.failures[number]);
    }
  }
}

}  // namespace batchout
