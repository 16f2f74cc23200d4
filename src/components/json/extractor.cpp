// The extractor as configuration and plan see it.

#include "components/json/extractor.h"

#include <fmt/format.h>

#include <algorithm>

#include "components/json/automaton.h"
#include "components/json/compiled.h"
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

bool JsonExtractor::goes_with(const Extractor& other) const {
  const auto* json = dynamic_cast<const JsonExtractor*>(&other);
  return json != nullptr && json->options_ == options_;
}

std::unique_ptr<Program> JsonExtractor::compile(const Projection& projection) const {
  return std::make_unique<JsonProgram>(std::make_shared<const CompiledProjection>(projection, options_));
}

std::vector<std::string> JsonExtractor::explain(const Projection& projection) const {
  const CompiledProjection compiled(projection, options_);
  std::vector<std::string> names;
  std::vector<std::string_view> reasons;
  for (LevelId level = 1; level < projection.levels.size(); ++level) {
    names.push_back(fmt::format("index {}", projection.levels[level].index));
    reasons.push_back(unfusable_level(compiled, level));
  }
  for (std::size_t column = 0; column < projection.columns.size(); ++column) {
    names.push_back(fmt::format("column {}", projection.columns[column].name));
    reasons.push_back(unfusable_column(compiled, column));
  }
  const bool each_fits = std::ranges::all_of(reasons, &std::string_view::empty);
  std::string_view otherwise = fuse(compiled) ? "one walk" : "tree, as the others";
  if (each_fits && otherwise != "one walk") otherwise = "tree, because the paths together make too large a walk";
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < names.size(); ++i)
    lines.push_back(reasons[i].empty() ? fmt::format("{}: {}", names[i], otherwise)
                                       : fmt::format("{}: tree, because of {}", names[i], reasons[i]));
  return lines;
}

}  // namespace json

void add_json(Registry& registry) {
  add_extractor<json::ExtractorConfig, json::JsonExtractor>(registry);
}

}  // namespace batchout
