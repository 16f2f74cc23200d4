// Puts the declarations of all sections together: inputs with their maps, outputs with their stores, and the streams of
// rows between them, which dialect 0.0.1 implies and 0.3.0 spells out as tasks and selectors.

#include "plan/compile.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "config/wording.h"
#include "plan/declarations.h"
#include "plan/map_compiler.h"
#include "plan/selectors.h"

namespace batchout {
namespace {

// One compilation. Sections are decoded in the constructor; `compile` is called once and gives the plan away. A plan
// with problems may have holes, so nobody gets it. Borrows what it is given for its own life.
class PlanCompiler {
 public:
  PlanCompiler(const Node& config, const Registry& registry, const CompileOptions& options, Problems& problems)
      : config_(config),
        file_(options.file),
        problems_(problems),
        declarations_(read_declarations(config, registry, options.file, options.environment, problems)),
        selectors_(declarations_, options.file, registry.types().query, plan_, problems) {
    plan_.dialect = declarations_.dialect;
    plan_.folder = options.folder;
  }

  /// In the order in which later steps need earlier ones: stores before writers, inputs before selections.
  Plan compile() {
    plan_.name = name();
    // Version 0.0.1 wrote such rows, 0.3.0 did not.
    plan_.drop_empty_rows = plan_.dialect != Dialect::v0_0_1;
    check_maps();
    add_outputs();
    if (plan_.dialect == Dialect::v0_0_1) {
      for (std::size_t i = 0; i < declarations_.inputs.size(); ++i) add_input(i);
      write_everything();
    } else {
      add_readers();
      add_parameters();
      add_writers();
      check_unused();
    }
    check_keys();
    check_not_empty();
    if (!plan_.tables.empty()) plan_.batch = kWholeRound;
    return std::move(plan_);
  }

 private:
  void problem(Problem::Severity severity, std::string_view code, Node::Mark mark, std::string path,
               std::string message, std::string hint = {}) {
    problems_.push_back({severity, std::string(code), file_, mark.line, mark.column, std::move(path),
                         std::move(message), std::move(hint)});
  }
  void error(std::string_view code, Node::Mark mark, std::string path, std::string message, std::string hint = {}) {
    problem(Problem::Severity::error, code, mark, std::move(path), std::move(message), std::move(hint));
  }

  /// The Kafka consumer group if there is one, else the file's name. It is part of every stored position: a file that
  /// is renamed must not read its topic anew, so the group goes first.
  std::string name() const {
    if (const Node* inputs = config_.find("inputs"); inputs != nullptr && inputs->is_mapping())
      for (const Node::Entry& entry : inputs->entries())
        if (const Node* group = entry.value.is_mapping() ? entry.value.find("consumer_group") : nullptr)
          if (!group->written().empty()) return group->written();
    const std::string stem = std::filesystem::path(file_).stem().string();
    return stem.empty() ? "batchout" : stem;
  }

  /// True for a component that was declared, but wrongly.
  bool broken(std::string_view section, const std::string& name) const {
    return declarations_.broken.contains(join_path(section, name));
  }

  /// Whether a star or a list of names would be incomplete without the fault of the one who wrote it.
  bool any_broken(std::string_view section) const {
    return std::ranges::any_of(declarations_.broken, [prefix = fmt::format("{}.", section)](const std::string& path) {
      return path.starts_with(prefix);
    });
  }

  /// A map for an input that does not exist would be ignored silently.
  void check_maps() {
    if (declarations_.maps.is_null()) return;
    if (!declarations_.maps.is_mapping()) return;  // Reported with the sections.
    for (const Node::Entry& entry : declarations_.maps.entries()) {
      if (position_of(declarations_.inputs, entry.key)) continue;
      error("BO230", entry.mark, join_path("maps", entry.key),
            fmt::format("there is no input {}", in_quotes(entry.key)),
            suggestion(entry.key, names_of(declarations_.inputs), "known are"));
    }
  }

  /// Returns the input's place in the plan. Each call is one more reading: a task that names an input twice fills its
  /// table twice.
  std::size_t add_input(std::size_t number) {
    const auto& [name, mark, make] = declarations_.inputs[number];
    PlannedInput input;
    input.name = name;
    input.make = make;
    compile_map(declarations_, file_, input, problems_);
    if (plan_.dialect != Dialect::v0_0_1 && (!declarations_.maps.is_mapping() || !declarations_.maps.find(name)))
      problem(Problem::Severity::warning, "BO240", mark, join_path("inputs", name),
              "the input has no map, so it is read without making rows", fmt::format("add maps.{}", name));
    plan_.inputs.push_back(std::move(input));
    return plan_.inputs.size() - 1;
  }

  /// All declared outputs, used or not: a store connects only when somebody writes.
  void add_outputs() {
    std::map<std::string, std::size_t> stores;
    for (const auto& [name, mark, make] : declarations_.outputs) {
      const auto [store, added] = stores.try_emplace(make.store_key(plan_.folder), plan_.stores.size());
      if (added) plan_.stores.push_back({name, make.store});
      plan_.outputs.push_back({name, store->second, make});
    }
  }

  // ---- dialect 0.0.1

  /// Every output gets all columns of all inputs, and the rows of the inputs follow each other. All inputs have the
  /// same columns in this dialect, so one writer serves all of them.
  void write_everything() {
    PlannedWriter writer;
    writer.name = "all";
    for (std::size_t i = 0; i < plan_.inputs.size(); ++i) {
      PlannedSelection selection{i, {}, plan_.inputs[i].shape};
      for (std::size_t column = 0; column < plan_.inputs[i].shape->columns.size(); ++column)
        selection.columns.push_back(column);
      writer.selections.push_back(std::move(selection));
    }
    for (std::size_t i = 0; i < plan_.outputs.size(); ++i) writer.outputs.push_back(i);
    plan_.writers.push_back(std::move(writer));
  }

  // ---- dialect 0.3.0

  /// Inputs are read in the order of the tasks, and within a task as listed.
  void add_readers() {
    for (const auto& [name, mark, task] : declarations_.tasks) {
      if (!task.reads) continue;
      const std::string path = join_path("tasks", name);
      for (const std::string& input : task.components) {
        if (const auto number = position_of(declarations_.inputs, input)) {
          const std::size_t planned = add_input(*number);
          if (task.selector) readings_.push_back({planned, *number, *task.selector, mark, path});
        } else {
          error("BO230", mark, join_path(path, "inputs"), fmt::format("there is no input {}", in_quotes(input)),
                suggestion(input, names_of(declarations_.inputs), "known are"));
        }
      }
    }
  }

  /// Once all inputs are known, since a selector may read any of them.
  void add_parameters() {
    for (const Reading& reading : readings_) {
      const auto selector = position_of(declarations_.selectors, reading.selector);
      if (!selector) {
        if (!broken("selectors", reading.selector))
          error("BO230", reading.mark, join_path(reading.path, "selector"),
                fmt::format("there is no selector {}", in_quotes(reading.selector)),
                suggestion(reading.selector, names_of(declarations_.selectors), "known are"));
        continue;
      }
      if (auto query = selectors_.query(declarations_.selectors[*selector]))
        plan_.inputs[reading.planned].parameters =
            PlannedParameters{std::move(*query), declarations_.parameterised_inputs[reading.declared]};
    }
  }

  /// Writers without outputs or selections stay, so that the rest of their mistakes is found; the plan is refused. The
  /// order of the tasks is that in which rows are written.
  void add_writers() {
    for (const auto& [name, mark, task] : declarations_.tasks) {
      if (task.reads) continue;
      const std::string path = join_path("tasks", name);
      PlannedWriter writer;
      writer.name = name;
      if (task.components.empty())
        error("BO242", mark, join_path(path, "outputs"), "nothing is written", "name an output");
      for (const std::string& output : task.components) {
        if (const auto number = position_of(declarations_.outputs, output)) {
          if (std::ranges::find(writer.outputs, *number) != writer.outputs.end())
            error("BO245", mark, join_path(path, "outputs"),
                  fmt::format("output {} is named twice, so each row would be written twice", in_quotes(output)),
                  "name it once");
          writer.outputs.push_back(*number);
        } else if (!broken("outputs", output)) {
          error("BO230", mark, join_path(path, "outputs"), fmt::format("there is no output {}", in_quotes(output)),
                suggestion(output, names_of(declarations_.outputs), "known are"));
        }
      }
      if (const auto selector = position_of(declarations_.selectors, *task.selector)) {
        SelectedRows rows = selectors_.select(declarations_.selectors[*selector]);
        writer.selections = std::move(rows.selections);
        writer.query = std::move(rows.query);
      } else if (!broken("selectors", *task.selector)) {
        error("BO230", mark, join_path(path, "selector"),
              fmt::format("there is no selector {}", in_quotes(*task.selector)),
              suggestion(*task.selector, names_of(declarations_.selectors), "known are"));
      }
      plan_.writers.push_back(std::move(writer));
    }
  }

  /// What nobody uses is still checked: it was written for a reason.
  void check_unused() {
    Problems problems;
    check_unmapped_paths(declarations_, file_, plan_, problems);
    for (Problem& problem : problems) {
      const auto same = [&](const Problem& known) { return known.path == problem.path; };
      if (std::ranges::none_of(problems_, same)) problems_.push_back(std::move(problem));
    }
    for (const auto& selector : declarations_.selectors) {
      const auto uses = [&](const Named<DeclaredTask>& task) { return task.value.selector == selector.name; };
      if (std::ranges::none_of(declarations_.tasks, uses)) selectors_.check(selector);
    }
  }

  // ---- both dialects

  /// Outputs whose rows are identified by columns that no writer gives them.
  void check_keys() {
    for (const PlannedWriter& writer : plan_.writers) {
      if (writer.selections.empty()) continue;  // Reported already.
      std::vector<std::string> written;
      // All selections of a writer have equal names, so the first one speaks for them.
      for (const ColumnShape& column : writer.selections.front().shape->columns) written.push_back(column.name);
      for (const std::size_t output : writer.outputs) check_keys(plan_.outputs[output], written);
    }
  }

  void check_keys(const PlannedOutput& output, const std::vector<std::string>& written) {
    // The old dialects let such keys pass where they have no effect.
    const bool demanded = output.make.needs_keys || plan_.dialect == Dialect::v1;
    for (std::size_t i = 0; i < output.make.keys.size(); ++i) {
      const std::string& key = output.make.keys[i];
      if (std::ranges::find(written, key) != written.end() || broken("columns", key)) continue;
      problem(demanded ? Problem::Severity::error : Problem::Severity::warning, "BO243", mark_of_key(output.name, i),
              join_path(join_path("outputs", output.name), "keys"),
              fmt::format("the key {} is not among the columns that are written", in_quotes(key)),
              suggestion(key, written, "these are"));
    }
  }

  /// Where the key stands, or its output if the keys come from elsewhere.
  Node::Mark mark_of_key(const std::string& output, std::size_t number) const {
    const Node& settings = *config_.find("outputs")->find(output);
    const Node* keys = settings.find("keys");
    if (keys == nullptr) return declarations_.outputs[*position_of(declarations_.outputs, output)].mark;
    return keys->is_list() && number < keys->items().size() ? keys->items()[number].mark() : keys->mark();
  }

  /// Only where nothing else is wrong: an input with a mistake would count as none.
  void check_not_empty() {
    if (has_errors(problems_)) return;
    if (plan_.inputs.empty())
      error("BO242", config_.mark(), "inputs", "nothing is read",
            plan_.dialect == Dialect::v0_0_1 ? "add an input" : "add a reader to tasks");
    if (plan_.writers.empty() || plan_.outputs.empty())
      error("BO242", config_.mark(), "outputs", "nothing is written",
            plan_.dialect == Dialect::v0_0_1 ? "add an output" : "add a writer to tasks");
  }

  const Node& config_;
  std::string file_;
  Problems& problems_;
  Declarations declarations_;
  Plan plan_;
  SelectorCompiler selectors_;

  /// An input in a reader with a selector: its places in plan and declarations, and where to report mistakes.
  struct Reading {
    std::size_t planned = 0;
    std::size_t declared = 0;
    std::string selector;
    Node::Mark mark;
    std::string path;
  };
  std::vector<Reading> readings_;
};

}  // namespace

std::optional<Plan> compile_plan(const Node& config, const Registry& registry, const CompileOptions& options,
                                 Problems& problems) {
  Plan plan = PlanCompiler(config, registry, options, problems).compile();
  std::ranges::stable_sort(problems, {},
                           [](const Problem& problem) { return std::pair(problem.line, problem.column); });
  // A path that several places of a map use is wrong once.
  const auto repeated = std::ranges::unique(problems, {}, &Problem::text);
  problems.erase(repeated.begin(), repeated.end());
  if (has_errors(problems)) return std::nullopt;
  return plan;
}

}  // namespace batchout
