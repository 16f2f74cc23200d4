// The extractor `jsonpath`: rows from JSON payloads.

#pragma once

#include "batchout/spec.h"
#include "components/json/compiled.h"
#include "data/program.h"

namespace batchout::json {

struct ExtractorConfig {
  Strategy strategy = Strategy::take_first;
  Syntax syntax = Syntax::jsonpath_rw;
  bool lenient = false;

  static void describe(Spec<ExtractorConfig>& spec);
};

class JsonExtractor final : public Extractor {
 public:
  explicit JsonExtractor(const ExtractorConfig& config) : options_{config.syntax, config.lenient} {}

  std::optional<PathProblem> check(const Template& path) const override;
  std::expected<std::vector<Found>, FindProblem> find(const Template& path, std::string_view payload) const override;
  std::optional<Template> filled(const Template& path, std::span<const Cell> values) const override;
  std::unique_ptr<PathFiller> filler(const Template& path, std::span<const ProjectionLevel> levels) const override;
  bool goes_with(const Extractor& other) const override;
  std::unique_ptr<Program> compile(const Projection& projection) const override;
  std::vector<std::string> explain(const Projection& projection) const override;

 private:
  Options options_;
};

}  // namespace batchout::json
