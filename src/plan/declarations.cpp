// Walks the sections in their order. For every component: section defaults are merged in, the environment is read, the
// type is looked up, and the type's description decodes the rest.

#include "plan/declarations.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include "config/wording.h"
#include "plan/columns.h"
#include "plan/dialect_one.h"
#include "plan/finder.h"

namespace batchout {
namespace {

// In the order in which suggestions name them.
constexpr std::array<std::string_view, 9> kSections = {"inputs",    "extractors", "indexes", "columns", "maps",
                                                       "selectors", "outputs",    "tasks",   "defaults"};
// Those that only our own dialect has, besides.
constexpr std::array<std::string_view, 3> kOwnSections = {"batchout", "pipeline", "tests"};

// One description serves the three kinds; which it is the type says. A strategy that is not written is that of the
// extractor.
struct IndexSettings {
  std::string extractor, path;
  Strategy strategy = Strategy::take_first;
  bool outer = false;
  bool count_members = false;

  static void describe(Spec<IndexSettings>& s) {
    s.named("index", "for_list",
            "One row per element of a list (for_list, from_list) or member of an object (for_object).")
        .alias("for_object")
        .alias("from_list")
        .field("path", &IndexSettings::path, "Where the list or object is; {index} stands for an outer index.")
        .required()
        .field("extractor", &IndexSettings::extractor, "Name of the extractor that finds it.")
        .field("strategy", &IndexSettings::strategy, "Which of several matches counts (dialect 0.0.1).")
        .field("outer", &IndexSettings::outer, "Whether a row without values stays where there are no elements.")
        .field("count_members", &IndexSettings::count_members,
               "An object counts as a list: of its positions (for_list) or its keys (from_list), as in dialect 0.3.0.");
  }
};

bool names_each(const std::vector<std::string>& names) {
  return !names.empty() && std::ranges::none_of(names, &std::string::empty);
}

struct SelectorSettings {
  std::string query;
  /// Without them the query names its columns, in our own dialect only.
  std::optional<std::vector<std::string>> columns;

  static void describe(Spec<SelectorSettings>& s) {
    s.named("selector", "sql", "Rows made of the tables of a batch.")
        .field("query", &SelectorSettings::query, "A SELECT over tables named like the inputs.")
        .required()
        .field("columns", &SelectorSettings::columns, "Names of the result's columns, by position.")
        .check(
            "columns", [](const SelectorSettings& c) { return !c.columns || names_each(*c.columns); },
            "needs at least one name and no empty one");
  }
};

/// The other type of selectors, of our own dialect.
struct ColumnsSettings {
  std::vector<std::string> columns;
  std::string input;

  static void describe(Spec<ColumnsSettings>& s) {
    s.named("selector", "columns", "Columns of one input: the rows that its map makes, or that their paths imply.")
        .field("columns", &ColumnsSettings::columns, "Names of columns; `name as other` gives one another name.")
        .required()
        .field("input", &ColumnsSettings::input, "Whose rows; may be left out where there is one input.")
        .required()
        .check(
            "columns", [](const ColumnsSettings& c) { return names_each(c.columns); },
            "needs at least one name and no empty one");
  }
};

struct ReaderSettings {
  std::vector<std::string> inputs;
  std::optional<std::string> selector;
  std::int64_t threads = 1;

  static void describe(Spec<ReaderSettings>& s) {
    s.named("task", "reader", "Reads inputs.")
        .field("inputs", &ReaderSettings::inputs, "Names of the inputs to read.")
        .required()
        .field("selector", &ReaderSettings::selector, "Selector whose rows are the parameters of the inputs.")
        .field("threads", &ReaderSettings::threads, "Rows of parameters whose inputs are read at a time.")
        .range(1, 1024);
  }
};

struct WriterSettings {
  std::vector<std::string> outputs;
  std::string selector;

  static void describe(Spec<WriterSettings>& s) {
    s.named("task", "writer", "Writes rows to outputs.")
        .field("outputs", &WriterSettings::outputs, "Names of the outputs to write to.")
        .required()
        .field("selector", &WriterSettings::selector, "Selector that makes the rows.")
        .required();
  }
};

/// Type names and aliases, for suggestions.
template <class Types>
std::vector<std::string> type_names(const Types& types) {
  std::vector<std::string> names;
  for (const auto& type : types) {
    const SpecInfo& spec = [&]() -> const SpecInfo& {
      if constexpr (requires { type.spec; })
        return type.spec;
      else
        return type;
    }();
    names.push_back(spec.type);
    names.insert(names.end(), spec.aliases.begin(), spec.aliases.end());
  }
  return names;
}

// One reading. Sections are read in the order in which they refer to each other, so that a name is either known,
// known to be broken, or wrong.
class SectionReader {
 public:
  SectionReader(const Node& config, const Registry& registry, std::string file, const Environment& environment,
                Problems& problems)
      : config_(config),
        types_(registry.types()),
        file_(std::move(file)),
        environment_(environment),
        problems_(problems) {}

  // To be called once: the declarations are moved out.
  Declarations read() {
    declarations_.dialect = dialect();
    check_sections();
    read_extractors();
    read_tasks();  // Who reads an input decides where its parameters come from.
    read_inputs();
    read_indexes();
    read_columns();
    read_selectors();
    read_outputs();
    if (is_strict()) check_keys_of_defaults();
    if (const Node* maps = config_.find("maps")) declarations_.maps = *maps;
    return std::move(declarations_);
  }

 private:
  /// `node` is a copy with defaults and environment merged in; `path` is its key path, `mark` where its name stands.
  struct Component {
    std::string name, path, type;
    Node node;
    Node::Mark mark;
  };

  void problem(Problem::Severity severity, std::string_view code, Node::Mark mark, std::string path,
               std::string message, std::string hint = {}) {
    problems_.push_back({severity, std::string(code), file_, mark.line, mark.column, std::move(path),
                         std::move(message), std::move(hint)});
  }
  void error(std::string_view code, Node::Mark mark, std::string path, std::string message, std::string hint = {}) {
    problem(Problem::Severity::error, code, mark, std::move(path), std::move(message), std::move(hint));
  }

  /// Sections that 0.0.1 did not have decide; both forms of a column may then be used. The original's versions had no
  /// mark of their own in a file, so the sections must tell.
  Dialect dialect() const {
    if (has_own_dialect(config_)) return Dialect::v1;
    for (const std::string_view section : {"maps", "tasks", "selectors", "extractors"})
      if (config_.find(section) != nullptr) return Dialect::v0_3_0;
    return Dialect::v0_0_1;
  }

  /// Unknown sections are warnings in the old dialects, since the original ignored them, and often are misspelt ones.
  void check_sections() {
    std::vector<std::string> known(kSections.begin(), kSections.end());
    if (is_strict()) known.insert(known.end(), kOwnSections.begin(), kOwnSections.end());
    for (const Node::Entry& entry : config_.entries()) {
      if (is_strict() && entry.key == "batchout") continue;
      if (is_known(entry, entry.key, known) && !entry.value.is_null() && !entry.value.is_mapping())
        error("BO235", entry.value.mark(), entry.key, "a section is a mapping of names to settings");
    }
    if (const Node* defaults = config_.find("defaults"); defaults != nullptr && defaults->is_mapping())
      check_defaults(*defaults);
  }

  void check_defaults(const Node& defaults) {
    std::vector<std::string> known;  // Maps have no settings, and defaults no defaults.
    for (const std::string_view section : kSections)
      if (section != "maps" && section != "defaults") known.emplace_back(section);
    for (const Node::Entry& entry : defaults.entries()) {
      const std::string path = join_path("defaults", entry.key);
      if (is_known(entry, path, known) && !entry.value.is_null() && !entry.value.is_mapping())
        error("BO236", entry.value.mark(), path, "settings are expected here, as a mapping");
    }
  }

  bool is_known(const Node::Entry& section, const std::string& path, const std::vector<std::string>& known) {
    if (std::ranges::find(known, section.key) != known.end()) return true;
    problem(is_strict() ? Problem::Severity::error : Problem::Severity::warning, "BO234", section.mark, path,
            is_strict() ? "an unknown section" : "an unknown section, which is ignored",
            suggestion(section.key, known, "known are"));
    return false;
  }

  bool is_strict() const { return declarations_.dialect == Dialect::v1; }

  /// Old dialects are lenient: quoted numbers are numbers, unknown keys are warnings.
  Decoding decoding(const Component& component) {
    return {component.path, file_, is_strict(), &problems_, component.mark};
  }

  /// Calls `read` with each component of a section that has a type. Whatever is wrong is reported, and noted as broken
  /// if `read` returns false. A section that is missing or no mapping is passed over: check_sections has reported it.
  template <class Read>
  void each(std::string_view section, const std::vector<std::string>& types, const Read& read) {
    const Node* node = config_.find(section);
    if (node == nullptr || !node->is_mapping()) return;
    for (const Node::Entry& entry : node->entries()) {
      Component component{entry.key, join_path(section, entry.key), {}, entry.value, entry.mark};
      if (!component.node.is_mapping()) {
        error("BO236", entry.value.mark(), component.path, "settings are expected here, as a mapping");
        declarations_.broken.insert(component.path);
        types_in_use_[std::string(section)].insert("");
      } else if (!prepare(component, section, types) || !read(component)) {
        declarations_.broken.insert(component.path);
      }
    }
  }

  /// Merges defaults and environment, and finds the type. Defaults first, since they may bring a `from_env`. A type may
  /// come from either.
  bool prepare(Component& component, std::string_view section, const std::vector<std::string>& types) {
    if (const Node* defaults = config_.find("defaults"); defaults != nullptr && defaults->is_mapping())
      if (const Node* of_section = defaults->find(section)) merge_defaults(component.node, *of_section);
    resolve_environment(component.node, environment_, decoding(component));
    const bool found = find_type(component, types);
    types_in_use_[std::string(section)].insert(found ? component.type : "");
    return found;
  }

  /// A key of the defaults reaches components of different types, so each of them passes over what it does not know. A
  /// key that none of them knows has no effect at all.
  void check_keys_of_defaults() {
    const Node* defaults = config_.find("defaults");
    if (defaults == nullptr) return;
    for (const Node::Entry& section : defaults->entries()) {
      const std::vector<std::string> known = keys_in_use(section.key);
      if (known.empty()) continue;
      for (const Node::Entry& entry : section.value.entries())
        if (std::ranges::find(known, entry.key) == known.end())
          error("BO201", entry.mark, join_path(join_path("defaults", section.key), entry.key),
                "no component of this section has the key", suggestion(entry.key, known, "known keys:"));
    }
  }

  /// Keys of all types that a section has components of, without components of all that it may have. Empty if there is
  /// no such section, and where the type of a component is not known.
  std::vector<std::string> keys_in_use(const std::string& section) const {
    const auto found = types_in_use_.find(section);
    const std::set<std::string> none;
    const std::set<std::string>& in_use = found == types_in_use_.end() ? none : found->second;
    if (in_use.contains("")) return {};
    std::vector<std::string> keys;
    for (const SpecInfo& spec : specs_of(section)) {
      if (!in_use.empty() && std::ranges::none_of(in_use, [&](const auto& type) { return spec.answers_to(type); }))
        continue;
      for (const FieldInfo& field : spec.fields) {
        keys.push_back(field.key);
        keys.insert(keys.end(), field.aliases.begin(), field.aliases.end());
      }
    }
    std::ranges::sort(keys);
    keys.erase(std::ranges::unique(keys).begin(), keys.end());
    if (!keys.empty()) keys.insert(keys.end(), {"type", "from_env"});
    return keys;
  }

  /// Descriptions of all types of components of a section.
  std::vector<SpecInfo> specs_of(std::string_view section) const {
    std::vector<SpecInfo> specs;
    const auto add = [&](const auto& types) {
      for (const auto& type : types) specs.push_back(type.spec);
    };
    if (section == "inputs") add(types_.inputs);
    if (section == "extractors") add(types_.extractors);
    if (section == "outputs") add(types_.outputs);
    if (section == "columns") specs = column_types(false);
    for (SpecInfo& spec : closed_types())
      if (section == (spec.role == "index" ? "indexes" : spec.role + "s")) specs.push_back(std::move(spec));
    return specs;
  }

  /// Sets `component.type` to one of `types`, or reports and returns false.
  bool find_type(Component& component, const std::vector<std::string>& types) {
    const Node* type = component.node.find("type");
    const std::string path = join_path(component.path, "type");
    if (type == nullptr || type->is_null()) {
      error("BO231", component.mark, path, "the type is missing", suggestion("", types, "one of"));
      return false;
    }
    component.type = type->written();
    if (std::ranges::find(types, component.type) != types.end()) return true;
    const bool shown = !type->from_environment();
    error("BO232", type->mark(), path,
          shown ? fmt::format("there is no type {}", in_quotes(component.type)) : "the variable names no type",
          suggestion(shown ? component.type : "", types, "known are"));
    return false;
  }

  /// The place of the value, or of the component if the path comes from defaults or is missing.
  DeclaredPath path_of(const Component& component, std::string text, const std::string& key = "path") {
    const Node* path = component.node.find(key);
    return {std::move(text), path != nullptr ? path->mark() : component.mark, join_path(component.path, key)};
  }

  /// An input with a mistake stays, without `Make`: its map can still be checked. They stand behind the good ones, so
  /// positions of those are not disturbed.
  void read_inputs() {
    each("inputs", type_names(types_.inputs), [&](Component& component) {
      const auto& [spec, decoder] = *Registry::Types::find(types_.inputs, component.type);
      const bool open = takes_parameters(spec) && comes_from_rows(component.name);
      const Node settings =
          open ? with_placeholders(component.node, names_without_value(component.node)) : component.node;
      auto make = decoder(settings, decoding(component));
      if (!make) return false;
      auto finders = finders_of(component, settings, spec.type);
      if (!finders) return false;
      declarations_.inputs.push_back({component.name, component.mark, with_finders(std::move(*make), *finders)});
      declarations_.parameterised_inputs.push_back(parameterised(component, decoder, std::move(*finders)));
      return true;
    });
    const Node* section = config_.find("inputs");
    if (section == nullptr || !section->is_mapping()) return;
    for (const Node::Entry& entry : section->entries())
      if (declarations_.broken.contains(join_path("inputs", entry.key)))
        declarations_.inputs.push_back({entry.key, entry.mark, {}});
    declarations_.parameterised_inputs.resize(declarations_.inputs.size());
  }

  static bool takes_parameters(const SpecInfo& spec) {
    return std::ranges::find(spec.fields, "params", &FieldInfo::key) != spec.fields.end();
  }

  /// Whether all readers of an input have a selector, so that it is never read without a row.
  bool comes_from_rows(const std::string& input) const {
    bool found = false;
    for (const auto& [name, mark, task] : declarations_.tasks) {
      if (!task.reads || std::ranges::find(task.components, input) == task.components.end()) continue;
      if (!task.selector) return false;
      found = true;
    }
    return found;
  }

  /// Decodes the settings once more with each row, so that every check of the input holds for its values, too.
  ParameterisedInput parameterised(const Component& component, const Registry::InputDecoder& decoder, Finders finders) {
    const auto decoded = [decoder, decoding = decoding(component)](const Node& node, Problems& problems) {
      Decoding own = decoding;
      own.problems = &problems;
      return decoder(node, own);
    };
    ParameterisedInput input;
    input.make = [node = component.node, decoded,
                  finders = std::move(finders)](const ParameterRow& row) -> Result<std::optional<Make<Input>>> {
      const std::optional<Node> filled = with_parameters(node, row);
      if (!filled) return std::nullopt;
      Problems problems;
      auto make = decoded(*filled, problems);
      if (!make) return fail(Verdict::row, "BO446", problems.empty() ? "" : problems.front().text());
      return with_finders(std::move(*make), finders);
    };
    input.check = [node = component.node, decoded](const std::vector<std::string>& given) {
      std::vector<std::string> names = names_without_value(node);
      std::erase_if(names, [&](const auto& name) { return std::ranges::find(given, name) == given.end(); });
      Problems problems;
      decoded(with_placeholders(node, names), problems);
      return problems;
    };
    return input;
  }

  /// By `settings`, which are good. None if a path is wrong, which is reported where it stands.
  std::optional<Finders> finders_of(const Component& component, const Node& settings, const std::string& type) {
    Finders finders;
    const auto paths = types_.payload_paths.find(type);
    if (paths == types_.payload_paths.end()) return finders;
    for (const PayloadPath& path : paths->second(settings)) {
      const Node::Mark mark = mark_below(component, path.key);
      const std::string key = join_path(component.path, path.key);
      const std::shared_ptr<const Extractor> extractor = extractor_for(path.extractor);
      if (!extractor) {
        if (!declarations_.broken.contains(join_path("extractors", path.extractor)))
          error("BO230", mark, key, fmt::format("there is no extractor {}", in_quotes(path.extractor)),
                suggestion(problems_, path.extractor, [&] { return names_of(declarations_.extractors); }, "known are"));
        return std::nullopt;
      }
      auto finder = make_finder(extractor, path.text);
      if (!finder) {
        error(finder.error().code, mark, key, fmt::format("{} in {}", finder.error().message, in_quotes(path.text)));
        return std::nullopt;
      }
      finders.push_back(std::move(*finder));
    }
    return finders;
  }

  /// Where the value of a key path stands, else what is around it.
  static Node::Mark mark_below(const Component& component, std::string_view key) {
    Node::Mark mark = component.mark;
    const Node* node = &component.node;
    while (node != nullptr && !key.empty()) {
      const std::size_t dot = std::min(key.find('.'), key.size());
      node = node->find(key.substr(0, dot));
      key.remove_prefix(std::min(dot + 1, key.size()));
      if (node != nullptr && node->mark().line > 0) mark = node->mark();
    }
    return mark;
  }

  /// The one of that name; without a name that for JSON with its own settings. Null if there is none.
  std::shared_ptr<const Extractor> extractor_for(const std::string& name) const {
    if (const auto number = position_of(declarations_.extractors, name))
      return declarations_.extractors[*number].value.extractor;
    const auto* type = name.empty() ? Registry::Types::find(types_.extractors, "jsonpath") : nullptr;
    if (type == nullptr) return nullptr;
    Problems unused;
    const Node settings = is_strict() ? Node::mapping({{"syntax", "rfc9535"}}) : Node::mapping();
    const auto make = type->decoder(settings, {.path = "jsonpath", .file = file_, .problems = &unused});
    return make ? make->extractor : nullptr;
  }

  void read_extractors() {
    each("extractors", type_names(types_.extractors), [&](Component& component) {
      const auto* type = Registry::Types::find(types_.extractors, component.type);
      auto make = type->decoder(component.node, decoding(component));
      if (!make) return false;
      declarations_.extractors.push_back({component.name, component.mark, std::move(*make)});
      declarations_.extractor_types.push_back(type->spec.type);
      return true;
    });
    if (declarations_.dialect == Dialect::v0_0_1) add_extractors_by_type();
  }

  /// In the 0.0.1 dialect columns and indexes name types of extractors, which have no settings. Types that demand a
  /// setting drop out; nobody asked for them, so nothing is reported.
  void add_extractors_by_type() {
    for (const auto& type : types_.extractors) {
      std::vector<std::string> names = type.spec.aliases;
      names.push_back(type.spec.type);
      for (const std::string& name : names) {
        Problems unused;
        auto make = type.decoder(Node::mapping(), {.path = name, .file = file_, .problems = &unused});
        if (!make) continue;
        declarations_.extractors.push_back({name, {}, std::move(*make)});
        declarations_.extractor_types.push_back(type.spec.type);
      }
    }
  }

  /// The extractor that a column or index of the 0.0.1 dialect uses if it names none.
  std::string default_extractor() const { return declarations_.dialect == Dialect::v0_0_1 ? "jsonpath_rw" : ""; }

  void read_indexes() {
    each("indexes", {"for_list", "for_object", "from_list"}, [&](Component& component) {
      auto settings = decode<IndexSettings>(component.node, decoding(component));
      if (!settings) return false;
      DeclaredIndex index;
      index.kind = component.type == "for_list"     ? IndexKind::for_list
                   : component.type == "for_object" ? IndexKind::for_object
                                                    : IndexKind::from_list;
      index.path = path_of(component, std::move(settings->path));
      index.extractor = settings->extractor.empty() ? default_extractor() : std::move(settings->extractor);
      if (component.node.find("strategy") != nullptr) index.strategy = settings->strategy;
      index.outer = settings->outer;
      index.counts_members = settings->count_members || declarations_.dialect == Dialect::v0_3_0;
      if (!check_extractor(component, index.extractor)) return false;
      declarations_.indexes.push_back({component.name, component.mark, std::move(index)});
      return true;
    });
    declarations_.index_names = names_of(declarations_.indexes);
    for (const std::string& path : declarations_.broken)
      if (path.starts_with("indexes."))
        declarations_.index_names.push_back(path.substr(std::string_view("indexes.").size()));
  }

  // All mistakes of one column are looked for before it is given up: settings, processors, extractor.
  void read_columns() {
    each("columns", type_names(column_types(!is_strict())), [&](Component& component) {
      auto settings = decode_column(component.type, component.node, decoding(component));
      if (!settings) return false;
      DeclaredColumn column;
      column.origin = settings->place.origin;
      column.path = path_of(component, std::move(settings->place.text), settings->place.key);
      column.extractor = settings->extractor.empty() ? default_extractor() : std::move(settings->extractor);
      column.cast = std::move(settings->cast);
      const bool good = read_processors(component, settings->processors, column.processors) &&
                        check_chain(component, settings->processors, column);
      if ((!column.origin && !check_extractor(component, column.extractor)) || !good) return false;
      if (!read_strategy(component, settings->strategy, column)) return false;
      declarations_.columns.push_back({component.name, component.mark, std::move(column)});
      return true;
    });
  }

  /// Refuses a chain of processors, or a type behind it, that no value can pass. Works on sets of tags, so it refuses
  /// only what cannot work for any value. Processors are built for this and thrown away; their constructors touch
  /// nothing outside.
  bool check_chain(const Component& component, const std::vector<Node>& nodes, const DeclaredColumn& column) {
    Tags values = kAnyValue;
    const std::string path = join_path(component.path, "processors");
    for (std::size_t i = 0; i < column.processors.size(); ++i) {
      const auto processor = column.processors[i](Context{});
      if (!processor) return true;  // Whatever it is, the engine meets it, too, and knows where.
      values = (*processor)->gives(values);
      if (values != 0) continue;
      error("BO206", nodes[i].mark(), join_path(path, i),
            "no value that comes from the processors before suits this one", "change the order of the processors");
      return false;
    }
    if ((values & castable(column.cast)) != 0) return true;
    error("BO206", component.mark, component.path, "no value that comes from the processors fits the column's type",
          "change the type or the processors");
    return false;
  }

  /// Processors have no names, so their place in the list stands in problems. `out` has the good ones only.
  bool read_processors(const Component& column, const std::vector<Node>& nodes, std::vector<Make<Processor>>& out) {
    bool good = true;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      Component component{{}, join_path(join_path(column.path, "processors"), i), {}, nodes[i], nodes[i].mark()};
      if (!component.node.is_mapping()) {
        error("BO236", component.mark, component.path, "settings are expected here, as a mapping");
        good = false;
        continue;
      }
      resolve_environment(component.node, environment_, decoding(component));
      if (!find_type(component, type_names(types_.processors))) {
        good = false;
        continue;
      }
      auto make =
          Registry::Types::find(types_.processors, component.type)->decoder(component.node, decoding(component));
      if (make) out.push_back(std::move(*make));
      good = good && make.has_value();
    }
    return good;
  }

  /// A column or index without a known extractor is of no use. Silent if the extractor itself was reported.
  bool check_extractor(const Component& component, const std::string& name) {
    if (position_of(declarations_.extractors, name)) return true;
    if (declarations_.broken.contains(join_path("extractors", name))) return false;
    const Node* extractor = component.node.find("extractor");
    error(name.empty() ? "BO202" : "BO230", extractor != nullptr ? extractor->mark() : component.mark,
          join_path(component.path, "extractor"),
          name.empty() ? "the extractor is missing" : fmt::format("there is no extractor {}", in_quotes(name)),
          suggestion(problems_, name, [&] { return names_of(declarations_.extractors); }, "known are"));
    return false;
  }

  /// In dialect 0.3.0 the key has no effect, as in the original. One that comes from `defaults` is not meant for
  /// columns that have nothing to choose from.
  bool read_strategy(const Component& component, std::optional<Strategy> strategy, DeclaredColumn& column) {
    if (!strategy) return true;
    const std::string type = column.origin ? "" : type_of_extractor(column.extractor);
    const bool is_old = component.type == "extracted";
    const bool is_ignored = declarations_.dialect == Dialect::v0_3_0 && !is_old;
    if (is_old || (!is_ignored && has_key(type, "strategy"))) {
      column.strategy = strategy;
      return true;
    }
    const auto entry = std::ranges::find(component.node.entries(), "strategy", &Node::Entry::key);
    const bool is_written = entry != component.node.entries().end();
    if (is_written && entry->inherited) return true;
    const Node::Mark mark = is_written ? entry->mark : component.mark;
    const std::string path = join_path(component.path, "strategy");
    if (is_ignored)
      problem(Problem::Severity::warning, "BO201", mark, path,
              "no key of columns in this dialect; the extractor has it");
    else
      error("BO206", mark, path,
            column.origin ? "only a path may find several values"
                          : fmt::format("an extractor of type {} finds one value at most", type));
    return is_ignored;
  }

  std::string type_of_extractor(const std::string& name) const {
    const auto number = position_of(declarations_.extractors, name);
    return number ? declarations_.extractor_types[*number] : "";
  }

  bool has_key(const std::string& extractor_type, std::string_view key) const {
    const auto* type = Registry::Types::find(types_.extractors, extractor_type);
    return type != nullptr &&
           std::ranges::any_of(type->spec.fields, [&](const FieldInfo& field) { return field.key == key; });
  }

  /// The query is only text here: what it means depends on inputs and columns.
  void read_selectors() {
    std::vector<std::string> types{"sql"};
    if (is_strict()) types.emplace_back("columns");
    each("selectors", types,
         [&](Component& component) { return component.type == "sql" ? read_query(component) : read_table(component); });
  }

  bool read_query(const Component& component) {
    auto settings = decode<SelectorSettings>(component.node, decoding(component));
    if (!settings) return false;
    const Node* columns = component.node.find("columns");
    if (!settings->columns && !is_strict()) {
      error("BO202", component.mark, join_path(component.path, "columns"), "required, but not given",
            "Names of the result's columns, by position.");
      return false;
    }
    const Node::Mark query = component.node.find("query")->mark();
    DeclaredSelector selector;
    if (settings->columns) selector.columns = std::move(*settings->columns);
    selector.columns_mark = columns != nullptr ? columns->mark() : query;
    selector.query = std::move(settings->query);
    declarations_.selectors.push_back({component.name, query, std::move(selector)});
    return true;
  }

  bool read_table(const Component& component) {
    auto settings = decode<ColumnsSettings>(component.node, decoding(component));
    if (!settings) return false;
    DeclaredSelector selector;
    const Node& columns = *component.node.find("columns");
    const Node& input = *component.node.find("input");
    selector.columns_mark = columns.mark();
    DeclaredTable& table = selector.table.emplace();
    table.input = std::move(settings->input);
    table.mark = input.mark().line > 0 ? input.mark() : component.mark;
    for (std::size_t i = 0; i < settings->columns.size(); ++i) {
      PickedName name = picked_name(settings->columns[i]);
      table.columns.push_back({std::move(name.column), columns.is_list() ? columns.items()[i].mark() : columns.mark()});
      selector.columns.push_back(std::move(name.result));
    }
    const Node* maps = config_.find("maps");
    const bool own = maps != nullptr && maps->is_mapping() && !position_of(declarations_.inputs, component.name);
    if (const Node* map = own ? maps->find(component.name) : nullptr) table.map = *map;
    declarations_.selectors.push_back({component.name, component.mark, std::move(selector)});
    return true;
  }

  /// Whether two outputs write to one system is decided when all are known.
  void read_outputs() {
    each("outputs", type_names(types_.outputs), [&](Component& component) {
      name_table_like_database(component);
      auto make = Registry::Types::find(types_.outputs, component.type)->decoder(component.node, decoding(component));
      if (make) declarations_.outputs.push_back({component.name, component.mark, std::move(*make)});
      if (make) declarations_.output_columns.push_back(columns_of(component));
      return make.has_value();
    });
  }

  /// Those that the good settings of an output name, each where it stands.
  std::vector<PlacedColumn> columns_of(const Component& component) const {
    std::vector<PlacedColumn> columns;
    const auto named = types_.named_columns.find(Registry::Types::find(types_.outputs, component.type)->spec.type);
    if (named == types_.named_columns.end()) return columns;
    for (NamedColumn& column : named->second(component.node)) {
      const Node* setting = component.node.find(column.setting);
      Node::Mark mark = setting == nullptr ? component.mark : setting->mark();
      if (setting != nullptr && setting->is_mapping())
        for (const Node::Entry& entry : setting->entries())
          if (entry.key == column.column) mark = entry.mark;
      if (setting != nullptr && setting->is_list())
        for (const Node& item : setting->items())
          if (item.is_text() && item.text() == column.column) mark = item.mark();
      std::string path = join_path(component.path, column.setting);
      columns.push_back({std::move(column), mark, std::move(path)});
    }
    return columns;
  }

  /// The published example of 0.0.1 gives its table's name as the database. Only a text can be meant so: a number there
  /// is a mistake of its own.
  void name_table_like_database(Component& component) {
    if (declarations_.dialect != Dialect::v0_0_1 || component.type != "postgres") return;
    const Node* database = component.node.find("dbname");
    if (component.node.find("table") != nullptr || database == nullptr || !database->is_text()) return;
    problem(Problem::Severity::warning, "BO237", component.mark, component.path,
            fmt::format("the table is missing, so it is named like the database: {}", in_quotes(database->text())),
            "add the key table");
    component.node.set("table", *database);
  }

  /// Readers and writers share one section and one order.
  void read_tasks() {
    each("tasks", {"reader", "writer"}, [&](Component& component) {
      DeclaredTask task;
      task.reads = component.type == "reader";
      if (task.reads) {
        auto settings = decode<ReaderSettings>(component.node, decoding(component));
        if (!settings) return false;
        task.components = std::move(settings->inputs);
        task.selector = std::move(settings->selector);
        task.threads = static_cast<std::size_t>(settings->threads);
      } else {
        auto settings = decode<WriterSettings>(component.node, decoding(component));
        if (!settings) return false;
        task.components = std::move(settings->outputs);
        task.selector = std::move(settings->selector);
      }
      declarations_.tasks.push_back({component.name, component.mark, std::move(task)});
      return true;
    });
  }

  const Node& config_;
  const Registry::Types& types_;
  std::string file_;
  const Environment& environment_;
  Problems& problems_;
  Declarations declarations_;
  /// Of components, by section; empty: of one whose type is not known.
  std::map<std::string, std::set<std::string>, std::less<>> types_in_use_;
};

}  // namespace

std::vector<SpecInfo> closed_types() {
  return {spec_of<IndexSettings>(), spec_of<SelectorSettings>(), spec_of<ColumnsSettings>(), spec_of<ReaderSettings>(),
          spec_of<WriterSettings>()};
}

SpecInfo index_type() {
  return spec_of<IndexSettings>();
}

// Without a list of columns, and wherever a query reads the input, it has a table of its own.
std::vector<const Named<DeclaredSelector>*> tables_of(const Declarations& declarations, std::string_view input) {
  std::vector<const Named<DeclaredSelector>*> tables;
  bool own = declarations.map_of(input) != nullptr;
  for (const auto& selector : declarations.selectors) {
    const auto& table = selector.value.table;
    if (!table)
      own = true;
    else if (table->input == input && (table->map || declarations.map_of(input) == nullptr))
      tables.push_back(&selector);
  }
  if (own || tables.empty()) tables.insert(tables.begin(), nullptr);
  return tables;
}

Declarations read_declarations(const Node& config, const Registry& registry, const std::string& file,
                               const Environment& environment, Problems& problems) {
  return SectionReader(config, registry, file, environment, problems).read();
}

}  // namespace batchout
