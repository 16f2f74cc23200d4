// Any text as a path: it is compiled or refused at a column; what was compiled is written out and compiles to the same
// path, and can be evaluated. The first byte chooses the language: odd for RFC 9535, even for jsonpath_rw.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "../unit/components/json/path_text.h"
#include "components/json/extractor.h"
#include "components/json/finder.h"
#include "components/json/scan.h"
#include "data/extraction.h"

namespace batchout {
namespace {

constexpr std::string_view kDocument =
    R"({"a": [{"b": 1, "c": "text"}, {"b": null}, [1, 2.5, "x"]], "d e": {"f": true}, "where": {}, "b": 12345678901234567890})";
constexpr std::uint64_t kStepsMax = 500;
constexpr std::size_t kEvaluatedEvery = 4;  // One in so many inputs is evaluated,
constexpr std::size_t kMappedEvery = 64;    // and one in so many runs as a map, too.

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

// Only limits may refuse what was written out: it has more parentheses than the path had.
void check_text(const json::Path& path, json::Syntax syntax) {
  const auto again = json::compile_path(json::test::PathText::of(path, syntax), syntax);
  if (again ? *again == path : again.error().message.find(" too ") != std::string::npos) return;
  std::abort();
}

// False if the path takes too many steps even in this document.
bool evaluate(const json::Path& path) {
  static const std::string text = std::string(kDocument) + std::string(128, ' ').replace(0, 3, Payloads::kSeparator);
  static const std::string_view document(text.data(), kDocument.size());
  static json::Scanner scanner;
  static const bool scanned = scanner.scan(document) == json::ScanFault::none;
  static json::Tree tree;
  static json::Finder finder(tree, kStepsMax);
  if (!scanned || tree.parse(document, scanner.tokens(), {})) std::abort();
  finder.start();
  const Cell slots[] = {{}, {Tag::integer, 1, 0, {}}};
  std::vector<json::NodeId> matches;
  finder.find_all(json::Tree::kRoot, path, slots, matches);
  const json::NodeId last = finder.find(json::Tree::kRoot, path, Strategy::take_last, slots);
  if (finder.exhausted() || finder.regex_exhausted()) return false;
  if (matches.empty() ? last != json::kNoNode : tree[last].source.data() != tree[matches.back()].source.data())
    std::abort();
  return true;
}

void run_as_map(const json::JsonExtractor& extractor, const Template& path) {
  const Projection projection = projection_of(path);
  if (extractor.explain(projection).size() != 2) std::abort();
  Payloads payloads;
  payloads.append(kDocument, UnitId{}, 0, 1);
  Extraction extraction(projection);
  extractor.compile(projection)->run(payloads, extraction);
  const std::size_t entries = extraction.levels[1].count;
  if (extraction.values->columns[0].size() != entries) std::abort();
}

void check(const Template& path, json::Syntax syntax) {
  const auto compiled = json::compile_path(path, syntax);
  if (!compiled) {
    const auto& problem = compiled.error();
    const int columns = static_cast<int>(path.written.size()) + 1;
    if (problem.message.empty() || problem.column < 0 || problem.column > columns) std::abort();
    return;
  }
  check_text(*compiled, syntax);
  const std::size_t hash = std::hash<std::string>{}(path.written);
  if (hash % kEvaluatedEvery != 0 || !evaluate(*compiled) || hash % kMappedEvery != 0) return;
  json::ExtractorConfig config;
  config.syntax = syntax;
  run_as_map(json::JsonExtractor{config}, path);
}

}  // namespace
}  // namespace batchout

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace batchout;
  if (size == 0) return 0;
  const Template path = template_of({reinterpret_cast<const char*>(data + 1), size - 1});
  check(path, data[0] % 2 != 0 ? json::Syntax::rfc9535 : json::Syntax::jsonpath_rw);
  return 0;
}
