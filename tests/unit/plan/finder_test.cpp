// Paths that inputs have in their settings: where they are checked, and what is found by them.

#include "plan/finder.h"

#include <gtest/gtest.h>

#include "config/load.h"
#include "plan/compile.h"
#include "registry/registry.h"

namespace batchout {
namespace {

using Texts = std::vector<std::string>;

struct EchoConfig {
  Strategy strategy = Strategy::take_first;

  static void describe(Spec<EchoConfig>& s) {
    s.named("extractor", "echo", "").alias("jsonpath").field("strategy", &EchoConfig::strategy, "");
  }
};

/// Finds the words of the payload, whatever the path is; paths with a question mark are wrong.
class Echo final : public Extractor {
 public:
  explicit Echo(const EchoConfig&) {}

  std::optional<PathProblem> check(const Template& path) const override {
    if (path.written.contains('?')) return PathProblem{"a question", 1};
    return std::nullopt;
  }
  std::expected<std::vector<Found>, FindProblem> find(const Template&, std::string_view payload) const override {
    if (payload.empty()) return std::unexpected(FindProblem{"BO401", "there is nothing"});
    std::vector<Found> found;
    while (!payload.empty()) {
      const std::size_t end = std::min(payload.find('|'), payload.size());
      found.push_back({"", std::string(payload.substr(0, end))});
      payload.remove_prefix(std::min(end + 1, payload.size()));
    }
    return found;
  }
  std::unique_ptr<Program> compile(const Projection&) const override { return nullptr; }
  std::vector<std::string> explain(const Projection&) const override { return {}; }
};

TEST(Finder, GivesWhatMatchesSayAndLeavesOutWhatIsEmpty) {
  const auto finder = make_finder(std::make_shared<const Echo>(EchoConfig{}), "a");
  ASSERT_TRUE(finder);
  EXPECT_EQ((*finder)->find(R"("a\"\u00e9\n"|7|null|""|[]|{ }|[ 1]|false|"null")"),
            (Texts{"a\"\u00e9\n", "7", "[ 1]", "false", "null"}));
  EXPECT_EQ((*finder)->find("").error(), "there is nothing");
}

struct PagedConfig {
  std::string next, extractor;

  static void describe(Spec<PagedConfig>& s) {
    s.named("input", "paged", "").field("next", &PagedConfig::next, "").field("extractor", &PagedConfig::extractor, "");
  }
  std::vector<PayloadPath> payload_paths() const {
    if (next.empty()) return {};
    return {{"next", extractor, next}};
  }
};

Problems compile(const std::string& input) {
  Registry registry;
  registry.add_input(spec_of<PagedConfig>(), [](const Node& node, const Decoding& decoding) {
    std::optional<Make<Input>> make;
    if (decode<PagedConfig>(node, decoding))
      make = [](const Context&) -> Result<std::unique_ptr<Input>> { return nullptr; };
    return make;
  });
  add_payload_paths<PagedConfig>(registry);
  add_extractor<EchoConfig, Echo>(registry);
  Problems problems;
  const auto node =
      load_text("inputs:\n  src: {type: paged, " + input + "}\nextractors: {x: {type: echo}}\n", "b.yml", problems);
  static_cast<void>(compile_plan(*node, registry, {.file = "b.yml", .folder = {}}, problems));
  return problems;
}

std::string first_error(const Problems& problems) {
  for (const Problem& problem : problems)
    if (problem.severity == Problem::Severity::error && problem.path.starts_with("inputs.")) return problem.text();
  return {};
}

TEST(Finder, PathsOfInputsAreCheckedWhereTheyStand) {
  EXPECT_EQ(first_error(compile("next: 'a?'")), "b.yml:2:28: inputs.src.next: a question in \"a?\" [BO302]");
  EXPECT_EQ(first_error(compile("next: a, extractor: y")),
            "b.yml:2:28: inputs.src.next: there is no extractor \"y\"; known are x [BO230]");
  EXPECT_EQ(first_error(compile("next: a, extractor: x")), "");
  EXPECT_EQ(first_error(compile("next: a")), "");
}

}  // namespace
}  // namespace batchout
