// What a program fills: the cells of every level, and how many entries each parent has. `expand` turns it into rows.

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "batchout/block.h"
#include "batchout/payloads.h"
#include "data/cast.h"
#include "data/projection.h"

namespace batchout {

/// Entries of one level. Entry e of the parent level owns entries [begin[e], begin[e + 1]) of this one, where
/// begin[entries of the parent] is the number of entries; the vector has one more element than the parent has entries.
struct LevelEntries {
  std::uint32_t count = 0;
  /// Empty for the payload level.
  std::vector<std::uint32_t> begin;
  /// Of the index, one per entry, if ProjectionLevel::keeps_values; else empty.
  Column values;
};

/// Filled by a program, then read; one per lane. Entries are numbered in the order of payloads, so those of one payload
/// stand together at every level.
struct Extraction {
  explicit Extraction(const Projection& projection);

  /// Forgets everything and keeps the memory, unless blocks still share the values; then new ones are made.
  void clear();

  /// In the order of the projection's levels; the first one has an entry per payload that was not refused.
  std::vector<LevelEntries> levels;
  /// The projection's columns in its order, then its origin columns.
  std::shared_ptr<Values> values;
  /// Per payload entry: its number in the Payloads it came from.
  std::vector<std::uint32_t> payloads;
  /// Of payloads and, where a column's policy wants it, of values; more are added while rows are made.
  Rejects rejects;
  /// Per column of the values.
  std::vector<CastFailures> failures;
};

/// Multiplies the entries of `extraction` out to rows of `shape` and appends them to `blocks`, cut at Block::kRowsMax.
/// A payload over a limit of rows becomes a reject instead.
void expand(const Projection& projection, std::shared_ptr<const TableShape> shape, const Payloads& payloads,
            Extraction& extraction, std::vector<Block>& blocks);

}  // namespace batchout
