// The facade: a configuration becomes a plan, a plan gets an engine. The only place that knows all components.

#include "batchout/pipeline.h"

#include <random>

#include "base/sha256.h"
#include "config/load.h"
#include "engine/engine.h"
#include "pipeline/explain.h"
#include "pipeline/preview.h"
#include "plan/compile.h"
#include "plan/convert.h"
#include "registry/registry.h"

namespace batchout {

std::string_view version() {
  return BATCHOUT_VERSION;
}

// Behind a pointer, so that a Pipeline can be moved: the engine holds references into it.
struct Pipeline::Implementation {
  Plan plan;
  Problems warnings;
  RunOptions options;
  SteadyClock clock;
  // Made by the first run, which may still set options; it keeps connections and units from round to round.
  std::unique_ptr<Engine> engine;
  // The summary before the first run.
  Summary nothing;

  // No configuration (it could not be read) means that `problems` says why. `registry` is needed for this call only.
  static std::expected<Pipeline, Problems> build(const std::optional<Node>& config, std::string hash,
                                                 const CompileOptions& options, const Registry& registry,
                                                 Problems problems) {
    std::optional<Plan> plan;
    if (config) plan = compile_plan(*config, registry, options, problems);
    if (!plan) return std::unexpected(std::move(problems));
    plan->config_hash = std::move(hash);
    auto implementation = std::make_unique<Implementation>();
    implementation->plan = std::move(*plan);
    implementation->warnings = std::move(problems);
    return Pipeline(std::move(implementation));
  }

  // The seed differs from process to process: several that start together must not wait in step.
  Runtime runtime() { return {clock, Random(std::random_device{}()), options}; }

  Engine& started() {
    if (!engine) engine = std::make_unique<Engine>(plan, runtime());
    return *engine;
  }
};

Pipeline::Pipeline(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}
Pipeline::Pipeline(Pipeline&&) noexcept = default;
Pipeline& Pipeline::operator=(Pipeline&&) noexcept = default;
Pipeline::~Pipeline() = default;

Registry Pipeline::builtin() {
  Registry registry;
  add_components(registry);
  return registry;
}

std::expected<Pipeline, Problems> Pipeline::from_file(const std::filesystem::path& file, Registry registry) {
  Problems problems;
  std::string hash;
  const std::optional<Node> config = load_file(file, problems, &hash);
  return Implementation::build(config, std::move(hash), {.file = file.string(), .folder = file.parent_path().string()},
                               registry, std::move(problems));
}

std::expected<Pipeline, Problems> Pipeline::from_text(std::string_view yaml_or_json, std::string_view folder,
                                                      Registry registry) {
  Problems problems;
  const std::optional<Node> config = load_text(yaml_or_json, {}, problems);
  return Implementation::build(config, sha256(yaml_or_json), {.file = {}, .folder = std::string(folder)}, registry,
                               std::move(problems));
}

std::expected<Pipeline, Problems> Pipeline::from_config(Node config, std::string_view folder, Registry registry) {
  return Implementation::build(config, {}, {.file = {}, .folder = std::string(folder)}, registry, {});
}

// Warnings alone mean that the configuration is good.
Problems Pipeline::check(const std::filesystem::path& file, Registry registry) {
  auto pipeline = from_file(file, std::move(registry));
  return pipeline ? pipeline->warnings() : std::move(pipeline).error();
}

std::expected<Pipeline::Converted, Problems> Pipeline::convert(const std::filesystem::path& file, Registry registry) {
  Problems problems;
  const std::optional<Node> config = load_file(file, problems);
  std::optional<ConvertedConfig> converted;
  if (config)
    converted =
        converted_config(*config, registry, {.file = file.string(), .folder = file.parent_path().string()}, problems);
  if (!converted) return std::unexpected(std::move(problems));
  return Converted{std::move(converted->text), std::move(converted->notes)};
}

const std::string& Pipeline::name() const {
  return implementation_->plan.name;
}

const Problems& Pipeline::warnings() const {
  return implementation_->warnings;
}

std::string Pipeline::explain() const {
  return explained(implementation_->plan);
}

void Pipeline::set_options(RunOptions options) {
  implementation_->options = std::move(options);
}

const Summary& Pipeline::summary() const {
  return implementation_->engine ? implementation_->engine->summary() : implementation_->nothing;
}

Result<> Pipeline::run_once(std::stop_token stop) {
  return implementation_->started().run_round(std::move(stop));
}

Result<> Pipeline::run_forever(std::stop_token stop) {
  return implementation_->started().run_forever(std::move(stop));
}

// An engine of its own with a plan of its own: neither summary nor inputs of later runs know of it. Its place in a
// group is a real one, though, and takes partitions from other members for so long.
Result<> Pipeline::preview(const Preview& preview, const PreviewSink& sink, std::stop_token stop) {
  const Plan plan = preview_plan(implementation_->plan, preview, sink);
  Engine engine(plan, implementation_->runtime());
  return engine.run_round(std::move(stop));
}

}  // namespace batchout
