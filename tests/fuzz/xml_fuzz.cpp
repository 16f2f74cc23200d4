// Any bytes as payloads: the walk without a tree finds and refuses exactly what libxml2's tree and XPath do.
//
// Documents are separated by 0xFE, which no document in UTF-8 can contain.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "components/xml/program.h"

namespace batchout {
namespace {

void add_column(Projection& projection, std::vector<Template::Piece> pieces, LevelId level, Kind kind,
                Strategy strategy = Strategy::take_first) {
  ProjectionColumn column;
  column.path = {"", std::move(pieces)};
  column.level = level;
  column.cast.kind = kind;
  column.strategy = strategy;
  projection.columns.push_back(std::move(column));
}

Projection sample_projection() {
  Projection projection;
  projection.levels.resize(4);
  const Template::Slot i{1, {}}, j{2, {}}, k{3, {}};
  projection.levels[1].path = {"", {"/a/b"}};
  projection.levels[2].path = {"", {"/a/b[", i, "]/c"}};
  projection.levels[2].parent = 1;
  projection.levels[3].path = {"", {"/a/*/n:d"}};
  add_column(projection, {"."}, 0, Kind::text);
  add_column(projection, {"/a/@x"}, 0, Kind::integer);
  add_column(projection, {"/a/*/text()"}, 0, Kind::dynamic, Strategy::take_last);
  add_column(projection, {"/a/b[", i, "]"}, 1, Kind::text);
  add_column(projection, {"/a/b[", i, "]/@n:x"}, 1, Kind::real);
  add_column(projection, {"/a/b[", i, "]/c[", j, "]/text()"}, 2, Kind::dynamic);
  add_column(projection, {"(/a/*/n:d)[", k, "]/@xml:lang"}, 3, Kind::text);
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
  static const auto compiled =
      std::make_shared<const xml::CompiledProjection>(sample_projection(), xml::Namespaces{{"n", "urn:n"}});
  static xml::XmlProgram fused(compiled, xml::Form::xml);
  static xml::XmlProgram tree(compiled, xml::Form::xml, true);
  static xml::XmlProgram html(compiled, xml::Form::html);
  if (!fused.is_fused()) std::abort();
  Payloads payloads;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  for (std::int64_t position = 0; position == 0 || !rest.empty(); ++position) {
    const auto end = std::min(rest.find('\xFE'), rest.size());
    payloads.append(rest.substr(0, end), UnitId{}, position, position + 1);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  Extraction by_walk(compiled->projection);
  Extraction by_tree(compiled->projection);
  fused.run(payloads, by_walk);
  tree.run(payloads, by_tree);
  if (!same(by_walk, by_tree)) std::abort();
  Extraction of_pages(compiled->projection);
  html.run(payloads, of_pages);
  return 0;
}
