// The configuration is rewritten section by section with everything that was meant written out; then parts that may be
// inferred are left out, as many as the comparison of plans allows.

#include "plan/convert.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include "config/load.h"
#include "config/wording.h"
#include "config/yaml_text.h"
#include "plan/columns.h"
#include "plan/converted_components.h"
#include "plan/declarations.h"
#include "plan/dialect_one.h"
#include "plan/projection_query.h"
#include "plan/row_signature.h"

namespace batchout {
namespace {

/// How a candidate is written. The first that is right is taken; each row below writes out more.
struct Form {
  enum class Maps : std::uint8_t { none, written, nested };
  Maps maps = Maps::none;
  bool selectors = false;
  bool tasks = false;
};
constexpr std::array kForms = {
    Form{Form::Maps::none, false, false},    Form{Form::Maps::none, true, false},
    Form{Form::Maps::written, false, false}, Form{Form::Maps::written, true, false},
    Form{Form::Maps::nested, false, false},  Form{Form::Maps::none, true, true},
    Form{Form::Maps::written, true, true},   Form{Form::Maps::nested, true, true},
};

bool is_json(const std::string& type) {
  return type == "jsonpath" || type == "jsonpath_rw";
}

const Node& section_of(const Node& config, std::string_view name) {
  static const Node none = Node::mapping();
  const Node* section = config.find(name);
  return section != nullptr && section->is_mapping() ? *section : none;
}

/// Names as a list, or the only one by itself.
Node names_node(const std::vector<std::string>& names) {
  if (names.size() == 1) return Node(names.front());
  Node out = Node::list();
  for (const std::string& name : names) out.push(Node(name));
  return out;
}

std::vector<std::string> names_in(const Node* node) {
  std::vector<std::string> names;
  if (node == nullptr) return names;
  if (!node->is_list()) return {node->written()};
  for (const Node& item : node->items()) names.push_back(item.written());
  return names;
}

class Converter {
 public:
  Converter(const Node& config, const Registry& registry, Dialect dialect)
      : config_(config), types_(registry.types()), oldest_(dialect == Dialect::v0_0_1) {
    for (const Node::Entry& index : section_of(config, "indexes").entries()) index_names_.push_back(index.key);
    for (const Node::Entry& index : section_of(config, "indexes").entries()) {
      const std::string type = merged("indexes", index).find("type")->written();
      if (type == "for_list") positions_.push_back(index.key);
      lists_ = lists_ || type != "for_object";
    }
    for (const Node::Entry& input : section_of(config, "inputs").entries()) inputs_.push_back(input.key);
    read_components();
  }

  Node written_as(const Form& form) const {
    Node out = Node::mapping({{"batchout", Node(1)}});
    add(out, "inputs", sections_.at("inputs"));
    add(out, "extractors", extractors());
    add(out, "indexes", with_extractors(sections_.at("indexes"), "for_list"));
    add(out, "columns", with_extractors(sections_.at("columns"), "string"));
    if (form.maps != Form::Maps::none) add(out, "maps", maps(form.maps == Form::Maps::nested));
    if (form.selectors) add(out, "selectors", selectors());
    add(out, "outputs", outputs(form));
    if (form.tasks) add(out, "tasks", tasks());
    // An object counted as a list in 0.3.0.
    if (!oldest_ && lists_)
      add(out, "defaults", Node::mapping({{"indexes", Node::mapping({{"count_members", Node(true)}})}}));
    if (oldest_) add(out, "pipeline", Node::mapping({{"keep_empty", Node(true)}}));
    return without_interpolation(out);
  }

  std::vector<std::string> notes() const {
    std::vector<std::string> notes;
    for (const std::string& key : left_out_) notes.push_back(fmt::format("{} has no effect and is left out", key));
    notes.insert(notes.end(), notes_.begin(), notes_.end());
    for (const Node::Entry& entry : section_of(config_, "tasks").entries())
      if (const Node task = merged("tasks", entry); !oldest_ && takes_parameters(task))
        notes.push_back(fmt::format(
            "tasks.{}: parameters come from rows of the same round, not of the one before, equal rows count "
            "once, and without rows nothing is read",
            entry.key));
    return notes;
  }

 private:
  static void add(Node& out, std::string_view name, Node section) {
    if (section.is_mapping() && section.entries().empty()) return;
    out.set(name, std::move(section));
  }

  /// With the defaults of its section.
  Node merged(std::string_view section, const Node::Entry& entry) const {
    Node component = entry.value;
    const Node* defaults = config_.find("defaults");
    if (const Node* own = defaults != nullptr && defaults->is_mapping() ? defaults->find(section) : nullptr)
      merge_defaults(component, *own);
    return component;
  }

  template <class Types>
  Node strict(const Types& types, const Node& component, const std::string& path) {
    return strict_settings(component, Registry::Types::find(types, component.find("type")->written())->spec, path,
                           left_out_);
  }

  // ---- components, once for all candidates

  void read_components() {
    for (const char* name : {"inputs", "indexes", "columns", "outputs"}) sections_[name] = Node::mapping();
    for (const Node::Entry& entry : section_of(config_, "inputs").entries()) sections_["inputs"].add(input(entry));
    for (const Node::Entry& entry : section_of(config_, "extractors").entries())
      extractors_.emplace_back(
          entry.key, strict(types_.extractors, merged("extractors", entry), join_path("extractors", entry.key)));
    for (const Node::Entry& entry : section_of(config_, "indexes").entries()) sections_["indexes"].add(index(entry));
    for (const Node::Entry& entry : section_of(config_, "columns").entries()) sections_["columns"].add(column(entry));
    for (const Node::Entry& entry : section_of(config_, "outputs").entries()) sections_["outputs"].add(output(entry));
  }

  Node::Entry input(const Node::Entry& entry) {
    Node out = strict(types_.inputs, merged("inputs", entry), join_path("inputs", entry.key));
    const std::string type = out.find("type")->written();
    const bool from_variable = out.find("from_env") != nullptr && out.find("from_env")->find("start") != nullptr;
    const auto& fields = Registry::Types::find(types_.inputs, type)->spec.fields;
    const bool starts = std::ranges::find(fields, "start", &FieldInfo::key) != fields.end();
    if (oldest_ && starts && out.find("start") == nullptr && !from_variable) out.set("start", "latest");
    if (oldest_ && (type == "const" || type == "dummy"))
      notes_.push_back(fmt::format("inputs.{} is read again in every round, not only in the first", entry.key));
    const Node* path = out.find("path");
    if (type == "file" && path != nullptr && path->written().find_first_of("*?[-") == std::string::npos)
      notes_.push_back(
          fmt::format("inputs.{}: a file that is not there ends the run, unless its path is a mask", entry.key));
    return {entry.key, entry.mark, std::move(out)};
  }

  Node::Entry output(const Node::Entry& entry) {
    Node component = merged("outputs", entry);
    const Node* database = component.find("dbname");
    const bool unnamed =
        oldest_ && component.find("type")->written() == "postgres" && component.find("table") == nullptr;
    if (unnamed && database != nullptr && database->is_text()) component.set("table", *database);
    return {entry.key, entry.mark, strict(types_.outputs, component, join_path("outputs", entry.key))};
  }

  // ---- paths and their extractors

  /// Rewrites the braces, notes that there is a path, and whether both languages of JSON read the path alike.
  void convert_path(Node& component, std::string_view key, const std::string& extractor) {
    const Node* path = component.find(key);
    if (path == nullptr) return;
    has_paths_ = has_paths_ || key == "path";
    const auto pieces = parse_template(path->written());
    if (!pieces) return;  // Not a mistake of a good configuration.
    if (key == "path" && is_json(type_of(extractor)) && !has_syntax(extractor))
      alike_ = alike_ && same_in_both_languages(*pieces, positions_);
    if (path->is_text()) component.set(key, Node(with_braces(*pieces, index_names_)));
  }

  const Node* extractor_of(const std::string& name) const {
    const auto found = std::ranges::find(extractors_, name, &std::pair<std::string, Node>::first);
    return found == extractors_.end() ? nullptr : &found->second;
  }
  std::string type_of(const std::string& extractor) const {
    const Node* found = extractor_of(extractor);
    return found != nullptr ? found->find("type")->written() : "";
  }
  bool has_syntax(const std::string& extractor) const {
    const Node* found = extractor_of(extractor);
    return found != nullptr && found->find("syntax") != nullptr;
  }

  /// In the 0.0.1 dialect a type is named, which becomes an extractor of its own.
  std::string extractor_named(const Node& component) {
    const Node* named = component.find("extractor");
    std::string name = named != nullptr ? named->written() : "";
    if (!oldest_) return name;
    if (name.empty()) name = "jsonpath_rw";
    const std::string type = Registry::Types::find(types_.extractors, name)->spec.type;
    const std::string own = type == "jsonpath" ? "json" : type;
    if (extractor_of(own) == nullptr) extractors_.emplace_back(own, Node::mapping({{"type", Node(type)}}));
    return own;
  }

  /// The same extractor with that strategy.
  std::string with_strategy(const std::string& name, const std::string& strategy) {
    const Node* base = extractor_of(name);
    const Node* own = base->find("strategy");
    if ((own != nullptr ? own->written() : "take_first") == strategy) return name;
    const std::string other = fmt::format("{}_{}", name, strategy);
    if (extractor_of(other) != nullptr) return other;
    Node settings = Node::mapping();
    for (const Node::Entry& entry : base->entries())
      if (entry.key != "strategy") settings.add(entry);
    if (strategy != "take_first") settings.set("strategy", strategy);
    extractors_.emplace_back(other, std::move(settings));
    return other;
  }

  Node::Entry index(const Node::Entry& entry) {
    const Node component = merged("indexes", entry);
    const std::string path = join_path("indexes", entry.key);
    Node settings = strict_settings(component, index_type(), path, left_out_);
    std::string extractor = extractor_named(component);
    if (oldest_) {
      const Node* strategy = component.find("strategy");
      if (strategy != nullptr) extractor = with_strategy(extractor, strategy->written());
    }
    Node out = Node::mapping();
    for (const Node::Entry& setting : settings.entries())
      if (setting.key != "extractor" && (!oldest_ || setting.key != "strategy")) out.add(setting);
    convert_path(out, "path", extractor);
    out.set("extractor", extractor);
    return {entry.key, entry.mark, std::move(out)};
  }

  Node::Entry column(const Node::Entry& entry) {
    const Node component = merged("columns", entry);
    const std::string path = join_path("columns", entry.key);
    const std::vector<SpecInfo> types = column_types();
    const std::string type = component.find("type")->written();
    const auto spec = std::ranges::find_if(types, [&](const SpecInfo& known) { return known.answers_to(type); });
    Node settings = strict_settings(component, *spec, path, left_out_);
    std::string extractor = component.find("path") != nullptr ? extractor_named(component) : "";
    Node out = Node::mapping();
    for (const Node::Entry& setting : settings.entries())
      if (setting.key != "extractor" && setting.key != "cast" && setting.key != "strategy") out.add(setting);
    if (spec->type == "extracted") {
      const std::string cast = component.find("cast")->written();
      const bool time = cast == "timestamp" || cast == "datetime" || cast == "date";
      out.set("type", Node(cast == "timestamp" ? std::string("datetime") : cast));
      if (time) out.set("parser", "lenient");
      const Node* strategy = component.find("strategy");
      if (!extractor.empty())
        extractor = with_strategy(extractor, strategy != nullptr ? strategy->written() : "take_first");
      if (!time) out = without_key(out, "timezone");
    } else if (type == "timestamp") {
      out.set("type", "datetime");
    }
    convert_path(out, "path", extractor);
    convert_path(out, "resolved_path", extractor);
    convert_processors(out, join_path(path, "processors"));
    if (!extractor.empty()) out.set("extractor", extractor);
    return {entry.key, entry.mark, std::move(out)};
  }

  void convert_processors(Node& column, const std::string& path) {
    const Node* processors = column.find("processors");
    if (processors == nullptr) return;
    Node list = Node::list();
    const std::size_t count = processors->is_list() ? processors->items().size() : 1;
    for (std::size_t i = 0; i < count; ++i) {
      const Node& processor = processors->is_list() ? processors->items()[i] : *processors;
      list.push(strict(types_.processors, processor, join_path(path, i)));
    }
    column.set("processors", std::move(list));
  }

  static Node without_key(const Node& mapping, std::string_view key) {
    Node out = Node::mapping();
    for (const Node::Entry& entry : mapping.entries())
      if (entry.key != key) out.add(entry);
    return out;
  }

  // ---- sections of a candidate

  /// The language of paths is written where the other one would read one of them differently.
  Node extractors() const {
    Node out = Node::mapping();
    for (const auto& [name, settings] : extractors_) {
      Node extractor = settings;
      const std::string type = settings.find("type")->written();
      if (is_json(type)) {
        const Node* syntax = settings.find("syntax");
        const bool modern = syntax != nullptr ? syntax->written() == "rfc9535" : alike_;
        extractor = without_key(settings, "syntax");
        extractor.set("type", modern ? "jsonpath" : "jsonpath_rw");
      }
      out.set(name, extractor.entries().size() == 1 ? *extractor.find("type") : extractor);
    }
    const bool implied = out.entries().size() == 1 && out.entries().front().value.is_text() &&
                         out.entries().front().value.text() == "jsonpath" && has_paths_;
    return implied ? Node::mapping() : out;
  }

  /// Without the name of the extractor if there is one only.
  Node with_extractors(const Node& section, std::string_view type) const {
    Node out = Node::mapping();
    for (const Node::Entry& entry : section.entries()) {
      const Node settings = extractors_.size() == 1 ? without_key(entry.value, "extractor") : entry.value;
      out.add({entry.key, entry.mark, shortened(settings, type)});
    }
    return out;
  }

  Node maps(bool nested) const {
    Node out = Node::mapping();
    if (!oldest_) {
      const Node& given = section_of(config_, "maps");
      for (const std::string& input : inputs_) {
        const Node* map = given.find(input);
        out.set(input, map != nullptr ? *map : Node::list());
      }
      return out;
    }
    for (const std::string& input : inputs_) out.set(input, product(nested));
    return out;
  }

  /// All indexes of the 0.0.1 dialect: each by itself, or all inside of each other with every column inside of all.
  Node product(bool nested) const {
    std::map<std::string, Node> at_index;
    Node root = Node::list();
    for (const Node::Entry& column : section_of(config_, "columns").entries()) {
      const std::string index = nested && !index_names_.empty() ? index_names_.back() : index_in(column.value);
      if (index.empty())
        root.push(Node(column.key));
      else
        at_index.try_emplace(index, Node::list()).first->second.push(Node(column.key));
    }
    if (nested && !index_names_.empty()) {
      Node inner = at_index.contains(index_names_.back()) ? at_index.at(index_names_.back()) : Node::list();
      for (std::size_t i = index_names_.size(); i-- > 0;)
        inner = Node::list({Node::mapping({{index_names_[i], inner}})});
      return inner;
    }
    for (const std::string& index : index_names_) {
      const auto columns = at_index.find(index);
      root.push(Node::mapping({{index, columns != at_index.end() ? columns->second : Node::list()}}));
    }
    return root;
  }

  /// The last index that the place of a column's value mentions.
  std::string index_in(const Node& column) const {
    std::string found;
    for (const char* key : {"path", "resolved_path"}) {
      const Node* path = column.find(key);
      const auto pieces = path != nullptr ? parse_template(path->written()) : NamedPieces{};
      if (!pieces) continue;
      for (const auto& piece : *pieces)
        if (const auto* slot = std::get_if<NamedSlot>(&piece)) found = slot->index;
    }
    const Node* position = column.find("position");
    return position != nullptr ? position->written() : found;
  }

  // ---- who gets which rows

  Node selectors() const {
    Node out = Node::mapping();
    if (oldest_) {
      Node columns = Node::list();
      for (const Node::Entry& column : section_of(config_, "columns").entries()) columns.push(Node(column.key));
      for (const std::string& input : inputs_)
        out.set(input, Node::mapping({{"columns", columns}, {"input", Node(input)}}));
      return out;
    }
    for (const Node::Entry& entry : section_of(config_, "selectors").entries()) {
      const Node component = merged("selectors", entry);
      out.set(entry.key, selector(component, gives_parameters(entry.key)));
    }
    return out;
  }

  /// True if a reader takes its parameters from that selector.
  bool gives_parameters(const std::string& selector) const {
    return std::ranges::any_of(section_of(config_, "tasks").entries(), [&](const Node::Entry& entry) {
      const Node task = merged("tasks", entry);
      return takes_parameters(task) && task.find("selector")->written() == selector;
    });
  }

  static bool takes_parameters(const Node& task) {
    const Node* selector = task.find("selector");
    return task.find("inputs") != nullptr && selector != nullptr && !selector->is_null();
  }

  /// A query that picks columns becomes the list of them, unless it has to stay one.
  Node selector(const Node& component, bool stays) const {
    const std::string query = component.find("query")->written();
    const std::vector<std::string> names = names_in(component.find("columns"));
    const Node as_query = Node::mapping({{"columns", names_node(names)}, {"query", Node(query)}});
    const auto picked = parse_projection_query(query);
    const auto input = std::ranges::find_if(
        inputs_, [&](const std::string& name) { return picked && equal_names(name, picked->table); });
    if (stays || input == inputs_.end()) return as_query;
    const std::vector<std::string> columns = columns_of(*picked);
    if (columns.size() < names.size()) return as_query;
    Node list = Node::list();
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string text = columns[i] == names[i] ? names[i] : fmt::format("{} as {}", columns[i], names[i]);
      const PickedName read = picked_name(text);
      if (read.column != columns[i] || read.result != names[i]) return as_query;
      list.push(Node(text));
    }
    if (inputs_.size() == 1) return list;
    return Node::mapping({{"columns", list}, {"input", Node(*input)}});
  }

  /// Declared names of the columns that a query picks.
  std::vector<std::string> columns_of(const ProjectionQuery& query) const {
    std::vector<std::string> columns;
    for (const ProjectionQuery::Item& item : query.items)
      for (const Node::Entry& column : section_of(config_, "columns").entries())
        if (item.star || equal_names(column.key, item.column)) columns.push_back(column.key);
    return columns;
  }

  Node outputs(const Form& form) const {
    Node out = Node::mapping();
    for (const Node::Entry& entry : sections_.at("outputs").entries()) {
      Node output = entry.value;
      if (form.selectors && !form.tasks) {
        const std::string selector = selector_of(entry.key);
        const Node all = selectors();
        if (!selector.empty() && selector != entry.key && all.entries().size() > 1) output.set("selector", selector);
      }
      out.add({entry.key, entry.mark, std::move(output)});
    }
    return out;
  }

  /// That of the first writer of an output.
  std::string selector_of(const std::string& output) const {
    for (const Node::Entry& entry : section_of(config_, "tasks").entries()) {
      const Node task = merged("tasks", entry);
      const std::vector<std::string> names = names_in(task.find("outputs"));
      if (std::ranges::find(names, output) != names.end()) return task.find("selector")->written();
    }
    return {};
  }

  Node tasks() const {
    Node out = Node::mapping();
    if (oldest_) {
      std::vector<std::string> outputs;
      for (const Node::Entry& output : sections_.at("outputs").entries()) outputs.push_back(output.key);
      out.set("read", Node::mapping({{"inputs", names_node(inputs_)}}));
      for (const std::string& input : inputs_)
        out.set("write_" + input, Node::mapping({{"selector", Node(input)}, {"outputs", names_node(outputs)}}));
      return out;
    }
    for (const Node::Entry& entry : section_of(config_, "tasks").entries()) {
      const Node task = merged("tasks", entry);
      Node kept = Node::mapping();
      for (const char* key : {"inputs", "selector", "outputs"})
        if (const Node* value = task.find(key); value != nullptr && !value->is_null())
          kept.set(key, std::string_view(key) == "selector" ? Node(value->written()) : names_node(names_in(value)));
      const Node* threads = task.find("threads");
      if (takes_parameters(task) && threads != nullptr && threads->type() == Node::Type::integer)
        kept.set("threads", *threads);
      out.set(entry.key, std::move(kept));
    }
    return out;
  }

  const Node& config_;
  const Registry::Types& types_;
  bool oldest_;
  std::vector<std::string> index_names_;
  /// Indexes whose values are positions.
  std::vector<std::string> positions_;
  /// There are indexes of lists.
  bool lists_ = false;
  std::vector<std::string> inputs_;
  std::map<std::string, Node> sections_;
  /// In order; those that declarations or strategies made included.
  std::vector<std::pair<std::string, Node>> extractors_;
  /// Both languages read every path of JSON alike.
  bool alike_ = true;
  /// Some index or column follows one.
  bool has_paths_ = false;
  std::vector<std::string> left_out_;
  std::vector<std::string> notes_;
};

void refuse(const CompileOptions& options, Node::Mark mark, std::string path, std::string message, std::string hint,
            Problems& problems) {
  problems.push_back({Problem::Severity::error, "BO250", options.file, mark.line, mark.column, std::move(path),
                      std::move(message), std::move(hint)});
}

/// The variables of the place where a configuration runs need not be set where it is converted: where one is missed,
/// all get a value that suits texts and numbers. `options` has the environment that was good.
std::optional<Plan> compile_anyhow(const Node& config, const Registry& registry, CompileOptions& options,
                                   Problems& problems) {
  Problems own;
  auto plan = compile_plan(config, registry, options, own);
  if (!plan && std::ranges::find(own, "BO207", &Problem::code) != own.end()) {
    own.clear();
    options.environment = [real = options.environment](const std::string& name) {
      auto value = real(name);
      return value ? value : std::optional<std::string>("1");
    };
    plan = compile_plan(config, registry, options, own);
  }
  problems.insert(problems.end(), own.begin(), own.end());
  return plan;
}

/// The settings that decide how a configuration is rewritten have to stand in it.
bool check_variables(const Node& config, const CompileOptions& options, Problems& problems) {
  const std::size_t before = problems.size();
  for (const char* section : {"inputs", "extractors", "indexes", "columns", "selectors", "outputs", "tasks"}) {
    const bool open = std::string_view(section) == "inputs" || std::string_view(section) == "outputs";
    for (const Node::Entry& entry : section_of(config, section).entries()) {
      Node component = entry.value;
      merge_defaults(component, section_of(section_of(config, "defaults"), section));
      const Node* variables = component.find("from_env");
      if (variables == nullptr || !variables->is_mapping()) continue;
      for (const Node::Entry& variable : variables->entries())
        if (!open || variable.key == "type")
          refuse(options, variable.mark, join_path(join_path(join_path(section, entry.key), "from_env"), variable.key),
                 "what this setting says decides how the configuration is rewritten, so it cannot come from a variable",
                 "write its value into the file, and ${NAME} into the result", problems);
    }
  }
  return problems.size() == before;
}

}  // namespace

std::optional<ConvertedConfig> converted_config(const Node& config, const Registry& registry,
                                                const CompileOptions& options, Problems& problems) {
  if (has_own_dialect(config)) {
    refuse(options, config.find("batchout")->mark(), "batchout", "the configuration is written in dialect 1 already",
           {}, problems);
    return std::nullopt;
  }
  CompileOptions all_set = options;
  const auto plan = compile_anyhow(config, registry, all_set, problems);
  if (!plan || !check_variables(config, options, problems)) return std::nullopt;
  const std::string wanted = row_signature(*plan);
  const Converter converter(config, registry, plan->dialect);
  Problems last;
  for (const Form& form : kForms) {
    std::string text = yaml_text(converter.written_as(form));
    Problems own;
    const auto read = load_text(text, {}, own);
    const auto converted = read ? compile_plan(*read, registry, all_set, own) : std::nullopt;
    if (converted && row_signature(*converted) == wanted) return ConvertedConfig{std::move(text), converter.notes()};
    if (!converted) last = std::move(own);
  }
  const auto first = std::ranges::find(last, Problem::Severity::error, &Problem::severity);
  refuse(options, {}, {}, "dialect 1 has no form of this configuration that gives the same rows",
         first != last.end() ? fmt::format("the nearest is refused: {}: {}", first->path, first->message) : "",
         problems);
  return std::nullopt;
}

}  // namespace batchout
