// Any bytes as a CSV payload: the table finds and refuses what a slow reader does, and paths look into it.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "../unit/components/csv/slow_reader.h"
#include "base/unicode.h"
#include "components/csv/program.h"

namespace batchout {
namespace {

ProjectionColumn column_at(std::vector<Template::Piece> pieces, LevelId level, Strategy strategy) {
  ProjectionColumn column;
  column.path = {"", std::move(pieces)};
  column.level = level;
  column.strategy = strategy;
  column.cast.kind = Kind::dynamic;
  return column;
}

Projection sample_projection() {
  Projection projection;
  projection.levels.resize(3);
  const Template::Slot row{1, {}};
  const Template::Slot field{2, {}};
  projection.levels[1].path = {"", {"$"}};
  projection.levels[2].path = {"", {row}};
  projection.levels[2].parent = 1;
  projection.levels[2].kind = IndexKind::for_object;
  projection.levels[2].keeps_values = true;
  projection.columns.push_back(column_at({row, ".a"}, 1, Strategy::take_last));
  projection.columns.push_back(column_at({row, ".1"}, 1, Strategy::take_first));
  projection.columns.push_back(column_at({row, ".", field}, 2, Strategy::take_all));
  projection.columns.push_back(column_at({row}, 1, Strategy::take_first));
  projection.columns.push_back(column_at({"-1.-1"}, 0, Strategy::take_first_not_null));
  projection.columns.push_back(column_at({"$"}, 0, Strategy::take_first));
  return projection;
}

void read(std::string_view text) {
  static const Projection projection = sample_projection();
  static const csv::Reading reading;
  static csv::CsvProgram program(projection, reading);
  static Extraction extraction(projection);
  Payloads payloads;
  payloads.append(text, UnitId{}, 0, 1);
  extraction.clear();
  program.run(payloads, extraction);
  if (extraction.payloads.size() + extraction.rejects.size() != 1) std::abort();
  for (std::size_t i = 0; i < projection.columns.size(); ++i)
    if (extraction.values->columns[i].size() != extraction.levels[projection.columns[i].level].count) std::abort();
}

}  // namespace
}  // namespace batchout

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace batchout;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (find_broken_utf8(text) == std::string_view::npos && csv::test::quickly(text) != csv::test::slowly(text))
    std::abort();
  read(text);
  return 0;
}
