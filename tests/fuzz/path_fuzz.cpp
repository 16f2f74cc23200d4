// Any text as a path: it is compiled or refused at a column, and what was compiled can be evaluated.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "components/json/extractor.h"
#include "data/extraction.h"

namespace batchout {
namespace {

constexpr std::string_view kDocument =
    R"({"a": [{"b": 1, "c": "text"}, {"b": null}, [1, 2.5, "x"]], "d e": {"f": true}, "where": {}, "b": 12345678901234567890})";

// A byte of 0x01 stands for a slot.
Template template_of(std::string_view text) {
  Template path;
  path.written = text;
  while (!text.empty()) {
    const auto size = std::min(text.find('\x01'), text.size());
    if (size > 0) path.pieces.emplace_back(std::string(text.substr(0, size)));
    if (size < text.size()) path.pieces.emplace_back(Template::Slot{1, {}});
    text.remove_prefix(std::min(size + 1, text.size()));
  }
  return path;
}

Projection projection_of(Template path) {
  Projection projection;
  projection.levels.resize(2);
  projection.levels[1].index = "i";
  projection.levels[1].path = template_of("a");
  ProjectionColumn column;
  column.path = std::move(path);
  column.level = 1;
  column.cast.kind = Kind::dynamic;
  projection.columns.push_back(std::move(column));
  return projection;
}

}  // namespace
}  // namespace batchout

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace batchout;
  const json::JsonExtractor extractor{json::ExtractorConfig{}};
  const Template path = template_of({reinterpret_cast<const char*>(data), size});
  if (const auto problem = extractor.check(path)) {
    if (problem->message.empty() || problem->column < 0 || problem->column > static_cast<int>(size) + 1) std::abort();
    return 0;
  }
  const Projection projection = projection_of(path);
  Payloads payloads;
  payloads.append(kDocument, UnitId{}, 0, 1);
  Extraction extraction(projection);
  extractor.compile(projection)->run(payloads, extraction);
  const std::size_t entries = extraction.levels[1].count;
  if (extraction.values->columns[0].size() != entries) std::abort();
  return 0;
}
