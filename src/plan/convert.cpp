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
#include "plan/converted_components.h"
#include "plan/converted_sections.h"
#include "plan/dialect_one.h"
#include "plan/old_config.h"
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

class Candidates {
 public:
  Candidates(const OldConfig& config, ConvertedSections parts)
      : config_(config), parts_(std::move(parts)), inputs_(config.names("inputs")) {}

  /// False where what a variable may give in another environment would not be understood.
  bool may_be_written_as(const Form& form) const {
    const bool implies_map = form.maps == Form::Maps::none && !parts_.index_names.empty();
    return (!parts_.foreign_paths || !implies_map) && (!parts_.foreign_queries || form.selectors);
  }

  Node written_as(const Form& form) const {
    Node out = Node::mapping({{"batchout", Node(1)}});
    add(out, "inputs", parts_.inputs);
    add(out, "extractors", extractors());
    add(out, "indexes", with_extractors(parts_.indexes, "for_list"));
    add(out, "columns", with_extractors(parts_.columns, "string"));
    if (form.maps != Form::Maps::none) add(out, "maps", maps(form.maps == Form::Maps::nested));
    if (form.selectors) add(out, "selectors", selectors());
    add(out, "outputs", outputs(form));
    if (form.tasks) add(out, "tasks", tasks());
    // An object counted as a list in 0.3.0.
    if (!config_.oldest() && parts_.lists)
      add(out, "defaults", Node::mapping({{"indexes", Node::mapping({{"count_members", Node(true)}})}}));
    if (config_.oldest()) add(out, "pipeline", Node::mapping({{"keep_empty", Node(true)}}));
    return without_interpolation(out);
  }

  std::vector<std::string> notes() const {
    std::vector<std::string> notes;
    for (const std::string& key : parts_.left_out)
      notes.push_back(fmt::format("{} has no effect and is left out", key));
    notes.insert(notes.end(), parts_.notes.begin(), parts_.notes.end());
    for (const Node::Entry& entry : config_.section("tasks").entries())
      if (const Node task = config_.settings("tasks", entry); !config_.oldest() && takes_parameters(task))
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

  // ---- sections of a candidate

  /// The language of paths is written where the other one would read one of them differently.
  Node extractors() const {
    Node out = Node::mapping();
    for (const auto& [name, settings] : parts_.extractors) {
      Node extractor = settings;
      const std::string type = settings.find("type")->written();
      if (is_json_extractor(type)) {
        const Node* syntax = settings.find("syntax");
        const bool modern = syntax != nullptr ? syntax->written() == "rfc9535" : parts_.alike;
        extractor = without_key(settings, "syntax");
        extractor.set("type", modern ? "jsonpath" : "jsonpath_rw");
      }
      out.set(name, extractor.entries().size() == 1 ? *extractor.find("type") : extractor);
    }
    const bool implied = out.entries().size() == 1 && out.entries().front().value.is_text() &&
                         out.entries().front().value.text() == "jsonpath" && parts_.has_paths;
    return implied ? Node::mapping() : out;
  }

  /// Without the name of the extractor if there is one only.
  Node with_extractors(const Node& section, std::string_view type) const {
    Node out = Node::mapping();
    for (const Node::Entry& entry : section.entries()) {
      const Node settings = parts_.extractors.size() == 1 ? without_key(entry.value, "extractor") : entry.value;
      out.add({entry.key, entry.mark, shortened(settings, type)});
    }
    return out;
  }

  Node maps(bool nested) const {
    Node out = Node::mapping();
    if (!config_.oldest()) {
      const Node& given = config_.section("maps");
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
    for (const Node::Entry& column : config_.section("columns").entries()) {
      const std::string index = nested && !parts_.index_names.empty() ? parts_.index_names.back()
                                                                      : index_in(config_.settings("columns", column));
      if (index.empty())
        root.push(Node(column.key));
      else
        at_index.try_emplace(index, Node::list()).first->second.push(Node(column.key));
    }
    if (nested && !parts_.index_names.empty()) {
      Node inner = at_index.contains(parts_.index_names.back()) ? at_index.at(parts_.index_names.back()) : Node::list();
      for (std::size_t i = parts_.index_names.size(); i-- > 0;)
        inner = Node::list({Node::mapping({{parts_.index_names[i], inner}})});
      return inner;
    }
    for (const std::string& index : parts_.index_names) {
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
    if (config_.oldest()) {
      Node columns = Node::list();
      for (const Node::Entry& column : config_.section("columns").entries()) columns.push(Node(column.key));
      for (const std::string& input : inputs_)
        out.set(input, Node::mapping({{"columns", columns}, {"input", Node(input)}}));
      return out;
    }
    for (const Node::Entry& entry : config_.section("selectors").entries()) {
      out.set(entry.key, selector(config_.read("selectors", entry), gives_parameters(entry.key)));
    }
    return out;
  }

  /// True if a reader takes its parameters from that selector.
  bool gives_parameters(const std::string& selector) const {
    return std::ranges::any_of(config_.section("tasks").entries(), [&](const Node::Entry& entry) {
      const Node task = config_.settings("tasks", entry);
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
      stays = (given.setting == "query" && give_back(given, given.in_file, as_query)) || stays;
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
      for (const Node::Entry& column : config_.section("columns").entries())
        if (item.star || equal_names(column.key, item.column)) columns.push_back(column.key);
    return columns;
  }

  Node outputs(const Form& form) const {
    Node out = Node::mapping();
    for (const Node::Entry& entry : parts_.outputs.entries()) {
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
    for (const Node::Entry& entry : config_.section("tasks").entries()) {
      const Node task = config_.settings("tasks", entry);
      const std::vector<std::string> names = names_in(task.find("outputs"));
      if (std::ranges::find(names, output) != names.end()) return task.find("selector")->written();
    }
    return {};
  }

  Node tasks() const {
    Node out = Node::mapping();
    if (config_.oldest()) {
      std::vector<std::string> outputs;
      for (const Node::Entry& output : parts_.outputs.entries()) outputs.push_back(output.key);
      out.set("read", Node::mapping({{"inputs", names_node(inputs_)}}));
      for (const std::string& input : inputs_)
        out.set("write_" + input, Node::mapping({{"selector", Node(input)}, {"outputs", names_node(outputs)}}));
      return out;
    }
    for (const Node::Entry& entry : config_.section("tasks").entries()) {
      const Node task = config_.settings("tasks", entry);
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

  const OldConfig& config_;
  ConvertedSections parts_;
  std::vector<std::string> inputs_;
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
  const OldConfig old(config, plan->dialect == Dialect::v0_0_1, all_set.environment);
  const Candidates candidates(old, converted_sections(old, registry, std::move(lacking)));
  Problems last;
  for (const Form& form : kForms) {
    if (!candidates.may_be_written_as(form)) continue;
    std::string text = yaml_text(candidates.written_as(form));
    Problems own;
    const auto read = load_text(text, {}, own);
    const auto converted = read ? compile_plan(*read, registry, all_set, own) : std::nullopt;
    if (converted && row_signature(*converted) == wanted) return ConvertedConfig{std::move(text), candidates.notes()};
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
