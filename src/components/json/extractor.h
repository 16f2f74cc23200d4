// The extractor `jsonpath`: rows from JSON payloads.

#pragma once

#include "batchout/spec.h"
#include "data/program.h"

namespace batchout::json {

struct ExtractorConfig {
  Strategy strategy = Strategy::take_first;

  static void describe(Spec<ExtractorConfig>& spec);
};

class JsonExtractor final : public Extractor {
 public:
  explicit JsonExtractor(const ExtractorConfig&) {}

  std::optional<PathProblem> check(const Template& path) const override;
  std::expected<std::vector<Found>, FindProblem> find(const Template& path, std::string_view payload) const override;
  std::unique_ptr<Program> compile(const Projection& projection) const override;
  std::vector<std::string> explain(const Projection& projection) const override;
};

}  // namespace batchout::json
