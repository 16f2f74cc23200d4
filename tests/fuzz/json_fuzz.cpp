// Any bytes as payloads: the walk without a tree finds and refuses exactly what the tree does.
//
// Documents are separated by 0xFE, which no document can contain.

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "components/json/program.h"

namespace batchout {
namespace {

Template template_of(std::vector<Template::Piece> pieces) {
  return {"", std::move(pieces)};
}

void add_column(Projection& projection, Template path, LevelId level, Kind kind, Strategy strategy) {
  ProjectionColumn column;
  column.path = std::move(path);
  column.level = level;
  column.cast.kind = kind;
  column.strategy = strategy;
  projection.columns.push_back(std::move(column));
}

Projection sample_projection() {
  Projection projection;
  projection.levels.resize(4);
  const Template::Slot i{1, {}}, j{2, {}}, k{3, {}};
  projection.levels[1].path = template_of({"a"});
  projection.levels[2].path = template_of({"a[", i, "].a"});
  projection.levels[2].parent = 1;
  projection.levels[3].path = template_of({"b"});
  projection.levels[3].kind = IndexKind::for_object;
  add_column(projection, template_of({"$"}), 0, Kind::text, Strategy::take_first);
  add_column(projection, template_of({"c"}), 0, Kind::integer, Strategy::take_first);
  add_column(projection, template_of({"a[*].b"}), 0, Kind::dynamic, Strategy::take_last);
  add_column(projection, template_of({"b.*"}), 0, Kind::real, Strategy::take_first_not_null);
  add_column(projection, template_of({"a[", i, "].b[0]"}), 1, Kind::text, Strategy::take_first);
  add_column(projection, template_of({"a[", i, "].a[", j, "]"}), 2, Kind::dynamic, Strategy::take_first);
  add_column(projection, template_of({"b.", k, ".a"}), 3, Kind::boolean, Strategy::take_first);
  // Values that are stored without a cast.
  add_column(projection, template_of({"d"}), 0, Kind::text, Strategy::take_first);
  add_column(projection, template_of({"e"}), 0, Kind::real, Strategy::take_first);
  add_column(projection, template_of({"a[", i, "].d"}), 1, Kind::datetime, Strategy::take_first);
  add_column(projection, template_of({"a[", i, "].e"}), 1, Kind::boolean, Strategy::take_first);
  return projection;
}

bool same_cell(const Cell& a, const Cell& b) {
  return a.tag == b.tag && a.integer == b.integer && a.text == b.text &&
         std::bit_cast<std::uint64_t>(a.real) == std::bit_cast<std::uint64_t>(b.real);
}

bool same(const Extraction& a, const Extraction& b) {
  if (a.payloads != b.payloads || a.rejects.size() != b.rejects.size()) return false;
  for (std::size_t i = 0; i < a.rejects.size(); ++i)
    if (a.rejects[i].code != b.rejects[i].code || a.rejects[i].message != b.rejects[i].message) return false;
  for (std::size_t level = 0; level < a.levels.size(); ++level)
    if (a.levels[level].count != b.levels[level].count || a.levels[level].begin != b.levels[level].begin) return false;
  for (std::size_t column = 0; column < a.failures.size(); ++column) {
    const Column& left = a.values->columns[column];
    const Column& right = b.values->columns[column];
    if (left.size() != right.size() || a.failures[column].count != b.failures[column].count) return false;
    for (std::size_t i = 0; i < left.size(); ++i)
      if (!same_cell(left.cell(i), right.cell(i))) return false;
  }
  return true;
}

}  // namespace
}  // namespace batchout

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace batchout;
  static const auto compiled = std::make_shared<const json::CompiledProjection>(sample_projection());
  static json::JsonProgram fused(compiled);
  static json::JsonProgram tree(compiled, json::JsonProgram::Way::tree);
  static json::JsonProgram any_order(compiled, json::JsonProgram::Way::any_order);
  if (!fused.is_fused()) std::abort();
  Payloads payloads;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  for (std::int64_t position = 0; position == 0 || !rest.empty(); ++position) {
    const auto end = std::min(rest.find('\xFE'), rest.size());
    payloads.append(rest.substr(0, end), UnitId{}, position, position + 1);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const auto run = [&payloads](json::JsonProgram& program) {
    Extraction extraction(compiled->projection);
    program.run(payloads, extraction);
    return extraction;
  };
  const Extraction by_tree = run(tree);
  if (!same(run(fused), by_tree)) std::abort();
  run(any_order);  // In any order only keys are found that have been met.
  if (!same(run(any_order), by_tree)) std::abort();
  return 0;
}
