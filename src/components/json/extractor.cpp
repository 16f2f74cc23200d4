// The extractor as configuration and plan see it.

#include "components/json/extractor.h"

#include <fmt/format.h>

#include "components/json/automaton.h"
#include "components/json/compiled.h"
#include "components/json/division.h"
#include "components/json/filling.h"
#include "components/json/lookup.h"
#include "components/json/path.h"
#include "components/json/program.h"
#include "registry/registry.h"

namespace batchout {

template <>
struct Choices<json::Syntax> {
  static constexpr std::string_view names[] = {"jsonpath_rw", "rfc9535"};
};

namespace json {

void ExtractorConfig::describe(Spec<ExtractorConfig>& spec) {
  spec.named("extractor", "jsonpath", "Finds values in JSON payloads by paths.")
      .alias("jsonpath_rw")
      .field("strategy", &ExtractorConfig::strategy, "Which of several matches of a path counts.")
      .field("syntax", &ExtractorConfig::syntax, "The language of its paths: jsonpath_rw, or RFC 9535.")
      .field("lenient", &ExtractorConfig::lenient, "Payloads may contain NaN, Infinity and -Infinity.");
}

std::optional<Extractor::PathProblem> JsonExtractor::check(const Template& path) const {
  auto compiled = compile_path(path, options_.syntax);
  if (compiled) return std::nullopt;
  return std::move(compiled).error();
}

std::expected<std::vector<Extractor::Found>, Extractor::FindProblem> JsonExtractor::find(
    const Template& path, std::string_view payload) const {
  return look_up(path, payload, options_);
}

std::optional<Template> JsonExtractor::filled(const Template& path, std::span<const Cell> values) const {
  return filled_in(path, values, options_.syntax);
}

std::unique_ptr<PathFiller> JsonExtractor::filler(const Template& path, std::span<const ProjectionLevel> levels) const {
  return std::make_unique<Filling>(path, options_.syntax, levels, this);
}

bool JsonExtractor::goes_with(const Extractor& other) const {
  const auto* json = dynamic_cast<const JsonExtractor*>(&other);
  return json != nullptr && json->options_ == options_;
}

std::unique_ptr<Program> JsonExtractor::compile(const Projection& projection) const {
  return std::make_unique<JsonProgram>(std::make_shared<const CompiledProjection>(projection, options_));
}

std::vector<std::string> JsonExtractor::explain(const Projection& projection) const {
  const CompiledProjection compiled(projection, options_);
  const Division division(compiled);
  std::string_view otherwise = "tree, as the others";
  if (division.has_walk())
    otherwise = fuse(*WalkPart(compiled, division).compiled) ? "one walk"
                                                             : "tree, because the paths together make too large a walk";
  const auto way_of = [&](const std::string& reason) {
    return reason.empty() ? std::string(otherwise) : fmt::format("tree, because of {}", reason);
  };
  std::vector<std::string> lines;
  for (LevelId level = 1; level < projection.levels.size(); ++level)
    lines.push_back(fmt::format("index {}: {}", projection.levels[level].index, way_of(division.level_reasons[level])));
  for (std::size_t column = 0; column < projection.columns.size(); ++column)
    lines.push_back(
        fmt::format("column {}: {}", projection.columns[column].name, way_of(division.column_reasons[column])));
  return lines;
}

}  // namespace json

void add_json(Registry& registry) {
  add_extractor<json::ExtractorConfig, json::JsonExtractor>(registry);
}

}  // namespace batchout
