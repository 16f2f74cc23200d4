// Everything that was meant is written out here; what may be inferred is left out elsewhere.

#include "plan/converted_sections.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "config/wording.h"
#include "plan/columns.h"
#include "plan/converted_components.h"
#include "plan/declarations.h"

namespace batchout {
namespace {

class SectionConverter {
 public:
  SectionConverter(const OldConfig& config, const Registry& registry, std::set<std::string> lacking)
      : config_(config), types_(registry.types()), lacking_(std::move(lacking)) {
    out_.index_names = config.names("indexes");
    for (const Node::Entry& index : config.section("indexes").entries()) {
      const ReadComponent component = config.read("indexes", index);
      const std::string type = component.settings.find("type")->written();
      if (type == "for_list") positions_.push_back(index.key);
      out_.lists = out_.lists || type != "for_object" || gives(component.given, "type");
    }
  }

  ConvertedSections converted() {
    for (const Node::Entry& entry : config_.section("inputs").entries()) out_.inputs.add(input(entry));
    for (const char* section : {"extractors", "selectors", "tasks"}) read_given(section);
    for (const Node::Entry& entry : config_.section("extractors").entries())
      out_.extractors.emplace_back(entry.key, strict(types_.extractors, config_.settings("extractors", entry),
                                                     join_path("extractors", entry.key)));
    for (const Node::Entry& entry : config_.section("indexes").entries()) out_.indexes.add(index(entry));
    for (const Node::Entry& entry : config_.section("columns").entries()) out_.columns.add(column(entry));
    for (const Node::Entry& entry : config_.section("outputs").entries()) out_.outputs.add(output(entry));
    return std::move(out_);
  }

 private:
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
      out_.foreign_paths = out_.foreign_paths || is_path;
      if (is_path)
        out_.notes.push_back(fmt::format("{}: in what variable {} gives, doubled braces are two braces, not one",
                                         setting, one.variable));
      if (one.setting == "type")
        out_.notes.push_back(fmt::format("{}: another type from variable {} has to know all keys that stand here",
                                         setting, one.variable));
    }
  }

  template <class Types>
  Node strict(const Types& types, const Node& component, const std::string& path) {
    return strict_settings(component, spec_of_type(types, component), path, out_.left_out);
  }
  template <class Types>
  static const SpecInfo& spec_of_type(const Types& types, const Node& component) {
    return Registry::Types::find(types, component.find("type")->written())->spec;
  }

  void note_fixed(const std::string& setting, const GivenSetting& given) {
    out_.notes.push_back(
        fmt::format("{}: what variable {} gives now is written there, and the variable has no effect later", setting,
                    given.variable));
  }

  /// Of sections whose components are written anew for each candidate.
  void read_given(std::string_view section) {
    for (const Node::Entry& entry : config_.section(section).entries())
      for (const GivenSetting& given : config_.read(section, entry).given) {
        const bool query = section == "selectors" && given.setting == "query";
        out_.foreign_queries = out_.foreign_queries || query;
        if (!query) note_fixed(join_path(join_path(section, entry.key), given.setting), given);
      }
  }

  // ---- components

  Node::Entry input(const Node::Entry& entry) {
    const ReadComponent component = config_.read("inputs", entry);
    Node out = strict(types_.inputs, component.settings, join_path("inputs", entry.key));
    spell_out_input(spec_of_type(types_.inputs, out), config_.oldest(), join_path("inputs", entry.key), out,
                    out_.notes);
    give_back(component.given, join_path("inputs", entry.key), out);
    return {entry.key, entry.mark, std::move(out)};
  }

  Node::Entry output(const Node::Entry& entry) {
    ReadComponent component = config_.read("outputs", entry);
    if (config_.oldest() && component.settings.find("type")->written() == "postgres") name_table(component.settings);
    Node out = strict(types_.outputs, component.settings, join_path("outputs", entry.key));
    spell_out_output(spec_of_type(types_.outputs, out), join_path("outputs", entry.key), out, out_.notes);
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
    out_.has_paths = out_.has_paths || key == "path";
    const auto pieces = parse_template(path->written());
    if (!pieces) return;  // Not a mistake of a good configuration.
    if (key == "path" && is_json_extractor(type_of(extractor)) && !has_syntax(extractor))
      out_.alike = out_.alike && !foreign && same_in_both_languages(*pieces, positions_);
    component.set(key, with_new_braces(*path));
  }

  Node with_new_braces(const Node& path) const {
    const auto pieces = path.is_text() ? parse_template(path.text()) : NamedPieces{};
    return path.is_text() && pieces ? Node(with_braces(*pieces, out_.index_names)) : path;
  }

  /// A pattern that lacks its group finds nothing, which is a mistake in our own dialect unless it is asked for.
  void accept_lacking_group(const std::string& path, const std::string& extractor) {
    const auto found = std::ranges::find(out_.extractors, extractor, &std::pair<std::string, Node>::first);
    if (found == out_.extractors.end() || !lacking_.contains(path)) return;
    found->second.set("lenient", true);
    out_.notes.push_back(
        fmt::format("{}: the pattern has no such group, so nothing is found; extractors.{} is lenient to accept that",
                    path, extractor));
  }

  const Node* extractor_of(const std::string& name) const {
    const auto found = std::ranges::find(out_.extractors, name, &std::pair<std::string, Node>::first);
    return found == out_.extractors.end() ? nullptr : &found->second;
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
    if (!config_.oldest()) return name;
    if (name.empty()) name = "jsonpath_rw";
    const std::string type = Registry::Types::find(types_.extractors, name)->spec.type;
    const std::string own = type == "jsonpath" ? "json" : type;
    if (extractor_of(own) == nullptr) out_.extractors.emplace_back(own, Node::mapping({{"type", Node(type)}}));
    return own;
  }

  static std::string strategy_in(const Node& component) {
    const Node* strategy = component.find("strategy");
    return strategy != nullptr ? strategy->written() : "take_first";
  }

  /// The same extractor with that strategy.
  std::string with_strategy(const std::string& name, const std::string& strategy) {
    const Node* base = extractor_of(name);
    if (strategy_in(*base) == strategy) return name;
    const std::string other = fmt::format("{}_{}", name, strategy);
    if (extractor_of(other) != nullptr) return other;
    Node settings = Node::mapping();
    for (const Node::Entry& entry : base->entries())
      if (entry.key != "strategy") settings.add(entry);
    if (strategy != "take_first") settings.set("strategy", strategy);
    out_.extractors.emplace_back(other, std::move(settings));
    return other;
  }

  Node::Entry index(const Node::Entry& entry) {
    const auto [component, given] = config_.read("indexes", entry);
    const std::string path = join_path("indexes", entry.key);
    const Node settings = strict_settings(component, index_type(), path, out_.left_out);
    std::string extractor = extractor_named(component);
    if (config_.oldest()) {
      const Node* strategy = component.find("strategy");
      if (strategy != nullptr) extractor = with_strategy(extractor, strategy->written());
    }
    Node out = Node::mapping();
    for (const Node::Entry& setting : settings.entries())
      if (setting.key != "extractor" && (!config_.oldest() || setting.key != "strategy")) out.add(setting);
    convert_path(out, "path", extractor, gives(given, "path"));
    accept_lacking_group(join_path(path, "path"), extractor);
    out.set("extractor", extractor);
    give_back(given, path, out);
    return {entry.key, entry.mark, std::move(out)};
  }

  Node::Entry column(const Node::Entry& entry) {
    const auto [component, given] = config_.read("columns", entry);
    const std::string path = join_path("columns", entry.key);
    const std::vector<SpecInfo> types = column_types();
    const std::string type = component.find("type")->written();
    const auto spec = std::ranges::find_if(types, [&](const SpecInfo& known) { return known.answers_to(type); });
    Node settings = strict_settings(component, *spec, path, out_.left_out);
    std::string extractor = component.find("path") != nullptr ? extractor_named(component) : "";
    Node out = Node::mapping();
    for (const Node::Entry& setting : settings.entries())
      if (setting.key != "extractor" && setting.key != "cast" && setting.key != "strategy") out.add(setting);
    if (spec->type == "extracted") {
      const std::string cast = component.find("cast")->written();
      const bool time = cast == "timestamp" || cast == "datetime" || cast == "date";
      out.set("type", Node(cast == "timestamp" ? std::string("datetime") : cast));
      if (time) out.set("parser", "lenient");
      const std::string strategy = strategy_in(component);
      if (!extractor.empty() && strategy != strategy_in(*extractor_of(extractor))) out.set("strategy", strategy);
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
      const ReadComponent component = with_variables_read("processors", processor, config_.environment());
      Node out = strict(types_.processors, component.settings, join_path(path, i));
      give_back(component.given, join_path(path, i), out);
      list.push(std::move(out));
    }
    column.set("processors", std::move(list));
  }

  static bool gives(const std::vector<GivenSetting>& given, std::string_view setting) {
    return std::ranges::find(given, setting, &GivenSetting::setting) != given.end();
  }

  const OldConfig& config_;
  const Registry::Types& types_;
  std::set<std::string> lacking_;
  /// Indexes whose values are positions.
  std::vector<std::string> positions_;
  ConvertedSections out_;
};

}  // namespace

ConvertedSections converted_sections(const OldConfig& config, const Registry& registry, std::set<std::string> lacking) {
  return SectionConverter(config, registry, std::move(lacking)).converted();
}

bool is_json_extractor(const std::string& type) {
  return type == "jsonpath" || type == "jsonpath_rw";
}

}  // namespace batchout
