// From configurations to plans, with stand-ins for all components: levels, shapes and problems.

#include "plan/compile.h"

#include <gtest/gtest.h>

#include "config/load.h"
#include "registry/registry.h"

namespace batchout {
namespace {

struct AnyConfig {
  Strategy strategy = Strategy::take_first;
  static void describe(Spec<AnyConfig>& s) {
    s.named("any", "stand_in", "Stands for any component.").alias("jsonpath_rw").alias("recorder");
    s.field("strategy", &AnyConfig::strategy, "Which match counts.");
  }
};

/// Takes every path that has no question mark.
class AnyExtractor final : public Extractor {
 public:
  explicit AnyExtractor(const AnyConfig&) {}
  std::optional<PathProblem> check(const Template& path) const override {
    if (path.written.contains('?')) return PathProblem{"a question", static_cast<int>(path.written.find('?')) + 1};
    return std::nullopt;
  }
  std::expected<std::vector<Found>, FindProblem> find(const Template&, std::string_view) const override { return {}; }
  std::unique_ptr<Program> compile(const Projection&) const override { return nullptr; }
  std::vector<std::string> explain(const Projection&) const override { return {}; }
};

Registry registry() {
  Registry registry;
  registry.add_input(spec_of<AnyConfig>(),
                     [](const Node&, const Decoding&) { return std::optional<Make<Input>>(Make<Input>()); });
  registry.add_output(spec_of<AnyConfig>(), [](const Node& node, const Decoding&) {
    OutputMake make;
    make.store_key = [system = node.find("system") == nullptr ? "" : node.find("system")->text()](
                         std::string_view folder) { return std::string(folder) + system; };
    if (const Node* keys = node.find("keys"))
      for (const Node& key : keys->items()) make.keys.push_back(key.text());
    make.needs_keys = node.find("optional") == nullptr;
    return std::optional<OutputMake>(std::move(make));
  });
  add_extractor<AnyConfig, AnyExtractor>(registry);
  return registry;
}

struct Compiled {
  std::optional<Plan> plan;
  std::vector<std::string> problems;
};

Compiled compile(std::string_view yaml) {
  Compiled compiled;
  Problems problems;
  const auto node = load_text(yaml, "batch.yml", problems);
  if (node) compiled.plan = compile_plan(*node, registry(), {.file = "batch.yml", .folder = {}}, problems);
  for (const Problem& problem : problems) compiled.problems.push_back(problem.text());
  return compiled;
}

using Texts = std::vector<std::string>;

constexpr std::string_view kComponents = R"(
inputs: {src: {type: stand_in}}
extractors: {x: {type: stand_in}}
defaults: {columns: {type: string, extractor: x}, indexes: {type: for_list, extractor: x}}
indexes: {i: {path: a}, j: {path: 'a[{i}].b'}, k: {path: c}}
columns: {t: {path: t}, u: {path: 'a[{i}].u'}, v: {path: 'a[{i}].b[{j}]'}, w: {path: 'c[{k}]'}}
selectors: {rows: {type: sql, columns: [p, q], query: 'select v, w from src'}}
outputs: {out: {type: stand_in}}
tasks: {r: {type: reader, inputs: src}, w: {type: writer, selector: rows, outputs: out}}
)";

Compiled compile_map(std::string_view map) {
  return compile(std::string(kComponents) + "maps: {src: " + std::string(map) + "}\n");
}

/// Levels as index<parent, columns as name@level, both in order.
std::string shown(const Projection& projection) {
  std::string out;
  for (const ProjectionLevel& level : projection.levels) out += level.index + "<" + std::to_string(level.parent) + " ";
  for (const ProjectionColumn& column : projection.columns)
    out += column.name + "@" + std::to_string(column.level) + " ";
  return out;
}

TEST(Maps, ColumnsHangAtTheDeepestIndexTheyMention) {
  const auto compiled = compile_map("[{i: [t, u, {j: v}]}, {k: [w]}]");
  ASSERT_TRUE(compiled.plan) << compiled.problems.front();
  const Projection& projection = compiled.plan->inputs[0].projection;
  EXPECT_EQ(shown(projection), "<0 i<0 j<1 k<0 t@0 u@1 v@2 w@3 ");
  ASSERT_EQ(projection.rows.root.groups.size(), 2U);
  EXPECT_EQ(projection.rows.root.groups[0][0].groups[0][0].level, 2U);
}

TEST(Maps, AColumnListedInABranchIsEmptyInTheOthers) {
  const auto compiled = compile_map("[{i: [t, u], k: [w]}]");
  ASSERT_TRUE(compiled.plan) << compiled.problems.front();
  const PlannedInput& input = compiled.plan->inputs[0];
  ASSERT_EQ(input.projection.restrictions.size(), 1U);
  EXPECT_EQ(input.projection.restrictions[0].within, std::vector<LevelId>{1});
  EXPECT_EQ(input.shape->columns[0].level, 3U);
  EXPECT_EQ(input.shape->columns[1].level, 1U);
}

TEST(Maps, SelectedColumnsThatNoMapFillsAreAbsent) {
  const auto compiled = compile_map("[{k: w}]");
  ASSERT_TRUE(compiled.plan) << compiled.problems.front();
  const PlannedSelection& selection = compiled.plan->writers[0].selections[0];
  EXPECT_EQ(selection.columns, (std::vector<std::size_t>{Block::kAbsent, 0}));
  EXPECT_EQ(selection.shape->columns[0].name, "p");
}

TEST(Maps, RefuseWhatTheyDoNotKnow) {
  EXPECT_EQ(
      compile_map("[tt, {ii: []}, u, k]").problems,
      (Texts{
          "batch.yml:6:35: columns.u.path: the path needs index \"i\", which does not enclose it in the map of input "
          "\"src\"; list it below \"i\" there [BO303]",
          "batch.yml:10:14: maps.src[0]: there is no column \"tt\"; did you mean \"t\"? [BO230]",
          "batch.yml:10:19: maps.src[1].ii: there is no index \"ii\"; did you mean \"i\"? [BO230]",
          "batch.yml:10:31: maps.src[3]: there is no column \"k\"; an index is a key here, with a list of columns as "
          "its value [BO230]"}));
}

TEST(Writers, RefuseKeysThatNoColumnHas) {
  const auto with = [](std::string_view output) {
    std::string yaml = std::string(kComponents) + "maps: {src: [t]}\n";
    yaml.replace(yaml.find("out: {type: stand_in}"), 21, "out: {type: stand_in, " + std::string(output) + "}");
    return compile(yaml);
  };
  EXPECT_TRUE(with("keys: [q, p]").plan);
  EXPECT_EQ(
      with("keys: [p, v]").problems,
      Texts{"batch.yml:8:43: outputs.out.keys: the key \"v\" is not among the columns that are written; these are "
            "p, q [BO243]"});
  const auto optional = with("keys: [v], optional: yes");
  EXPECT_TRUE(optional.plan);
  EXPECT_EQ(optional.problems.size(), 1U);
}

TEST(Stores, AreOneForEqualKeysInTheFolderOfTheConfiguration) {
  const auto compiled = compile(R"(
inputs: {src: {type: stand_in}}
columns: {t: {type: extracted, cast: string, path: t}}
outputs: {one: {type: stand_in, system: s}, two: {type: stand_in, system: t}, three: {type: stand_in, system: s}}
)");
  ASSERT_TRUE(compiled.plan) << compiled.problems.front();
  EXPECT_EQ(compiled.plan->stores.size(), 2U);
  EXPECT_EQ(compiled.plan->outputs[2].store, 0U);
}

TEST(OldDialect, MultipliesAllIndexesInOrder) {
  const auto compiled = compile(R"(
inputs: {src: {type: stand_in}}
indexes: {i: {type: for_list, path: a}, k: {type: for_object, path: c}}
columns: {t: {type: extracted, cast: string, path: t}, w: {type: extracted, cast: date, path: 'c.{k}'}}
outputs: {one: {type: stand_in, system: s}, two: {type: stand_in, system: s}}
)");
  ASSERT_TRUE(compiled.plan) << compiled.problems.front();
  EXPECT_EQ(compiled.plan->dialect, Dialect::v0_0_1);
  EXPECT_FALSE(compiled.plan->drop_empty_rows);
  const Projection& projection = compiled.plan->inputs[0].projection;
  EXPECT_EQ(shown(projection), "<0 i<0 k<0 t@0 w@2 ");
  EXPECT_EQ(projection.rows.root.groups.size(), 2U);
  EXPECT_EQ(compiled.plan->stores.size(), 1U) << "outputs of one system share a store";
}

TEST(OldDialect, IndexesUsedTogetherAreNested) {
  const auto compiled = compile(R"(
inputs: {src: {type: stand_in}}
indexes: {i: {type: for_list, path: a}, k: {type: for_list, path: c}}
columns: {m: {type: extracted, cast: string, path: 'm[{i}][{k}]'}}
outputs: {out: {type: stand_in}}
)");
  ASSERT_TRUE(compiled.plan) << compiled.problems.front();
  const Projection& projection = compiled.plan->inputs[0].projection;
  EXPECT_EQ(shown(projection), "<0 i<0 k<1 m@2 ");
  ASSERT_EQ(projection.rows.root.groups.size(), 1U);
  EXPECT_EQ(projection.rows.root.groups[0][0].groups[0][0].level, 2U);
}

TEST(Problems, OfOneComponentDoNotHideOrCauseOthers) {
  const auto compiled = compile(R"(
inputs: {src: {type: stand_on}}
indexes: {session: {type: for_lists, path: a}}
columns: {s: {type: extracted, cast: string, path: 'a[{sesion}].b'}, r: {type: extracted, cast: string, path: 'a[{session}].b'},
  q: {type: extracted, cast: string, path: 'who?'}}
outputs: {out: {type: recorder}}
)");
  EXPECT_EQ(
      compiled.problems,
      (Texts{"batch.yml:2:22: inputs.src.type: there is no type \"stand_on\"; did you mean \"stand_in\"? [BO232]",
             "batch.yml:3:27: indexes.session.type: there is no type \"for_lists\"; did you mean \"for_list\"? [BO232]",
             "batch.yml:4:52: columns.s.path: there is no index \"sesion\"; did you mean \"session\"? [BO230]",
             "batch.yml:5:44: columns.q.path: a question (character 4 of \"who?\"); `batchout get` tries paths on a "
             "payload [BO302]"}));
}

TEST(Problems, AreReportedAllAtOnceWithPlaceAndRemedy) {
  const auto compiled = compile(R"(
inputs: {src: {type: stand_on}}
extractors: {x: {type: stand_in, strategy: take_frist}}
indexes: {i: {type: for_list, path: 'a[{', extractor: x}}
columns: {t: {path: t, extractor: y}, d: {type: datetime, path: d, extractor: x, timezone: Mars/Olympus}}
selectors: {rows: {type: sql, columns: [a], query: select a from src where b}}
outputs: {out: {type: recorder}}
tasks: {w: {type: writer, selector: rowz, outputs: [out, in]}, v: {type: writer, selector: rows, outputs: out}}
inputz: {}
)");
  EXPECT_FALSE(compiled.plan);
  EXPECT_EQ(compiled.problems.size(), 8U) << ::testing::PrintToString(compiled.problems);
}

}  // namespace
}  // namespace batchout
