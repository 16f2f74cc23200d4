// Made only once a row has been refused: one pass over the origins of the rows.

#include "engine/given_rows.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/unicode.h"
#include "data/dead_letters.h"
#include "data/render.h"

namespace batchout {
namespace {

constexpr std::size_t kTextMax = 256;

using Payload = std::pair<UnitId, std::int64_t>;

/// A text without what the JSON of a database does not take.
void append_shown(std::string_view text, std::string& out) {
  append_json_string(cut_text(shown_text(text), kTextMax), out);
}

// JSON cells and decimals are shown as texts: they may be cut, hold what only a lenient parser takes, and be greater
// than the numbers of a database.
void append_value(const Cell& cell, const TimeZone* zone, std::string& out) {
  if (!cell.empty() && is_textual(cell.tag))
    append_shown(cell.text, out);
  else
    append_json(cell, zone, out);
}

}  // namespace

// Units have numbers within their input only, so payloads of two selections are never the same.
GivenRows::GivenRows(std::vector<std::vector<Block>> selections) {
  std::uint64_t number = 0;
  for (std::vector<Block>& selection : selections) {
    Payload before{};
    bool has_before = false;
    for (Block& block : selection) {
      firsts_.push_back(number);
      for (const std::uint32_t origin : block.origins()) {
        const bool has = origin != Block::kNone;
        const Payload payload =
            has ? Payload(block.values().units[origin], block.values().positions[origin]) : Payload();
        if (!has || !has_before || payload != before) begins_.push_back(number);
        before = payload;
        has_before = has;
        ++number;
      }
      blocks_.push_back(std::move(block));
    }
  }
  begins_.push_back(number);
}

GivenRows::Place GivenRows::place_of(std::uint64_t number) const {
  const auto end = std::ranges::upper_bound(begins_, number);
  if (end == begins_.begin() || end == begins_.end()) return {};
  const std::uint64_t begin = *std::prev(end);
  return {static_cast<std::int64_t>(number - begin), static_cast<std::int64_t>(*end - begin)};
}

std::string GivenRows::values_of(std::uint64_t number) const {
  const auto after = std::ranges::upper_bound(firsts_, number);
  if (after == firsts_.begin() || number >= begins_.back()) return {};
  const auto place = after - firsts_.begin() - 1;
  const Block& block = blocks_[static_cast<std::size_t>(place)];
  const std::size_t row = number - firsts_[static_cast<std::size_t>(place)];
  std::string values = "{";
  for (std::size_t i = 0; i < block.shape().columns.size(); ++i) {
    const ColumnShape& column = block.shape().columns[i];
    const std::size_t start = values.size();
    if (start > 1) values += ',';
    append_shown(column.name, values);
    values += ':';
    append_value(block.column(i).cell(row), column.zone, values);
    if (values.size() >= kValuesMax) values.resize(start);
  }
  return values + '}';
}

}  // namespace batchout
