// The extractor as configuration and plan see it.

#include "components/json/extractor.h"

#include <fmt/format.h>

#include "components/json/automaton.h"
#include "components/json/compiled.h"
#include "components/json/lookup.h"
#include "components/json/path.h"
#include "components/json/program.h"
#include "registry/registry.h"

namespace batchout {

namespace json {

void ExtractorConfig::describe(Spec<ExtractorConfig>& spec) {
  spec.named("extractor", "jsonpath", "Finds values in JSON payloads by paths.")
      .alias("jsonpath_rw")
      .field("strategy", &ExtractorConfig::strategy, "Which of several matches of a path counts.");
}

std::optional<Extractor::PathProblem> JsonExtractor::check(const Template& path) const {
  auto compiled = compile_path(path);
  if (compiled) return std::nullopt;
  return std::move(compiled).error();
}

std::expected<std::vector<Extractor::Found>, Extractor::FindProblem> JsonExtractor::find(
    const Template& path, std::string_view payload) const {
  return look_up(path, payload);
}

std::unique_ptr<Program> JsonExtractor::compile(const Projection& projection) const {
  return std::make_unique<JsonProgram>(std::make_shared<const CompiledProjection>(projection));
}

std::vector<std::string> JsonExtractor::explain(const Projection& projection) const {
  const CompiledProjection compiled(projection);
  const std::string_view otherwise = fuse(compiled) ? "one walk" : "tree, as the others";
  const auto way = [otherwise](std::string_view reason) {
    return reason.empty() ? std::string(otherwise) : fmt::format("tree, because of {}", reason);
  };
  std::vector<std::string> lines;
  for (LevelId level = 1; level < projection.levels.size(); ++level)
    lines.push_back(fmt::format("index {}: {}", projection.levels[level].index, way(unfusable_level(compiled, level))));
  for (std::size_t column = 0; column < projection.columns.size(); ++column)
    lines.push_back(
        fmt::format("column {}: {}", projection.columns[column].name, way(unfusable_column(compiled, column))));
  return lines;
}

}  // namespace json

void add_json(Registry& registry) {
  add_extractor<json::ExtractorConfig, json::JsonExtractor>(registry);
}

}  // namespace batchout
