// The configuration is rewritten section by section with everything that was meant written out; then parts that may be
// inferred are left out, as many as the comparison of plans allows.

#include "plan/convert.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include "config/load.h"
#include "config/scalar.h"
#include "config/wording.h"
#include "config/yaml_text.h"
#include "plan/columns.h"
#include "plan/converted_components.h"
#include "plan/converted_variables.h"
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
  /// `lacking`: key paths of patterns that lack the group that is asked for.
  Converter(const Node& config, const Registry& registry, Dialect dialect, const Environment& environment,
            std::set<std::string> lacking)
      : config_(config),
        types_(registry.types()),
        environment_(environment),
        oldest_(dialect == Dialect::v0_0_1),
        lacking_(std::move(lacking)) {
    for (const Node::Entry& index : section_of(config, "indexes").entries()) index_names_.push_back(index.key);
    for (const Node::Entry& index : section_of(config, "indexes").entries()) {
      const ReadComponent component = read("indexes", index);
      const std::string type = component.settings.find("type")->written();
      if (type == "for_list") positions_.push_back(index.key);
      lists_ = lists_ || type != "for_object" || gives(component.given, "type");
    }
    for (const Node::Entry& input : section_of(config, "inputs").entries()) inputs_.push_back(input.key);
    read_components();
  }

  /// False where what a variable may give in another environment would not be understood.
  bool may_be_written_as(const Form& form) const {
    const bool implies_map = form.maps == Form::Maps::none && !index_names_.empty();
    return (!foreign_paths_ || !implies_map) && (!foreign_queries_ || form.selectors);
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
  ReadComponent read(std::string_view section, const Node::Entry& entry) const {
    Node component = entry.value;
    const Node* defaults = config_.find("defaults");
    if (const Node* own = defaults != nullptr && defaults->is_mapping() ? defaults->find(section) : nullptr)
      merge_defaults(component, *own);
    return with_variables_read(section, component, environment_);
  }
  Node merged(std::string_view section, const Node::Entry& entry) const { return read(section, entry).settings; }

  /// Lets variables give again what they gave; for what was rewritten that is no longer possible. `path` is that of the
  /// component.
  void give_back(const std::vector<GivenSetting>& given, const std::string& path, Node& out) {
    for (const GivenSetting& one : given) {
      const std::string setting = join_path(path, one.setting);
      const bool is_path = one.setting == "path" || one.setting == "resolved_path";
      const bool stays = one.setting == "type" || one.setting == "query" || is_path;
      std::optional<Node> in_file = one.in_file;
      if (in_file && is_path) in_file = with_new_braces(*in_file);
      if (!stays || !batchout::give_back(one, std::move(in_file), out)) {
        note_fixed(setting, one);
        continue;
      }
      foreign_paths_ = foreign_paths_ || is_path;
      if (is_path)
        notes_.push_back(fmt::format("{}: in what variable {} gives, doubled braces are two braces, not one", setting,
                                     one.variable));
      if (one.setting == "type")
        notes_.push_back(fmt::format("{}: another type from variable {} has to know all keys that stand here", setting,
                                     one.variable));
    }
  }

  template <class Types>
  Node strict(const Types& types, const Node& component, const std::string& path) {
    return strict_settings(component, spec_of_type(types, component), path, left_out_);
  }
  template <class Types>
  static const SpecInfo& spec_of_type(const Types& types, const Node& component) {
    return Registry::Types::find(types, component.find("type")->written())->spec;
  }

  void note_fixed(const std::string& setting, const GivenSetting& given) {
    notes_.push_back(
        fmt::format("{}: what variable {} gives now is written there, and the variable has no effect later", setting,
                    given.variable));
  }

  /// Of sections whose components are written anew for each candidate.
  void read_given(std::string_view section) {
    for (const Node::Entry& entry : section_of(config_, section).entries())
      for (const GivenSetting& given : read(section, entry).given) {
        const bool query = section == "selectors" && given.setting == "query";
        foreign_queries_ = foreign_queries_ || query;
        if (!query) note_fixed(join_path(join_path(section, entry.key), given.setting), given);
      }
  }

  // ---- components, once for all candidates

  void read_components() {
    for (const char* name : {"inputs", "indexes", "columns", "outputs"}) sections_[name] = Node::mapping();
    for (const Node::Entry& entry : section_of(config_, "inputs").entries()) sections_["inputs"].add(input(entry));
    for (const char* section : {"extractors", "selectors", "tasks"}) read_given(section);
    for (const Node::Entry& entry : section_of(config_, "extractors").entries())
      extractors_.emplace_back(
          entry.key, strict(types_.extractors, merged("extractors", entry), join_path("extractors", entry.key)));
    for (const Node::Entry& entry : section_of(config_, "indexes").entries()) sections_["indexes"].add(index(entry));
    for (const Node::Entry& entry : section_of(config_, "columns").entries()) sections_["columns"].add(column(entry));
    for (const Node::Entry& entry : section_of(config_, "outputs").entries()) sections_["outputs"].add(output(entry));
  }

  Node::Entry input(const Node::Entry& entry) {
    const ReadComponent component = read("inputs", entry);
    Node out = strict(types_.inputs, component.settings, join_path("inputs", entry.key));
    spell_out_input(spec_of_type(types_.inputs, out), oldest_, join_path("inputs", entry.key), out, notes_);
    give_back(component.given, join_path("inputs", entry.key), out);
    return {entry.key, entry.mark, std::move(out)};
  }

  Node::Entry output(const Node::Entry& entry) {
    ReadComponent component = read("outputs", entry);
    if (oldest_ && component.settings.find("type")->written() == "postgres") name_table(component.settings);
    Node out = strict(types_.outputs, component.settings, join_path("outputs", entry.key));
    spell_out_output(spec_of_type(types_.outputs, out), join_path("outputs", entry.key), out, notes_);
    give_back(component.given, join_path("outputs", entry.key), out);
    return {entry.key, entry.mark, std::move(out)};
  }

  /// In 0.0.1 a table without a name has that of its database, wherever that comes from.
  static void name_table(Node& output) {
    const Node* variables = output.find("from_env");
    const auto variable = [&](std::string_view key) { return variables != nullptr ? variables->find(key) : nullptr; };
    if (output.find("table") != nullptr || variable("table") != nullptr) return;
    if (const Node* of_database = variable("dbname")) {
      Node with_table = *variables;
      with_table.set("table", *of_database);
      output.set("from_env", std::move(with_table));
    }
    if (const Node* database = output.find("dbname"); database != nullptr && database->is_text())
      output.set("table", *database);
  }

  // ---- paths and their extractors

  /// Rewrites the braces, notes that there is a path, and whether both languages of JSON read the path alike, which
  /// nobody knows of a `foreign` one.
  void convert_path(Node& component, std::string_view key, const std::string& extractor, bool foreign) {
    const Node* path = component.find(key);
    if (path == nullptr) return;
    has_paths_ = has_paths_ || key == "path";
    const auto pieces = parse_template(path->written());
    if (!pieces) return;  // Not a mistake of a good configuration.
    if (key == "path" && is_json(type_of(extractor)) && !has_syntax(extractor))
      alike_ = alike_ && !foreign && same_in_both_languages(*pieces, positions_);
    component.set(key, with_new_braces(*path));
  }

  Node with_new_braces(const Node& path) const {
    const auto pieces = path.is_text() ? parse_template(path.text()) : NamedPieces{};
    return path.is_text() && pieces ? Node(with_braces(*pieces, index_names_)) : path;
  }

  /// A pattern that lacks its group finds nothing, which is a mistake in our own dialect unless it is asked for.
  void accept_lacking_group(const std::string& path, const std::string& extractor) {
    const auto found = std::ranges::find(extractors_, extractor, &std::pair<std::string, Node>::first);
    if (found == extractors_.end() || !lacking_.contains(path)) return;
    found->second.set("lenient", true);
    notes_.push_back(
        fmt::format("{}: the pattern has no such group, so nothing is found; extractors.{} is lenient to accept that",
                    path, extractor));
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
    const auto [component, given] = read("indexes", entry);
    const std::string path = join_path("indexes", entry.key);
    const Node settings = strict_settings(component, index_type(), path, left_out_);
    std::string extractor = extractor_named(component);
    if (oldest_) {
      const Node* strategy = component.find("strategy");
      if (strategy != nullptr) extractor = with_strategy(extractor, strategy->written());
    }
    Node out = Node::mapping();
    for (const Node::Entry& setting : settings.entries())
      if (setting.key != "extractor" && (!oldest_ || setting.key != "strategy")) out.add(setting);
    convert_path(out, "path", extractor, gives(given, "path"));
    accept_lacking_group(join_path(path, "path"), extractor);
    out.set("extractor", extractor);
    give_back(given, path, out);
    return {entry.key, entry.mark, std::move(out)};
  }

  Node::Entry column(const Node::Entry& entry) {
    const auto [component, given] = read("columns", entry);
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
      if (!time) out = without_variable(without_key(out, "timezone"), "timezone");
    } else if (type == "timestamp") {
      out.set("type", "datetime");
    }
    convert_path(out, "path", extractor, gives(given, "path"));
    convert_path(out, "resolved_path", extractor, false);
    convert_processors(out, join_path(path, "processors"));
    accept_lacking_group(join_path(path, "path"), extractor);
    if (!extractor.empty()) out.set("extractor", extractor);
    give_back(given, path, out);
    return {entry.key, entry.mark, std::move(out)};
  }

  void convert_processors(Node& column, const std::string& path) {
    const Node* processors = column.find("processors");
    if (processors == nullptr) return;
    Node list = Node::list();
    const std::size_t count = processors->is_list() ? processors->items().size() : 1;
    for (std::size_t i = 0; i < count; ++i) {
      const Node& processor = processors->is_list() ? processors->items()[i] : *processors;
      const ReadComponent component = with_variables_read("processors", processor, environment_);
      Node out = strict(types_.processors, component.settings, join_path(path, i));
      give_back(component.given, join_path(path, i), out);
      list.push(std::move(out));
    }
    column.set("processors", std::move(list));
  }

  static bool gives(const std::vector<GivenSetting>& given, std::string_view setting) {
    return std::ranges::find(given, setting, &GivenSetting::setting) != given.end();
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
      const std::string index =
          nested && !index_names_.empty() ? index_names_.back() : index_in(merged("columns", column));
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
      out.set(entry.key, selector(read("selectors", entry), gives_parameters(entry.key)));
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
  Node selector(const ReadComponent& component, bool stays) const {
    const std::string query = component.settings.find("query")->written();
    const std::vector<std::string> names = names_in(component.settings.find("columns"));
    Node as_query = Node::mapping({{"columns", names_node(names)}, {"query", Node(query)}});
    for (const GivenSetting& given : component.given)
      stays = (given.setting == "query" && batchout::give_back(given, given.in_file, as_query)) || stays;
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
      if (takes_parameters(task) && threads != nullptr)
        if (const auto count = decimal_integer(threads->written())) kept.set("threads", *count);
      out.set(entry.key, std::move(kept));
    }
    return out;
  }

  const Node& config_;
  const Registry::Types& types_;
  const Environment& environment_;
  bool oldest_;
  std::set<std::string> lacking_;
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
  /// Variables give some of them, or of the queries.
  bool foreign_paths_ = false;
  bool foreign_queries_ = false;
  std::vector<std::string> left_out_;
  std::vector<std::string> notes_;
};

void refuse(const CompileOptions& options, Node::Mark mark, std::string path, std::string message, std::string hint,
            Problems& problems) {
  problems.push_back({Problem::Severity::error, "BO250", options.file, mark.line, mark.column, std::move(path),
                      std::move(message), std::move(hint)});
}

/// The variables of the place where a configuration runs need not be set where it is converted: where one is missed,
/// all that decide nothing get a value that suits texts and numbers. `options` has the environment that was good.
std::optional<Plan> compile_anyhow(const Node& config, const Registry& registry, CompileOptions& options,
                                   Problems& problems) {
  Problems own;
  auto plan = compile_plan(config, registry, options, own);
  if (!plan && std::ranges::find(own, "BO207", &Problem::code) != own.end()) {
    Problems unset = std::exchange(own, {});
    std::erase_if(unset, [](const Problem& problem) { return problem.code != "BO207"; });
    for (Problem& problem : unset)
      problem.hint = "set it as where the configuration runs: what it says decides how the configuration is rewritten";
    options.environment = [real = options.environment, needed = deciding_variables(config)](const std::string& name) {
      auto value = real(name);
      return value || needed.contains(name) ? value : std::optional<std::string>("1");
    };
    plan = compile_plan(config, registry, options, own);
    // Also where that value was not good enough.
    for (Problem& problem : own)
      if (const auto same = std::ranges::find(unset, problem.path, &Problem::path);
          same != unset.end() && problem.severity == Problem::Severity::error)
        problem = *same;
    const auto repeated = std::ranges::unique(own, {}, &Problem::text);
    own.erase(repeated.begin(), repeated.end());
  }
  problems.insert(problems.end(), own.begin(), own.end());
  return plan;
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
  if (!plan) return std::nullopt;
  const std::string wanted = row_signature(*plan);
  std::set<std::string> lacking;
  for (const Problem& problem : problems)
    if (problem.code == "BO304") lacking.insert(problem.path);
  const Converter converter(config, registry, plan->dialect, all_set.environment, std::move(lacking));
  Problems last;
  for (const Form& form : kForms) {
    if (!converter.may_be_written_as(form)) continue;
    std::string text = yaml_text(converter.written_as(form));
    Problems own;
    const auto read = load_text(text, {}, own);
    const auto converted = read ? compile_plan(*read, registry, all_set, own) : std::nullopt;
    if (converted && row_signature(*converted) == wanted) return ConvertedConfig{std::move(text), converter.notes()};
    if (!converted) last = std::move(own);
  }
  const auto first = std::ranges::find(last, Problem::Severity::error, &Problem::severity);
  refuse(options, {}, {}, "dialect 1 has no form of this configuration that gives the same rows",
         first != last.end() ? fmt::format("the nearest is refused: {}: {}{}{}", first->path, first->message,
                                           first->hint.empty() ? "" : "; ", first->hint)
                             : "",
         problems);
  return std::nullopt;
}

}  // namespace batchout
