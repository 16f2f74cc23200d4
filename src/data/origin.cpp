// What an entry belongs to follows from the `begin` of its level, read backwards: entry by entry the owner at the level
// above, from there the owner above that one, up to the payload.

#include "data/origin.h"

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <span>
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

// What every language takes for a name wherever it takes one.
bool is_plain_word(std::string_view text) {
  const auto is_letter = [](char c) { return (lower(c) >= 'a' && lower(c) <= 'z') || c == '_'; };
  return !text.empty() && is_letter(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return is_letter(c) || is_digit(c); });
}

// Values as they are, for paths of no language.
class TextFiller final : public PathFiller {
 public:
  /// Borrowed.
  explicit TextFiller(const Template& path) : path_(path) {}

  bool fill(std::span<const Cell> values, std::string& out) override {
    out.clear();
    for (const auto& piece : path_.pieces) {
      if (const auto* literal = std::get_if<std::string>(&piece)) {
        out += *literal;
        continue;
      }
      const auto& slot = std::get<Template::Slot>(piece);
      if (!append_slot(values[slot.level], slot.format, out)) return false;
    }
    return true;
  }

 private:
  const Template& path_;
};

// For extractors without a filler of their own. Numbers and plain words stand as they are where the language lets them;
// with any other value the extractor writes the path, and has to take what it has written.
class AskingFiller final : public PathFiller {
 public:
  /// Both are borrowed.
  AskingFiller(const Template& path, const Extractor& extractor) : path_(path), extractor_(extractor), plain_(path) {}

  bool fill(std::span<const Cell> values, std::string& out) override {
    if (!plain_.fill(values, out)) return false;
    if (are_plain(values) && fits_shape()) return true;
    const auto filled = extractor_.filled(path_, values);
    if (!filled || extractor_.check(*filled)) return false;
    out = std::get<std::string>(filled->pieces.front());
    return true;
  }

 private:
  // Makes the shape, too.
  bool are_plain(std::span<const Cell> values) {
    shape_.clear();
    for (const auto& piece : path_.pieces) {
      if (const auto* literal = std::get_if<std::string>(&piece)) {
        shape_ += *literal;
        continue;
      }
      const auto& slot = std::get<Template::Slot>(piece);
      value_.clear();
      append_slot(values[slot.level], slot.format, value_);
      const bool is_number = values[slot.level].tag == Tag::integer;
      if (!is_number && !is_plain_word(value_)) return false;
      shape_ += is_number ? '1' : 'x';
    }
    return true;
  }

  // Whether the path is one with a number or word in place of each slot. There are few such shapes.
  bool fits_shape() {
    const auto [known, added] = shapes_.try_emplace(shape_, false);
    if (added) known->second = !extractor_.check({path_.written, {shape_}});
    return known->second;
  }

  const Template& path_;
  const Extractor& extractor_;
  TextFiller plain_;
  std::string value_;
  // The path with stand-ins for its slots.
  std::string shape_;
  std::map<std::string, bool> shapes_;
};

// A path of no language, and one that is nothing but a slot, is text.
std::unique_ptr<PathFiller> filler_of(const Projection& projection, const OriginColumn& column) {
  const bool has_text = std::ranges::any_of(
      column.path.pieces, [](const Template::Piece& piece) { return std::holds_alternative<std::string>(piece); });
  const Extractor* extractor = projection.levels[column.level].extractor.get();
  if (!has_text || extractor == nullptr || extractor->check(column.path))
    return std::make_unique<TextFiller>(column.path);
  auto filler = extractor->filler(column.path, projection.levels);
  return filler != nullptr ? std::move(filler) : std::make_unique<AskingFiller>(column.path, *extractor);
}

// Resolves one path for entry after entry.
class Resolving {
 public:
  /// Both are borrowed.
  Resolving(const Projection& projection, const OriginColumn& column)
      : filler_(filler_of(projection, column)), values_(column.level + 1U) {
    for (const auto& piece : column.path.pieces)
      if (const auto* slot = std::get_if<Template::Slot>(&piece)) levels_.push_back(slot->level);
  }

  /// Borrows memory of this object until the next call.
  Cell resolve(const Lineage& lineage, std::uint32_t entry) {
    for (const LevelId level : levels_) values_[level] = lineage.value(level, entry);
    if (!filler_->fill(values_, text_)) return {.tag = Tag::null, .text = {}};
    return {.tag = Tag::text, .text = text_};
  }

 private:
  std::unique_ptr<PathFiller> filler_;
  // Of its slots.
  std::vector<LevelId> levels_;
  // By level.
  std::vector<Cell> values_;
  std::string text_;
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
