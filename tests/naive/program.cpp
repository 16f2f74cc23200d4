// Entries level by level, as the map says what belongs to what; then the cells of every entry.

#include <algorithm>

#include "naive.h"

namespace batchout::naive {
namespace {

using Found = std::vector<const Value*>;
using Slots = std::vector<Cell>;  // What stands in slots for an entry and those around it, by level.

// What the strategy picks: one, none, or all.
Found picked(Found found, Strategy strategy) {
  if (strategy == Strategy::take_all) return found;
  if (strategy == Strategy::take_first_not_null || strategy == Strategy::take_last_not_null)
    std::erase_if(found, [](const Value* value) { return value->type == Value::Type::null; });
  if (found.empty()) return found;
  return {strategy == Strategy::take_last || strategy == Strategy::take_last_not_null ? found.back() : found.front()};
}

// What stands in a slot for each element of what an index has found.
std::vector<Cell> values_of(const ProjectionLevel& index, const Found& found) {
  std::vector<Cell> values;
  const auto add = [&](const Cell& value) {
    const Cell position{Tag::integer, static_cast<std::int64_t>(values.size()), 0, {}};
    values.push_back(index.kind == IndexKind::for_list ? position : value);
  };
  const bool wants_list = index.kind != IndexKind::for_object;
  for (const Value* value : found) {
    if (index.strategy == Strategy::take_all) {
      if (wants_list) add(cell_of(*value));
    } else if (value->type == Value::Type::list && wants_list) {
      for (const auto& item : value->items) add(cell_of(*item));
    } else if (value->type == Value::Type::object && (!wants_list || index.counts_objects)) {
      for (const auto& name : value->names) add({Tag::text, 0, 0, name});
    }
  }
  return values;
}

// A value as an element of a list that take_all makes.
std::string json_of(const Value& value) {
  const bool special = value.type == Value::Type::number && value.source.find_first_of("NI") != std::string_view::npos;
  if (!value.source.empty()) return special ? "null" : std::string(value.source);
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(value.text[0]);
  if (byte < 0x20) return std::string("\"\\u00") + kHex[byte >> 4] + kHex[byte & 15] + '"';
  return (value.text == "\"" || value.text == "\\" ? "\"\\" : "\"") + value.text + '"';
}

class NaiveProgram final : public Program {
 public:
  NaiveProgram(const Projection& projection, bool rfc9535, bool lenient)
      : projection_(projection), rfc9535_(rfc9535), lenient_(lenient) {}

  void run(const Payloads& payloads, Extraction& out) override {
    for (std::size_t payload = 0; payload < payloads.count(); ++payload) {
      const auto& entry = payloads.entry(payload);
      if (entry.state == Payloads::State::broken) continue;
      const auto document = read(payloads.bytes(payload), projection_.limits, lenient_);
      if (document == nullptr || entry.state != Payloads::State::usable) {
        out.rejects.emplace_back().position = entry.position;
        continue;
      }
      extract(*document, out);
      out.payloads.push_back(static_cast<std::uint32_t>(payload));
      out.values->units.push_back(entry.unit);
      out.values->positions.push_back(entry.position);
    }
  }

 private:
  void extract(const Value& document, Extraction& out) const {
    std::vector<std::vector<Slots>> entries(projection_.levels.size());
    entries[kPayloadLevel].emplace_back(entries.size());
    ++out.levels[kPayloadLevel].count;
    for (LevelId level = 1; level < entries.size(); ++level) {
      const ProjectionLevel& index = projection_.levels[level];
      for (const Slots& around : entries[index.parent]) {
        for (const Cell& value : values_of(index, found(document, index.path, around, index.strategy))) {
          entries[level].push_back(around);
          entries[level].back()[level] = value;
          if (index.keeps_values) out.levels[level].values.append(value);
          ++out.levels[level].count;
        }
        out.levels[level].begin.push_back(out.levels[level].count);
      }
    }
    for (std::size_t i = 0; i < projection_.columns.size(); ++i) {
      const ProjectionColumn& column = projection_.columns[i];
      for (const Slots& slots : entries[column.level]) {
        const Found values = found(document, column.path, slots, column.strategy);
        std::string list;
        for (const Value* value : values) list += (list.empty() ? "[" : ",") + json_of(*value);
        Cell cell = values.empty() ? Cell{} : cell_of(*values[0]);
        if (column.strategy == Strategy::take_all && !values.empty()) cell = {Tag::json, 0, 0, list += "]"};
        append_cast(column.cast, cell, out.values->columns[i], out.failures[i]);
      }
    }
  }

  Found found(const Value& document, const Template& path, const Slots& slots, Strategy strategy) const {
    return picked(all_of(path_of(path, slots, rfc9535_), document), strategy);
  }

  Projection projection_;
  bool rfc9535_;
  bool lenient_;
};

}  // namespace

std::unique_ptr<Program> program_of(const Projection& projection, bool rfc9535, bool lenient) {
  return std::make_unique<NaiveProgram>(projection, rfc9535, lenient);
}

}  // namespace batchout::naive
