// From entries of levels to rows.
//
// A row is one entry per level, or none. The rows below an entry are, for each group of its node, the rows of the
// group's branches one after the other; the groups multiply, the last one fastest. A chain of levels, by far the most
// frequent map, is filled level by level from the deepest one up, without any recursion.

#include "data/extraction.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace batchout {

Extraction::Extraction(const Projection& projection)
    : levels(projection.levels.size()), failures(projection.columns.size() + projection.origins.size()) {
  values = std::make_shared<Values>();
  values->columns.resize(failures.size());
  clear();
}

void Extraction::clear() {
  for (std::size_t level = 0; level < levels.size(); ++level) {
    levels[level].count = 0;
    levels[level].begin.clear();
    levels[level].values.clear();
    if (level != kPayloadLevel) levels[level].begin.push_back(0);
  }
  if (values.use_count() > 1) {
    auto fresh = std::make_shared<Values>();
    fresh->columns.resize(values->columns.size());
    for (std::size_t column = 0; column < fresh->columns.size(); ++column)
      fresh->columns[column].reserve_as(values->columns[column]);
    values = std::move(fresh);
  } else {
    // Another thread may have read the values last: whoever gave up its share of them did so before this.
    std::shared_ptr<Values>(values).reset();
  }
  for (Column& column : values->columns) column.clear();
  values->units.clear();
  values->positions.clear();
  payloads.clear();
  rejects.clear();
  for (CastFailures& failure : failures) failure.clear();
}

namespace {

using Selections = std::vector<std::vector<std::uint32_t>>;

/// Counts stop here, so that a product of products cannot overflow.
constexpr std::size_t kMany = std::size_t{1} << 31;

/// Multiplies out one payload after the other, for maps of any shape.
class Expander {
 public:
  Expander(const Projection& projection, const Extraction& extraction, Selections& rows)
      : projection_(projection), extraction_(extraction), rows_(rows), entry_(projection.levels.size(), Block::kNone) {}

  struct Count {
    std::size_t rows = 0;
    /// Rows of the largest product of two or more groups.
    std::size_t product = 0;
  };

  /// Rows of a payload entry, without making them.
  Count count(std::uint32_t payload) {
    entry_[kPayloadLevel] = payload;
    Count total;
    total.rows = rows_below(projection_.rows.root, total.product);
    return total;
  }

  // Recursion is as deep as the map has levels.
  void emit(std::uint32_t payload) {
    entry_[kPayloadLevel] = payload;
    emit_groups({&projection_.rows.root, 0, nullptr});
  }

 private:
  using Node = RowShape::Node;

  struct Range {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    bool empty() const { return first == last; }
  };

  /// What is still to be multiplied in once a branch has been entered: the groups of `node` from `group` on.
  struct Rest {
    const Node* node;
    std::size_t group;
    const Rest* next;
  };

  /// Entries of a level that belong to the entry of its parent on which we stand; none if we stand on none.
  Range range_of(LevelId level) const {
    const std::uint32_t parent = entry_[projection_.levels[level].parent];
    if (parent == Block::kNone) return {};
    const auto& begin = extraction_.levels[level].begin;
    return {begin[parent], begin[parent + 1]};
  }

  // Counts what emit_groups would make, in the same order; `product` grows to the largest product met.
  std::size_t rows_below(const Node& node, std::size_t& product) {
    std::size_t rows = 1;
    for (const auto& group : node.groups) {
      std::size_t sum = 0;
      for (const Node& branch : group) sum = std::min(kMany, sum + rows_of(branch, product));
      rows = std::min(kMany, rows * sum);
    }
    if (node.groups.size() > 1) product = std::max(product, rows);
    return rows;
  }

  // Without inner groups there is nothing to walk: one row per entry.
  std::size_t rows_of(const Node& branch, std::size_t& product) {
    const Range range = range_of(branch.level);
    if (range.empty()) return branch.outer ? 1 : 0;
    if (branch.groups.empty()) return range.last - range.first;
    std::size_t rows = 0;
    for (std::uint32_t entry = range.first; entry < range.last; ++entry) {
      entry_[branch.level] = entry;
      rows = std::min(kMany, rows + rows_below(branch, product));
    }
    entry_[branch.level] = Block::kNone;
    return rows;
  }

  // Groups multiply: every row of this one goes through all rows of the next. At the end of the last one stands a row.
  void emit_groups(const Rest& rest) {
    if (rest.group == rest.node->groups.size()) {
      if (rest.next == nullptr) return push();
      return emit_groups(*rest.next);
    }
    const Rest after{rest.node, rest.group + 1, rest.next};
    for (const Node& branch : rest.node->groups[rest.group]) emit_branch(branch, after);
  }

  // An outer branch without entries still lets the other groups through, once.
  void emit_branch(const Node& branch, const Rest& after) {
    const Range range = range_of(branch.level);
    if (range.empty() && branch.outer) return emit_groups(after);
    for (std::uint32_t entry = range.first; entry < range.last; ++entry) {
      entry_[branch.level] = entry;
      emit_groups({&branch, 0, &after});
    }
    entry_[branch.level] = Block::kNone;
  }

  // One row: where we stand at every level.
  void push() {
    for (std::size_t level = 0; level < entry_.size(); ++level) rows_[level].push_back(entry_[level]);
  }

  const Projection& projection_;
  const Extraction& extraction_;
  Selections& rows_;
  /// Where we stand, by level; kNone: outside of that level.
  std::vector<std::uint32_t> entry_;
};

/// The levels of a map that is one chain of inner levels, each in its predecessor's path; empty for any other map.
std::vector<LevelId> chain_of(const Projection& projection) {
  std::vector<LevelId> chain{kPayloadLevel};
  for (const RowShape::Node* node = &projection.rows.root; !node->groups.empty(); node = &node->groups[0][0]) {
    if (node->groups.size() != 1 || node->groups[0].size() != 1) return {};
    const RowShape::Node& next = node->groups[0][0];
    if (next.outer || projection.levels[next.level].parent != chain.back()) return {};
    chain.push_back(next.level);
  }
  return chain;
}

/// Fills the rows of a chain: one per entry of the deepest level, from there upwards.
void fill_chain(const std::vector<LevelId>& chain, const Extraction& extraction, Selections& rows) {
  const std::uint32_t count = extraction.levels[chain.back()].count;
  std::vector<std::uint32_t> first(count + 1);  // First row of each entry of the level at hand.
  for (std::uint32_t row = 0; row <= count; ++row) first[row] = row;
  for (std::size_t depth = chain.size(); depth-- > 0;) {
    auto& selection = rows[chain[depth]];
    selection.resize(count);
    // Ranges are short, and some are empty: a mark where each but the first one begins, then sums of the marks.
    const std::size_t entries = extraction.levels[chain[depth]].count;
    for (std::size_t entry = 1; entry < entries && first[entry] < count; ++entry) ++selection[first[entry]];
    std::inclusive_scan(selection.begin(), selection.end(), selection.begin());
    if (depth == 0) break;
    const auto& begin = extraction.levels[chain[depth]].begin;
    std::vector<std::uint32_t> above(begin.size());
    for (std::size_t parent = 0; parent < begin.size(); ++parent) above[parent] = first[begin[parent]];
    first = std::move(above);
  }
}

// Nothing of the payload becomes a row; the excerpt helps to find it.
Reject too_many_rows(const Payloads& payloads, const Extraction& extraction, std::uint32_t entry, std::string message) {
  const Payloads::Entry& payload = payloads.entry(extraction.payloads[entry]);
  Reject reject;
  reject.code = "BO410";
  reject.message = std::move(message);
  reject.unit = payload.unit;
  reject.position = payload.position;
  reject.excerpt = payloads.bytes(extraction.payloads[entry]).substr(0, 256);
  return reject;
}

/// Emits every payload that is within the limits; the others become rejects.
void fill_any(const Projection& projection, const Payloads& payloads, Extraction& extraction, Selections& rows) {
  Expander expander(projection, extraction, rows);
  const ProjectionLimits& limits = projection.limits;
  for (std::uint32_t entry = 0; entry < extraction.levels[kPayloadLevel].count; ++entry) {
    const Expander::Count count = expander.count(entry);
    if (count.product > limits.product_max) {
      extraction.rejects.push_back(
          too_many_rows(payloads, extraction, entry,
                        fmt::format("lists that multiply each other would make {} rows, allowed are {}", count.product,
                                    limits.product_max)));
    } else if (count.rows > limits.rows_per_payload_max) {
      extraction.rejects.push_back(too_many_rows(
          payloads, extraction, entry,
          fmt::format("the payload would make {} rows, allowed are {}", count.rows, limits.rows_per_payload_max)));
    } else {
      expander.emit(entry);
    }
  }
}

/// Hands the rows over as blocks of at most Block::kRowsMax.
void cut(std::shared_ptr<const TableShape> shape, const Extraction& extraction, Selections rows,
         std::vector<Block>& blocks) {
  const std::size_t count = rows[kPayloadLevel].size();
  if (count == 0) return;
  if (count <= Block::kRowsMax) {
    blocks.emplace_back(std::move(shape), extraction.values, std::move(rows));
    return;
  }
  for (std::size_t first = 0; first < count; first += Block::kRowsMax) {
    const std::size_t last = std::min(count, first + Block::kRowsMax);
    Selections part;
    for (const auto& selection : rows)
      part.emplace_back(selection.begin() + static_cast<std::ptrdiff_t>(first),
                        selection.begin() + static_cast<std::ptrdiff_t>(last));
    blocks.emplace_back(shape, extraction.values, std::move(part));
  }
}

}  // namespace

// Selections first, for all payloads together; only then are they cut into blocks.
void expand(const Projection& projection, std::shared_ptr<const TableShape> shape, const Payloads& payloads,
            Extraction& extraction, std::vector<Block>& blocks) {
  Selections rows(projection.levels.size());
  const std::vector<LevelId> chain = chain_of(projection);
  // A payload has no more rows than all of them together: below the limit there is nothing to check.
  if (!chain.empty() && extraction.levels[chain.back()].count <= projection.limits.rows_per_payload_max)
    fill_chain(chain, extraction, rows);
  else
    fill_any(projection, payloads, extraction, rows);
  // Levels that no row goes through (a map may name an index that has neither columns nor a place in the rows).
  for (auto& selection : rows) selection.resize(rows[kPayloadLevel].size(), Block::kNone);
  for (const Restriction& restriction : projection.restrictions) {
    rows.push_back(rows[restriction.level]);
    for (std::size_t row = 0; row < rows.back().size(); ++row)
      if (std::ranges::all_of(restriction.within, [&](LevelId level) { return rows[level][row] == Block::kNone; }))
        rows.back()[row] = Block::kNone;
  }
  cut(std::move(shape), extraction, std::move(rows), blocks);
}

}  // namespace batchout
