// Only what hangs at the payload level is written anew, and only of runs of payloads in which one has no value.

#include "data/valueless_rows.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace batchout {
namespace {

constexpr std::uint32_t kNoEntry = Block::kNone;

/// For each entry of the payload level as it is to be: the one that it was, and its payload.
struct Places {
  std::vector<std::uint32_t> entries;
  std::vector<std::uint32_t> payloads;
};

Places places_of(const Payloads& payloads, const Extraction& extraction) {
  Places places;
  std::uint32_t entry = 0;
  for (std::uint32_t payload = 0; payload < payloads.count(); ++payload) {
    const bool known = entry < extraction.payloads.size() && extraction.payloads[entry] == payload;
    if (!known && !is_valueless(payloads, payload)) continue;
    places.entries.push_back(known ? entry++ : kNoEntry);
    places.payloads.push_back(payload);
  }
  return places;
}

Column spread(const Column& column, const Places& places) {
  Column out;
  for (const std::uint32_t entry : places.entries) {
    if (entry == kNoEntry)
      out.append_absent();
    else if (column.failed(entry))
      out.append_failed(column.excerpt(entry));
    else
      out.append(column.cell(entry));
  }
  return out;
}

/// An entry without a value owns none: those of the next one begin where it begins.
std::vector<std::uint32_t> spread(const std::vector<std::uint32_t>& begin, const Places& places) {
  std::vector<std::uint32_t> out;
  std::size_t before = 0;
  const auto at = [&](std::size_t entry) { return entry < begin.size() ? begin[entry] : 0; };
  for (const std::uint32_t entry : places.entries) {
    out.push_back(at(before));
    if (entry != kNoEntry) ++before;
  }
  out.push_back(at(before));
  return out;
}

}  // namespace

void add_valueless(const Projection& projection, const Payloads& payloads, Extraction& extraction) {
  const Places places = places_of(payloads, extraction);
  if (places.entries.size() == extraction.payloads.size()) return;
  Values& values = *extraction.values;
  for (std::size_t column = 0; column < projection.columns.size(); ++column)
    if (projection.columns[column].level == kPayloadLevel)
      values.columns[column] = spread(values.columns[column], places);
  for (std::size_t level = 1; level < projection.levels.size(); ++level)
    if (projection.levels[level].parent == kPayloadLevel)
      extraction.levels[level].begin = spread(extraction.levels[level].begin, places);
  values.units.clear();
  values.positions.clear();
  for (const std::uint32_t payload : places.payloads) {
    values.units.push_back(payloads.entry(payload).unit);
    values.positions.push_back(payloads.entry(payload).position);
  }
  extraction.levels[kPayloadLevel].count = static_cast<std::uint32_t>(places.payloads.size());
  extraction.payloads = places.payloads;
}

}  // namespace batchout
