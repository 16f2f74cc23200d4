// Settings as those of the extractor.

#include "naive_extractor.h"

#include <string>

#include "naive/naive.h"
#include "registry/registry.h"

namespace batchout::oracle {
namespace {

struct Config {
  Strategy strategy = Strategy::take_first;
  std::string syntax = "jsonpath_rw";
  bool lenient = false;

  static void describe(Spec<Config>& spec) {
    spec.named("extractor", "jsonpath", "The naive evaluator.")
        .alias("jsonpath_rw")
        .field("strategy", &Config::strategy, "As of the extractor.")
        .field("syntax", &Config::syntax, "The same.")
        .field("lenient", &Config::lenient, "The same.");
  }
};

class NaiveExtractor final : public Extractor {
 public:
  explicit NaiveExtractor(const Config& config) : config_(config) {}

  std::optional<PathProblem> check(const Template&) const override { return std::nullopt; }
  std::expected<std::vector<Found>, FindProblem> find(const Template&, std::string_view) const override { return {}; }
  std::unique_ptr<Program> compile(const Projection& projection) const override {
    return naive::program_of(projection, config_.syntax == "rfc9535", config_.lenient);
  }
  std::vector<std::string> explain(const Projection&) const override { return {}; }

 private:
  Config config_;
};

}  // namespace

void use_naive_extractor(Registry& registry) {
  std::erase_if(registry.types().extractors, [](const auto& type) { return type.spec.answers_to("jsonpath"); });
  add_extractor<Config, NaiveExtractor>(registry);
}

}  // namespace batchout::oracle
