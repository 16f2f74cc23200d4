// Puts the declarations of all sections together: inputs with their maps, outputs with their stores, and the streams of
// rows between them, which dialect 0.0.1 implies and 0.3.0 spells out as tasks and selectors. Our own dialect is
// rewritten first to what 0.3.0 spells out.

#include "plan/compile.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <set>

#include <fmt/format.h>

#include "config/interpolation.h"
#include "config/load.h"
#include "config/wording.h"
#include "plan/declarations.h"
#include "plan/declared_tests.h"
#include "plan/delivery_level.h"
#include "plan/dialect_one.h"
#include "plan/letter_place.h"
#include "plan/map_compiler.h"
#include "plan/pipeline_settings.h"
#include "plan/reader_order.h"
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
        registry_(registry),
        problems_(problems),
        declarations_(read_declarations(config, registry, options.file, options.environment, problems)),
        selectors_(declarations_, options.file, registry.types().query, plan_, problems) {
    plan_.dialect = declarations_.dialect;
    plan_.folder = options.folder;
  }

  /// In the order in which later steps need earlier ones: stores before writers, inputs before selections.
  Plan compile() {
    const PipelineSettings settings =
        plan_.dialect == Dialect::v1 ? pipeline_settings(config_, file_, problems_) : old_pipeline_settings();
    plan_.name = settings.name.empty() ? name() : settings.name;
    plan_.lanes = settings.lanes;
    // Version 0.0.1 wrote such rows, 0.3.0 did not.
    plan_.drop_empty_rows = plan_.dialect != Dialect::v0_0_1 && !settings.keep_empty;
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
    set_limits(settings, plan_);
    place_letters(settings.dead_letters, registry_, file_, plan_, problems_);
    if (plan_.delivery == DeliveryLevel::exactly_once && !has_errors(problems_)) check_delivery();
    if (!has_errors(problems_)) check_counted_columns();
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

  void check_delivery() {
    for (const std::string& obstacle : obstacles_to_exactly_once(plan_))
      error("BO252", config_.find("pipeline")->find("delivery")->mark(), "pipeline.delivery",
            "exactly_once cannot be kept: " + obstacle,
            "leave delivery out to get as much as can be kept; mode: upsert makes rows that come twice harmless");
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

  /// A map for an input that does not exist would be ignored silently. A list of columns may have one, too.
  void check_maps() {
    if (declarations_.maps.is_null()) return;
    if (!declarations_.maps.is_mapping()) return;  // Reported with the sections.
    std::vector<std::string> known = names_of(declarations_.inputs);
    for (const auto& selector : declarations_.selectors)
      if (selector.value.table) known.push_back(selector.name);
    for (const Node::Entry& entry : declarations_.maps.entries()) {
      if (std::ranges::find(known, entry.key) != known.end() || broken("selectors", entry.key)) continue;
      error("BO230", entry.mark, join_path("maps", entry.key),
            plan_.dialect == Dialect::v1 ? fmt::format("there is no input or list selector {}", in_quotes(entry.key))
                                         : fmt::format("there is no input {}", in_quotes(entry.key)),
            suggestion(problems_, entry.key, [&] { return known; }, "known are"));
    }
  }

  /// Returns the input's place in the plan. Each call is one more reading: a task that names an input twice fills its
  /// table twice.
  std::size_t add_input(std::size_t number) {
    const auto& [name, mark, make] = declarations_.inputs[number];
    PlannedInput input;
    input.name = name;
    input.make = make;
    std::vector<std::string> inferred;
    compile_map(declarations_, file_, mark, input, inferred, problems_);
    for (std::string& sentence : inferred)
      if (std::ranges::find(plan_.inferred, sentence) == plan_.inferred.end())
        plan_.inferred.push_back(std::move(sentence));
    if (plan_.dialect == Dialect::v0_3_0 && declarations_.map_of(name) == nullptr)
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

  /// An input in a reader with a selector: its places in plan and declarations, and where to report mistakes.
  struct Reading {
    std::size_t planned = 0;
    std::size_t declared = 0;
    std::string selector;
    std::size_t threads = 1;
    Node::Mark mark;
    std::string path;
  };

  /// Inputs are read in the order of the readers, and within one as listed.
  void add_readers() {
    for (const Named<DeclaredTask>* reader : readers_in_order(declarations_, selectors_, file_, problems_)) {
      const auto& [name, mark, task] = *reader;
      const std::string path = join_path("tasks", name);
      for (const std::string& input : task.components) {
        if (const auto number = position_of(declarations_.inputs, input)) {
          const std::size_t planned = add_input(*number);
          if (task.selector) readings_.push_back({planned, *number, *task.selector, task.threads, mark, path});
        } else {
          error("BO230", mark, join_path(path, "inputs"), fmt::format("there is no input {}", in_quotes(input)),
                suggestion(problems_, input, [&] { return names_of(declarations_.inputs); }, "known are"));
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
          error(
              "BO230", reading.mark, join_path(reading.path, "selector"),
              fmt::format("there is no selector {}", in_quotes(reading.selector)),
              suggestion(problems_, reading.selector, [&] { return names_of(declarations_.selectors); }, "known are"));
        continue;
      }
      if (refuse_endless(reading)) continue;
      auto query = selectors_.query(declarations_.selectors[*selector]);
      if (!query) continue;
      const ParameterisedInput& input = declarations_.parameterised_inputs[reading.declared];
      if (!input.make) continue;  // Reported already.
      check_parameters(input, *query);
      PlannedParameters parameters{std::move(*query), input.make};
      parameters.same_round = plan_.dialect == Dialect::v1;
      if (parameters.same_round) parameters.sources = inputs_read(declarations_.selectors[*selector]);
      parameters.threads = reading.threads;
      plan_.inputs[reading.planned].parameters = std::move(parameters);
    }
  }

  /// What is wrong with an input that gets the columns of a query.
  void check_parameters(const ParameterisedInput& input, const PlannedQuery& query) {
    std::vector<std::string> names;
    for (const ColumnShape& column : query.shape->columns) names.push_back(column.name);
    for (Problem& problem : input.check(names)) {
      if (problem.severity != Problem::Severity::error) continue;  // Reported with the input.
      if (problem.hint.empty())
        problem.hint = fmt::format("selector {} gives {}", in_quotes(query.selector), fmt::join(names, ", "));
      problems_.push_back(std::move(problem));
    }
  }

  /// An input that has no end is read once and for all, whatever rows there are; the original had none in tasks.
  bool refuse_endless(const Reading& reading) {
    const PlannedInput& input = plan_.inputs[reading.planned];
    const auto built = input.make ? input.make({}) : nullptr;
    if (!built || *built == nullptr || !(*built)->traits().endless) return false;
    error(
        "BO251", reading.mark, join_path(reading.path, "selector"),
        fmt::format("input {} has no end, so it cannot be read once for each row of a selector", in_quotes(input.name)),
        "read it in a reader without selector");
    return true;
  }

  /// Those whose rows a query sees.
  std::vector<std::string> inputs_read(const Named<DeclaredSelector>& selector) {
    std::vector<std::string> names = selectors_.tables_read(selector);
    std::erase_if(names, [&](const std::string& name) {
      return std::ranges::find(plan_.inputs, name, &PlannedInput::name) == plan_.inputs.end();
    });
    return names;
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
                suggestion(problems_, output, [&] { return names_of(declarations_.outputs); }, "known are"));
        }
      }
      if (const auto selector = position_of(declarations_.selectors, *task.selector)) {
        SelectedRows rows = selectors_.select(declarations_.selectors[*selector]);
        writer.selections = std::move(rows.selections);
        writer.query = std::move(rows.query);
      } else if (!broken("selectors", *task.selector)) {
        error("BO230", mark, join_path(path, "selector"),
              fmt::format("there is no selector {}", in_quotes(*task.selector)),
              suggestion(problems_, *task.selector, [&] { return names_of(declarations_.selectors); }, "known are"));
      }
      plan_.writers.push_back(std::move(writer));
    }
  }

  /// What nobody uses is still checked: it was written for a reason.
  void check_unused() {
    std::set<std::string> reported;
    for (const Problem& problem : problems_) reported.insert(problem.path);
    Problems problems;
    check_unmapped_paths(declarations_, file_, plan_, problems);
    for (Problem& problem : problems)
      if (reported.insert(problem.path).second) problems_.push_back(std::move(problem));
    std::set<std::string_view> used;
    for (const auto& task : declarations_.tasks)
      if (task.value.selector) used.insert(*task.value.selector);
    for (const auto& selector : declarations_.selectors)
      if (!used.contains(selector.name)) selectors_.check(selector);
  }

  // ---- both dialects

  /// Outputs whose rows are identified by columns that no writer gives them.
  void check_keys() {
    for (const PlannedWriter& writer : plan_.writers) {
      if (writer.selections.empty()) continue;  // Reported already.
      std::vector<std::string> written;
      // All selections of a writer have equal names, so the first one speaks for them.
      for (const ColumnShape& column : writer.selections.front().shape->columns) written.push_back(column.name);
      for (const std::size_t output : writer.outputs) {
        check_keys(plan_.outputs[output], written);
        check_named_columns(plan_.outputs[output], written);
      }
    }
  }

  /// What settings say of a column that is not written would have no effect.
  void check_named_columns(const PlannedOutput& output, const std::vector<std::string>& written) {
    for (const PlacedColumn& column : columns_of(output)) {
      if (std::ranges::find(written, column.named.column) != written.end()) continue;
      if (broken("columns", column.named.column)) continue;
      error("BO243", column.mark, column.path,
            fmt::format("{} is not among the columns that are written", in_quotes(column.named.column)),
            suggestion(problems_, column.named.column, [&] { return written; }, "these are"));
    }
  }

  const std::vector<PlacedColumn>& columns_of(const PlannedOutput& output) const {
    return declarations_.output_columns[*position_of(declarations_.outputs, output.name)];
  }

  /// A row that came twice would count twice. What the level is at best must then be kept, or the run ends.
  void check_counted_columns() {
    std::vector<std::string> obstacles;
    for (const PlannedOutput& output : plan_.outputs)
      for (const PlacedColumn& column : columns_of(output)) {
        if (!column.named.counts) continue;
        if (obstacles.empty()) obstacles = obstacles_to_exactly_once(plan_);
        if (obstacles.empty()) {
          plan_.delivery = DeliveryLevel::exactly_once;
          return;
        }
        error("BO257", column.mark, column.path,
              fmt::format("{} would count rows twice that come twice, because exactly_once cannot be kept: {}",
                          in_quotes(column.named.column), obstacles.front()),
              "take another rule, such as overwrite or max, or have exactly_once: batchout: 1, inputs that resume and "
              "one "
              "database");
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
              suggestion(problems_, key, [&] { return written; }, "these are"));
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
  const Registry& registry_;
  Problems& problems_;
  Declarations declarations_;
  Plan plan_;
  SelectorCompiler selectors_;

  std::vector<Reading> readings_;
};

}  // namespace

namespace {

/// Puts environment and files into the values, and short forms into the long one.
Normalised own_dialect(const Node& config, const CompileOptions& options, Problems& problems) {
  refuse_duplicates(problems);
  const std::size_t before = problems.size();
  const Node filled =
      interpolated(without_tests(config), {options.environment, options.folder, options.file}, problems);
  std::vector<std::string> reported;
  for (std::size_t i = before; i < problems.size(); ++i) reported.push_back(problems[i].path);
  Normalised normal = normalised(filled, options.file, problems);
  normal.reported.insert(normal.reported.end(), reported.begin(), reported.end());
  return normal;
}

/// Names are looked up only in a plan without holes.
void check_tests(const Node& config, const Plan& plan, const std::string& file, Problems& problems) {
  std::vector<DeclaredTest> tests = read_tests(config, file, problems);
  if (!has_errors(problems)) resolve_tests(tests, plan, file, problems);
}

/// Key paths, to be asked for what is around and inside of others.
class KeyPaths {
 public:
  void insert(std::string path) { paths_.insert(std::move(path)); }
  bool empty() const { return paths_.empty(); }

  /// True if one of them is `path` or around it.
  bool has_around(std::string_view path) const {
    for (std::size_t end = 0; end < path.size();) {
      end = std::min(path.find_first_of(".[", end + 1), path.size());
      if (paths_.contains(path.substr(0, end))) return true;
    }
    return false;
  }

  /// True if one of them is inside of `path`.
  bool has_inside(std::string_view path) const {
    for (const char separator : {'.', '['}) {
      const std::string begin = std::string(path) + separator;
      const auto found = paths_.lower_bound(begin);
      if (found != paths_.end() && found->starts_with(begin)) return true;
    }
    return false;
  }

 private:
  std::set<std::string, std::less<>> paths_;
};

/// What follows from a value that is reported already. `first` is the first problem that may.
void drop_consequences(const std::vector<std::string>& reported, std::size_t first, Problems& problems) {
  KeyPaths paths;
  for (const std::string& path : reported) paths.insert(path);
  const auto begin = problems.begin() + static_cast<std::ptrdiff_t>(first);
  problems.erase(
      std::remove_if(begin, problems.end(), [&](const Problem& problem) { return paths.has_around(problem.path); }),
      problems.end());
}

/// Where values came from variables and files.
void collect_foreign(const Node& node, const std::string& path, KeyPaths& paths) {
  if (node.from_environment()) paths.insert(path);
  for (std::size_t i = 0; i < node.items().size(); ++i) collect_foreign(node.items()[i], join_path(path, i), paths);
  for (const Node::Entry& entry : node.entries()) collect_foreign(entry.value, join_path(path, entry.key), paths);
}

/// Parts of a message that stand in quotes, which may be values.
std::string without_quotes(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char quote = text[at];
    const std::size_t close = quote == '"' || quote == '\'' ? text.find(quote, at + 1) : std::string::npos;
    out += quote;
    if (close == std::string::npos) continue;
    out += "…";
    out += quote;
    at = close;
  }
  return out;
}

/// Settings hide such values themselves (codes BO20…); paths, names and queries do not know where they came from.
void hide_foreign(const Node& config, std::size_t first, Problems& problems) {
  KeyPaths foreign;
  collect_foreign(config, {}, foreign);
  for (std::size_t i = first; i < problems.size() && !foreign.empty(); ++i) {
    Problem& problem = problems[i];
    const bool concerned = foreign.has_around(problem.path) || foreign.has_inside(problem.path);
    if (problem.code.starts_with("BO20") || !concerned) continue;
    problem.message = without_quotes(problem.message);
    problem.hint = without_quotes(problem.hint);
  }
}

// Sorted by place, each problem once.
void put_in_order(Problems& problems) {
  std::ranges::stable_sort(problems, {},
                           [](const Problem& problem) { return std::pair(problem.line, problem.column); });
  // A path that several places of a map use is wrong once.
  const auto repeated = std::ranges::unique(problems, {}, &Problem::text);
  problems.erase(repeated.begin(), repeated.end());
}

}  // namespace

std::optional<Plan> compile_plan(const Node& config, const Registry& registry, const CompileOptions& options,
                                 Problems& problems) {
  Normalised normal;
  std::size_t before = 0;
  if (const Node* version = config.find("batchout")) {
    if (version->written() != "1") {
      problems.push_back({Problem::Severity::error, "BO233", options.file, version->mark().line, version->mark().column,
                          "batchout", "this version reads the dialect 1, and without the key those of 0.0.1 and 0.3.0",
                          "write batchout: 1"});
      return std::nullopt;
    }
    normal = own_dialect(config, options, problems);
    before = problems.size();
  }
  const Node& read = has_own_dialect(config) ? normal.config : config;
  Plan plan = PlanCompiler(read, registry, options, problems).compile();
  plan.inferred.insert(plan.inferred.begin(), normal.inferred.begin(), normal.inferred.end());
  drop_consequences(normal.reported, before, problems);
  hide_foreign(normal.config, before, problems);
  if (has_own_dialect(config)) check_tests(config, plan, options.file, problems);
  put_in_order(problems);
  if (has_errors(problems)) return std::nullopt;
  return plan;
}

}  // namespace batchout
