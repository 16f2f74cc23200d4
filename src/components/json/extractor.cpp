// The extractor as configuration and plan see it.

#include "components/json/extractor.h"

#include <fmt/format.h>

#include "components/json/compiled.h"
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

std::unique_ptr<Program> JsonExtractor::compile(const Projection& projection) const {
  return std::make_unique<JsonProgram>(std::make_shared<const CompiledProjection>(projection));
}

std::vector<std::string> JsonExtractor::explain(const Projection& projection) const {
  std::vector<std::string> lines;
  for (const auto& level : projection.levels)
    if (!level.index.empty()) lines.push_back(fmt::format("index {}: tree", level.index));
  for (const auto& column : projection.columns) lines.push_back(fmt::format("column {}: tree", column.name));
  return lines;
}

}  // namespace json

void add_json(Registry& registry) {
  add_extractor<json::ExtractorConfig, json::JsonExtractor>(registry);
}

}  // namespace batchout
