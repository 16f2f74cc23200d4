// By the definition, row after row, without a thought for time.

#include "rows.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace batchout::property {
namespace {

// The rows below a node for one row around it. Groups multiply, the branches of a group follow each other.
std::vector<Row> rows_below(const RowShape::Node& node, const Row& around, const Projection& projection,
                            const Extraction& extraction) {
  std::vector<Row> rows{around};
  for (const auto& group : node.groups) {
    std::vector<Row> longer;
    for (const Row& row : rows)
      for (const RowShape::Node& branch : group) {
        const std::uint32_t parent = row[projection.levels[branch.level].parent];
        const auto* begin = parent == Block::kNone ? nullptr : &extraction.levels[branch.level].begin[parent];
        const bool empty = begin == nullptr || begin[0] == begin[1];
        if (empty && branch.outer) longer.push_back(row);
        for (std::uint32_t entry = empty ? 0 : begin[0]; !empty && entry < begin[1]; ++entry) {
          Row inner = row;
          inner[branch.level] = entry;
          std::ranges::move(rows_below(branch, inner, projection, extraction), std::back_inserter(longer));
        }
      }
    rows = std::move(longer);
  }
  return rows;
}

}  // namespace

std::vector<Row> rows_of(const Projection& projection, const Extraction& extraction) {
  std::vector<Row> rows;
  for (std::uint32_t payload = 0; payload < extraction.levels[kPayloadLevel].count; ++payload) {
    Row row(projection.levels.size(), Block::kNone);
    row[kPayloadLevel] = payload;
    std::ranges::move(rows_below(projection.rows.root, row, projection, extraction), std::back_inserter(rows));
  }
  return rows;
}

}  // namespace batchout::property
