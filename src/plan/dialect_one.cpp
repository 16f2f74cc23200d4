// Section by section, in the order in which later ones depend on earlier ones. Values that fit no form are passed on as
// they are: whoever reads them next reports them.

#include "plan/dialect_one.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "config/wording.h"

namespace batchout {
namespace {

bool is_scalar(const Node& node) {
  return !node.is_null() && !node.is_list() && !node.is_mapping();
}

/// A mapping at the place of `node`.
Node mapping_at(const Node& node, std::vector<std::pair<std::string, Node>> entries) {
  Node out = Node::mapping(std::move(entries));
  out.set_mark(node.mark());
  return out;
}

Node text_at(std::string text, Node::Mark mark) {
  Node out(std::move(text));
  out.set_mark(mark);
  return out;
}

Node without(const Node& mapping, std::string_view key) {
  Node out = Node::mapping();
  out.set_mark(mapping.mark());
  for (const Node::Entry& entry : mapping.entries())
    if (entry.key != key) out.add(entry);
  return out;
}

/// Names in a map, however deep; those that are indexes are keys and not among them.
void collect_names(const Node& map, std::set<std::string>& names) {
  if (is_scalar(map)) names.insert(map.written());
  for (const Node& item : map.items()) collect_names(item, names);
  for (const Node::Entry& entry : map.entries()) collect_names(entry.value, names);
}

/// The name of a file before it was compressed.
std::string_view uncompressed_name(std::string_view path) {
  for (const std::string_view end : {".gz", ".zst"})
    if (path.ends_with(end)) return path.substr(0, path.size() - end.size());
  return path;
}

bool is_name_of_lines(std::string_view path) {
  return path.ends_with(".jsonl") || path.ends_with(".ndjson");
}

/// How the file of an output is written, by the end of its name.
std::string_view output_type(std::string_view path) {
  const std::string_view name = uncompressed_name(path);
  if (path == "-" || is_name_of_lines(name)) return "jsonl";
  return name.ends_with(".csv") ? "csv" : "";
}

class Normaliser {
 public:
  Normaliser(const Node& config, const std::string& file, Problems& problems)
      : config_(config), file_(file), problems_(problems) {}

  Normalised read() {
    sections_["extractors"] = extractors();
    sections_["inputs"] = each("inputs", [&](const Node::Entry& entry) { return input(entry); });
    sections_["indexes"] = each("indexes", [&](const Node::Entry& entry) { return path_form(entry, "for_list"); });
    sections_["columns"] = each("columns", [&](const Node::Entry& entry) { return path_form(entry, "string"); });
    if (needs_json_) {
      infer("extractor json: jsonpath, of all paths");
      sections_["extractors"] =
          mapping_at(config_, {{"json", mapping_at(config_, {{"type", "jsonpath"}, {"syntax", "rfc9535"}})}});
    }
    sections_["outputs"] = each("outputs", [&](const Node::Entry& entry) { return output(entry); });
    sections_["selectors"] = selectors();
    sections_["tasks"] = tasks();
    out_.config = Node::mapping();
    out_.config.set_mark(config_.mark());
    // Sections that were not written come behind those that were; their order among each other means nothing.
    for (const Node::Entry& entry : config_.entries()) {
      const auto own = sections_.extract(entry.key);
      out_.config.add({entry.key, entry.mark, own.empty() ? entry.value : std::move(own.mapped())});
    }
    for (auto& [name, section] : sections_)
      if (!section.is_null()) out_.config.add({name, config_.mark(), std::move(section)});
    return std::move(out_);
  }

 private:
  void error(std::string_view code, Node::Mark mark, std::string path, std::string message, std::string hint) {
    problems_.push_back({Problem::Severity::error, std::string(code), file_, mark.line, mark.column, std::move(path),
                         std::move(message), std::move(hint)});
  }

  void infer(std::string sentence) { out_.inferred.push_back(std::move(sentence)); }

  /// The section with every component rewritten; as it is if it is no mapping, null if it is not there.
  template <class Rewrite>
  Node each(std::string_view section, const Rewrite& rewrite) {
    const Node* node = config_.find(section);
    if (node == nullptr || !node->is_mapping()) return node == nullptr ? Node() : *node;
    section_ = section;
    Node out = Node::mapping();
    out.set_mark(node->mark());
    for (const Node::Entry& entry : node->entries()) out.add({entry.key, entry.mark, rewrite(entry), entry.inherited});
    return out;
  }

  std::string path_of(const Node::Entry& entry) const { return join_path(section_, entry.key); }

  const Node* defaults() const {
    const Node* all = config_.find("defaults");
    const Node* own = all != nullptr && all->is_mapping() ? all->find(section_) : nullptr;
    return own != nullptr && own->is_mapping() ? own : nullptr;
  }

  /// The value of a key, the component's own or that of its section's defaults; null if neither has it.
  const Node* find(const Node& component, std::string_view key) const {
    if (const Node* own = component.find(key)) return own;
    return defaults() != nullptr ? defaults()->find(key) : nullptr;
  }

  /// True as well if a variable of `from_env` may give it.
  bool has(const Node& component, std::string_view key) const {
    if (find(component, key) != nullptr) return true;
    const Node* variables = find(component, "from_env");
    return variables != nullptr && variables->is_mapping() && variables->find(key) != nullptr;
  }

  /// Always a mapping, which stands for what cannot be read.
  Node refuse(const Node::Entry& entry, std::string message, std::string hint) {
    error("BO212", entry.value.mark(), path_of(entry), std::move(message), std::move(hint));
    out_.reported.push_back(path_of(entry));
    return mapping_at(entry.value, {});
  }

  // ---- what is found in payloads

  Node extractors() {
    section_ = "extractors";
    const Node* given = config_.find("extractors");
    if (given == nullptr || given->is_null() || (given->is_mapping() && given->entries().empty())) {
      extractor_ = "json";  // Made if a path needs it: an extractor without paths would still look into payloads.
      implied_ = true;
      return Node::mapping();
    }
    if (given->is_mapping()) extractor_ = only_extractor(*given);
    return each("extractors", [&](const Node::Entry& entry) { return extractor(entry); });
  }

  /// The one that looks into payloads, else the one that tells about them; empty if there are several.
  std::string only_extractor(const Node& given) const {
    if (given.entries().size() == 1) return given.entries().front().key;
    std::string only;
    for (const Node::Entry& entry : given.entries()) {
      if (type_of(entry.value) == "meta") continue;
      if (!only.empty()) return {};
      only = entry.key;
    }
    return only;
  }

  /// Of an extractor, which may be no more than its type.
  std::string type_of(const Node& extractor) const {
    const Node* type = is_scalar(extractor) ? &extractor : extractor.is_mapping() ? find(extractor, "type") : nullptr;
    return type != nullptr ? type->written() : "";
  }

  /// A text is the type. The two names of the extractor for JSON are its two languages.
  Node extractor(const Node::Entry& entry) {
    Node out = is_scalar(entry.value) ? mapping_at(entry.value, {{"type", entry.value}}) : entry.value;
    if (!out.is_mapping()) return out;
    const Node* found = find(out, "type");
    const std::string type = found != nullptr && found->is_text() ? found->text() : "";
    if ((type != "jsonpath" && type != "jsonpath_rw") || has(out, "syntax")) return out;
    out.set("syntax", type == "jsonpath" ? "rfc9535" : "jsonpath_rw");
    return out;
  }

  /// Indexes and columns: a text is the path, a list path and type. Where there is one extractor, it is the one.
  Node path_form(const Node::Entry& entry, std::string_view type) {
    Node out = entry.value;
    if (is_scalar(entry.value)) {
      out = mapping_at(entry.value, {{"path", entry.value}});
    } else if (entry.value.is_list()) {
      const auto& items = entry.value.items();
      if (items.empty() || items.size() > 2 || !std::ranges::all_of(items, is_scalar))
        return refuse(entry, "a list here is a path and a type", "write [path, type], or a mapping with all settings");
      out = mapping_at(entry.value, {{"path", items[0]}});
      if (items.size() == 2) out.set("type", items[1]);
    }
    if (!out.is_mapping()) return out;
    if (!has(out, "type")) out.set("type", type);
    if (has(out, "path") && !has(out, "extractor") && !extractor_.empty()) {
      out.set("extractor", extractor_);
      needs_json_ = implied_;
    }
    return out;
  }

  // ---- where payloads come from and rows go

  Node input(const Node::Entry& entry) {
    if (!is_scalar(entry.value)) return entry.value;
    Node out = mapping_at(entry.value, {{"type", "file"}, {"path", entry.value}});
    const std::string& path = entry.value.written();
    const bool lines = is_name_of_lines(uncompressed_name(path));
    if (lines) out.set("split", "lines");
    infer(fmt::format("input {}: a file{}", entry.key, lines ? ", each line a payload" : ", as one payload"));
    return out;
  }

  /// `selector` is taken out: it belongs to the writer.
  Node output(const Node::Entry& entry) {
    if (is_scalar(entry.value)) {
      const std::string_view type = output_type(entry.value.written());
      if (type.empty())
        return refuse(entry, "the end of the name does not tell how the file is written",
                      "end it with .jsonl, .ndjson or .csv, or write {type: …, path: …}");
      infer(fmt::format("output {}: a file of type {}", entry.key, type));
      return mapping_at(entry.value, {{"type", type}, {"path", entry.value}});
    }
    const Node* selector = entry.value.is_mapping() ? entry.value.find("selector") : nullptr;
    if (selector == nullptr) return entry.value;
    wanted_[entry.key] = *selector;
    return without(entry.value, "selector");
  }

  // ---- which rows

  Node selectors() {
    section_ = "selectors";
    const Node* given = config_.find("selectors");
    if (given != nullptr && !given->is_null() && (!given->is_mapping() || !given->entries().empty()))
      return each("selectors", [&](const Node::Entry& entry) { return selector(entry); });
    const Node& inputs = sections_["inputs"];
    if (!inputs.is_mapping()) return {};
    Node out = mapping_at(inputs, {});
    const Node* maps = config_.find("maps");
    for (const Node::Entry& entry : inputs.entries()) {
      const Node* map = maps != nullptr && maps->is_mapping() ? maps->find(entry.key) : nullptr;
      if (map == nullptr && inputs.entries().size() > 1) {
        error("BO247", entry.mark, join_path("inputs", entry.key),
              "there are several inputs, so it is not clear which columns make its rows",
              fmt::format("add maps.{0}, or a selector: {{columns: […], input: {0}}}", entry.key));
        continue;
      }
      out.add({entry.key, entry.mark, selector_of(entry, map)});
    }
    return out;
  }

  /// All columns of an input, or those of its map, in the order of their section.
  Node selector_of(const Node::Entry& input, const Node* map) {
    std::set<std::string> mapped;
    if (map != nullptr) collect_names(*map, mapped);
    Node columns = Node::list();
    columns.set_mark(input.mark);
    const Node& known = sections_["columns"];
    if (known.is_mapping())
      for (const Node::Entry& column : known.entries())
        if (map == nullptr || mapped.contains(column.key)) columns.push(text_at(column.key, column.mark));
    return mapping_at(columns, {{"type", "columns"}, {"columns", columns}, {"input", text_at(input.key, input.mark)}});
  }

  /// A text is a query, a list the columns. Where there is one input, its rows are meant.
  Node selector(const Node::Entry& entry) {
    Node out = entry.value;
    if (is_scalar(entry.value)) out = mapping_at(entry.value, {{"query", entry.value}});
    if (entry.value.is_list()) out = mapping_at(entry.value, {{"columns", entry.value}});
    if (!out.is_mapping()) return out;
    if (!has(out, "type")) out.set("type", has(out, "query") ? "sql" : "columns");
    const Node* type = find(out, "type");
    if (type == nullptr || type->written() != "columns" || has(out, "input")) return out;
    const Node& inputs = sections_["inputs"];
    if (inputs.is_mapping() && inputs.entries().size() == 1) {
      out.set("input", inputs.entries().front().key);
    } else if (inputs.is_mapping() && inputs.entries().size() > 1) {
      error("BO247", entry.mark, join_path(path_of(entry), "input"),
            "there are several inputs, so it is not clear whose columns these are",
            fmt::format("write {{columns: […], input: {}}}", inputs.entries().front().key));
      out_.reported.push_back(join_path(path_of(entry), "input"));
    }
    return out;
  }

  // ---- who reads and writes

  /// What a task names tells what it is.
  Node task(const Node::Entry& entry) {
    Node out = entry.value;
    if (!out.is_mapping()) return out;
    if (!has(out, "type") && has(out, "inputs") != has(out, "outputs"))
      out.set("type", has(out, "inputs") ? "reader" : "writer");
    const Node* type = find(out, "type");
    readers_ = readers_ || (type != nullptr && type->written() == "reader");
    writers_ = writers_ || (type != nullptr && type->written() == "writer");
    return out;
  }

  Node tasks() {
    const Node* given = config_.find("tasks");
    if (given != nullptr && !given->is_null() && !given->is_mapping()) return *given;
    Node out = each("tasks", [&](const Node::Entry& entry) { return task(entry); });
    if (!out.is_mapping()) out = mapping_at(config_, {});
    if (!readers_) add_reader(out);
    if (!writers_) add_writers(out);
    for (const auto& [output, selector] : wanted_)
      if (writers_)
        error("BO247", selector.mark(), join_path(join_path("outputs", output), "selector"),
              "the section tasks has writers, which say what each output gets", "remove the key or the writers");
    return out;
  }

  /// A name that no task has.
  static std::string free_name(const Node& tasks, std::string name) {
    while (tasks.find(name) != nullptr) name += '_';
    return name;
  }

  void add_reader(Node& tasks) {
    const Node& inputs = sections_["inputs"];
    if (!inputs.is_mapping() || inputs.entries().empty()) return;
    Node names = Node::list();
    for (const Node::Entry& entry : inputs.entries()) names.push(text_at(entry.key, entry.mark));
    tasks.add({free_name(tasks, "read"), inputs.entries().front().mark,
               mapping_at(inputs, {{"type", "reader"}, {"inputs", std::move(names)}})});
  }

  /// One for each selector that an output gets its rows from.
  void add_writers(Node& tasks) {
    const Node& outputs = sections_["outputs"];
    const Node& selectors = sections_["selectors"];
    if (!outputs.is_mapping() || !selectors.is_mapping()) return;
    std::map<std::string, Node> taken;
    for (const Node::Entry& output : outputs.entries())
      if (const auto name = selector_for(output, selectors))
        taken.try_emplace(*name, Node::list()).first->second.push(text_at(output.key, output.mark));
    for (const Node::Entry& selector : selectors.entries()) {
      const auto found = taken.find(selector.key);
      if (found == taken.end()) {
        warn_unused(selector, tasks);
        continue;
      }
      tasks.add(
          {free_name(tasks, selector.key), found->second.items().front().mark(),
           mapping_at(found->second, {{"type", "writer"}, {"selector", selector.key}, {"outputs", found->second}})});
    }
  }

  /// Unless a reader takes its parameters from it.
  void warn_unused(const Node::Entry& selector, const Node& tasks) {
    for (const Node::Entry& task : tasks.entries())
      if (const Node* used = task.value.is_mapping() ? task.value.find("selector") : nullptr)
        if (used->written() == selector.key) return;
    problems_.push_back({Problem::Severity::warning, "BO249", file_, selector.mark.line, selector.mark.column,
                         join_path("selectors", selector.key), "no output gets its rows",
                         fmt::format("name an output like it, or write selector: {} there", selector.key)});
  }

  /// The one that the output names, else that of its name, else the only one.
  std::optional<std::string> selector_for(const Node::Entry& output, const Node& selectors) {
    const std::string path = join_path(join_path("outputs", output.key), "selector");
    const auto names = [&] {
      std::vector<std::string> all;
      for (const Node::Entry& selector : selectors.entries()) all.push_back(selector.key);
      return all;
    };
    const auto wanted = wanted_.find(output.key);
    const std::string name = wanted != wanted_.end() ? wanted->second.written() : output.key;
    if (selectors.find(name) != nullptr) return name;
    if (wanted != wanted_.end()) {
      error("BO230", wanted->second.mark(), path,
            wanted->second.from_environment() ? "there is no selector of the name that the variable gives"
                                              : fmt::format("there is no selector {}", in_quotes(name)),
            suggestion(problems_, wanted->second.from_environment() ? "" : name, names, "known are"));
      return std::nullopt;
    }
    if (selectors.entries().size() == 1) return selectors.entries().front().key;
    if (!selectors.entries().empty())
      error("BO247", output.mark, path, "there are several selectors, so it is not clear which rows the output gets",
            problems_.size() < kHintsMax ? fmt::format("name the output like one of {}, or write selector: {}",
                                                       fmt::join(names(), ", "), selectors.entries().front().key)
                                         : "");
    return std::nullopt;
  }

  const Node& config_;
  const std::string& file_;
  Problems& problems_;
  Normalised out_;
  /// Those that are rewritten, by name.
  std::map<std::string, Node> sections_;
  /// The one at hand.
  std::string section_;
  /// The only one; empty if there are several.
  std::string extractor_;
  /// Nobody wrote it.
  bool implied_ = false;
  bool needs_json_ = false;
  /// By output: the selector that it asks for.
  std::map<std::string, Node> wanted_;
  /// Whether the section tasks has any.
  bool readers_ = false;
  bool writers_ = false;
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace

bool has_own_dialect(const Node& config) {
  return config.find("batchout") != nullptr;
}

Normalised normalised(const Node& config, const std::string& file, Problems& problems) {
  return Normaliser(config, file, problems).read();
}

// The last one counts, so a name may hold the word.
PickedName picked_name(std::string_view text) {
  constexpr std::string_view kAs = " as ";
  const std::size_t as = text.rfind(kAs);
  if (as == std::string_view::npos) return {std::string(trimmed(text)), std::string(trimmed(text))};
  return {std::string(trimmed(text.substr(0, as))), std::string(trimmed(text.substr(as + kAs.size())))};
}

}  // namespace batchout
